// Produce: what is answered in each version, for each acks, and for each way to be wrong about where to write.

import Broker
import KafkaProtocol
import KafkaRecords
import TestSupport
import Testing

@Suite struct ProduceTests {
    @Test(arguments: Int16(3)...13) func recordsAreAppendedInEveryVersion(_ version: Int16) throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 2)
            let batch = BatchFixtures.batch(records: [(key: "k", value: "a"), (key: nil, value: nil)])
            let first = try test.produce("orders", batch, partition: 1, version: version)
            #expect(first.errorCode == .none && first.baseOffset == 0 && first.logAppendTimeMs == -1)
            if version >= 5 { #expect(first.logStartOffset == 0) }
            #expect(try test.produce("orders", batch, partition: 1, version: version).baseOffset == 2)
            #expect(try test.produce("orders", batch, partition: 0, version: version).baseOffset == 0)
        }
    }

    @Test(arguments: Int16(0)...2) func oldVersionsAreAdvertisedAndRefused(_ version: Int16) throws {
        try withBroker { test in
            try test.createTopic("orders")
            let answer = try test.produce("orders", BatchFixtures.batch(values: ["a"]), version: version)
            #expect(answer.errorCode == .unsupportedForMessageFormat && answer.baseOffset == -1)
            #expect(try test.values("orders").isEmpty)
        }
    }

    @Test func severalTopicsAndPartitionsAreAnsweredInOrder() throws {
        try withBroker { test in
            let a = try test.createTopic("a", partitions: 2)
            let b = try test.createTopic("b")
            let batch = Records.bytes(BatchFixtures.batch(values: ["x"]))
            let response = try test.send(
                ProduceRequest(
                    acks: -1,
                    topicData: [
                        .init(topicID: b.id, partitionData: [.init(index: 0, records: batch)]),
                        .init(
                            topicID: a.id,
                            partitionData: [
                                .init(index: 1, records: batch), .init(index: 7, records: batch),
                                .init(index: 0, records: batch),
                            ]),
                        .init(topicID: Uuid(high: 9, low: 9), partitionData: [.init(index: 0, records: batch)]),
                    ]))
            #expect(response.responses.map(\.topicID) == [b.id, a.id, Uuid(high: 9, low: 9)])
            #expect(response.responses[1].partitionResponses.map(\.index) == [1, 7, 0])
            let codes = response.responses.map { $0.partitionResponses.map(\.errorCode) }
            #expect(codes == [[.none], [.none, .unknownTopicOrPartition, .none], [.unknownTopicID]])
            #expect(try test.values("a", 1) == ["x"])
        }
    }

    @Test func unknownTopicsAndPartitionsAreNamedAsTheVersionDoes() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let batch = BatchFixtures.batch(values: ["a"])
            #expect(try test.produce("nowhere", batch, version: 12).errorCode == .unknownTopicOrPartition)
            #expect(try test.produce("nowhere", batch, version: 13).errorCode == .unknownTopicID)
            for partition in [-1, 1, Int32.max, Int32.min] as [Int32] {
                let answer = try test.produce("orders", batch, partition: partition)
                #expect(answer.errorCode == .unknownTopicOrPartition)
            }
        }
    }

    @Test(arguments: [-2, 2, 3, Int16.max, Int16.min]) func otherAcksAreInvalid(_ acks: Int16) throws {
        try withBroker { test in
            try test.createTopic("orders")
            let answer = try test.produce("orders", BatchFixtures.batch(values: ["a"]), acks: acks)
            #expect(answer.errorCode == .invalidRequiredAcks)
            #expect(try test.values("orders").isEmpty)
        }
    }

    @Test func acksZeroIsNotAnsweredAndAFailureClosesTheConnection() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let batch = BatchFixtures.batch(values: ["a"])
            let fine = test.start(test.produceRequest("orders", [(0, batch)], acks: 0))
            #expect(fine.hasNoReply && fine.closed == nil)
            #expect(try test.values("orders") == ["a"])
            let wrong = test.start(test.produceRequest("orders", [(0, batch), (5, batch)], acks: 0))
            #expect(wrong.closed?.contains("acks=0") == true && !wrong.isAnswered)
            #expect(try test.values("orders") == ["a", "a"])
            #expect(test.start(test.produceRequest("orders", [(0, batch)], acks: 0, version: 2), version: 2).closed != nil)
        }
    }

    @Test func acksAllIsAnsweredAfterTheFlush() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 5)
            let before = test.faults.calls(.flush)
            try test.produce("orders", values: "a", acks: 1)
            #expect(test.faults.calls(.flush) == before)
            try test.produce("orders", values: "b", acks: -1)
            #expect(test.faults.calls(.flush) > before)
            #expect(test.connection.queuedCount == 0)
            // Many partitions in one request share the round.
            let batch = BatchFixtures.batch(values: ["c"])
            let wide = try test.send(
                test.produceRequest("orders", (0..<5).map { ($0, batch) }, acks: -1))
            #expect(wide.responses[0].partitionResponses.allSatisfy { $0.errorCode == .none })
        }
    }

    @Test func theFlushPolicyMayTakeTheFlushOutOfTheReply() throws {
        try withBroker(["flush.policy": "interval"]) { test in
            try test.createTopic("orders")
            let before = test.faults.calls(.flush)
            try test.produce("orders", values: "a", acks: -1)
            #expect(test.faults.calls(.flush) == before)
        }
    }

    @Test func topicsOfTheBrokerAreProtected() throws {
        try withBroker { test in
            _ = try test.broker.topics.create(.init(name: "__consumer_offsets", partitionCount: 1, replicationFactor: 1))
            let request = test.produceRequest("__consumer_offsets", [(0, BatchFixtures.batch(values: ["a"]))])
            let refused = try test.send(request)
            #expect(refused.responses[0].partitionResponses[0].errorCode == .invalidTopicException)
            let admin = try test.start(request, clientID: "__admin_client").answer().response
            #expect(admin.responses[0].partitionResponses[0].errorCode == .none)
        }
    }

    @Test func theStoredBytesAreThoseThatWereSent() throws {
        try withBroker { test in
            try test.createTopic("orders")
            for compression in Compression.allCases {
                let batch = BatchFixtures.batch(count: 20, valueBytes: 50, compression: compression)
                let base = try test.produce("orders", batch).baseOffset
                let stored = try #require(try test.fetch(.init(topic: "orders", offset: base)).first.batches.first)
                // All but base offset and leader epoch, which the checksum does not cover.
                #expect(stored[16...] == batch[16...] && stored[8..<12] == batch[8..<12])
                #expect(try BatchHeader(parsing: stored.span.bytes).baseOffset == base)
                #expect(try BatchHeader(parsing: stored.span.bytes).partitionLeaderEpoch == 0)
            }
        }
    }

    @Test func nothingIsAppendedBehindACleanStop() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a")
            let partition = try test.partition("orders")
            test.broker.stop()
            let batch = BatchFixtures.batch(values: ["late"])
            let answer = try test.produce("orders", batch)
            #expect(answer.errorCode == .kafkaStorageError)
            #expect(try partition.bounds().logEndOffset == 1)
        }
    }
}
