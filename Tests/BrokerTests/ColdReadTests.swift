// Fetches of what is not in memory: who reads it, who is answered meanwhile, and what ends such a fetch.
//
// The disk is one that says "not in memory", and that delivers when the test lets it.

import Dispatch
import Glibc
import KafkaProtocol
import LogStorage
import Synchronization
import TestSupport
import Testing

@testable import Broker

@Suite struct ColdReadTests {
    /// A disk on which nothing is in memory, and that holds every read until it is released.
    private struct SlowDisk {
        private let reads = HeldCalls()

        init(_ test: TestBroker) {
            // What was appended counts as in memory for a while.
            test.clock.advance(milliseconds: 60_000)
            test.faults.inject(.init(.residency, .fail(errno: 1)))
            test.faults.inject(.init(.populate, reads.effect))
        }

        /// Returns when a thread waits for the disk.
        func awaitRead() throws { try reads.awaitCall() }

        func release(_ count: Int = 1) { reads.release(count) }

        /// Lets everything through from now on.
        func end(_ test: TestBroker) {
            test.faults.clear()
            release(100)
        }
    }

    /// Runs a test on a topic `old` that holds "a", on such a disk.
    private func withSlowDisk(
        _ settings: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (TestBroker, SlowDisk) throws -> Void
    ) throws {
        try withBroker(settings, sourceLocation: sourceLocation) { test in
            try test.createTopic("old")
            try test.produce("old", values: "a")
            try body(test, SlowDisk(test))
        }
    }

    private func fetch(
        _ test: TestBroker, _ topic: String = "old", offset: Int64 = 0, minBytes: Int32 = 1, maxWaitMs: Int32 = 500,
        from connection: FakeConnection? = nil
    ) -> PendingReply<FetchRequest> {
        let wanted = TestBroker.Wanted(topic: topic, offset: offset)
        return test.start(
            test.fetchRequest([wanted], minBytes: minBytes, maxWaitMs: maxWaitMs), from: connection)
    }

    /// The answer of a fetch whose connection's loop has to turn for it.
    private func answer(
        _ pending: PendingReply<FetchRequest>, on connection: FakeConnection
    ) throws -> Fetched.Part {
        try eventually("the fetch is answered") {
            connection.drain()
            return pending.isAnswered
        }
        return try Fetched(pending.answer()).first
    }

