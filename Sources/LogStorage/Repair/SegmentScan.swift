// Every byte of a segment, judged: whole batches, damage, and batches whose records are whole although something outside of
// their checksum is not.
//
// A batch's length, magic number and base offset are not checksummed. Where the checksum of the records is right and the
// batches before and behind leave only one answer, that answer is put in their place. A batch with a good checksum and a base
// offset that cannot be is told from its neighbour by which of the two leaves a gap.
// Thread rule: plain value; reads a mapping that nobody writes to.

import KafkaRecords

struct SegmentScan {
    enum Piece {
        /// Whole batches, back to back.
        case good(Range<Int>)
        /// One batch, and the header that it should have.
        case restored(Range<Int>, BatchHeader, reason: String)
        case damaged(Range<Int>, reason: String, firstOffset: Int64)
    }

    private let mapping: SegmentMapping
    private let size: Int
    /// Behind the largest offset that a batch here may have.
    private let endOffset: Int64
    /// Base of the next segment; nil for the last one.
    private let nextBase: Int64?
    private(set) var pieces: [Piece] = []
    /// The offset behind the last batch that is whole.
    private(set) var nextOffset: Int64
    /// Where the last batch that is damaged ends, if its header can be believed.
    private(set) var claimedEnd: Int64?
    private(set) var lastEpoch: Int32 = 0

    /// - Parameter visit: takes each batch that is whole, and where it stands now.
    init(
        _ mapping: SegmentMapping, size: Int, baseOffset: Int64, nextBase: Int64?,
        visit: (BatchHeader, Int) -> Void
    ) {
        self.mapping = mapping
        self.size = size
        self.nextBase = nextBase
        let (widest, isBeyond) = baseOffset.addingReportingOverflow(Int64(Int32.max) + 1)
        endOffset = min(nextBase ?? .max, isBeyond ? .max : widest)
        nextOffset = baseOffset
        scan(visit)
    }

    var isDamaged: Bool {
        !pieces.allSatisfy { if case .good = $0 { true } else { false } }
    }

    /// Whether what is taken out leaves the segment ending before its last offset.
    var endsDamaged: Bool {
        if case .damaged = pieces.last { true } else { false }
    }

    private mutating func scan(_ visit: (BatchHeader, Int) -> Void) {
        // The last batch waits until the next one agrees with it.
        var pending: (step: BatchWalk.Step, before: Int64)?
        var position = 0
        while position < size {
            var walk = walk(from: position, minimumOffset: pending.map { $0.step.header.nextOffset } ?? nextOffset)
            do {
                guard let step = try walk.next(verifyingChecksum: true) else { break }
                let before = pending?.step.header.nextOffset ?? nextOffset
                if let whole = pending.take() { accept(whole.step, visit) }
                pending = (step, before)
                position = step.end
            } catch {
                if let suspect = pending, lies(suspect.step, before: suspect.before) {
                    pending = nil
                    note(
                        suspect.step.position..<suspect.step.end,
                        "offset \(suspect.step.header.baseOffset) does not fit between its neighbours", visit)
                    continue
                }
                if walk.onlyZerosFollow { break }
                if let whole = pending.take() { accept(whole.step, visit) }
                let end = endOfDamage(from: position)
                note(position..<end, "\(error)", visit)
                position = end
            }
        }
        if let whole = pending { accept(whole.step, visit) }
    }

    private func walk(from position: Int, minimumOffset: Int64) -> BatchWalk {
        BatchWalk(mapping, from: position, to: size, minimumOffset: minimumOffset, endOffset: endOffset)
    }

    /// The whole batch at a position, if there is one.
    private func batch(at position: Int, from offset: Int64) -> BatchWalk.Step? {
        var walk = walk(from: position, minimumOffset: offset)
        return try? walk.next(verifyingChecksum: true)
    }

