// Idempotent producers: what is appended, what is answered as a duplicate, what is refused (KIP-98).

import Broker
import KafkaProtocol
import KafkaRecords
import TestSupport
import Testing

@Suite struct IdempotenceTests {
    func batch(_ value: String, sequence: Int32, epoch: Int16 = 0, id: Int64 = 7, count: Int = 1) -> [UInt8] {
        BatchFixtures.idempotentBatch(
            values: (0..<count).map { "\(value)\($0 == 0 ? "" : ".\($0)")" }, producerID: id, epoch: epoch,
            baseSequence: sequence)
    }

    @Test func theLastFiveBatchesAreRecognised() throws {
        try withBroker { test in
            try test.createTopic("orders")
            for sequence in 0..<7 as Range<Int32> {
                let answer = try test.produce("orders", batch("v\(sequence)", sequence: sequence))
                #expect(answer.errorCode == .none && answer.baseOffset == Int64(sequence))
            }
            for sequence in 2..<7 as Range<Int32> {
                let again = try test.produce("orders", batch("v\(sequence)", sequence: sequence), acks: -1)
                #expect(again.errorCode == .none && again.baseOffset == Int64(sequence))
            }
            #expect(try test.produce("orders", batch("v1", sequence: 1)).errorCode == .outOfOrderSequenceNumber)
            #expect(try test.values("orders") == (0..<7).map { "v\($0)" })
        }
    }

