import Broker
import KafkaProtocol
import TestSupport
import Testing

@Suite struct LongPollTests {
    private func park(
        _ test: TestBroker, _ partition: Int32, minBytes: Int32 = 1
    ) -> PendingReply<FetchRequest> {
        let wanted = TestBroker.Wanted(topic: "orders", partition: partition)
        return test.start(test.fetchRequest([wanted], minBytes: minBytes, maxWaitMs: 500))
    }

    @Test func aFetchIsWokenByItsOwnPartitionOnly() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 2)
            let parked = park(test, 1)
            try test.produce("orders", values: "other", partition: 0)
            #expect(test.connection.drain() == 0 && !parked.isAnswered)
            try test.produce("orders", values: "a", partition: 1)
            try test.produce("orders", values: "b", partition: 1)
            // Two appends, one wake.
            #expect(test.connection.drain() == 1 && parked.replyCount == 1)
            #expect(try Fetched(parked.answer()).first.values == ["a", "b"])
            #expect(test.connection.timerCount == 0)
        }
    }

    @Test func aFetchThatFindsTooLittleIsAnsweredWhenItsTimeIsUp() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let parked = park(test, 0, minBytes: 10_000)
            try test.produce("orders", values: "a")
            test.connection.drain()
            test.connection.advance(milliseconds: 499)
            #expect(!parked.isAnswered)
            test.connection.advance(milliseconds: 1)
            #expect(try Fetched(parked.answer()).first.values == ["a"])
            try test.produce("orders", values: "b")
            test.connection.drain()
            #expect(parked.replyCount == 1)
        }
    }

    @Test func aDeletedTopicWakesItsFetches() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let parked = park(test, 0)
            #expect(try test.deleteTopic("orders") == .none)
            test.connection.drain()
            #expect(try Fetched(parked.answer()).first.error == .unknownTopicOrPartition)
        }
    }

    @Test func aClosedConnectionIsNotAnswered() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let parked = park(test, 0)
            test.broker.connectionClosed(test.connection)
            #expect(test.connection.timerCount == 0)
            try test.produce("orders", values: "a")
            test.connection.advance(milliseconds: 1000)
            #expect(!parked.isAnswered)
        }
    }

    // MARK: Sessions

    private func fetch(
        _ test: TestBroker, _ wanted: [TestBroker.Wanted], _ session: (id: Int32, epoch: Int32),
        forgetting: [(topic: String, partition: Int32)] = [], version: Int16 = 18
    ) throws -> Fetched {
        let request = test.fetchRequest(wanted, session: session, forgetting: forgetting, version: version)
        return Fetched(try test.exchange(request, version: version))
    }

    @Test(arguments: [7, 12, 13, 18] as [Int16]) func anIncrementalReplyHoldsWhatChanged(_ version: Int16) throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 2)
            let both = (Int32(0)...1).map { TestBroker.Wanted(topic: "orders", partition: $0) }
            let full = try fetch(test, both, (0, 0), version: version)
            let id = full.response.sessionID
            #expect(id > 0 && full.parts.map(\.partition) == [0, 1])
            #expect(try fetch(test, [], (id, 1), version: version).parts.isEmpty)
            try test.produce("orders", values: "a", partition: 1)
            let changed = try fetch(test, [], (id, 2), version: version)
            #expect(changed.response.sessionID == id && changed.parts.map(\.partition) == [1])
            #expect(try changed.first.values == ["a"])
            let forgotten = try fetch(test, [], (id, 3), forgetting: [("orders", 1)], version: version)
            #expect(forgotten.parts.isEmpty)
            try test.produce("orders", values: "b", partition: 1)
            #expect(try fetch(test, [], (id, 4), version: version).parts.isEmpty)
            // Epoch -1 with the session's id ends it.
            _ = try fetch(test, both, (id, -1), version: version)
            #expect(try fetch(test, [], (id, 5), version: version).response.errorCode == .fetchSessionIDNotFound)
        }
    }

    @Test func wrongEpochsAndUnknownSessionsAreRefused() throws {
        try withBroker(["max.incremental.fetch.session.cache.slots": "1"]) { test in
            try test.createTopic("orders")
            let wanted = [TestBroker.Wanted(topic: "orders")]
            let id = try fetch(test, wanted, (0, 0)).response.sessionID
            for epoch in [0 as Int32 + 2, 7, .max, .min] {
                #expect(try fetch(test, [], (id, epoch)).response.errorCode == .invalidFetchSessionEpoch)
            }
            #expect(try fetch(test, [], (id, 1), version: 12).response.errorCode == .fetchSessionTopicIDError)
            #expect(try fetch(test, [], (id ^ 1, 1)).response.errorCode == .fetchSessionIDNotFound)
            // No slot is free: served without a session, until the other one was idle for long.
            let second = try fetch(test, wanted, (0, 0))
            #expect(second.response.sessionID == 0 && second.parts.count == 1)
            test.clock.advance(milliseconds: 120_000)
            #expect(try fetch(test, wanted, (0, 0)).response.sessionID > 0)
            #expect(try fetch(test, [], (id, 1)).response.errorCode == .fetchSessionIDNotFound)
        }
    }
}
