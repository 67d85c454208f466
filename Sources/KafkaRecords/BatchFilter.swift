// BatchFilter: a batch without some of its records, as the log cleaner leaves it.
//
// What stays is what Kafka's cleaner keeps: base offset, last offset delta, sequence, epoch and producer, so that offsets and
// the producer's state survive; the records' own bytes are copied. A delete horizon (KIP-534) takes the place of the base
// timestamp, and the records' timestamp deltas are written anew so that their times stay.
// Threads: pure functions.

/// A batch of the records `kept`, under the codec that it had.
///
/// - Parameters:
///   - header: the batch's; its checksum was verified.
///   - payload: its plain records, in which `kept` has its ranges.
///   - deleteHorizon: milliseconds since 1970 from which tombstones may go, if the batch is to get one now.
/// Throws `.unsupportedCompression`, what compressing throws, and `.invalidBatch` for more than a batch can hold.
package func rebuild(
    _ header: BatchHeader, payload: RawSpan, keeping kept: [RecordFields], deleteHorizon: Int64?
) throws(RecordError) -> [UInt8] {
    guard let compression = header.compression else { throw .unsupportedCompression(header.compressionID) }
    var header = header
    let shift = deleteHorizon.map { header.baseTimestamp &- $0 } ?? 0
    var bytes = [UInt8](repeating: 0, count: BatchLayout.headerSize)
    var largest: Int64 = -1
    for record in kept {
        largest = max(largest, header.baseTimestamp &+ record.timestampDelta)
        if shift == 0 {
            bytes.append(payload.extracting(record.bytes))
        } else {
            try append(record, of: payload, timestampDelta: record.timestampDelta &+ shift, to: &bytes)
        }
    }
    if compression != .none {
        let records = try compression.compress(bytes.span.bytes.extracting(droppingFirst: BatchLayout.headerSize))
        bytes.removeSubrange(BatchLayout.headerSize...)
        bytes += records
    }
    guard let length = Int32(exactly: bytes.count - BatchLayout.lengthOverhead) else {
        throw .invalidBatch("\(bytes.count) bytes are too many")
    }
    header.batchLength = length
    header.recordCount = Int32(kept.count)
    if header.timestampType == .createTime { header.maxTimestamp = largest }
    if let deleteHorizon {
        header.baseTimestamp = deleteHorizon
        header.attributes |= BatchAttributes.deleteHorizon
    }
    header.write(into: &bytes)
    rewriteChecksum(&bytes)
    return bytes
}

/// The header alone, for a batch whose records are all gone but whose offsets or sequence must not be forgotten.
package func emptyBatch(_ header: BatchHeader) -> [UInt8] {
    var header = header
    header.batchLength = BatchLayout.minimumBatchLength
    header.attributes &= ~(BatchAttributes.compressionMask | BatchAttributes.deleteHorizon)
    header.baseTimestamp = -1
    header.recordCount = 0
    var bytes = [UInt8](repeating: 0, count: BatchLayout.headerSize)
    header.write(into: &bytes)
    rewriteChecksum(&bytes)
    return bytes
}

/// Copies a record with another timestamp delta: the length in front of it may change with that.
private func append(
    _ record: RecordFields, of payload: RawSpan, timestampDelta: Int64, to bytes: inout [UInt8]
) throws(RecordError) {
    var position = record.bytes.lowerBound
    let end = record.bytes.upperBound
    guard payload.varint(at: &position, limit: end) != nil, position < end else {
        throw .invalidRecord(index: Int(record.offsetDelta), "its length is malformed")
    }
    position += 1  // the attributes
    guard payload.varlong(at: &position, limit: end) != nil else {
        throw .invalidRecord(index: Int(record.offsetDelta), "its timestamp is malformed")
    }
    bytes.appendVarint(Int64(1 + Varint.sizeInBytes(timestampDelta) + end - position))
    bytes.append(record.attributes)
    bytes.appendVarint(timestampDelta)
    bytes.append(payload.extracting(position..<end))
}
