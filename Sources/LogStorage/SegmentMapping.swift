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
import Synchronization

package final class SegmentMapping: Sendable {
    /// First byte of the file.
    ///
    /// Safe to share: the memory is read-only and lives exactly as long as this object.
    nonisolated(unsafe) package let base: UnsafeRawPointer
    /// Bytes of address space, not of the file.
    package let capacity: Int
    private let fileSystem: any FileSystem
    /// Up to where reading ahead has begun; 0: nowhere.
    private let readAheadEnd = Atomic(0)

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
        count <= 0 || fileSystem.isResident(base + position, count: count)
    }

    /// Reads a range into memory and waits for it; throws only if the disk could not be read, so that what is behind it may
    /// be touched without SIGBUS.
    func readIn(position: Int, count: Int, path: String) throws(StorageError) {
        if count == 0 { return }
        let result = fileSystem.populate(base + position, count: count)
        // A kernel that does not know the advice (before Linux 5.14) reads at the first touch.
        if result >= 0 || result == -EINVAL { return }
        // EFAULT says that a page could not be read, and not why.
        throw .system(result == -EFAULT ? EIO : -result, "read", path)
    }

    /// Reads a range into memory and waits for it. What cannot be read is zeros afterwards, for system calls that are given
    /// the memory as well: those would fail on it otherwise.
    func readIn(_ range: Range<Int>) {
        var start = range.lowerBound
        while start < range.upperBound {
            let count = min(Self.pieceBytes, range.upperBound - start)
            // Asked for by name: populating alone would ask for megabytes around it.
            fileSystem.readAhead(base + start, count: count)
            if fileSystem.populate(base + start, count: count) < 0 { page_guard_touch(base + start, count) }
            start += count
        }
    }

    /// A disk serves what it was asked for in order, more or less: a flush that comes behind megabytes of reads waits for
    /// all of them.
    static let pieceBytes = 256 << 10

    // MARK: Reading ahead

    /// How far the disk is read ahead of a consumer that reads old records in order.
    static let readAheadBytes = 4 << 20
    /// Reading ahead goes on in steps of at least this size.
    static let readAheadStepBytes = 1 << 20

    /// What follows a range that was not in memory is worth being read ahead.
    func beginReadAhead(from position: Int) { readAheadEnd.store(position, ordering: .relaxed) }

    /// What to read ahead next for a reader that has come to `position`; nil if it is not one that reading ahead began for,
    /// or too little is missing. One mark serves all readers of a segment: where several are at different places of it, the
    /// disk is read ahead for the last that had to wait.
    func nextReadAhead(position: Int, endPosition: Int) -> Range<Int>? {
        let begun = readAheadEnd.load(ordering: .relaxed)
        let end = min(position + Self.readAheadBytes, endPosition)
        guard begun >= position, end - begun >= min(Self.readAheadStepBytes, endPosition - begun), end > begun,
            readAheadEnd.compareExchange(expected: begun, desired: end, ordering: .relaxed).exchanged
        else { return nil }
        return begun..<end
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