    @Test func gapsAreRefusedAndFilled() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try #require(try test.produce("orders", batch("a", sequence: 0, count: 3)).errorCode == .none)
            #expect(try test.produce("orders", batch("c", sequence: 4)).errorCode == .outOfOrderSequenceNumber)
            #expect(try test.produce("orders", batch("b", sequence: 3)).baseOffset == 3)
            #expect(try test.produce("orders", batch("c", sequence: 4)).baseOffset == 4)
            #expect(try test.values("orders") == ["a", "a.1", "a.2", "b", "c"])
        }
    }

    @Test func anOlderEpochIsFencedAndANewOneStartsAgain() throws {
        try withBroker { test in
            try test.createTopic("orders")
            #expect(try test.produce("orders", batch("a", sequence: 0, epoch: 3)).errorCode == .none)
            #expect(
                try test.produce("orders", batch("b", sequence: 5, epoch: 4)).errorCode == .outOfOrderSequenceNumber)
            #expect(try test.produce("orders", batch("b", sequence: 0, epoch: 4)).errorCode == .none)
            #expect(try test.produce("orders", batch("x", sequence: 1, epoch: 3)).errorCode == .invalidProducerEpoch)
            #expect(try test.values("orders") == ["a", "b"])
        }
    }

    @Test func sequencesWrap() throws {
        try withBroker { test in
            try test.createTopic("orders")
            #expect(try test.produce("orders", batch("a", sequence: .max - 1)).errorCode == .none)
            // Three records: the last number, 0 and 1.
            #expect(try test.produce("orders", batch("b", sequence: .max, count: 3)).baseOffset == 1)
            #expect(try test.produce("orders", batch("b", sequence: .max, count: 3)).baseOffset == 1)
            #expect(try test.produce("orders", batch("c", sequence: 2)).baseOffset == 4)
            #expect(try test.produce("orders", batch("d", sequence: 4)).errorCode == .outOfOrderSequenceNumber)
        }
    }

    @Test(arguments: [true, false]) func whatIsKnownOutlivesARestart(_ isClean: Bool) throws {
        try withBroker { test in
            try test.createTopic("orders")
            for sequence in 0..<3 as Range<Int32> {
                try test.produce("orders", batch("v\(sequence)", sequence: sequence), acks: -1)
            }
            try isClean ? test.restart() : test.restartAfterKill()
            #expect(try test.produce("orders", batch("v2", sequence: 2)).baseOffset == 2, "the last batch at least")
            #expect(try test.produce("orders", batch("v4", sequence: 4)).errorCode == .outOfOrderSequenceNumber)
            #expect(try test.produce("orders", batch("v3", sequence: 3)).baseOffset == 3)
            #expect(try test.values("orders") == ["v0", "v1", "v2", "v3"])
        }
    }

    @Test func producersAreListed() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 2)
            try test.produce("orders", batch("a", sequence: 0, epoch: 2, count: 4))
            try test.produce("orders", batch("a", sequence: 0, id: 3))
            let request = DescribeProducersRequest(topics: [
                .init(name: "orders", partitionIndexes: [0, 1, 2]), .init(name: "none", partitionIndexes: [0]),
            ])
            let response = try test.send(request)
            let partitions = response.topics[0].partitions
            #expect(partitions.map(\.errorCode) == [.none, .none, .unknownTopicOrPartition])
            #expect(response.topics[1].partitions.map(\.errorCode) == [.unknownTopicOrPartition])
            #expect(partitions[1].activeProducers.isEmpty)
            let producers = partitions[0].activeProducers
            #expect(producers.map(\.producerID) == [3, 7])
            #expect(producers[1].producerEpoch == 2 && producers[1].lastSequence == 3)
            #expect(producers[1].lastTimestamp == BatchFixtures.epochMilliseconds)
            #expect(producers[1].currentTxnStartOffset == -1)
        }
    }

    // MARK: Producer ids

    func newID(_ test: TestBroker, version: Int16 = 5) throws -> Int64 {
        let response = try test.send(InitProducerIDRequest(transactionTimeoutMs: 1000), version: version)
        try #require(response.errorCode == .none && response.producerEpoch == 0)
        return response.producerID
    }

    @Test func idsAreUniqueOverRestartsAndCrashes() throws {
        try withBroker { test in
            var ids: Set<Int64> = []
            for round in 0..<6 {
                for index in 0..<5 {
                    let id = try newID(test, version: Int16(index))
                    #expect(id >= 0 && ids.insert(id).inserted)
                }
                try round % 2 == 0 ? test.restartAfterKill() : test.restart()
            }
            // Past the end of a block of reserved ids.
            for _ in 0..<1001 { #expect(ids.insert(try newID(test)).inserted) }
        }
    }

    @Test func noIDIsHandedOutThatIsNotReservedDurably() throws {
        try withBroker { test in
            for operation in [.open, .write, .flush, .rename, .flushDirectory] as [FaultyFileSystem.Operation] {
                test.faults.inject(.init(operation, .fail(errno: 5)))
                let response = try test.send(InitProducerIDRequest())
                #expect(response.errorCode == .kafkaStorageError && response.producerID == -1)
                test.faults.clear()
            }
            let first = try newID(test)
            try test.restartAfterKill()
            #expect(try newID(test) > first)
        }
    }

    /// Whose the logs are does not matter: another broker's, or those of one that has lost its file.
    @Test(arguments: [false, true]) func withoutTheFileIDsBeginAboveAllThatLogsKnow(isClean: Bool) throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 3)
            // The last one is nobody's: a client has made it up.
            for (partition, id) in [7, 41_000, Int64.max].enumerated() {
                let batch = BatchFixtures.idempotentBatch(values: ["v"], producerID: id)
                try test.produce("orders", batch, partition: Int32(partition))
            }
            if isClean { test.broker.stop() }
            test.kill()
            #expect(!names(in: test.path).contains("producer-ids"))
            try test.reopen()
            #expect(try newID(test) == 1_041_001)
            try test.restartAfterKill()
            #expect(try newID(test) == 1_042_001)
        }
    }

    @Test func withoutTheFileAndWithoutProducersIDsBeginAtZero() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "v")
            #expect(try newID(test) == 0)
        }
    }

    @Test func anOldIDIsReplacedAndTransactionsAreRefused() throws {
        try withBroker { test in
            let old = try newID(test)
            for version in Int16(3)...5 {
                let response = try test.send(
                    InitProducerIDRequest(producerID: old, producerEpoch: 3), version: version)
                #expect(response.errorCode == .none && response.producerID != old && response.producerEpoch == 0)
            }
            for version in InitProducerIDRequest.versions {
                let response = try test.send(InitProducerIDRequest(transactionalID: "t"), version: version)
                #expect(response.errorCode == .unsupportedVersion && response.producerID == -1)
                let empty = try test.send(InitProducerIDRequest(transactionalID: ""), version: version)
                #expect(empty.errorCode == .invalidRequest)
            }
        }
    }
}