    /// Whether a batch, and not the one behind it that does not continue it, has a wrong base offset.
    private func lies(_ suspect: BatchWalk.Step, before: Int64) -> Bool {
        guard let next = batch(at: suspect.end, from: before) else { return false }
        if suspect.header.baseOffset != before { return true }
        // It goes on exactly where it should; then the next one would have to as well.
        return batch(at: next.end, from: next.header.nextOffset)?.header.baseOffset == next.header.nextOffset
            && suspect.header.nextOffset != next.header.baseOffset
            && next.header.baseOffset == before
    }

    private mutating func accept(_ step: BatchWalk.Step, _ visit: (BatchHeader, Int) -> Void) {
        if case .good(let range) = pieces.last, range.upperBound == step.position {
            pieces[pieces.count - 1] = .good(range.lowerBound..<step.end)
        } else {
            pieces.append(.good(step.position..<step.end))
        }
        nextOffset = step.header.nextOffset
        lastEpoch = step.header.partitionLeaderEpoch
        visit(step.header, step.position)
    }

    private mutating func note(_ range: Range<Int>, _ reason: String, _ visit: (BatchHeader, Int) -> Void) {
        if let header = restoredHeader(range) {
            pieces.append(.restored(range, header, reason: reason))
            nextOffset = header.nextOffset
            visit(header, range.lowerBound)
            return
        }
        pieces.append(.damaged(range, reason: reason, firstOffset: nextOffset))
        claimedEnd = claimedEnd(of: range)
    }

    /// The header that makes a batch of these bytes, if their checksum is right and its offsets are the only possible ones.
    private func restoredHeader(_ range: Range<Int>) -> BatchHeader? {
        guard range.count >= BatchLayout.headerSize, range.count <= Int(Int32.max) else { return nil }
        let bytes = mapping.span(range)
        var raw = bytes.withUnsafeBytes { Array($0[..<BatchLayout.headerSize]) }
        raw[BatchLayout.magic] = UInt8(BatchLayout.currentMagic)
        var fields = BatchHeader(batchLength: Int32(range.count - BatchLayout.lengthOverhead))
        // The length comes first: a damaged one may not even parse.
        raw.replaceSubrange(
            BatchLayout.batchLength..<BatchLayout.partitionLeaderEpoch,
            with: withUnsafeBytes(of: fields.batchLength.bigEndian) { Array($0) })
        guard let parsed = try? BatchHeader(parsing: raw.span.bytes) else { return nil }
        fields = parsed
        fields.baseOffset = nextOffset
        let following =
            batch(at: range.upperBound, from: nextOffset)?.header.baseOffset
            ?? (range.upperBound == size ? nextBase : nil)
        guard fields.lastOffsetDelta >= 0, following == fields.nextOffset,
            crc32c(bytes.extracting(droppingFirst: BatchLayout.checksummed)) == fields.crc
        else { return nil }
        return fields
    }

    /// The offset behind a damaged batch, if its header is whole enough to be believed.
    private func claimedEnd(of range: Range<Int>) -> Int64? {
        guard let header = try? BatchHeader(parsing: mapping.span(range)), header.baseOffset == nextOffset,
            header.lastOffsetDelta >= 0, Int(header.recordCount) - 1 == Int(header.lastOffsetDelta),
            header.nextOffset <= endOffset
        else { return nil }
        return header.nextOffset
    }

    /// Where damage ends: where its batch says that it does, if a batch follows there; else at the next batch; else with the
    /// file, preallocated zeros left out.
    private func endOfDamage(from position: Int) -> Int {
        if let header = try? BatchHeader(parsing: mapping.span(position..<size)) {
            let end = position + header.sizeInBytes
            if end == size || (end < size && batch(at: end, from: nextOffset) != nil) { return end }
        }
        var walk = walk(from: position, minimumOffset: nextOffset)
        if walk.resynchronize() { return walk.position }
        // A sealed segment has none.
        if nextBase != nil { return size }
        let rest = mapping.span(position..<size)
        return rest.withUnsafeBytes { bytes in
            position + max(1, (bytes.lastIndex { $0 != 0 } ?? 0) + 1)
        }
    }
}
