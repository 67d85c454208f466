// A walk over the headers of the batches in a segment, from one position to another.
//
// A position is only ever advanced over a batch that parses, lies whole inside the range and continues the offsets.
// Zeros (a preallocated tail) never parse. Checksums are checked only where the caller asks.
// Thread rule: plain value; reads published bytes outside the lock.

import Glibc
import KafkaRecords

struct BatchWalk {
    struct Step {
        let header: BatchHeader
        let position: Int
        var end: Int { position + header.sizeInBytes }
    }

    let mapping: SegmentMapping
    let end: Int
    /// Where the next batch starts; where the walk stopped when it threw.
    private(set) var position: Int
    /// Batches must not start before this offset.
    private(set) var nextOffset: Int64
    /// And must end before this one: offsets are outside of the checksum, and one that no index of the segment can hold, or
    /// that belongs to the next segment, is damage.
    private let endOffset: Int64

    /// - Parameters:
    ///   - minimumOffset: base of the segment.
    ///   - endOffset: base of the next one.
    init(
        _ mapping: SegmentMapping, from position: Int, to end: Int, minimumOffset: Int64, endOffset: Int64 = .max
    ) {
        self.mapping = mapping
        self.position = position
        self.end = end
        nextOffset = minimumOffset
        let (widest, isBeyond) = minimumOffset.addingReportingOverflow(Int64(Int32.max) + 1)
        self.endOffset = isBeyond ? endOffset : min(endOffset, widest)
    }

    /// The next batch, nil at the end.
    mutating func next(verifyingChecksum: Bool = false) throws(RecordError) -> Step? {
        guard position < end else { return nil }
        let mapping = mapping
        let bytes = mapping.span(position..<end)
        let header = try BatchHeader(parsing: bytes)
        guard header.sizeInBytes <= bytes.byteCount else {
            throw .truncated(needed: header.sizeInBytes, available: bytes.byteCount)
        }
        guard header.baseOffset >= nextOffset, header.lastOffsetDelta >= 0,
            header.baseOffset < endOffset, Int64(header.lastOffsetDelta) < endOffset - header.baseOffset
        else { throw .invalidBatch("offset \(header.baseOffset) does not continue \(nextOffset)") }
        if verifyingChecksum { try RecordBatch(bytes).verifyChecksum() }
        let step = Step(header: header, position: position)
        position = step.end
        nextOffset = header.nextOffset
        return step
    }

    /// The next batch, nil when there is none any more. Damage is passed over: for who needs to know of what lies behind it, and
    /// is not the one to report it.
    mutating func nextWhole() -> Step? {
        while true {
            do throws(RecordError) {
                return try next()
            } catch {
                if !resynchronize() { return nil }
            }
        }
    }

    /// Moves behind damage, to the next place where a batch with a good checksum continues the offsets; false (and no
    /// move) when there is none. Slow, byte by byte: only for what was found damaged.
    ///
    /// - Parameter limitBytes: how far to look.
    mutating func resynchronize(within limitBytes: Int = .max) -> Bool {
        let mapping = mapping
        let last = min(end - BatchLayout.headerSize, limitBytes < end - position ? position + limitBytes : end)
        var candidate = position + 1
        while candidate <= last {
            if mapping.span(candidate..<end).unsafeLoad(fromByteOffset: BatchLayout.magic, as: UInt8.self) == 2 {
                var probe = BatchWalk(
                    mapping, from: candidate, to: end, minimumOffset: nextOffset, endOffset: endOffset)
                if (try? probe.next(verifyingChecksum: true)) != nil {
                    position = candidate
                    return true
                }
            }
            candidate += 1
        }
        return false
    }

    /// Whether nothing but zeros, a preallocated tail, follows the position.
    var onlyZerosFollow: Bool {
        mapping.span(position..<end).withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, bytes.count > 0 else { return true }
            // The first is zero, and each is as the one before it.
            return bytes[0] == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
        }
    }
}