    @Test func theLoopGoesOnWhileTheDiskIsRead() throws {
        try withSlowDisk { test, disk in
            try test.createTopic("new")
            let cold = fetch(test)
            try disk.awaitRead()
            // This thread plays the loop: it is here, so it does not wait. Everything else is answered meanwhile, also on the
            // same connection: putting replies in order is the server's task.
            try test.produce("new", values: "c")
            let other = FakeConnection()
            #expect(try answer(fetch(test, "new", from: other), on: other).values == ["c"])
            #expect(
                try test.send(ListOffsetsRequest(topics: [.init(name: "old", partitions: [.init(timestamp: -1)])]))
                    .topics.first?.partitions.first?.offset == 1)
            try test.produce("old", values: "b")
            #expect(!cold.isAnswered && test.connection.queuedCount == 0)
            disk.end(test)
            #expect(try answer(cold, on: test.connection).values.first == "a")
            #expect(test.connection.timerCount == 0 && test.broker.parkedFetches.count == 0)
            #expect(cold.replyCount == 1)
        }
    }

    @Test func whatWasAppendedAMomentAgoIsNotAskedAbout() throws {
        try withBroker { test in
            try test.createTopic("new")
            try test.produce("new", values: "a")
            test.faults.inject(.init(.residency, .fail(errno: 1), pathSuffix: ""))
            #expect(try test.fetch(.init(topic: "new")).first.values == ["a"])
        }
    }

    @Test func whatIsInMemoryIsReadByTheLoop() throws {
        try withBroker { test in
            try test.createTopic("old")
            try test.produce("old", values: "a")
            test.clock.advance(milliseconds: 60_000)
            #expect(try test.fetch(.init(topic: "old")).first.values == ["a"])
            #expect(test.faults.calls(.residency) > 0 && test.faults.calls(.populate) == 0)
        }
    }

    /// `max_wait` is for records that are not there yet.
    @Test func timeDoesNotCutAReadingOff() throws {
        try withSlowDisk { test, disk in
            let few = fetch(test)
            try disk.awaitRead()
            let tooFew = fetch(test, minBytes: 10_000)
            let impatient = fetch(test, maxWaitMs: 0)
            test.connection.advance(milliseconds: 10_000)
            #expect(!few.isAnswered && !tooFew.isAnswered && !impatient.isAnswered)
            disk.end(test)
            for pending in [few, tooFew, impatient] {
                #expect(try answer(pending, on: test.connection).values == ["a"])
            }
        }
    }

    @Test func afterTheReadingAFetchWaitsForMore() throws {
        try withSlowDisk { test, disk in
            let pending = fetch(test, minBytes: 100)
            try disk.awaitRead()
            disk.end(test)
            try eventually("the disk has answered") { test.connection.drain() > 0 }
            #expect(!pending.isAnswered && test.connection.timerCount == 1)
            try test.produce("old", values: "b")
            test.connection.drain()
            #expect(try Fetched(pending.answer()).first.values == ["a", "b"])
        }
    }

    /// An append during the reading wakes nobody; it must not be slept through either.
    @Test func anAppendDuringTheReadingIsNotMissed() throws {
        try withSlowDisk { test, disk in
            let pending = fetch(test, minBytes: 100, maxWaitMs: 1_000_000)
            try disk.awaitRead()
            try test.produce("old", values: "b")
            disk.end(test)
            #expect(try answer(pending, on: test.connection).values == ["a", "b"])
        }
    }

    @Test func aClosedConnectionLeavesNothingBehind() throws {
        try withSlowDisk(["num.io.threads": "1"]) { test, disk in
            let gone = FakeConnection()
            let reading = fetch(test, from: gone)
            try disk.awaitRead()
            let queued = (0..<3).map { _ in fetch(test, from: gone) }
            let staying = fetch(test)
            #expect(test.broker.coldReads.waitingCount == 4)
            test.broker.connectionClosed(gone)
            #expect(test.broker.coldReads.waitingCount == 1)
            #expect(gone.timerCount == 0 && test.broker.parkedFetches.count == 1)
            disk.end(test)
            #expect(try answer(staying, on: test.connection).values == ["a"])
            gone.drain()
            #expect(!reading.isAnswered && !queued.contains { $0.isAnswered })
        }
    }

    @Test func connectionsTakeTurns() throws {
        try withSlowDisk(["num.io.threads": "1"]) { test, disk in
            let (greedy, modest) = (FakeConnection(), FakeConnection())
            let first = fetch(test, from: greedy)
            try disk.awaitRead()
            let rest = (0..<5).map { _ in fetch(test, from: greedy) }
            let other = fetch(test, from: modest)
            disk.release()
            // One of the greedy one's that waited is read before the other connection's turn.
            for _ in 0..<2 {
                try disk.awaitRead()
                disk.release()
            }
            try disk.awaitRead()
            #expect(try answer(first, on: greedy).values == ["a"])
            #expect(try answer(other, on: modest).values == ["a"])
            greedy.drain()
            #expect(rest.filter(\.isAnswered).count == 1)
            disk.end(test)
            for pending in rest { #expect(try answer(pending, on: greedy).values == ["a"]) }
        }
    }

    @Test func aDeletedTopicEndsTheWaiting() throws {
        try withSlowDisk(["num.io.threads": "1"]) { test, disk in
            let reading = fetch(test)
            try disk.awaitRead()
            let queued = fetch(test)
            #expect(try test.deleteTopic("old") == .none)
            disk.end(test)
            // What was found before is still readable; what had not begun finds nothing.
            #expect(try answer(reading, on: test.connection).values == ["a"])
            #expect(try answer(queued, on: test.connection).error == .unknownTopicOrPartition)
            #expect(test.broker.parkedFetches.count == 0)
        }
    }

    @Test func aStopEndsWhatWaits() throws {
        let test = try TestBroker(["num.io.threads": "1"])
        try test.createTopic("old")
        try test.produce("old", values: "a", acks: -1)
        let disk = SlowDisk(test)
        let reading = fetch(test)
        try disk.awaitRead()
        let queued = fetch(test)
        let stopped = DispatchSemaphore(value: 0)
        let broker = try #require(test.broker)
        let thread = NamedThread.start("stop") {
            broker.stop()
            stopped.signal()
        }
        try #require(thread != nil)
        try eventually("what waits is forgotten") { broker.coldReads.waitingCount == 0 }
        // One read is under way, and closing files below it would be no clean stop.
        #expect(stopped.wait(timeout: .now()) == .timedOut)
        disk.end(test)
        try #require(stopped.wait(timeout: .now() + .seconds(60)) == .success)
        test.connection.drain()
        #expect(!queued.isAnswered)
        _ = reading
    }

    /// After a clean start, nothing of a log is in memory; its first use reads indexes and more.
    @Test func theFirstUseOfALogIsNotTheLoopsWork() throws {
        try withBroker { test in
            try test.createTopic("old")
            try test.produce("old", values: "a", acks: -1)
            try test.restart()
            let reads = test.faults.calls(.open)
            let loop = test.connection
            let pending = fetch(test)
            #expect(!pending.isAnswered, "a thread opens the files")
            #expect(try answer(pending, on: loop).values == ["a"])
            #expect(test.faults.calls(.open) > reads)
        }
    }

    /// Counts what the thread that makes it does with files.
    private final class LoopWatch: Sendable {
        private let loop = pthread_self()
        private let count = Atomic(0)

        var calls: Int { count.load(ordering: .relaxed) }

        init(_ test: TestBroker) {
            for operation in [FaultyFileSystem.Operation.open, .read, .map, .populate] {
                test.faults.inject(
                    .init(
                        operation, .delay { if pthread_self() == self.loop { self.count.add(1, ordering: .relaxed) } }))
            }
        }
    }

    private func checkFirstUse<Request: RequestMessage>(
        _ test: TestBroker, _ request: Request, sourceLocation: SourceLocation = #_sourceLocation,
        _ isRight: (Request.Response) -> Bool
    ) throws {
        try test.restart()
        let watch = LoopWatch(test)
        #expect(try isRight(test.send(request)), sourceLocation: sourceLocation)
        // Now it is in memory.
        let again = test.start(request)
        #expect(try again.isAnswered && isRight(again.answer().response), sourceLocation: sourceLocation)
        #expect(watch.calls == 0, "the loop has touched files", sourceLocation: sourceLocation)
        test.faults.clear()
    }

    /// Nor is it where no record is asked for: a thread opens the files, the loop answers later, and at once the next time.
    @Test func theFirstUseByOtherRequestsIsNotTheLoopsWorkEither() throws {
        try withBroker { test in
            try test.createTopic("old", partitions: 2)
            let batch = BatchFixtures.idempotentBatch(
                values: ["a", "b"], producerID: 8, epoch: 0, timestamp: test.clock.wallMilliseconds)
            #expect(try test.produce("old", batch, acks: -1).errorCode == .none)
            for timestamp in [-1, -2] as [Int64] {
                try checkFirstUse(
                    test, ListOffsetsRequest(topics: [.init(name: "old", partitions: [.init(timestamp: timestamp)])])
                ) { $0.topics.first?.partitions.first?.offset == (timestamp == -1 ? 2 : 0) }
            }
            try checkFirstUse(
                test,
                OffsetForLeaderEpochRequest(topics: [
                    .init(topic: "old", partitions: [.init(partition: 0, leaderEpoch: 0)])
                ])
            ) { $0.topics.first?.partitions.first?.endOffset == 2 }
            try checkFirstUse(test, DescribeProducersRequest(topics: [.init(name: "old", partitionIndexes: [0])])) {
                $0.topics.first?.partitions.first?.activeProducers.map(\.producerID) == [8]
            }
            try checkFirstUse(test, MetadataRequest(topics: nil)) {
                $0.topics.first?.partitions.map(\.leaderEpoch) == [0, 0]
            }
            try checkFirstUse(test, DescribeTopicPartitionsRequest(topics: [.init(name: "old")])) {
                $0.topics.first?.partitions.map(\.leaderEpoch) == [0, 0]
            }
        }
    }

    /// What cannot be read is an error of its partition, whichever thread finds it.
    @Test func aFirstUseThatFailsIsAnswered() throws {
        try withBroker { test in
            try test.createTopic("old")
            try test.produce("old", values: "a", acks: -1)
            try test.restart()
            test.faults.inject(.init(.open, .fail(errno: EIO)))
            let latest = ListOffsetsRequest(topics: [.init(name: "old", partitions: [.init(timestamp: -1)])])
            #expect(try test.send(latest).topics.first?.partitions.first?.errorCode == .kafkaStorageError)
            #expect(try test.send(MetadataRequest(topics: nil)).topics.first?.partitions.first?.leaderEpoch == -1)
            test.faults.clear()
            #expect(try test.send(latest).topics.first?.partitions.first?.offset == 1)
            #expect(try test.send(MetadataRequest(topics: nil)).topics.first?.partitions.first?.leaderEpoch == 0)
        }
    }

    /// A search by time reads from the disk on the background queue; it does not hold the partition meanwhile.
    @Test func aSearchByTimeLetsOthersWrite() throws {
        try withBroker { test in
            try test.createTopic("old")
            try test.produce("old", values: "a", "b", acks: -1, timestamp: 1_000)
            try test.restart()
            let lookup = HeldCalls()
            test.faults.inject(.init(.read, lookup.effect, pathSuffix: ".timeindex", times: 1))
            let search = test.start(
                ListOffsetsRequest(topics: [.init(name: "old", partitions: [.init(timestamp: 1_000)])]))
            try lookup.awaitCall()
            try test.produce("old", values: "c", timestamp: 2_000)
            #expect(!search.isAnswered)
            lookup.release()
            #expect(try search.answer().response.topics.first?.partitions.first?.offset == 0)
        }
    }

    /// Pages that the kernel cannot read make `populate` fail, as a bad sector does.
    @Test func aFailedReadIsTouchedInstead() throws {
        try withBroker { test in
            try test.createTopic("old")
            try test.produce("old", values: "a")
            test.clock.advance(milliseconds: 60_000)
            test.faults.inject(.init(.residency, .fail(errno: 1)))
            test.faults.inject(.init(.populate, .fail(errno: 14)))
            #expect(try answer(fetch(test), on: test.connection).values == ["a"])
        }
    }

    /// A batch that is much larger than what was asked for, and one behind bytes that nobody asked for.
    @Test func largeBatchesAndSmallLimits() throws {
        try withBroker { test in
            try test.createTopic("old")
            let large = String(repeating: "x", count: 300_000)
            try test.produce("old", values: large)
            try test.produce("old", values: "b")
            test.clock.advance(milliseconds: 60_000)
            for isCold in [false, true] {
                if isCold { test.faults.inject(.init(.residency, .fail(errno: 1))) }
                let wanted = TestBroker.Wanted(topic: "old", maxBytes: 100)
                let pending = test.start(test.fetchRequest([wanted], maxWaitMs: 500))
                #expect(pending.isAnswered != isCold)
                #expect(try answer(pending, on: test.connection).values == [large])
            }
        }
    }
}
