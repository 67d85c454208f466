// A file that holds space for the one change that makes room on a disk without a byte: it becomes the file that is to be
// written.
//
// Layout: `spare` in the data directory, reserved and never written to (zeros where the file system cannot reserve).
// Crash rule: any piece of it may be left, which is made larger; nothing is synced, since losing it costs nothing but that a
// full disk refuses more.
// Thread rule: Sendable; users take turns by the mutex, held for a few system calls.

import Glibc
import Synchronization

package final class SpareFile: Sendable {
    package static let name = "spare"

    private struct State {
        var reservedBytes: Int64
        /// Why it could not be made larger, so that it is said once.
        var complaint: String?
    }

    private let path: String
    private let fileSystem: any FileSystem
    private let state: Mutex<State>

    package init(directory: DataDirectory) throws(StorageError) {
        path = directory.path + "/" + Self.name
        fileSystem = directory.fileSystem
        let found = try fileSystem.statusIfPresent(path)
        state = Mutex(State(reservedBytes: found?.size ?? 0))
    }

    /// Makes it as large as this, if it is smaller.
    ///
    /// - Throws: why it stays as it is, unless that is for want of space or was said already.
    package func keep(bytes: Int64) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            guard state.reservedBytes < bytes else { return }
            do throws(StorageError) {
                try grow(from: state.reservedBytes, to: bytes)
                state.reservedBytes = bytes
                state.complaint = nil
            } catch {
                let isKnown = error.code == .noSpace || state.complaint == error.message
                state.complaint = error.message
                if !isKnown { throw error }
            }
        }
    }

    private func grow(from start: Int64, to end: Int64) throws(StorageError) {
        let file = try File(path, .create, fileSystem)
        do throws(StorageError) {
            let result = fileSystem.allocate(file.descriptor, from: start, count: end - start)
            if result == -EOPNOTSUPP {
                try file.write([UInt8](repeating: 0, count: Int(end - start)), at: start)
            } else if result < 0 {
                throw StorageError.system(-result, "reserve space for", path)
            }
        } catch {
            // A piece may have been reserved, or the name be all there is of it.
            if start == 0 { _ = fileSystem.unlink(path) } else { try file.truncate(to: start) }
            throw error
        }
    }

    /// As `AtomicFile.replace`, in the space of this file, which is gone then.
    ///
    /// - Returns: false, with nothing changed, if there is not enough of it.
    package func replace(path target: String, with bytes: [UInt8]) throws(StorageError) -> Bool {
        try state.withLock { state throws(StorageError) in
            guard state.reservedBytes >= Int64(bytes.count) else { return false }
            let temporary = target + ".tmp"
            state.reservedBytes = 0
            guard try fileSystem.renameIfPresent(path, to: temporary) else { return false }
            do throws(StorageError) {
                let file = try File(temporary, .readWrite, fileSystem)
                try file.write(bytes, at: 0)
                try file.truncate(to: Int64(bytes.count))
                try file.sync()
                try fileSystem.renameFile(temporary, to: target)
            } catch {
                _ = fileSystem.unlink(temporary)
                throw error
            }
            try fileSystem.syncDirectory(parentDirectory(of: target))
            return true
        }
    }
}
