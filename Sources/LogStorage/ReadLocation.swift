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
        var walk = walk(from: startEntry.map { isTrue($0) ? $0.position : 0 } ?? 0)
        while let step = try advance(&walk, to: offset) {
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
        while let step = try? walk.next(), step.end <= limit { end = step.end }
        return end
    }

    private func walk(from position: Int) -> BatchWalk {
        BatchWalk(
            mapping, from: position, to: endPosition, minimumOffset: segmentBaseOffset,
            endOffset: nextSegmentOffset ?? .max)
    }

    /// The next batch. Damage on the way is passed over, unless what is wanted lies in it.
    private func advance(_ walk: inout BatchWalk, to offset: Int64) throws(StorageError) -> BatchWalk.Step? {
        do { return try walk.next() } catch {
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
