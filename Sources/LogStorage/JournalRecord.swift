// One record of the commit journal: what one round of the group commit has made durable.
//
// Layout, big-endian: magic, CRC-32C of all that follows it, generation of the journal, sequence number, size of the whole record,
// number of entries; then the entries, each with topic id, partition, base offset of the segment, position in it, count of
// bytes, and the bytes, which are whole batches as the segment file holds them from that position on.
// Thread rule: plain values.

import KafkaRecords

/// Bytes at the end of an active segment that no sync has covered. They do not change any more.
package struct JournalRange: Sendable {
    let file: SegmentFile
    let segmentBaseOffset: Int64
    /// In the segment file.
    let position: Int
    package let count: Int
}

/// A record that is being put together, for one round after the other.
package struct JournalRecord: Sendable {
    static let magic: UInt32 = 0x4D_4A_52_31  // "MJR1"
    static let headBytes = 32
    static let entryHeadBytes = 36

    private var buffer: [UInt8] = []
    private var count = headBytes
    private var entryCount: Int32 = 0

    package init() {}

    /// Bytes of a record with these ranges.
    package static func bytes(for ranges: some Sequence<JournalRange>) -> Int {
        ranges.reduce(headBytes) { $0 + entryHeadBytes + $1.count }
    }

    /// Begins the next one; the memory of the last is used again.
    package mutating func clear(capacity: Int) {
        let blocks = CommitJournal.wholeBlocks(capacity)
        if buffer.count < blocks { buffer += [UInt8](repeating: 0, count: blocks - buffer.count) }
        count = Self.headBytes
        entryCount = 0
    }

    /// Takes in what the page cache has of a range.
    ///
    /// - Throws: `.corrupt` if these are not the batches that were written: the kernel has dropped pages that it could not write.
    package mutating func add(_ range: JournalRange, topicID: Identifier, partition: Int32) throws(StorageError) {
        buffer.storeBigEndian(topicID.high, at: count)
        buffer.storeBigEndian(topicID.low, at: count + 8)
        buffer.storeBigEndian(partition, at: count + 16)
        buffer.storeBigEndian(range.segmentBaseOffset, at: count + 20)
        buffer.storeBigEndian(Int32(range.position), at: count + 28)
        buffer.storeBigEndian(Int32(range.count), at: count + 32)
        count += Self.entryHeadBytes
        let end = count + range.count
        let place = count..<end
        var span = buffer.mutableSpan
        try span.withUnsafeMutableBytes { (bytes) throws(StorageError) in
            // A part of the array's own memory, for the time of the call.
            try range.file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[place]), at: range.position)
        }
        try check(place, of: range)
        count = end
        entryCount += 1
    }

    private func check(_ place: Range<Int>, of range: JournalRange) throws(StorageError) {
        let span = buffer.span.bytes
        var position = place.lowerBound
        do throws(RecordError) {
            while position < place.upperBound {
                let batch = try RecordBatch(span.extracting(position..<place.upperBound))
                try batch.verifyChecksum()
                position += batch.header.sizeInBytes
            }
        } catch {
            throw StorageError(
                .corrupt, "\(range.file.path) does not hold what was written at byte \(range.position): \(error)")
        }
    }

    /// Fills in the head. What follows the record in its last block has no meaning.
    mutating func seal(generation: UInt64, sequence: UInt64) -> ArraySlice<UInt8> {
        buffer.storeBigEndian(Self.magic, at: 0)
        buffer.storeBigEndian(generation, at: 8)
        buffer.storeBigEndian(sequence, at: 16)
        buffer.storeBigEndian(Int32(count), at: 24)
        buffer.storeBigEndian(entryCount, at: 28)
        buffer.storeBigEndian(crc32c(buffer.span.bytes.extracting(8..<count)), at: 4)
        return buffer[..<CommitJournal.wholeBlocks(count)]
    }
}
