// BatchFixtures: short ways to make record batches in tests.

import KafkaRecords

package enum BatchFixtures {
    /// A point in time that fixtures start from (2023-11-14T22:13:20Z), in milliseconds.
    package static let epochMilliseconds: Int64 = 1_700_000_000_000

    /// A batch with one record a value: no keys, timestamps a millisecond apart.
    package static func batch(
        values: [String], baseOffset: Int64 = 0, timestamp: Int64 = epochMilliseconds, compression: Compression = .none,
        leaderEpoch: Int32 = -1
    ) -> [UInt8] {
        batch(
            records: values.map { (key: nil, value: $0) }, baseOffset: baseOffset, timestamp: timestamp,
            compression: compression, leaderEpoch: leaderEpoch)
    }

    /// A batch of keys and values, timestamps a millisecond apart. A nil value is a tombstone.
    package static func batch(
        records: [(key: String?, value: String?)], baseOffset: Int64 = 0, timestamp: Int64 = epochMilliseconds,
        compression: Compression = .none, leaderEpoch: Int32 = -1
    ) -> [UInt8] {
        var builder = RecordBatchBuilder(
            compression: compression, baseOffset: baseOffset, partitionLeaderEpoch: leaderEpoch)
        for (index, record) in records.enumerated() {
            builder.append(
                timestamp: timestamp + Int64(index), key: record.key.map { Array($0.utf8) },
                value: record.value.map { Array($0.utf8) })
        }
        return build(&builder)
    }

    /// A batch of `count` records with `valueBytes` of text each, different for every seed.
    package static func batch(
        count: Int, valueBytes: Int, seed: UInt64 = 1, baseOffset: Int64 = 0, timestamp: Int64 = epochMilliseconds,
        compression: Compression = .none, leaderEpoch: Int32 = -1
    ) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        var builder = RecordBatchBuilder(
            compression: compression, baseOffset: baseOffset, partitionLeaderEpoch: leaderEpoch)
        for index in 0..<count {
            builder.append(timestamp: timestamp + Int64(index), key: nil, value: generator.text(valueBytes))
        }
        return build(&builder)
    }

    /// A batch of an idempotent producer.
    package static func idempotentBatch(
        values: [String], producerID: Int64, epoch: Int16 = 0, baseSequence: Int32 = 0,
        timestamp: Int64 = epochMilliseconds, isTransactional: Bool = false
    ) -> [UInt8] {
        var builder = RecordBatchBuilder(
            producerID: producerID, producerEpoch: epoch, baseSequence: baseSequence, isTransactional: isTransactional)
        for value in values { builder.append(timestamp: timestamp, key: nil, value: Array(value.utf8)) }
        return build(&builder)
    }

    /// The bytes with some header fields changed and the CRC made to fit again.
    package static func edited(_ bytes: [UInt8], _ edit: (inout BatchHeader) -> Void) -> [UInt8] {
        guard var header = try? BatchHeader(parsing: bytes.span.bytes) else { fatalError("not a batch") }
        edit(&header)
        var result = bytes
        header.write(into: &result)
        return resealed(result)
    }

    /// The bytes of a batch with a CRC that fits them.
    package static func resealed(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        let computed = crc32c(bytes.span.bytes.extracting(droppingFirst: BatchLayout.checksummed))
        for index in 0..<4 { result[BatchLayout.crc + index] = UInt8(truncatingIfNeeded: computed >> (24 - 8 * index)) }
        return result
    }

    /// The records of one batch, decoded; for comparing.
    package static func records(in bytes: [UInt8]) throws -> [Record] {
        try RecordBatch(bytes.span.bytes).records(decompressedLimitBytes: 64 << 20)
    }

    private static func build(_ builder: inout RecordBatchBuilder) -> [UInt8] {
        do { return try builder.build() } catch { fatalError("fixture: \(error)") }
    }
}
