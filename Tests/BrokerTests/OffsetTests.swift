// ListOffsets and DeleteRecords.

import Broker
import KafkaProtocol
import KafkaRecords
import TestSupport
import Testing

@Suite struct OffsetTests {
    static let epoch = BatchFixtures.epochMilliseconds

    struct Found: Equatable {
        var error: ErrorCode = .none
        var offset: Int64 = -1
        var timestamp: Int64 = -1
    }

    private func list(
        _ test: TestBroker, _ timestamp: Int64, topic: String = "orders", partition: Int32 = 0, epoch: Int32 = -1,
        version: Int16 = 11
    ) throws -> Found {
        let response = try test.send(
            ListOffsetsRequest(topics: [
                .init(
                    name: topic,
                    partitions: [
                        .init(partitionIndex: partition, currentLeaderEpoch: epoch, timestamp: timestamp)
                    ])
            ]), version: version)
        let answer = response.topics[0].partitions[0]
        return Found(error: answer.errorCode, offset: answer.offset, timestamp: answer.timestamp)
    }

    @Test(arguments: ListOffsetsRequest.versions) func theSpecialTimesAreAnsweredFromTheirVersionOn(
        _ version: Int16
    ) throws {
        try withBroker { test in
            try test.createTopic("orders")
            #expect(try list(test, -1, version: version) == Found(offset: 0))
            #expect(try list(test, -2, version: version) == Found(offset: 0))
            if version >= 7 { #expect(try list(test, -3, version: version) == Found()) }
            var builder = RecordBatchBuilder()
            for delta in [5, 9, 7] as [Int64] {
                builder.append(timestamp: Self.epoch + delta, key: nil, value: [1])
            }
            try test.produce("orders", try builder.build())
            try test.produce("orders", values: "a", timestamp: Self.epoch + 2)
            _ = try test.partition("orders").deleteRecords(before: 1)
            #expect(try list(test, -1, version: version) == Found(offset: 4))
            #expect(try list(test, -2, version: version) == Found(offset: 1))
            let unsupported = Found(error: .unsupportedVersion)
            let max = Found(offset: 1, timestamp: Self.epoch + 9)
            #expect(try list(test, -3, version: version) == (version >= 7 ? max : unsupported))
            #expect(try list(test, -4, version: version) == (version >= 8 ? Found(offset: 1) : unsupported))
            #expect(try list(test, -5, version: version) == (version >= 9 ? Found() : unsupported))
            #expect(try list(test, -6, version: version) == (version >= 11 ? Found() : unsupported))
            #expect(try list(test, -7, version: version) == unsupported)
            #expect(try list(test, .min, version: version) == unsupported)
        }
    }

    @Test func unknownPartitionsAndEpochsAreRefused() throws {
        try withBroker { test in
            try test.createTopic("orders")
            #expect(try list(test, -1, topic: "none").error == .unknownTopicOrPartition)
            #expect(try list(test, -1, partition: 1).error == .unknownTopicOrPartition)
            #expect(try list(test, 5, partition: -1).error == .unknownTopicOrPartition)
            #expect(try list(test, -1, epoch: 1).error == .unknownLeaderEpoch)
            #expect(try list(test, -1, epoch: 0).error == .none)
        }
    }

    /// By timestamp the answer is that of somebody who reads every record.
    @Test(arguments: [Compression.none, .gzip, .zstd]) func byTimestampAgreesWithALinearScan(
        _ compression: Compression
    ) throws {
        var random = SeededGenerator(seed: 77)
        try withBroker { test in
            try test.createTopic("orders", configs: ["segment.bytes": "4000", "index.interval.bytes": "200"])
            for _ in 0..<60 {
                var builder = RecordBatchBuilder(compression: compression)
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let time = Self.epoch + Int64.random(in: -500...500, using: &random)
                    builder.append(timestamp: time, key: nil, value: random.text(40))
                }
                try test.produce("orders", try builder.build())
            }
            for restart in 0..<3 {
                if restart == 1 { try test.restartAfterKill() }
                if restart == 2 { try test.restart() }
                if restart == 1 { _ = try test.partition("orders").deleteRecords(before: 33) }
                let start = try test.partition("orders").bounds().logStartOffset
                let records = try test.records(of: test.partition("orders")).filter { $0.offset >= start }
                for time in stride(from: Self.epoch - 510, through: Self.epoch + 510, by: 17) {
                    let expected = records.first { $0.timestamp >= time }
                        .map { Found(offset: $0.offset, timestamp: $0.timestamp) }
                    #expect(try list(test, time) == expected ?? Found(), "at \(time)")
                }
                let largest = records.map(\.timestamp).max()
                let first = records.first { $0.timestamp == largest }
                #expect(try list(test, -3) == Found(offset: first?.offset ?? -1, timestamp: largest ?? -1))
            }
        }
    }

