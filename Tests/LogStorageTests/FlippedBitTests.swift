// Single flipped bits where no checksum of the log would tell. `Tests/BrokerTests/Power/BitFlipTests` looks for more.

import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct FlippedBitTests {
    /// Base offsets are outside of the checksum. One that no index can hold used to end the process in recovery.
    @Test func aBaseOffsetThatNoSegmentCanHoldIsDamage() throws {
        let fixture = try LogFixture { $0.indexIntervalBytes = 50 }
        for index in 0..<9 { try fixture.append("value \(index)") }
        try fixture.log.close()
        let batchBytes = BatchFixtures.batch(values: ["value 0"]).count
        var bytes = try #require(try fixture.read(segmentName(0)))
        bytes[4 * batchBytes + 2] ^= 0x10
        try fixture.overwrite(segmentName(0), bytes)

        // With an index, what was flushed is not looked at.
        try fixture.overwrite(segmentName(0, ".index"), [])
        try fixture.reopen(.unclean(recoveryPoint: 9, logStartOffset: nil))
        #expect(fixture.report.damage.count == 1)
        #expect(try fixture.log.logEndOffset == 9)
        #expect(try fixture.values(from: 5) == (5..<9).map { "value \($0)" })
        #expect(throws: StorageError.self) { try fixture.values(from: 4) }

        try fixture.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
        #expect(try fixture.values() == (0..<4).map { "value \($0)" })
    }

    /// A sealed segment's batch that claims an offset of the next segment.
    @Test func aBaseOffsetBehindItsSegmentIsDamage() throws {
        let fixture = try LogFixture { $0.segmentBytes = 500 }
        while fixture.log.segmentCount < 3 { try fixture.append("a value") }
        let end = try fixture.log.logEndOffset
        let batchBytes = BatchFixtures.batch(values: ["a value"]).count
        try fixture.log.close()
        var bytes = try #require(try fixture.read(segmentName(0)))
        bytes[2 * batchBytes + 6] ^= 0x40
        try fixture.overwrite(segmentName(0), bytes)
        try fixture.reopen(.clean(logStartOffset: nil))
        #expect(throws: StorageError.self) { try fixture.values(from: 2) }
        #expect(try fixture.values(from: 3).count == Int(end) - 3)
    }

    /// The whole file is lost although it was flushed: its offsets are not given to other records.
    @Test(arguments: [true, false]) func aLostSegmentGivesItsOffsetsToNobody(_ isEmpty: Bool) throws {
        let fixture = try LogFixture()
        for index in 0..<9 { try fixture.append("value \(index)") }
        try fixture.log.close()
        if isEmpty {
            try fixture.overwrite(segmentName(0), [])
        } else {
            #expect(PosixFileSystem().unlink(fixture.file(segmentName(0))) == 0)
        }
        for _ in 0..<2 {
            try fixture.reopen(.unclean(recoveryPoint: 9, logStartOffset: nil))
            #expect(try fixture.log.logEndOffset == 9)
            #expect(fixture.log.logStartOffset == 9)
        }
        #expect(try fixture.append("later").baseOffset == 9)
        #expect(try fixture.values(from: 9) == ["later"])
    }

    /// An entry that is in order and wrong would make reads start behind what they look for.
    @Test(arguments: 0..<8) func anIndexEntryThatLiesHidesNothing(_ byte: Int) throws {
        let fixture = try LogFixture { $0.indexIntervalBytes = 150 }
        for index in 0..<40 { try fixture.append("value \(index)", at: 1_000 + Int64(index)) }
        try fixture.log.close()
        let good = try #require(try fixture.read(segmentName(0, ".index")))
        for entry in 0..<good.count / 8 {
            for bit in 0..<8 as Range<UInt8> {
                var bytes = good
                bytes[entry * 8 + byte] ^= 1 << bit
                try fixture.overwrite(segmentName(0, ".index"), bytes)
                try fixture.reopen(.clean(logStartOffset: nil))
                for offset in 0..<40 as Range<Int64> {
                    let found = try fixture.log.locate(offset, maxBytes: 1)?
                        .slice(from: offset, maxBytes: 1, atLeastOneBatch: true)
                    let batch = try fixture.batches(try #require(found))[0]
                    #expect(try BatchHeader(parsing: batch.span.bytes).baseOffset == offset)
                    #expect(try fixture.log.offset(forTimestamp: 1_000 + offset)?.offset == offset)
                }
            }
        }
    }

    @Test(arguments: 0..<12) func aTimeIndexEntryThatLiesHidesNothing(_ byte: Int) throws {
        let fixture = try LogFixture { $0.indexIntervalBytes = 150 }
        for index in 0..<40 { try fixture.append("value \(index)", at: 1_000 + Int64(index)) }
        try fixture.log.close()
        let good = try #require(try fixture.read(segmentName(0, ".timeindex")))
        for entry in 0..<good.count / 12 {
            for bit in 0..<8 as Range<UInt8> {
                var bytes = good
                bytes[entry * 12 + byte] ^= 1 << bit
                try fixture.overwrite(segmentName(0, ".timeindex"), bytes)
                try fixture.reopen(.clean(logStartOffset: nil))
                for offset in 0..<40 as Range<Int64> {
                    #expect(try fixture.log.offset(forTimestamp: 1_000 + offset)?.offset == offset)
                }
                #expect(try fixture.log.maxTimestampOffset()?.offset == 39)
            }
        }
    }
}
