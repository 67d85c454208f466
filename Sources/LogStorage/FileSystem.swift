// The one seam for system calls. Nothing else in the module calls the kernel, so tests can inject short writes, a full
// disk, failed flushes and read errors here.
//
// The protocol speaks the kernel's language: a result, or minus the error number. `FileSystem+Operations.swift` and
// `File.swift` make complete, typed operations out of it (loops, retries, sentences).
//
// Crash rule: a call that returned has happened for every other process; only what was synced survives a power cut.
// Thread rule: Sendable, called from any thread.

import CPageGuard
import Glibc

/// Kernel-like primitives. Every result below zero is `-errno`.
package protocol FileSystem: Sendable {
    /// Descriptor of the opened file; flags are those of open(2), O_CLOEXEC is added.
    func open(_ path: String, flags: Int32, mode: mode_t) -> Int32
    func close(_ descriptor: Int32)
    /// Count of bytes read, possibly fewer than asked; 0 is the end of the file.
    func pread(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at position: Int64) -> Int
    /// Count of bytes written, possibly fewer than given.
    func pwritev(_ descriptor: Int32, _ vectors: UnsafeBufferPointer<iovec>, at position: Int64) -> Int
    func fdatasync(_ descriptor: Int32) -> Int32
    func fsync(_ descriptor: Int32) -> Int32
    /// Writes a range of a file to the disk and waits for it. Makes nothing durable, but tells of an error, which a later
    /// `fdatasync` then does not.
    func writeOut(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32
    func syncfs(_ descriptor: Int32) -> Int32
    /// Reserves blocks for the range and extends the file over it.
    func allocate(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32
    func truncate(_ descriptor: Int32, to size: Int64) -> Int32
    /// Exclusive, non-blocking advisory lock that lasts until the descriptor is closed.
    func lock(_ descriptor: Int32) -> Int32
    func size(_ descriptor: Int32) -> Int64
    /// Sets the time of last modification.
    func setModified(_ descriptor: Int32, milliseconds: Int64) -> Int32
    /// What stat(2) says, reduced to what the module asks for.
    func status(_ path: String) -> (result: Int32, status: FileStatus)
    /// What statvfs(3) says of the file system that holds the path.
    func space(_ path: String) -> (result: Int32, space: FileSystemSpace)
    func rename(_ from: String, to: String) -> Int32
    func unlink(_ path: String) -> Int32
    func makeDirectory(_ path: String, mode: mode_t) -> Int32
    func removeDirectory(_ path: String) -> Int32
    /// Names in a directory without `.` and `..`, unsorted.
    func list(_ path: String) -> (result: Int32, names: [String])
    /// A shared read-only mapping from the start of the file. Pages that cannot be read (behind the end of a file that
    /// somebody has truncated, on a bad sector) are zeros once they are touched, see `CPageGuard`.
    func map(_ descriptor: Int32, capacity: Int) -> (result: Int32, base: UnsafeRawPointer?)
    func unmap(_ base: UnsafeRawPointer, capacity: Int)
    /// Whether all pages of a range of a mapping are in memory, so that reading it does not wait for the disk.
    func isResident(_ base: UnsafeRawPointer, count: Int) -> Bool
    /// Reads a range of a mapping into memory and waits for it. `-EFAULT`: some page cannot be read.
    func populate(_ base: UnsafeRawPointer, count: Int) -> Int32
    /// Has the kernel begin to read a range of a mapping. Best effort; waits only where the disk's queue is full.
    func readAhead(_ base: UnsafeRawPointer, count: Int)
}

package struct FileStatus: Sendable {
    package var size: Int64 = 0
    package var modifiedMilliseconds: Int64 = 0
    package var isDirectory = false
    package init() {}
}

/// The size of a file system, and what of it is left for processes that are not privileged.
package struct FileSystemSpace: Sendable, Equatable {
    package var totalBytes: Int64 = 0
    package var usableBytes: Int64 = 0
    package init() {}
}

/// The real thing.
package struct PosixFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, flags: Int32, mode: mode_t) -> Int32 {
        retried { Glibc.open(path, flags | O_CLOEXEC, mode) }
    }

    package func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    package func pread(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at position: Int64) -> Int {
        let count = Glibc.pread(descriptor, buffer.baseAddress, buffer.count, Int(position))
        return count < 0 ? -Int(errno) : count
    }

    package func pwritev(_ descriptor: Int32, _ vectors: UnsafeBufferPointer<iovec>, at position: Int64) -> Int {
        let count = Glibc.pwritev(descriptor, vectors.baseAddress, Int32(vectors.count), Int(position))
        return count < 0 ? -Int(errno) : count
    }

    package func fdatasync(_ descriptor: Int32) -> Int32 { plain(Glibc.fdatasync(descriptor)) }
    package func fsync(_ descriptor: Int32) -> Int32 { plain(Glibc.fsync(descriptor)) }
    package func syncfs(_ descriptor: Int32) -> Int32 { plain(systemSyncfs(descriptor)) }

    package func writeOut(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32 {
        let waitBefore: UInt32 = 1
        let write: UInt32 = 2
        let waitAfter: UInt32 = 4
        return retried { systemSyncFileRange(descriptor, Int(position), Int(count), waitBefore | write | waitAfter) }
    }

    package func allocate(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32 {
        retried { systemFallocate(descriptor, 0, Int(position), Int(count)) }
    }

    package func truncate(_ descriptor: Int32, to size: Int64) -> Int32 {
        retried { Glibc.ftruncate(descriptor, Int(size)) }
    }

    package func lock(_ descriptor: Int32) -> Int32 { retried { systemFlock(descriptor, LOCK_EX | LOCK_NB) } }

    package func size(_ descriptor: Int32) -> Int64 {
        var status = Glibc.stat()
        return Glibc.fstat(descriptor, &status) < 0 ? -Int64(errno) : Int64(status.st_size)
    }

    package func setModified(_ descriptor: Int32, milliseconds: Int64) -> Int32 {
        let time = timespec(
            tv_sec: Int(milliseconds / 1_000), tv_nsec: Int(milliseconds % 1_000) * 1_000_000)
        let keepAccessTime = timespec(tv_sec: 0, tv_nsec: Int((1 << 30) - 2))  // UTIME_OMIT, a macro Swift does not see
        return withUnsafeTemporaryAllocation(of: timespec.self, capacity: 2) { times in
            times.initializeElement(at: 0, to: keepAccessTime)
            times.initializeElement(at: 1, to: time)
            return plain(Glibc.futimens(descriptor, times.baseAddress))
        }
    }

    package func status(_ path: String) -> (result: Int32, status: FileStatus) {
        var raw = Glibc.stat()
        let result = plain(Glibc.fstatat(AT_FDCWD, path, &raw, 0))
        var status = FileStatus()
        guard result == 0 else { return (result, status) }
        status.size = Int64(raw.st_size)
        status.modifiedMilliseconds = Int64(raw.st_mtim.tv_sec) * 1_000 + Int64(raw.st_mtim.tv_nsec) / 1_000_000
        status.isDirectory = raw.st_mode & S_IFMT == S_IFDIR
        return (0, status)
    }

    package func space(_ path: String) -> (result: Int32, space: FileSystemSpace) {
        var raw = Glibc.statvfs()
        let result = retried { statvfs(path, &raw) }
        var space = FileSystemSpace()
        guard result == 0 else { return (result, space) }
        func bytes(_ fragments: fsblkcnt_t, _ fragmentBytes: UInt) -> Int64 {
            let (product, overflow) = UInt64(fragments).multipliedReportingOverflow(by: UInt64(fragmentBytes))
            return overflow ? .max : Int64(clamping: product)
        }
        space.totalBytes = bytes(raw.f_blocks, raw.f_frsize)
        space.usableBytes = bytes(raw.f_bavail, raw.f_frsize)
        return (0, space)
    }

    package func rename(_ from: String, to: String) -> Int32 { plain(Glibc.rename(from, to)) }
    package func unlink(_ path: String) -> Int32 { plain(Glibc.unlink(path)) }
    package func makeDirectory(_ path: String, mode: mode_t) -> Int32 { plain(Glibc.mkdir(path, mode)) }
    package func removeDirectory(_ path: String) -> Int32 { plain(Glibc.rmdir(path)) }

    package func list(_ path: String) -> (result: Int32, names: [String]) {
        guard let stream = Glibc.opendir(path) else { return (-errno, []) }
        defer { Glibc.closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = Glibc.readdir(stream) else { return (-errno, names) }
            // The name is NUL-terminated inside the entry, which stays valid until the next readdir on this stream.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    package func map(_ descriptor: Int32, capacity: Int) -> (result: Int32, base: UnsafeRawPointer?) {
        let base = Glibc.mmap(nil, capacity, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let base, base != MAP_FAILED else { return (-errno, nil) }
        guard page_guard_add(base, capacity) else {
            _ = Glibc.munmap(base, capacity)
            return (-ENOMEM, nil)
        }
        return (0, UnsafeRawPointer(base))
    }

    package func unmap(_ base: UnsafeRawPointer, capacity: Int) {
        page_guard_remove(base)
        _ = Glibc.munmap(UnsafeMutableRawPointer(mutating: base), capacity)
    }

    package func isResident(_ base: UnsafeRawPointer, count: Int) -> Bool {
        var (start, left) = wholePages(base, count)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.checkedPages) { flags in
            while left > 0 {
                let bytes = min(left, Self.checkedPages * pageBytes)
                guard mincore(start, bytes, flags.baseAddress) == 0 else { return false }
                let pages = (bytes + pageBytes - 1) / pageBytes
                if !flags[..<pages].allSatisfy({ $0 & 1 == 1 }) { return false }
                start += bytes
                left -= bytes
            }
            return true
        }
    }

    /// Pages that are asked about with one call; so many flags still fit on the stack.
    private static let checkedPages = 256

    package func populate(_ base: UnsafeRawPointer, count: Int) -> Int32 {
        let populateRead: Int32 = 22  // MADV_POPULATE_READ, missing from older headers
        let (start, bytes) = wholePages(base, count)
        return retried { madvise(start, bytes, populateRead) }
    }

    package func readAhead(_ base: UnsafeRawPointer, count: Int) {
        let (start, bytes) = wholePages(base, count)
        _ = madvise(start, bytes, MADV_WILLNEED)
    }

    /// The range from the start of its first page on. Made mutable for the calls' types only.
    private func wholePages(_ base: UnsafeRawPointer, _ count: Int) -> (UnsafeMutableRawPointer, Int) {
        let inPage = Int(bitPattern: base) % pageBytes
        return (UnsafeMutableRawPointer(mutating: base - inPage), count + inPage)
    }

    private func plain(_ result: Int32) -> Int32 { result < 0 ? -errno : result }

    private func retried(_ call: () -> Int32) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            if errno != EINTR { return -errno }
        }
    }
}

/// Bytes of a page of memory.
private let pageBytes = sysconf(Int32(_SC_PAGESIZE))

// glibc declares these only under _GNU_SOURCE, which Swift's module of it does not set, and in Swift the type `flock`
// hides the function. Integers in, an integer out: the Swift and the C calling conventions agree on that.
@_silgen_name("flock") private func systemFlock(_ descriptor: Int32, _ operation: Int32) -> Int32
@_silgen_name("syncfs") private func systemSyncfs(_ descriptor: Int32) -> Int32
@_silgen_name("sync_file_range") private func systemSyncFileRange(
    _ descriptor: Int32, _ position: Int, _ count: Int, _ flags: UInt32
) -> Int32
@_silgen_name("fallocate") private func systemFallocate(
    _ descriptor: Int32, _ mode: Int32, _ position: Int, _ count: Int
) -> Int32
