// Stored bytes on their way to a reader: a range of a segment's mapping, never a copy.
//
// Thread rule: Sendable; usable after the partition is unlocked and after the segment is deleted.

package struct LogSlice: Sendable {
    /// Keeps the bytes mapped.
    package let mapping: SegmentMapping
    /// Where the first batch starts, in bytes from the start of the segment.
    package let position: Int
    /// Bytes of whole batches.
    package let count: Int

    /// Behind the last byte, in bytes from the start of the segment.
    package var end: Int { position + count }

    init(mapping: SegmentMapping, position: Int, count: Int) {
        self.mapping = mapping
        self.position = position
        self.count = count
    }

    /// Valid while `mapping` is held.
    package var address: UnsafeRawPointer { mapping.base + position }

    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let result = try body(UnsafeRawBufferPointer(start: address, count: count))
        // The pointer above does not hold the mapping; this does, until here.
        withExtendedLifetime(mapping) {}
        return result
    }
}
