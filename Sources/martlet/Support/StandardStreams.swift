// StandardOutput, StandardError: whole writes to the standard streams, without the C library's buffers.

import Glibc

enum StandardOutput {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    static func print(_ line: String) { write(Array((line + "\n").utf8)) }

    /// Writes all bytes. A reader that went away (`| head`) ends the process quietly: it has what it wanted.
    static func write(_ bytes: [UInt8]) {
        if !writeIfRead(bytes) { exit(ExitStatus.done.rawValue) }
    }

    /// Writes all bytes. False if the reader went away.
    static func writeIfRead(_ bytes: [UInt8]) -> Bool {
        if writeAll(bytes, to: STDOUT_FILENO) { return true }
        if errno == EPIPE { return false }
        StandardError.print("error: cannot write to the standard output: \(String(cString: strerror(errno)))")
        exit(ExitStatus.failed.rawValue)
    }
}

enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func print(_ line: String) { write(line + "\n") }

    static func write(_ text: String) { _ = writeAll(Array(text.utf8), to: STDERR_FILENO) }
}

/// False with `errno` set if not all bytes could be written.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { raw in
        var done = 0
        while done < raw.count {
            let written = write(descriptor, raw.baseAddress! + done, raw.count - done)
            if written < 0 && errno == EINTR { continue }
            if written < 0 { return false }
            done += written
        }
        return true
    }
}
