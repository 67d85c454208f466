// Where a read starts, found under the partition's lock, to be read without it.
//
// Thread rule: Sendable; everything it points at was published before it was made and does not change.

import KafkaRecords

package struct ReadLocation: Sendable {
    let mapping: SegmentMapping
    /// The index entry of a batch at or before the wanted offset; nil for the start of the segment.
    let startEntry: OffsetIndex.Entry?
    /// The entry of a batch behind it, close before where the read will end.
    let nearEndEntry: OffsetIndex.Entry?
    /// Published bytes of the segment.
    let endPosition: Int
    let segmentBaseOffset: Int64
    /// Base of the following segment: where to `locate` next when `slice` finds nothing left in this one.
    package let nextSegmentOffset: Int64?
    /// Whether all from the entry on was appended a moment ago and is in memory.
    let isFresh: Bool
    /// Up to where the read may touch the segment, all of it if nil: what was found in memory.
    private var touchableEnd: Int?

    init(
        mapping: SegmentMapping, startEntry: OffsetIndex.Entry?, nearEndEntry: OffsetIndex.Entry?, endPosition: Int,
        segmentBaseOffset: Int64, nextSegmentOffset: Int64?, isFresh: Bool
    ) {
        self.mapping = mapping
        self.startEntry = startEntry
        self.nearEndEntry = nearEndEntry
        self.endPosition = endPosition
        self.segmentBaseOffset = segmentBaseOffset
        self.nextSegmentOffset = nextSegmentOffset
        self.isFresh = isFresh
    }

    /// The wanted batch lies behind the index entry, and one more header behind the wanted bytes is looked at. Where this is
    /// too little, the read is refused and done again by a thread that may wait.
    static let slackBytes = 64 << 10

    /// What a read of so many bytes touches, as far as can be told without touching it.
    private func touchedRange(maxBytes: Int) -> Range<Int> {
        let start = min(startEntry?.position ?? 0, endPosition)
        let wanted = min(max(0, maxBytes), endPosition - start)
        return start..<min(start + wanted + Self.slackBytes, endPosition)
    }

    /// As `slice`, and whether or not it may wait for the disk.
    ///
    /// - Throws: `.wouldWait` if it must not and had to.
    package func slice(
        from offset: Int64, maxBytes: Int, atLeastOneBatch: Bool, access: DiskAccess
    ) throws(StorageError) -> LogSlice? {
        let range = touchedRange(maxBytes: maxBytes)
        switch access {
        case .resident:
            if isFresh { return try slice(from: offset, maxBytes: maxBytes, atLeastOneBatch: atLeastOneBatch) }
            guard mapping.isResident(position: range.lowerBound, count: range.count) else { throw .wouldWait }
            var touchable = self
            touchable.touchableEnd = range.upperBound
            let slice = try touchable.slice(from: offset, maxBytes: maxBytes, atLeastOneBatch: atLeastOneBatch)
            guard let slice, slice.end > range.upperBound else { return slice }
            guard mapping.isResident(position: range.upperBound, count: slice.end - range.upperBound) else {
                throw .wouldWait
            }
            return slice
        case .waiting:
            let isCold = !isFresh && !mapping.isResident(position: range.lowerBound, count: range.count)
            if isCold { mapping.readIn(range) }
            let slice = try slice(from: offset, maxBytes: maxBytes, atLeastOneBatch: atLeastOneBatch)
            if let slice, slice.end > range.upperBound { mapping.readIn(range.upperBound..<slice.end) }
            if isCold { mapping.beginReadAhead(from: max(range.upperBound, slice?.end ?? 0)) }
            return slice
        }
    }

    /// Whether any batch is left in the segment at or behind an offset.
    package func holdsMore(from offset: Int64, access: DiskAccess) throws(StorageError) -> Bool {
        try slice(from: offset, maxBytes: 0, atLeastOneBatch: true, access: access) != nil
    }

    /// What to read ahead for whoever was given this slice, if the disk is read ahead for it.
    package func nextReadAhead(behind slice: LogSlice) -> ReadAhead? {
        if isFresh { return nil }
        return mapping.nextReadAhead(position: slice.end, endPosition: endPosition).map {
            ReadAhead(mapping: mapping, range: $0)
        }
    }

    /// The bytes from the batch that contains `offset`, or the first behind it, up to `maxBytes`.
    ///
    /// - Parameters:
    ///   - offset: the one that `locate` was asked for.
    ///   - maxBytes: never exceeded, except by a first batch that is larger when `atLeastOneBatch` (KIP-74).
    /// - Returns: whole batches of one segment; nil when not even one fits or none is left.
    package func slice(
        from offset: Int64, maxBytes: Int, atLeastOneBatch: Bool
    ) throws(StorageError) -> LogSlice? {
        guard maxBytes > 0 || atLeastOneBatch, let first = try firstBatch(containing: offset) else { return nil }
        let start = first.position
        if first.header.sizeInBytes > maxBytes {
            guard atLeastOneBatch else { return nil }
            return LogSlice(mapping: mapping, position: start, count: first.header.sizeInBytes)
        }
        let limit = maxBytes < endPosition - start ? start + maxBytes : endPosition
        let end = limit == endPosition ? limit : lastWholeBatchEnd(behind: first, limit: limit)
        return LogSlice(mapping: mapping, position: start, count: end - start)
    }

    /// How far a read looks for the end of damage, on the thread that it was called on. What lies further behind has an index
    /// entry of its own.
    private static let damageMaxBytes = 64 << 10

    private func firstBatch(containing offset: Int64) throws(StorageError) -> BatchWalk.Step? {
        var walk = walk(from: 0)
        if let startEntry {
            if isTrue(startEntry) {
                walk = self.walk(from: startEntry.position)
            } else {
                try requireTouchable(endPosition)
            }
        }
        while walk.position < endPosition {
            try requireTouchable(walk.position + BatchLayout.headerSize)
            guard let step = try advance(&walk, to: offset) else { break }
            if step.header.lastOffset >= offset { return step }
        }
        return nil
    }

    /// Whether an entry points at the batch that it was made for. A flipped bit of an index could hide records: a lie costs
    /// a walk from the start of the segment.
    private func isTrue(_ entry: OffsetIndex.Entry) -> Bool {
        var walk = walk(from: entry.position)
        return (try? walk.next())?.header.lastOffset == entry.lastOffset
    }

    /// Walks headers only from the index entry close to the end, not from the start of the range.
    private func lastWholeBatchEnd(behind first: BatchWalk.Step, limit: Int) -> Int {
        var end = first.end
        if let entry = nearEndEntry, entry.position > end, entry.position <= limit, isTrue(entry) {
            end = entry.position
        }
        var walk = walk(from: end)
        // Damage further on is found by the read that starts at it; what lies before it is good.
        while isTouchable(end + BatchLayout.headerSize), let step = try? walk.next(), step.end <= limit {
            end = step.end
        }
        return end
    }

    private func isTouchable(_ end: Int) -> Bool { touchableEnd.map { min(end, endPosition) <= $0 } ?? true }

    private func requireTouchable(_ end: Int) throws(StorageError) {
        if !isTouchable(end) { throw .wouldWait }
    }

    private func walk(from position: Int) -> BatchWalk {
        BatchWalk(
            mapping, from: position, to: endPosition, minimumOffset: segmentBaseOffset,
            endOffset: nextSegmentOffset ?? .max)
    }

    /// The next batch. Damage on the way is passed over, unless what is wanted lies in it.
    private func advance(_ walk: inout BatchWalk, to offset: Int64) throws(StorageError) -> BatchWalk.Step? {
        do { return try walk.next() } catch {
            // Looking for the end of damage can touch everything.
            try requireTouchable(endPosition)
            let damaged = walk.position
            if walk.resynchronize(within: Self.damageMaxBytes), let step = try? walk.next(),
                step.header.baseOffset <= offset
            {
                return step
            }
            throw StorageError(
                .corrupt,
                "The segment with base offset \(segmentBaseOffset) is damaged at byte \(damaged): \(error).")
        }
    }
}

/// A range of a segment that somebody is going to read next.
package struct ReadAhead: Sendable {
    let mapping: SegmentMapping
    let range: Range<Int>

    /// Reads it into memory and waits for it.
    package func readIn() { mapping.readIn(range) }
}
