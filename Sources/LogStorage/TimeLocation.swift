// Where a search by time looks in one segment, found under the partition's lock, to be searched without it.
//
// Thread rule: Sendable; everything it points at was published before it was made and does not change. Searching waits for the
// disk where need be.

import KafkaRecords

package struct TimeLocation: Sendable {
    /// nil if the segment holds nothing that is late enough.
    let mapping: SegmentMapping?
    let path: String
    /// Published bytes of the segment.
    let endPosition: Int
    let segmentBaseOffset: Int64
    /// Base of the following segment: where to search on when nothing is found here.
    package let nextSegmentOffset: Int64?
    /// Of all batches of the segment.
    package let largestTimestamp: Int64
    /// What the indexes say about the last batch that is not later than the time, and where to walk from to it.
    let timeEntry: (timestamp: Int64, offset: Int64)?
    let startEntry: OffsetIndex.Entry?
    let logStartOffset: Int64
    let decompressedLimitBytes: Int

    /// The first record of the segment, in offset order, that is not earlier than the time that this was made for.
    package func firstRecord(notBefore timestamp: Int64) throws(StorageError) -> TimestampOffset? {
        guard let mapping else { return nil }
        var walk = walk(mapping, from: scanStart(mapping))
        do {
            while let step = try walk.next() {
                guard step.header.maxTimestamp >= timestamp, step.header.lastOffset >= logStartOffset else { continue }
                let bytes = mapping.span(step.position..<step.end)
                if let found = try firstRecord(in: bytes, notBefore: timestamp) {
                    return TimestampOffset(
                        offset: found.offset, timestamp: found.timestamp, leaderEpoch: step.header.partitionLeaderEpoch)
                }
            }
        } catch {
            throw StorageError(.corrupt, "\(path) is damaged at byte \(walk.position): \(error).")
        }
        return nil
    }

    /// Of all batches of the segment that hold something behind the log start. Of one that it cuts, only some records count: its first
    /// time is among them as well.
    func largestTimestampsOfBatches() -> Set<Int64> {
        guard let mapping else { return [] }
        var timestamps: Set<Int64> = []
        var walk = walk(mapping, from: 0)
        // What is damaged has no time; a read that reaches it reports it.
        while let step = try? walk.next() {
            guard step.header.lastOffset >= logStartOffset else { continue }
            timestamps.insert(step.header.maxTimestamp)
            if step.header.baseOffset < logStartOffset {
                // Where the cleaner's delete horizon stands instead of a time, start from the very first one.
                timestamps.insert(step.header.deleteHorizon == nil ? step.header.baseTimestamp : 0)
            }
        }
        return timestamps
    }

    private func walk(_ mapping: SegmentMapping, from position: Int) -> BatchWalk {
        BatchWalk(mapping, from: position, to: endPosition, minimumOffset: segmentBaseOffset)
    }

    /// Where to start: not behind what is looked for, whatever the indexes say. A flipped bit of theirs costs a walk from the
    /// start of the segment.
    private func scanStart(_ mapping: SegmentMapping) -> Int {
        guard let timeEntry, let startEntry, isTrue(timeEntry, mapping) else { return 0 }
        var walk = walk(mapping, from: startEntry.position)
        return (try? walk.next())?.header.lastOffset == startEntry.lastOffset ? startEntry.position : 0
    }

    /// Whether an entry of the time index says of its batch what that says of itself. Of what cannot be read it does not.
    private func isTrue(_ entry: (timestamp: Int64, offset: Int64), _ mapping: SegmentMapping) -> Bool {
        var walk = walk(mapping, from: startEntry?.position ?? 0)
        while let step = try? walk.next() {
            if step.header.lastOffset >= entry.offset {
                return step.header.lastOffset == entry.offset && step.header.maxTimestamp == entry.timestamp
            }
        }
        return false
    }

    private func firstRecord(
        in bytes: RawSpan, notBefore timestamp: Int64
    ) throws(RecordError) -> (offset: Int64, timestamp: Int64)? {
        let batch = try RecordBatch(bytes)
        // Compaction keeps the headers of some batches without records.
        if batch.header.recordCount <= 0 && batch.payload.byteCount == 0 { return nil }
        let isWhole = Int(batch.header.recordCount) - 1 == Int(batch.header.lastOffsetDelta)
        if batch.header.timestampType == .logAppendTime && isWhole {
            return (max(batch.header.baseOffset, logStartOffset), batch.header.maxTimestamp)
        }
        if batch.header.compression == Compression.none {
            return try firstRecord(in: batch.payload, of: batch.header, notBefore: timestamp)
        }
        let plain = try batch.decompressedPayload(limitBytes: decompressedLimitBytes)
        return try firstRecord(in: plain.span.bytes, of: batch.header, notBefore: timestamp)
    }

    private func firstRecord(
        in payload: RawSpan, of header: BatchHeader, notBefore timestamp: Int64
    ) throws(RecordError) -> (offset: Int64, timestamp: Int64)? {
        var records = RecordIterator(payload, count: header.recordCount)
        while let record = try records.next() {
            let (time, offset) = (
                header.timestamp(ofDelta: record.timestampDelta), header.baseOffset &+ Int64(record.offsetDelta)
            )
            if time >= timestamp && offset >= logStartOffset { return (offset, time) }
        }
        return nil
    }
}
