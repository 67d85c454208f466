// A read-only view of a whole segment file through the page cache.
//
// Layout: the mapping covers the *capacity* of the segment from the start, pages past the end of the file included, so
// that a growing segment is mapped once. Nobody reads beyond bytes that were published; what the file has lost of those reads
// as zeros, which are never a batch.
// Crash rule: holds nothing of its own.
// Thread rule: Sendable; unmapped when the last owner goes, so a slice that waits in a reply keeps its bytes readable
// while the file is unlinked.

import CPageGuard
import Glibc

package final class SegmentMapping: Sendable {
    /// First byte of the file.
    ///
    /// Safe to share: the memory is read-only and lives exactly as long as this object.
    nonisolated(unsafe) package let base: UnsafeRawPointer
    /// Bytes of address space, not of the file.
    package let capacity: Int
    private let fileSystem: any FileSystem

    init(_ file: File, capacity: Int) throws(StorageError) {
        precondition(capacity > 0, "a mapping has at least one byte")
        let (result, base) = file.fileSystem.map(file.descriptor, capacity: capacity)
        guard result >= 0, let base else { throw .system(-result, "map", file.path) }
        self.base = base
        self.capacity = capacity
        fileSystem = file.fileSystem
    }

    deinit { fileSystem.unmap(base, capacity: capacity) }

    /// Whether pages that could not be read were replaced by zeros: a new mapping may show what is there by now.
    var hasLostPages: Bool { page_guard_has_replaced(base) }

    /// Whether all pages of a range are in memory, so that reading it cannot block.
    package func isResident(position: Int, count: Int) -> Bool {
        if count == 0 { return true }
        let pageBytes = 4_096
        let first = position / pageBytes
        let pages = (position + count + pageBytes - 1) / pageBytes - first
        let start = UnsafeMutableRawPointer(mutating: base + first * pageBytes)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pages) { flags in
            mincore(start, pages * pageBytes, flags.baseAddress) == 0 && flags.allSatisfy { $0 & 1 == 1 }
        }
    }

    /// Reads a range into memory; false when the kernel could not (an I/O error, or older than Linux 5.14).
    package func populate(position: Int, count: Int) -> Bool {
        let pageBytes = 4_096
        let first = position / pageBytes * pageBytes
        let start = UnsafeMutableRawPointer(mutating: base + first)
        let populateRead: Int32 = 22  // MADV_POPULATE_READ, missing from older headers
        return madvise(start, position + count - first, populateRead) == 0
    }

    /// As `populate`; throws only if the disk could not be read, so that what is behind it may be touched without SIGBUS.
    func readIn(position: Int, count: Int, path: String) throws(StorageError) {
        errno = 0
        // A kernel that does not know the advice reads at the first touch.
        if count == 0 || populate(position: position, count: count) || errno == EINVAL { return }
        // EFAULT says that a page could not be read, and not why.
        throw .system(errno == EFAULT ? EIO : errno, "read", path)
    }

    /// Bytes of a published range.
    @_lifetime(borrow self)
    func span(_ range: Range<Int>) -> RawSpan {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity, "a range inside the mapping")
        // The memory stays mapped while self is borrowed.
        let bytes = RawSpan(_unsafeStart: base + range.lowerBound, byteCount: range.count)
        return _overrideLifetime(bytes, borrowing: self)
    }
}
