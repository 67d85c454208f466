// TemporaryDirectory: a directory that is gone when the test is.

import Glibc
import LogStorage

/// Removed with everything in it when the last reference goes.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init(_ label: String = "martlet") {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/\(label)-XXXXXX".utf8CString)
        // mkdtemp fills in the pattern in place; the array is NUL-terminated and outlives the call.
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
        precondition(made, "a temporary directory can be made in \(parent)")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? Log.remove(directory: path, fileSystem: PosixFileSystem()) }
}
