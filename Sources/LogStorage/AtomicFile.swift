// Small files that are replaced as a whole.
//
// Crash rule: the new bytes go to `<path>.tmp`, are synced, take the name by rename, and the directory is synced: after
// a crash at any instant the name holds the old bytes or the new ones.
// Thread rule: one writer for a path at a time (the temporary name is fixed).

import Glibc

package enum AtomicFile {
    /// Replaces or creates; returns when the new content is durable.
    package static func replace(
        path: String, with bytes: [UInt8], fileSystem: any FileSystem
    ) throws(StorageError) {
        let temporary = path + ".tmp"
        do {
            let file = try File(temporary, .replace, fileSystem)
            try file.write(bytes, at: 0)
            try file.sync()
            try fileSystem.renameFile(temporary, to: path)
        } catch {
            _ = fileSystem.unlink(temporary)
            throw error
        }
        try fileSystem.syncDirectory(parentDirectory(of: path))
    }

    /// All bytes, nil when there is no such file, `.corrupt` when it is larger than anything we would have written.
    package static func read(
        path: String, fileSystem: any FileSystem, limitBytes: Int = 64 << 20
    ) throws(StorageError) -> [UInt8]? {
        let file: File
        do {
            file = try File(path, .readOnly, fileSystem)
        } catch  where error.code == .notFound {
            return nil
        }
        let size = try file.size()
        guard size <= limitBytes else {
            throw StorageError(.corrupt, "\(path) is \(size) bytes long, which is more than any such file has.")
        }
        return try file.read(count: Int(size), at: 0)
    }
}
