// systemErrorText: what an errno says.

import Glibc

func systemErrorText(_ code: Int32) -> String { String(cString: strerror(code)) }
