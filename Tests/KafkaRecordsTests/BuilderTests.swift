import KafkaRecords
import TestSupport
import Testing

@Suite struct BuilderTests {
    @Test(arguments: Compression.allCases)
    func roundTrip(compression: Compression) throws {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<20 {
            let records = randomRecords(&generator)
            var builder = RecordBatchBuilder(compression: compression, baseOffset: 1000, partitionLeaderEpoch: 5)
            for record in records {
                builder.append(
                    timestamp: record.timestamp, key: record.key, value: record.value, headers: record.headers)
            }
            #expect(builder.count == records.count)
            let bytes = try builder.build()
            #expect(try BatchFixtures.records(in: bytes) == records)
            let rules = BatchRules(validateCompressed: true)
            let header = try validate(produced: bytes.span.bytes, rules: rules)
            #expect(header.maxTimestamp == records.map(\.timestamp).max())
            #expect(header.baseTimestamp == records[0].timestamp)
            #expect(header == (try BatchHeader(parsing: bytes.span.bytes)))
        }
    }

    @Test func borrowedBytesMakeTheSameBatch() throws {
        let key = Array("key".utf8)
        let value = Array("value".utf8)
        var owned = RecordBatchBuilder()
        owned.append(timestamp: 1, key: key, value: nil)
        owned.append(timestamp: 2, key: nil, value: value)
        var borrowed = RecordBatchBuilder()
        borrowed.append(timestamp: 1, key: key.span.bytes, value: nil)
        borrowed.append(timestamp: 2, key: nil, value: value.span.bytes)
        #expect(try borrowed.build() == owned.build())
    }

    @Test func isEmptyAfterBuildingAndKeepsItsSettings() throws {
        var builder = RecordBatchBuilder(producerID: 7, producerEpoch: 1, baseSequence: 0)
        #expect(throws: RecordError.self) { try builder.build() }
        builder.append(timestamp: 5, key: nil, value: [1])
        let first = try builder.build()
        #expect(builder.count == 0)
        #expect(builder.estimatedSizeInBytes == BatchLayout.headerSize)
        builder.append(timestamp: 5, key: nil, value: [1])
        #expect(try builder.build() == first)
    }

    @Test func compactedBatchesKeepTheirOffsets() throws {
        var builder = RecordBatchBuilder(compression: .lz4, baseOffset: 50)
        builder.append(timestamp: 5, key: [1], value: [1], offsetDelta: 3)
        builder.append(timestamp: 5, key: [1], value: [1], offsetDelta: 8)
        let bytes = try builder.build(lastOffsetDelta: 9)
        #expect(try BatchHeader(parsing: bytes.span.bytes).nextOffset == 60)
        #expect(try BatchFixtures.records(in: bytes).map(\.offset) == [53, 58])

        var empty = RecordBatchBuilder(compression: .zstd, baseOffset: 50)
        let none = try empty.build(lastOffsetDelta: 9)
        #expect(none.count == BatchLayout.headerSize)
        #expect(try BatchFixtures.records(in: none) == [])
        let rewritten = try recompress(RecordBatch(none.span.bytes), to: .gzip, decompressedLimitBytes: 10)
        #expect(rewritten.count == BatchLayout.headerSize)
    }

    @Test func extremeTimestampsAndVarints() throws {
        var builder = RecordBatchBuilder()
        let timestamps: [Int64] = [0, .max, -1, 63, 64, 8191, 8192, 1 << 34, .min]
        for timestamp in timestamps { builder.append(timestamp: timestamp, key: [], value: nil) }
        let records = try BatchFixtures.records(in: builder.build())
        #expect(records.map(\.timestamp) == timestamps)
    }

    @Test func stampingLogAppendTime() throws {
        var bytes = BatchFixtures.batch(values: ["a", "b", "c"])
        let base = try BatchHeader(parsing: bytes.span.bytes).baseTimestamp
        stampLogAppendTime(&bytes, milliseconds: 1234)
        let batch = try RecordBatch(bytes.span.bytes)
        try batch.verifyChecksum()
        #expect(batch.header.timestampType == .logAppendTime)
        #expect(batch.header.baseTimestamp == base)
        #expect(try batch.records(decompressedLimitBytes: 0).map(\.timestamp) == [1234, 1234, 1234])
    }

    private func randomRecords(_ generator: inout SeededGenerator) -> [Record] {
        (0..<Int.random(in: 1...40, using: &generator)).map { index in
            Record(
                offset: 1000 + Int64(index),
                timestamp: BatchFixtures.epochMilliseconds + Int64.random(in: -100_000...100_000, using: &generator),
                key: randomBytes(&generator), value: randomBytes(&generator),
                headers: (0..<Int.random(in: 0...3, using: &generator)).map { header in
                    RecordHeader(key: "header-\(header)", value: randomBytes(&generator))
                })
        }
    }

    private func randomBytes(_ generator: inout SeededGenerator) -> [UInt8]? {
        guard Int.random(in: 0..<5, using: &generator) > 0 else { return nil }
        return generator.text(Int.random(in: 0...300, using: &generator))
    }
}
