// Fetch sessions beyond the ordinary turn (KIP-227): fairness, errors, moved log starts, topics that change.

import Broker
import KafkaProtocol
import TestSupport
import Testing

@Suite struct FetchSessionTests {
    private func fetch(
        _ test: TestBroker, _ wanted: [TestBroker.Wanted], _ session: (id: Int32, epoch: Int32),
        maxBytes: Int32 = .max, version: Int16 = 18
    ) throws -> Fetched {
        let request = test.fetchRequest(wanted, maxBytes: maxBytes, session: session, version: version)
        return Fetched(try test.exchange(request, version: version))
    }

    @Test func aPositionThatMovesIsRemembered() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a")
            try test.produce("orders", values: "b")
            let id = try fetch(test, [.init(topic: "orders")], (0, 0)).response.sessionID
            #expect(try fetch(test, [.init(topic: "orders", offset: 1)], (id, 1)).first.values == ["b"])
            // Not stated again: the same position is read again.
            #expect(try fetch(test, [], (id, 2)).first.values == ["b"])
            #expect(try fetch(test, [.init(topic: "orders", offset: 2)], (id, 3)).parts.isEmpty)
        }
    }

    @Test func aPartitionMayBeAddedAndAnErrorIsToldEachTime() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.createTopic("more")
            let id = try fetch(test, [.init(topic: "orders")], (0, 0)).response.sessionID
            let added = try fetch(test, [.init(topic: "more")], (id, 1))
            #expect(added.parts.count == 1)
            let wrong = TestBroker.Wanted(topic: "more", offset: 9)
            #expect(try fetch(test, [wrong], (id, 2)).first.error == .offsetOutOfRange)
            #expect(try fetch(test, [], (id, 3)).first.error == .offsetOutOfRange)
            // After the error everything is told anew, though nothing has moved.
            #expect(try fetch(test, [.init(topic: "more")], (id, 4)).first.error == .none)
            #expect(try fetch(test, [], (id, 5)).parts.isEmpty)
        }
    }

    @Test func aMovedLogStartIsAChange() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a", "b")
            let id = try fetch(test, [.init(topic: "orders", offset: 2)], (0, 0)).response.sessionID
            #expect(try fetch(test, [], (id, 1)).parts.isEmpty)
            _ = try test.partition("orders").deleteRecords(before: 1)
            let changed = try fetch(test, [], (id, 2)).first
            #expect(changed.data.logStartOffset == 1 && changed.batches.isEmpty)
            #expect(try fetch(test, [], (id, 3)).parts.isEmpty)
        }
    }

    @Test func noPartitionGoesWithoutForEver() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 4)
            for partition in Int32(0)..<4 { try test.produce("orders", values: "x", partition: partition) }
            let wanted = (Int32(0)..<4).map { TestBroker.Wanted(topic: "orders", partition: $0) }
            var served: [Int32] = []
            let first = try fetch(test, wanted, (0, 0), maxBytes: 1)
            served += first.parts.filter { !$0.batches.isEmpty }.map(\.partition)
            let id = first.response.sessionID
            for epoch in Int32(1)...7 {
                let next = try fetch(test, [], (id, epoch), maxBytes: 1)
                served += next.parts.filter { !$0.batches.isEmpty }.map(\.partition)
            }
            #expect(served == [0, 1, 2, 3, 0, 1, 2, 3])
        }
    }

    @Test func aDeletedTopicIsAnErrorInItsSession() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let id = try fetch(test, [.init(topic: "orders")], (0, 0)).response.sessionID
            #expect(try test.deleteTopic("orders") == .none)
            try test.createTopic("orders")
            #expect(try fetch(test, [], (id, 1)).first.error == .unknownTopicID, "the new one is another topic")
        }
    }

    /// A client may name whatever partitions it likes; about 250 of them fit here.
    @Test func theMemoryOfSessionsIsBounded() throws {
        try withBroker(["fetch.session.cache.max.bytes": "65536"]) { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a")
            func wanted(_ partitions: Range<Int32>) -> [TestBroker.Wanted] {
                partitions.map { TestBroker.Wanted(topic: "orders", partition: $0) }
            }
            let id = try fetch(test, wanted(0..<1), (0, 0)).response.sessionID
            #expect(try fetch(test, wanted(1..<200), (id, 1)).response.errorCode == .none)
            #expect(try fetch(test, wanted(200..<300), (id, 2)).response.errorCode == .fetchSessionIDNotFound)
            #expect(try fetch(test, [], (id, 3)).response.errorCode == .fetchSessionIDNotFound, "it is gone")
            // What it had is free again; who wants more than there is gets everything without a session.
            let next = try fetch(test, wanted(0..<200), (0, 0)).response.sessionID
            #expect(next != 0)
            let without = try fetch(test, wanted(0..<300), (0, 0))
            #expect(without.response.sessionID == 0)
            #expect(without.parts.count == 300)
            #expect(try without.first.values == ["a"])
            // A partition that is forgotten takes nothing.
            for round in Int32(0)..<10 {
                let request = test.fetchRequest(
                    wanted(1_000 + round..<1_001 + round), session: (next, 1 + round), forgetting: [("orders", round)])
                #expect(Fetched(try test.exchange(request, version: 18)).response.errorCode == .none)
            }
            #expect(try fetch(test, wanted(2_000..<2_060), (next, 11)).response.errorCode == .none)
        }
    }

    @Test func theLeastUsedSessionGivesWay() throws {
        try withBroker(["max.incremental.fetch.session.cache.slots": "2"]) { test in
            try test.createTopic("orders")
            let wanted = [TestBroker.Wanted(topic: "orders")]
            let old = try fetch(test, wanted, (0, 0)).response.sessionID
            let used = try fetch(test, wanted, (0, 0)).response.sessionID
            test.clock.advance(milliseconds: 120_000)
            #expect(try fetch(test, [], (used, 1)).response.errorCode == .none)
            let new = try fetch(test, wanted, (0, 0)).response.sessionID
            #expect(new > 0)
            #expect(try fetch(test, [], (old, 1)).response.errorCode == .fetchSessionIDNotFound)
            #expect(try fetch(test, [], (used, 2)).response.errorCode == .none)
            #expect(try fetch(test, wanted, (0, 0)).response.sessionID == 0, "nothing is idle for long enough")
            // A new session may take the place of the client's own one.
            #expect(try fetch(test, wanted, (used, 0)).response.sessionID > 0)
        }
    }

    @Test func versionsWithoutSessionsHaveNone() throws {
        try withBroker { test in
            try test.createTopic("orders")
            for version in Int16(4)...6 {
                let fetched = try fetch(test, [.init(topic: "orders")], (0, 0), version: version)
                #expect(fetched.response.sessionID == 0 && fetched.parts.count == 1)
            }
        }
    }

    // MARK: Waiting

    @Test func anIncrementalFetchWaitsForAllItsPartitions() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 3)
            let wanted = (Int32(0)..<3).map { TestBroker.Wanted(topic: "orders", partition: $0) }
            let id = try fetch(test, wanted, (0, 0)).response.sessionID
            let parked = test.start(test.fetchRequest([], maxWaitMs: 500, session: (id, 1)))
            #expect(!parked.isAnswered)
            try test.produce("orders", values: "a", partition: 2)
            #expect(test.connection.drain() == 1)
            #expect(try Fetched(parked.answer()).parts.map(\.partition) == [2])
        }
    }

    @Test func moreThanAReplyHoldsIsNotWaitedFor() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", BatchFixtures.batch(count: 1, valueBytes: 500))
            let request = test.fetchRequest(
                [.init(topic: "orders")], minBytes: .max, maxWaitMs: 500, maxBytes: 400)
            #expect(test.start(request).isAnswered)
        }
    }

    @Test func minBytesAreWaitedForOverPartitions() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 2)
            let size = Int32(BatchFixtures.batch(values: ["a"]).count)
            let wanted = (Int32(0)..<2).map { TestBroker.Wanted(topic: "orders", partition: $0) }
            let parked = test.start(test.fetchRequest(wanted, minBytes: 2 * size, maxWaitMs: 500))
            try test.produce("orders", values: "a", partition: 0)
            test.connection.drain()
            #expect(!parked.isAnswered)
            try test.produce("orders", values: "b", partition: 1)
            test.connection.drain()
            #expect(try Fetched(parked.answer()).parts.map { try $0.values } == [["a"], ["b"]])
        }
    }

    @Test func anErrorIsNotWaitedOn() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let request = test.fetchRequest(
                [.init(topic: "orders"), .init(topic: "orders", partition: 3)], maxWaitMs: 500)
            #expect(test.start(request).isAnswered && test.connection.timerCount == 0)
            #expect(test.start(test.fetchRequest([.init(topic: "orders")], minBytes: 0, maxWaitMs: 500)).isAnswered)
            #expect(test.start(test.fetchRequest([.init(topic: "orders")], maxWaitMs: 0)).isAnswered)
            #expect(test.start(test.fetchRequest([], maxWaitMs: 500)).isAnswered)
        }
    }

    @Test func aClosedConnectionLosesOnlyItsOwnFetches() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let other = FakeConnection()
            let request = test.fetchRequest([.init(topic: "orders")], maxWaitMs: 500)
            let first = (0..<3).map { _ in test.start(request) }
            let second = test.start(request, from: other)
            test.broker.connectionClosed(test.connection)
            try test.produce("orders", values: "a")
            #expect(test.connection.drain() == 0 && other.drain() == 1)
            #expect(first.allSatisfy { !$0.isAnswered } && second.replyCount == 1)
            #expect(test.connection.timerCount == 0 && other.timerCount == 0)
        }
    }

    @Test func burstsWakeOnceAndAnswersComeOnce() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let request = test.fetchRequest([.init(topic: "orders")], minBytes: 1 << 20, maxWaitMs: 500)
            let parked = test.start(request)
            for _ in 0..<50 { try test.produce("orders", values: "a") }
            #expect(test.connection.drain() == 1 && !parked.isAnswered)
            try test.produce("orders", values: "a")
            #expect(test.connection.drain() == 1)
            test.connection.advance(milliseconds: 500)
            #expect(try Fetched(parked.answer()).first.values.count == 51)
            test.connection.advance(milliseconds: 5000)
            #expect(parked.replyCount == 1)
        }
    }
}
