// What can go wrong on disk: a stable code to decide on, a sentence with the path for people, and the errno behind it.
//
// Layout: plain value. Crash rule: none. Thread rule: Sendable.

import Glibc

/// The only error that this module throws.
package struct StorageError: Error, Sendable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        case notFound
        case alreadyExists
        case permissionDenied
        case readOnly
        case noSpace
        case ioError
        /// Stored bytes are not what was written; they are reported, never guessed at.
        case corrupt
        /// Another process holds the data directory.
        case locked
        case tooManyOpenFiles
        /// The batch is larger than a whole segment may be.
        case batchTooLarge
        /// A flush failed earlier: the log takes no appends until it is opened again.
        case offline
        /// The caller asked for something that makes no sense for this log.
        case invalid
        /// The answer would have to wait for the disk, and the caller said that it must not (`DiskAccess.resident`).
        case wouldWait
        /// Valid offsets are `start...end`, where `end` is the log end.
        case offsetOutOfRange(start: Int64, end: Int64)
    }

    package let code: Code
    /// A whole sentence, with the path and, where there is something to do, what.
    package let message: String
    /// The system's error number, 0 when none is behind it.
    package let errno: Int32

    package init(_ code: Code, _ message: String, errno: Int32 = 0) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    package var description: String { message }

    /// Turns a failed system call into a sentence.
    ///
    /// - Parameters:
    ///   - errno: positive error number.
    ///   - action: what was tried, as in "write to".
    ///   - path: the file it was tried on.
    static func system(_ errno: Int32, _ action: String, _ path: String) -> StorageError {
        let (code, advice) = meaning(of: errno)
        let reason = String(cString: strerror(errno))
        return StorageError(code, "Cannot \(action) \(path): \(reason).\(advice)", errno: errno)
    }

    private static func meaning(of errno: Int32) -> (Code, String) {
        switch errno {
        case ENOENT, ENOTDIR: (.notFound, "")
        case EEXIST, ENOTEMPTY: (.alreadyExists, "")
        case EACCES, EPERM:
            (
                .permissionDenied,
                " Give the user that runs the broker read and write access, or choose another --data-dir."
            )
        case EROFS: (.readOnly, " The file system is mounted read-only; remount it or choose another --data-dir.")
        case ENOSPC, EDQUOT, EFBIG: (.noSpace, " Free some space; appends are taken again as soon as there is room.")
        case EMFILE, ENFILE: (.tooManyOpenFiles, " Raise the limit of open files (ulimit -n).")
        case EINVAL, ENAMETOOLONG: (.invalid, "")
        default: (.ioError, " Check the disk and the kernel log.")
        }
    }
}
