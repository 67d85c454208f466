// Record batches: validated as produced ones are, iterated and decompressed.

@testable import KafkaRecords

private let limitBytes = 1 << 20

/// A batch; its length and checksum are made to fit, so that what lies behind them is reached.
func fuzzBatch(_ input: UnsafeRawBufferPointer) {
    let raw = Array(input)
    use(raw)
    guard raw.count >= BatchLayout.headerSize else { return }
    var fitted = raw
    put(UInt32(raw.count - BatchLayout.lengthOverhead), into: &fitted, at: BatchLayout.batchLength)
    fitted[BatchLayout.magic] = 2
    put(
        crc32c(fitted.span.bytes.extracting(droppingFirst: BatchLayout.checksummed)), into: &fitted, at: BatchLayout.crc
    )
    use(fitted)
}

private func put(_ value: UInt32, into bytes: inout [UInt8], at position: Int) {
    for index in 0..<4 { bytes[position + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
}

private func use(_ bytes: [UInt8]) {
    for validateCompressed in [false, true] {
        let rules = BatchRules(
            requireKeys: false, validateCompressed: validateCompressed, decompressedLimitBytes: limitBytes)
        guard let header = try? validate(produced: bytes.span.bytes, rules: rules) else { continue }
        require(header.sizeInBytes == bytes.count, "a valid batch has the size that it says")
        guard let batch = try? RecordBatch(bytes.span.bytes) else { fatalError("a valid batch can be read") }
        let records = try? batch.records(decompressedLimitBytes: limitBytes)
        if validateCompressed || header.compression == Compression.none {
            require(records?.count == Int(header.recordCount), "a valid batch has the records that it says")
        }
    }
    // What is read back from a disk was valid once and may be anything now.
    if let batch = try? RecordBatch(bytes.span.bytes) { _ = try? batch.records(decompressedLimitBytes: limitBytes) }
}

/// The first byte says which codec; the rest is its input.
func fuzzCodec(_ input: UnsafeRawBufferPointer) {
    guard let first = input.first else { return }
    let codec = Compression.allCases[Int(first) % Compression.allCases.count]
    let plain = try? codec.decompress(input.bytes.extracting(droppingFirst: 1), limitBytes: limitBytes)
    require(plain?.count ?? 0 <= limitBytes, "\(codec) gave more than was allowed")
    // And there and back.
    let source = Array(input.dropFirst())
    guard let packed = try? codec.compress(source.span.bytes) else { fatalError("\(codec) takes everything") }
    let back = try? codec.decompress(packed.span.bytes, limitBytes: max(source.count, 1))
    require(back == source, "\(codec) gives back what it took")
}
