// BatchRewrite: changes to a finished batch that its checksum covers. Base offset and leader epoch are not among them:
// whoever stores a batch patches those in place.

/// The same records under another codec, as a batch of its own; all else of the header stays, the CRC is new.
///
/// `level` is the codec's (nil: its default). Throws what opening the batch throws, and `.invalidBatch` if the result
/// is longer than a batch can be. The records themselves are not looked at.
package func recompress(
    _ batch: borrowing RecordBatch, to target: Compression, level: Int? = nil, decompressedLimitBytes: Int
) throws(RecordError) -> [UInt8] {
    var header = batch.header
    let isEmpty = header.recordCount <= 0 && batch.payload.byteCount == 0
    let records = isEmpty ? [] : try batch.decompressedPayload(limitBytes: decompressedLimitBytes)
    let payload = isEmpty ? [] : try target.compress(records.span.bytes, level: level)

    let size = BatchLayout.headerSize + payload.count
    guard let length = Int32(exactly: size - BatchLayout.lengthOverhead) else {
        throw .invalidBatch("\(size) bytes are too many")
    }
    header.batchLength = length
    header.attributes = header.attributes & ~BatchAttributes.compressionMask | Int16(target.rawValue)
    var bytes = [UInt8](repeating: 0, count: BatchLayout.headerSize)
    bytes.reserveCapacity(size)
    bytes += payload
    header.write(into: &bytes)
    rewriteChecksum(&bytes)
    return bytes
}

/// Makes `milliseconds` (since 1970) the time of every record of the batch, as `message.timestamp.type=LogAppendTime`
/// asks: the attribute bit and `maxTimestamp` are set, the base timestamp is kept, the CRC is new (KIP-32).
///
/// `bytes` have to be exactly one batch that was validated; traps if they are shorter than a header.
package func stampLogAppendTime(_ bytes: inout [UInt8], milliseconds: Int64) {
    let attributes: Int16 = bytes.span.bytes.bigEndian(at: BatchLayout.attributes)
    bytes.storeBigEndian(attributes | BatchAttributes.logAppendTime, at: BatchLayout.attributes)
    bytes.storeBigEndian(milliseconds, at: BatchLayout.maxTimestamp)
    rewriteChecksum(&bytes)
}

/// Writes `milliseconds` as the largest timestamp of the batch and makes its CRC new; does nothing if it stands there
/// already. For batches whose producer was wrong about it: see `validate(produced:rules:)`.
///
/// `bytes` have to be exactly one batch that was validated; traps if they are shorter than a header.
/// - Returns: whether the bytes were changed.
@discardableResult
package func correctMaxTimestamp(_ bytes: inout [UInt8], to milliseconds: Int64) -> Bool {
    let stored: Int64 = bytes.span.bytes.bigEndian(at: BatchLayout.maxTimestamp)
    guard stored != milliseconds else { return false }
    bytes.storeBigEndian(milliseconds, at: BatchLayout.maxTimestamp)
    rewriteChecksum(&bytes)
    return true
}

/// Computes the CRC of a whole batch anew and writes it.
func rewriteChecksum(_ bytes: inout [UInt8]) {
    let computed = crc32c(bytes.span.bytes.extracting(droppingFirst: BatchLayout.checksummed))
    bytes.storeBigEndian(computed, at: BatchLayout.crc)
}
