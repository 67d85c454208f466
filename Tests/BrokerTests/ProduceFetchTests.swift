import Broker
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct ProduceFetchTests {
    @Test(arguments: Int16(3)...13) func whatIsProducedIsFetchedInEveryVersion(_ version: Int16) throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 2)
            for (index, value) in ["a", "b", "c"].enumerated() {
                let answer = try test.produce(
                    "orders", BatchFixtures.batch(values: [value]), partition: 1, version: version)
                #expect(answer.errorCode == .none && answer.baseOffset == Int64(index))
            }
            for fetchVersion in [4, max(4, version), 12, 13, 18] as [Int16] {
                let part = try test.fetch(.init(topic: "orders", partition: 1, offset: 1), version: fetchVersion).first
                #expect(part.error == .none && part.data.highWatermark == 3)
                #expect(try part.values == ["b", "c"])
            }
        }
    }

    @Test func oldProduceVersionsAreRefused() throws {
        try withBroker { test in
            try test.createTopic("orders")
            for version in Int16(0)...2 {
                let answer = try test.produce("orders", BatchFixtures.batch(values: ["a"]), version: version)
                #expect(answer.errorCode == .unsupportedForMessageFormat)
            }
        }
    }

    @Test func badBatchesAreRefusedAndLeaveNothing() throws {
        try withBroker { test in
            try test.createTopic("orders", configs: ["max.message.bytes": "200"])
            let good = BatchFixtures.batch(values: ["a"])
            var wrongChecksum = good
            wrongChecksum[wrongChecksum.count - 1] ^= 1
            #expect(try test.produce("orders", wrongChecksum).errorCode == .corruptMessage)
            let large = BatchFixtures.batch(count: 1, valueBytes: 300)
            #expect(try test.produce("orders", large).errorCode == .messageTooLarge)
            #expect(try test.produce("orders", nil).errorCode == .invalidRecord)
            #expect(try test.produce("orders", []).errorCode == .invalidRecord)
            #expect(try test.produce("orders", good + good).errorCode != .none)
            #expect(try test.produce("orders", good, acks: 2).errorCode == .invalidRequiredAcks)
            let late = BatchFixtures.batch(values: ["a"], timestamp: test.clock.wallMilliseconds + 7_200_000)
            #expect(try test.produce("orders", late).errorCode == .invalidTimestamp)
            let transactional = BatchFixtures.idempotentBatch(values: ["a"], producerID: 1, isTransactional: true)
            #expect(try test.produce("orders", transactional).errorCode == .invalidTxnState)
            let zstd = BatchFixtures.batch(values: ["a"], compression: .zstd)
            #expect(try test.produce("orders", zstd, version: 6).errorCode == .unsupportedCompressionType)
            #expect(try test.partition("orders").bounds().logEndOffset == 0)
        }
    }

    /// Every byte that the CRC covers, and the lengths before it.
    @Test func aFlippedByteAnywhereBehindTheEpochIsRefused() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let good = BatchFixtures.batch(values: ["abc", "def"])
            for index in [8, 9, 10, 11] + Array(16..<good.count) {
                var bad = good
                bad[index] ^= 0x41
                #expect(try test.produce("orders", bad).errorCode != .none, "byte \(index)")
            }
            #expect(try test.partition("orders").bounds().logEndOffset == 0)
        }
    }

    @Test func compactedTopicsNeedKeys() throws {
        try withBroker { test in
            try test.createTopic("state", configs: ["cleanup.policy": "compact"])
            #expect(try test.produce("state", BatchFixtures.batch(values: ["a"])).errorCode == .invalidRecord)
            let keyed = BatchFixtures.batch(records: [(key: "k", value: "v")])
            #expect(try test.produce("state", keyed).errorCode == .none)
        }
    }

    @Test func unknownTopicsAndPartitionsAreNamed() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let batch = BatchFixtures.batch(values: ["a"])
            for partition in [1, -1, Int32.max, Int32.min] {
                let answer = try test.produce("orders", batch, partition: partition)
                #expect(answer.errorCode == .unknownTopicOrPartition)
                let fetched = try test.fetch(.init(topic: "orders", partition: partition)).first
                #expect(fetched.error == .unknownTopicOrPartition)
            }
            #expect(try test.produce("none", batch).errorCode == .unknownTopicID)
            #expect(try test.produce("none", batch, version: 12).errorCode == .unknownTopicOrPartition)
            #expect(try test.fetch(.init(topic: "none")).first.error == .unknownTopicID)
            #expect(try test.fetch(.init(topic: "none"), version: 12).first.error == .unknownTopicOrPartition)
            for offset in [1, -1, Int64.max, Int64.min] {
                #expect(try test.fetch(.init(topic: "orders", offset: offset)).first.error == .offsetOutOfRange)
            }
        }
    }

    @Test func acksZeroIsNotAnsweredAndClosesOnError() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let batch = BatchFixtures.batch(values: ["a"])
            #expect(test.start(test.produceRequest("orders", [(0, batch)], acks: 0)).hasNoReply)
            #expect(try test.values("orders") == ["a"])
            #expect(test.start(test.produceRequest("orders", [(5, batch)], acks: 0)).closed != nil)
        }
    }

    @Test func acksAllIsAnsweredAfterTheFlush() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let before = test.faults.calls(.flush)
            try test.produce("orders", values: "a", acks: -1)
            #expect(test.faults.calls(.flush) > before)
        }
    }

    @Test func aFailedFlushIsToldAndTakesThePartitionOffline() throws {
        try withBroker { test in
            try test.createTopic("orders")
            test.faults.inject(.init(.flush, .fail(errno: 5)))
            let batch = BatchFixtures.batch(values: ["a"])
            #expect(try test.produce("orders", batch, acks: -1).errorCode == .kafkaStorageError)
            test.faults.clear()
            // What the disk refused once may be lost even if a later flush succeeds.
            #expect(try test.produce("orders", batch, acks: -1).errorCode == .kafkaStorageError)
        }
    }

    @Test func idempotentProducersAreChecked() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let id = try test.send(InitProducerIDRequest()).producerID
            let batch = { (value: String, epoch: Int16, sequence: Int32) in
                BatchFixtures.idempotentBatch(values: [value], producerID: id, epoch: epoch, baseSequence: sequence)
            }
            #expect(try test.produce("orders", batch("a", 1, 0)).baseOffset == 0)
            #expect(try test.produce("orders", batch("b", 1, 1)).baseOffset == 1)
            let checkAgain = {
                let duplicate = try test.produce("orders", batch("a", 1, 0))
                #expect(duplicate.errorCode == .none && duplicate.baseOffset == 0)
                #expect(try test.produce("orders", batch("x", 1, 7)).errorCode == .outOfOrderSequenceNumber)
                #expect(try test.produce("orders", batch("x", 0, 2)).errorCode == .invalidProducerEpoch)
                #expect(try test.values("orders") == ["a", "b"])
            }
            try checkAgain()
            try test.restartAfterKill()
            try checkAgain()
            try test.restart()
            // A snapshot holds the last batch of each producer, as Kafka's does.
            #expect(try test.produce("orders", batch("b", 1, 1)).baseOffset == 1)
            #expect(try test.produce("orders", batch("x", 1, 7)).errorCode == .outOfOrderSequenceNumber)
            #expect(try test.produce("orders", batch("c", 1, 2)).baseOffset == 2)
            #expect(try test.send(InitProducerIDRequest()).producerID != id)
        }
    }

    @Test func theFirstBatchComesEvenIfItIsTooLarge() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 2)
            for partition in Int32(0)...1 { try test.produce("orders", values: "a", "b", partition: partition) }
            let fetched = try test.fetch(
                .init(topic: "orders", partition: 0, offset: 1, maxBytes: 1), .init(topic: "orders", partition: 1),
                maxBytes: 1)
            #expect(try fetched.parts.map { try $0.values } == [["a", "b"], []])
        }
    }

    @Test func leaderEpochsAreChecked() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a")
            let ahead = try test.fetch(.init(topic: "orders", currentLeaderEpoch: 9)).first
            #expect(ahead.error == .unknownLeaderEpoch)
            #expect(try test.fetch(.init(topic: "orders", currentLeaderEpoch: 0)).first.error == .none)
        }
    }
}
