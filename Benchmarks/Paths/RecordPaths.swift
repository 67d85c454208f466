// Batches: checksum, validation, walking their records.

import KafkaRecords
import TestSupport

extension MeasuredPath {
    static let records = [
        MeasuredPath(name: "CRC-32C of 1 MiB", repetitions: 20) {
            let bytes = [UInt8](repeating: 0x5A, count: 1 << 20)
            return { times in
                for _ in 0..<times { keep(crc32c(bytes.span.bytes)) }
            }
        },
        MeasuredPath(name: "CRC-32C of 100 B", repetitions: 20_000) {
            let bytes = [UInt8](repeating: 0x5A, count: 100)
            return { times in
                for _ in 0..<times { keep(crc32c(bytes.span.bytes)) }
            }
        },
        MeasuredPath(name: "validate a batch, 1,000 records of 100 B", repetitions: 100) {
            validating(BatchFixtures.batch(count: 1_000, valueBytes: 100))
        },
        MeasuredPath(name: "validate a batch, 1 record of 100 B", repetitions: 10_000) {
            validating(BatchFixtures.batch(count: 1, valueBytes: 100))
        },
        MeasuredPath(name: "validate a batch, lz4, 1,000 records of 100 B", repetitions: 1_000) {
            validating(BatchFixtures.batch(count: 1_000, valueBytes: 100, compression: .lz4))
        },
        MeasuredPath(name: "walk 1,000 records of 100 B", repetitions: 100) {
            let bytes = BatchFixtures.batch(count: 1_000, valueBytes: 100)
            return { times in
                let batch = try RecordBatch(bytes.span.bytes)
                for _ in 0..<times {
                    var iterator = RecordIterator(batch.payload, count: batch.header.recordCount)
                    while let record = try iterator.next() { keep(record) }
                }
            }
        },
    ]

    private static func validating(_ bytes: [UInt8]) -> Work {
        let rules = BatchRules(timestampRange: 0...Int64.max)
        return { times in
            for _ in 0..<times { keep(try validate(produced: bytes.span.bytes, rules: rules)) }
        }
    }
}
