// Decides which records of a batch stay, and makes the batch that is left of it.
//
// A record goes if a later one has its key, or if it has none; a tombstone also if the delete horizon of its batch has
// passed. The horizon is set by the first cleaning that keeps the tombstone (KIP-534). Control batches stay as they are.
// A batch that has lost all records stays as a header if it is the last of its producer, whose sequence it has, or the last
// that is cleaned, so that a reader which waits behind it learns that there is nothing before the log's end.
// Thread rule: owned by one cleaning.

import KafkaRecords

struct RecordSieve {
    enum Verdict {
        case keep
        case drop
        case replace([UInt8])
    }

    let plan: CleaningPlan
    /// Records from here on are not in the map and stay.
    let endOffset: Int64
    /// Of one batch; here so that its memory is used again.
    private var kept: [RecordFields] = []

    init(plan: CleaningPlan, endOffset: Int64) {
        self.plan = plan
        self.endOffset = endOffset
    }

    mutating func judge(
        _ bytes: RawSpan, map: borrowing OffsetMap, isLastOfPlan: Bool
    ) throws(RecordError) -> Verdict {
        let batch = try RecordBatch(bytes)
        let header = batch.header
        if header.isControl || header.baseOffset >= endOffset { return .keep }
        let isLastOfProducer = header.producerID >= 0 && plan.lastOffsets[header.producerID] == header.lastOffset
        let staysEmpty = isLastOfPlan || isLastOfProducer
        if header.recordCount <= 0 && batch.payload.byteCount == 0 { return staysEmpty ? .keep : .drop }
        if header.compression == Compression.none {
            return try judge(header, batch.payload, map: map, staysEmpty: staysEmpty)
        }
        let plain = try batch.decompressedPayload(limitBytes: plan.config.decompressedLimitBytes)
        return try judge(header, plain.span.bytes, map: map, staysEmpty: staysEmpty)
    }

    private mutating func judge(
        _ header: BatchHeader, _ payload: RawSpan, map: borrowing OffsetMap, staysEmpty: Bool
    ) throws(RecordError) -> Verdict {
        let mayDropTombstones = header.deleteHorizon.map { plan.now >= $0 } ?? false
        var hasTombstone = false
        kept.removeAll(keepingCapacity: true)
        var records = RecordIterator(payload, count: header.recordCount)
        while let record = try records.next() {
            let offset = header.baseOffset &+ Int64(record.offsetDelta)
            if offset < endOffset {
                guard let key = record.key, offset >= map.offset(of: payload.extracting(key)) else { continue }
                if record.value == nil && mayDropTombstones { continue }
            }
            if record.value == nil { hasTombstone = true }
            kept.append(record)
        }
        if kept.isEmpty { return staysEmpty ? .replace(emptyBatch(header)) : .drop }
        let needsHorizon = hasTombstone && header.deleteHorizon == nil
        if !needsHorizon && kept.count == Int(header.recordCount) { return .keep }
        let (horizon, overflow) = plan.now.addingReportingOverflow(plan.config.deleteRetentionMilliseconds)
        return .replace(
            try rebuild(
                header, payload: payload, keeping: kept,
                deleteHorizon: needsHorizon ? (overflow ? Int64.max : horizon) : nil))
    }
}