    // MARK: DeleteRecords

    private func delete(
        _ test: TestBroker, _ offset: Int64, topic: String = "orders", partition: Int32 = 0, version: Int16 = 2
    ) throws -> [Int64] {
        let request = DeleteRecordsRequest(topics: [
            .init(name: topic, partitions: [.init(partitionIndex: partition, offset: offset)])
        ])
        let answer = try test.send(request, version: version).topics[0].partitions[0]
        return [Int64(answer.errorCode.rawValue), answer.lowWatermark]
    }

    @Test(arguments: DeleteRecordsRequest.versions) func recordsAreDeletedForGood(_ version: Int16) throws {
        try withBroker { test in
            try test.createTopic("orders")
            for value in ["a", "b", "c", "d", "e"] { try test.produce("orders", values: value) }
            #expect(try delete(test, 2, version: version) == [0, 2])
            #expect(try delete(test, 1, version: version) == [0, 2], "never back")
            #expect(try test.fetch(.init(topic: "orders", offset: 1)).first.error == .offsetOutOfRange)
            #expect(try test.values("orders") == ["c", "d", "e"])
            try test.restartAfterKill()
            #expect(try test.values("orders") == ["c", "d", "e"])
            #expect(try delete(test, 3, version: version) == [0, 3])
            try test.restart()
            #expect(try test.values("orders") == ["d", "e"])
            #expect(try delete(test, -1, version: version) == [0, 5])
            #expect(try test.values("orders").isEmpty)
            try test.restartAfterKill()
            #expect(try test.produce("orders", values: "f").baseOffset == 5)
        }
    }

    @Test func whatCannotBeDeletedIsRefused() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a")
            let outOfRange = [Int64(ErrorCode.offsetOutOfRange.rawValue), -1]
            for offset in [2, .max, -2, .min] as [Int64] { #expect(try delete(test, offset) == outOfRange) }
            let unknown = [Int64(ErrorCode.unknownTopicOrPartition.rawValue), -1]
            #expect(try delete(test, 0, topic: "none") == unknown)
            #expect(try delete(test, 0, partition: 1) == unknown)
            try test.createTopic("state", configs: ["cleanup.policy": "compact"])
            #expect(try delete(test, 0, topic: "state") == [Int64(ErrorCode.policyViolation.rawValue), -1])
            try test.createTopic("both", configs: ["cleanup.policy": "compact,delete"])
            #expect(try delete(test, 0, topic: "both") == [0, 0])
            #expect(try test.values("orders") == ["a"])
        }
    }

    @Test func aDeletionThatIsNotDurableIsNotConfirmed() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a", "b")
            test.faults.inject(.init(.write, .fail(errno: 5), pathSuffix: "checkpoint.tmp"))
            #expect(try delete(test, 1) == [Int64(ErrorCode.kafkaStorageError.rawValue), -1])
            test.faults.clear()
            #expect(try delete(test, 1) == [0, 1])
            try test.restartAfterKill()
            #expect(try test.partition("orders").bounds().logStartOffset == 1)
        }
    }

    /// What a deleted topic left in the checkpoints is not for the next of its name.
    @Test(arguments: [true, false]) func aNewTopicOfAnOldNameStartsAtZero(_ isClean: Bool) throws {
        try withBroker { test in
            try test.createTopic("orders")
            for _ in 0..<5 { try test.produce("orders", values: "old", acks: -1) }
            #expect(try delete(test, 4) == [0, 4])
            try test.restart()
            #expect(try test.deleteTopic("orders") == .none)
            try test.createTopic("orders")
            try test.produce("orders", values: "new")
            try isClean ? test.restart() : test.restartAfterKill()
            #expect(try test.values("orders") == ["new"])
            #expect(try test.produce("orders", values: "next").baseOffset == 1)
        }
    }
}
