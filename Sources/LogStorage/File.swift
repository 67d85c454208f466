// One open file. Shared by a segment and the flush targets that still have to sync it; closed when the last owner goes.
//
// Crash rule: what `write` returned from is in the page cache (survives a killed process); what `sync` returned from is
// on stable storage.
// Thread rule: Sendable and immutable; the kernel orders concurrent calls. Writers of overlapping ranges need a lock.

import Glibc

package final class File: Sendable {
    package enum Mode: Sendable {
        case readOnly
        case readWrite
        /// Read and write, created when it is not there.
        case create
        /// Read and write, created or emptied.
        case replace
    }

    package let path: String
    let descriptor: Int32
    let fileSystem: any FileSystem

    package init(_ path: String, _ mode: Mode, _ fileSystem: any FileSystem) throws(StorageError) {
        let flags =
            switch mode {
            case .readOnly: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT
            case .replace: O_RDWR | O_CREAT | O_TRUNC
            }
        let result = fileSystem.open(path, flags: flags, mode: 0o644)
        if result < 0 { throw .system(-result, "open", path) }
        descriptor = result
        self.path = path
        self.fileSystem = fileSystem
    }

    /// A directory, to sync the file system that it is on.
    init(directory path: String, _ fileSystem: any FileSystem) throws(StorageError) {
        let result = fileSystem.open(path, flags: O_RDONLY | O_DIRECTORY, mode: 0)
        if result < 0 { throw .system(-result, "open the directory", path) }
        descriptor = result
        self.path = path
        self.fileSystem = fileSystem
    }

    deinit { fileSystem.close(descriptor) }

    package func size() throws(StorageError) -> Int64 {
        let size = fileSystem.size(descriptor)
        if size < 0 { throw .system(Int32(-size), "examine", path) }
        return size
    }

    /// Writes all bytes of both parts, the second right behind the first, in one system call unless the kernel takes
    /// fewer. On an error any prefix may have been written; the caller decides what its file looks like then.
    func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at position: Int64)
        throws(StorageError)
    {
        var done = 0
        let total = first.count + second.count
        while done < total {
            let result = writeOnce(first, second, skipping: done, at: position + Int64(done))
            if result == -Int(EINTR) { continue }
            if result < 0 { throw .system(Int32(-result), "write to", path) }
            // A regular file that takes nothing and reports nothing has no room.
            if result == 0 { throw .system(ENOSPC, "write to", path) }
            done += result
        }
    }

    func write(_ bytes: [UInt8], at position: Int64) throws(StorageError) { try write(bytes[...], at: position) }

    func write(_ bytes: ArraySlice<UInt8>, at position: Int64) throws(StorageError) {
        try bytes.span.bytes.withUnsafeBytes { (raw) throws(StorageError) in
            try write(raw, UnsafeRawBufferPointer(start: nil, count: 0), at: position)
        }
    }

    private func writeOnce(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, skipping done: Int, at position: Int64
    ) -> Int {
        assert(done < first.count + second.count, "something is left to write")
        let firstLeft = UnsafeRawBufferPointer(rebasing: first.dropFirst(done))
        let secondLeft = UnsafeRawBufferPointer(rebasing: second.dropFirst(max(0, done - first.count)))
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
            vectors.initializeElement(at: 0, to: vector(firstLeft))
            vectors.initializeElement(at: 1, to: vector(secondLeft))
            // Empty parts are left out: an empty vector in front would be legal, but no file system is tested with it.
            let used = (firstLeft.isEmpty ? 1 : 0)..<(secondLeft.isEmpty ? 1 : 2)
            return fileSystem.pwritev(descriptor, UnsafeBufferPointer(rebasing: vectors[used]), at: position)
        }
    }

    /// The kernel only reads through this pointer although iovec has no const.
    private func vector(_ bytes: UnsafeRawBufferPointer) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }

    /// Up to `count` bytes from `position`; fewer only at the end of the file.
    package func read(count: Int, at position: Int64) throws(StorageError) -> [UInt8] {
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            result = readAll(into: UnsafeMutableRawBufferPointer(buffer), at: position)
            filled = max(0, result)
        }
        if result < 0 { throw .system(Int32(-result), "read", path) }
        return bytes
    }

    /// Fills the buffer with the bytes from `position` on.
    ///
    /// - Throws: `.ioError` as well if the file ends before.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(StorageError) {
        let result = readAll(into: buffer, at: position)
        if result < buffer.count { throw .system(result < 0 ? Int32(-result) : EIO, "read", path) }
    }

    /// Bytes that were read, fewer than the buffer takes only at the end of the file; or minus the error number.
    private func readAll(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) -> Int {
        var filled = 0
        while filled < buffer.count {
            // A part of the caller's buffer, for the time of the call.
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let result = fileSystem.pread(descriptor, into: rest, at: position + Int64(filled))
            if result == -Int(EINTR) { continue }
            if result < 0 { return result }
            if result == 0 { break }
            filled += result
        }
        return filled
    }

    /// Bytes and file size onto stable storage. After an error nothing may be assumed about what was written since the
    /// last success, and trying again proves nothing.
    func sync() throws(StorageError) {
        let result = fileSystem.fdatasync(descriptor)
        if result < 0 { throw .system(-result, "flush", path) }
    }

    /// Begins to sync a range and waits until it is written. An error counts as one of `sync`.
    func writeOut(_ range: Range<Int>) throws(StorageError) {
        let result = fileSystem.writeOut(descriptor, from: Int64(range.lowerBound), count: Int64(range.count))
        if result < 0 { throw .system(-result, "flush", path) }
    }

    /// As `sync`, with the time of last modification.
    func syncWithTimes() throws(StorageError) {
        let result = fileSystem.fsync(descriptor)
        if result < 0 { throw .system(-result, "flush", path) }
    }

    /// Says when the file was last appended to.
    func setModified(milliseconds: Int64) throws(StorageError) {
        let result = fileSystem.setModified(descriptor, milliseconds: milliseconds)
        if result < 0 { throw .system(-result, "set the time of", path) }
    }

    /// Everything that was written to the file system so far onto stable storage.
    package func syncFileSystem() throws(StorageError) {
        let result = fileSystem.syncfs(descriptor)
        if result < 0 { throw .system(-result, "flush the file system of", path) }
    }

    func truncate(to size: Int64) throws(StorageError) {
        let result = fileSystem.truncate(descriptor, to: size)
        if result < 0 { throw .system(-result, "truncate", path) }
    }
}
