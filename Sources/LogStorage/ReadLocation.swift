// Where a read starts, found under the partition's lock, to be read without it.
//
// Thread rule: Sendable; everything it points at was published before it was made and does not change.

import KafkaRecords

package struct ReadLocation: Sendable {
    let mapping: SegmentMapping
    /// A batch start at or before the wanted offset.
    let startPosition: Int
    /// A batch start at or behind the start, close before where the read will end.
    let nearEndPosition: Int
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

    private func firstBatch(containing offset: Int64) throws(StorageError) -> BatchWalk.Step? {
        var walk = walk(from: startPosition)
        while let step = try advance(&walk) {
            if step.header.lastOffset >= offset { return step }
        }
        return nil
    }

    /// Walks headers only from the index entry close to the end, not from the start of the range.
    private func lastWholeBatchEnd(behind first: BatchWalk.Step, limit: Int) -> Int {
        var end = first.end
        if nearEndPosition > end && nearEndPosition <= limit { end = nearEndPosition }
        var walk = walk(from: end)
        // Damage further on is found by the read that starts at it; what lies before it is good.
        while let step = try? walk.next(), step.end <= limit { end = step.end }
        return end
    }

    private func walk(from position: Int) -> BatchWalk {
        BatchWalk(mapping, from: position, to: endPosition, minimumOffset: segmentBaseOffset)
    }

    private func advance(_ walk: inout BatchWalk) throws(StorageError) -> BatchWalk.Step? {
        do { return try walk.next() } catch {
            throw StorageError(
                .corrupt,
                "The segment with base offset \(segmentBaseOffset) is damaged at byte \(walk.position): \(error).")
        }
    }
}
