import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct ProducerTests {
    private func batch(_ count: Int = 1, sequence: Int32, epoch: Int16 = 0, producer: Int64 = 7) -> [UInt8] {
        BatchFixtures.idempotentBatch(
            values: (0..<count).map { "\($0)" }, producerID: producer, epoch: epoch, baseSequence: sequence)
    }

    private func check(_ fixture: LogFixture, _ bytes: [UInt8]) throws -> ProducerCheck {
        try fixture.log.checkProducer(try BatchHeader(parsing: bytes.span.bytes))
    }

    private func isRejected(_ check: ProducerCheck, _ reason: ProducerRejection) -> Bool {
        if case .rejected(let found, let message) = check { return found == reason && !message.isEmpty }
        return false
    }

    @Test func sequencesContinueAndDuplicatesOfTheLastFiveAreKnown() throws {
        let fixture = try LogFixture()
        try fixture.append("other")
        for index in 0..<7 {
            let bytes = batch(2, sequence: Int32(index * 2))
            #expect(try check(fixture, bytes) == .append)
            try fixture.append(bytes)
        }
        for index in 2..<7 {
            #expect(
                try check(fixture, batch(2, sequence: Int32(index * 2)))
                    == .duplicate(
                        baseOffset: Int64(1 + index * 2), lastOffset: Int64(2 + index * 2),
                        timestamp: BatchFixtures.epochMilliseconds))
        }
        #expect(isRejected(try check(fixture, batch(2, sequence: 2)), .outOfOrderSequence), "older than five batches")
        #expect(isRejected(try check(fixture, batch(2, sequence: 16)), .outOfOrderSequence), "a gap")
        #expect(
            isRejected(try check(fixture, batch(1, sequence: 12)), .outOfOrderSequence), "overlaps but is not the same")
        #expect(try check(fixture, batch(3, sequence: 14)) == .append)
        #expect(try check(fixture, BatchFixtures.batch(values: ["plain"])) == .append)
    }

    /// The snapshot that a roll has written knows one batch; a producer may have had five under way.
    @Test func duplicatesAreKnownAcrossARollAndAKill() throws {
        let fixture = try LogFixture { $0.segmentBytes = 700 }
        var index: Int32 = 0
        while fixture.log.segmentCount < 3 {
            try fixture.append(batch(sequence: index))
            index += 1
        }
        let end = try fixture.log.logEndOffset
        try fixture.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
        for back in 1...5 as ClosedRange<Int32> {
            guard case .duplicate(let baseOffset, _, _) = try check(fixture, batch(sequence: index - back)) else {
                Issue.record("the batch \(back) before the end is known")
                continue
            }
            #expect(baseOffset == end - Int64(back))
        }
        #expect(try check(fixture, batch(sequence: index)) == .append)
    }

    @Test func epochsFence() throws {
        let fixture = try LogFixture()
        try fixture.append(batch(sequence: 0, epoch: 3))
        #expect(isRejected(try check(fixture, batch(sequence: 1, epoch: 2)), .invalidProducerEpoch))
        #expect(isRejected(try check(fixture, batch(sequence: 1, epoch: 4)), .outOfOrderSequence), "starts at 0")
        #expect(try check(fixture, batch(sequence: 0, epoch: 4)) == .append)
        try fixture.append(batch(sequence: 0, epoch: 4))
        #expect(
            isRejected(try check(fixture, batch(sequence: 0, epoch: 3)), .invalidProducerEpoch),
            "no duplicate of an old epoch")
        #expect(try check(fixture, batch(sequence: 1, epoch: 4)) == .append)
    }

    /// As Kafka does since its records may have been deleted.
    @Test func anUnknownProducerMayStartAnywhere() throws {
        let fixture = try LogFixture()
        #expect(try check(fixture, batch(sequence: 41)) == .append)
        try fixture.append(batch(sequence: 41))
        #expect(try check(fixture, batch(sequence: 42)) == .append)
    }

    @Test func sequencesWrapAroundAtInt32Max() throws {
        let fixture = try LogFixture()
        try fixture.append(batch(sequence: Int32.max - 3))
        let wrapping = batch(4, sequence: Int32.max - 2)
        #expect(try check(fixture, wrapping) == .append)
        let appended = try fixture.append(wrapping)
        #expect(
            try check(fixture, wrapping)
                == .duplicate(
                    baseOffset: appended.baseOffset, lastOffset: appended.lastOffset,
                    timestamp: BatchFixtures.epochMilliseconds))
        #expect(try fixture.log.producers.map(\.lastSequence) == [0])
        #expect(try check(fixture, batch(sequence: 1)) == .append)
        let other = try LogFixture()
        try other.append(batch(sequence: Int32.max))
        #expect(try check(other, batch(sequence: 0)) == .append)
    }

    @Test func stateSurvivesCleanAndUncleanRestarts() throws {
        let fixture = try LogFixture { $0.segmentBytes = 400 }
        for index in 0..<20 {
            try fixture.append(batch(sequence: Int32(index), producer: 1))
            try fixture.append(batch(sequence: Int32(index) + 100, epoch: 2, producer: 2))
        }
        let expected = try fixture.log.producers
        #expect(expected.count == 2)
        try fixture.closeAndReopen()
        #expect(try fixture.log.producers == expected)
        #expect(fixture.names.contains(segmentName(40, ".snapshot")))
        try fixture.append(batch(sequence: 20, producer: 1))
        try fixture.reopen(.unclean(recoveryPoint: 40, logStartOffset: nil))
        #expect(try fixture.log.producers.map(\.lastSequence) == [20, 119])
        // Snapshots damaged and missing: all of it is in the log.
        for name in fixture.names where name.hasSuffix(".snapshot") {
            try fixture.overwrite(name, Array(try #require(try fixture.read(name)).dropLast()))
        }
        try fixture.reopen(.unclean(recoveryPoint: 40, logStartOffset: nil))
        #expect(try fixture.log.producers.map(\.lastSequence) == [20, 119])
        #expect(try check(fixture, batch(sequence: 20, producer: 1)) != .append)
    }

    @Test(arguments: [BatchLayout.batchLength, BatchLayout.magic]) func damageHidesNoBatchBehindIt(field: Int) throws {
        let fixture = try LogFixture()
        for index in 0..<6 { try fixture.append(batch(sequence: Int32(index))) }
        let expected = try fixture.log.producers
        try fixture.log.close()
        var bytes = try #require(try fixture.read(segmentName(0)))
        bytes[2 * batch(sequence: 0).count + field] ^= 0x40
        try fixture.overwrite(segmentName(0), bytes)
        try fixture.overwrite(segmentName(6, ".snapshot"), [])
        try fixture.reopen(.unclean(recoveryPoint: 6, logStartOffset: nil))
        #expect(fixture.report.damage.count == 1)
        #expect(try fixture.log.producers == expected)
        guard case .duplicate(baseOffset: 5, _, _) = try check(fixture, batch(sequence: 5)) else {
            Issue.record("the last batch is known")
            return
        }
        #expect(try check(fixture, batch(sequence: 6)) == .append)
    }

    @Test func aSnapshotAheadOfACutLogIsNotBelieved() throws {
        let fixture = try LogFixture()
        let first = batch(sequence: 0)
        try fixture.append(first)
        try fixture.append(batch(sequence: 1))
        try fixture.log.close()
        let bytes = try #require(try fixture.read(segmentName(0)))
        try fixture.overwrite(segmentName(0), Array(bytes[..<(first.count + 40)]))
        try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
        #expect(try fixture.log.producers.map(\.lastSequence) == [0])
        #expect(try check(fixture, batch(sequence: 1)) == .append)
    }

    @Test func idleProducersExpireAndTheirNumberIsLimited() throws {
        let fixture = try LogFixture {
            $0.producersMax = 3
            $0.producerExpirationMilliseconds = 1_000
        }
        for producer in 0..<5 {
            // What counts is when it was heard of, not how old its records are.
            try fixture.append(
                BatchFixtures.idempotentBatch(values: ["a"], producerID: Int64(producer), timestamp: 5))
            fixture.clock.advance(milliseconds: 1)
        }
        #expect(try fixture.log.producers.map(\.producerID) == [2, 3, 4])
        fixture.clock.advance(milliseconds: 998)
        try fixture.closeAndReopen()
        #expect(try fixture.log.producers.map(\.producerID) == [4])
    }

    @Test func snapshotsHaveKafkasLayout() throws {
        let fixture = try LogFixture()
        try fixture.append(
            BatchFixtures.idempotentBatch(
                values: ["a", "b"], producerID: 0x0102, epoch: 3, baseSequence: 4, timestamp: 5))
        fixture.config.producerExpirationMilliseconds = Int64.max
        try fixture.log.close()
        let bytes = try #require(try fixture.read(segmentName(2, ".snapshot")))
        let head: [UInt8] = [
            0, 0, 0, 1,  // one producer
            0, 0, 0, 0, 0, 0, 1, 2,  // id
            0, 3,  // epoch
            0, 0, 0, 5,  // last sequence
            0, 0, 0, 0, 0, 0, 0, 1,  // last offset
            0, 0, 0, 1,  // offset delta
        ]
        let heardOf = UInt64(fixture.clock.wallMilliseconds)
        let rest: [UInt8] = [
            0xFF, 0xFF, 0xFF, 0xFF,  // coordinator epoch
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,  // no transaction
        ]
        let timestamp = (0..<8).map { UInt8(truncatingIfNeeded: heardOf >> UInt64(56 - 8 * $0)) }
        let body = head + timestamp + rest
        let crc = crc32c(body.span.bytes)
        #expect(bytes == [0, 1] + (0..<4).map { UInt8(truncatingIfNeeded: crc >> UInt32(24 - 8 * $0)) } + body)
    }
}
