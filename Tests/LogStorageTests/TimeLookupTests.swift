import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct TimeLookupTests {
    /// Against a scan over all records, with times that jump back and forth, every codec and several segments.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func lookupsAgreeWithALinearScan(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try LogFixture {
            $0.indexIntervalBytes = 300
            $0.segmentBytes = 4_000
        }
        for _ in 0..<120 {
            var builder = RecordBatchBuilder(compression: Compression.allCases.randomElement(using: &generator)!)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                builder.append(
                    timestamp: Int64.random(in: 1_000...1_400, using: &generator), key: nil,
                    value: generator.text(Int.random(in: 0...80, using: &generator)))
            }
            try fixture.append(try builder.build())
        }
        #expect(fixture.log.segmentCount > 2)
        for reopening in [false, true] {
            if reopening { try fixture.closeAndReopen() }
            try compare(fixture)
        }
        _ = try fixture.log.deleteRecords(before: 150)
        try compare(fixture)
    }

    /// The checksum is good, and the header lies all the same: such a batch is damage, not the end of the process.
    @Test(arguments: [.min, -1, .max] as [Int32]) func aCountOfRecordsThatCannotBeIsDamage(_ count: Int32) throws {
        let fixture = try LogFixture()
        try fixture.append(BatchFixtures.edited(BatchFixtures.batch(values: ["a"])) { $0.recordCount = count })
        do {
            let found = try fixture.log.offset(forTimestamp: .max)
            #expect(found == nil)
            _ = try fixture.log.offset(forTimestamp: 0)
        } catch {
            #expect(error.code == .corrupt)
        }
    }

    private func compare(_ fixture: LogFixture) throws {
        let start = fixture.log.logStartOffset
        let records = try fixture.records().filter { $0.offset >= start }
        for timestamp in Int64(995)...1_405 {
            let expected = records.first { $0.timestamp >= timestamp }
            let found = try fixture.log.offset(forTimestamp: timestamp)
            #expect(found?.offset == expected?.offset)
            #expect(found?.timestamp == expected?.timestamp)
        }
        let largest = try #require(records.map(\.timestamp).max())
        #expect(try fixture.log.maxTimestampOffset()?.timestamp == largest)
        #expect(try fixture.log.maxTimestampOffset()?.offset == records.first { $0.timestamp == largest }?.offset)
    }

    @Test func anEmptyLogHasNoTimes() throws {
        let fixture = try LogFixture()
        #expect(try fixture.log.offset(forTimestamp: 0) == nil)
        #expect(try fixture.log.maxTimestampOffset() == nil)
    }

    @Test func logAppendTimeCountsForAllRecordsOfABatch() throws {
        let fixture = try LogFixture()
        var batch = BatchFixtures.batch(values: ["a", "b"], timestamp: 5)
        stampLogAppendTime(&batch, milliseconds: 9_000)
        try fixture.append(batch)
        #expect(
            try fixture.log.offset(forTimestamp: 8_000) == TimestampOffset(offset: 0, timestamp: 9_000, leaderEpoch: 0))
    }
}
