// Flushes that are shared: how many there are, who waits for which, and what a failed one does.

import Glibc
import KafkaProtocol
import LogStorage
import TestSupport
import Testing

@testable import Broker

@Suite struct GroupCommitTests {
    private func produce(
        _ test: TestBroker, _ topic: String, _ value: String, partition: Int32 = 0
    ) -> PendingReply<ProduceRequest> {
        let batch = BatchFixtures.batch(values: [value], timestamp: test.clock.wallMilliseconds)
        return test.start(test.produceRequest(topic, [(partition, batch)], acks: -1))
    }

    private func errors(_ pending: [PendingReply<ProduceRequest>]) throws -> [ErrorCode] {
        try pending.map { pending in
            try #require(try pending.answer().response.responses.first?.partitionResponses.first).errorCode
        }
    }

    @Test func whoComesDuringARoundSharesTheNext() throws {
        try withBroker { test in
            try test.createTopic("topic")
            try test.produce("topic", values: "warm", acks: -1)
            let flushes = test.faults.calls(.flush)
            let flush = HeldCalls()
            test.faults.inject(.init(.flush, flush.effect, times: 1))
            let first = produce(test, "topic", "first")
            try flush.awaitCall()
            let others = (0..<20).map { produce(test, "topic", "\($0)") }
            #expect(!first.isAnswered)
            #expect(others.filter(\.isAnswered).count == 0)
            flush.release()
            #expect(try errors([first] + others) == Array(repeating: .none, count: 21))
            #expect(test.faults.calls(.flush) - flushes == 2)
            #expect(try test.values("topic").count == 22)
        }
    }

    @Test func requestsThatWereReadTogetherShareARound() throws {
        try withBroker { test in
            try test.createTopic("topic")
            try test.produce("topic", values: "warm", acks: -1)
            // A round that is just ending would take what comes into the next one at once.
            while test.broker.groupCommit.isRunning { sched_yield() }
            let flushes = test.faults.calls(.flush)
            test.broker.beginBurst()
            let pending = (0..<20).map { produce(test, "topic", "\($0)") }
            #expect(pending.filter(\.isAnswered).count == 0)
            test.broker.endBurst()
            #expect(try errors(pending) == Array(repeating: .none, count: 20))
            #expect(test.faults.calls(.flush) - flushes == 1)
        }
    }

    /// Two loops are busy with one another's bursts all the time: each end starts a round.
    @Test func theEndOfAnyBurstStartsTheRound() throws {
        try withBroker { test in
            try test.createTopic("topic")
            test.broker.beginBurst()
            test.broker.beginBurst()
            let pending = produce(test, "topic", "a")
            test.broker.endBurst()
            #expect(try errors([pending]) == [.none])
            test.broker.endBurst()
        }
    }

    @Test func manyFilesAreFlushedByOneCall() throws {
        try withBroker { test in
            try test.createTopic("topic", partitions: 10)
            while test.broker.groupCommit.isRunning { sched_yield() }
            let flushes = test.faults.calls(.flush)
            test.broker.beginBurst()
            let pending = (0..<10).map { produce(test, "topic", "a", partition: $0) }
            test.broker.endBurst()
            #expect(try errors(pending) == Array(repeating: .none, count: 10))
            #expect(test.faults.calls(.flush) - flushes == 1)
        }
    }

    @Test func aFailedFlushHarmsItsPartitionOnly() throws {
        try withBroker { test in
            let topic = try test.createTopic("topic", partitions: 2)
            // The names of the files are durable already, so that a round has two files and syncs each of them.
            for partition in [Int32(0), 1] {
                #expect(try errors([produce(test, "topic", "warm", partition: partition)]) == [.none])
            }
            while test.broker.groupCommit.isRunning { sched_yield() }
            test.faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: "topic-0/00000000000000000000.log"))
            test.broker.beginBurst()
            let pending = [produce(test, "topic", "a", partition: 0), produce(test, "topic", "b", partition: 1)]
            test.broker.endBurst()
            #expect(try errors(pending) == [.kafkaStorageError, .none])
            // The flush is not tried again as if the pages were still dirty.
            test.faults.clear()
            #expect(try errors([produce(test, "topic", "c", partition: 0)]) == [.kafkaStorageError])
            #expect(try errors([produce(test, "topic", "d", partition: 1)]) == [.none])
            let durable = ["warm", "b", "d"].map { Array($0.utf8) }
            test.noteAcknowledged(topic, 1, baseOffset: 0, values: durable)
        }
    }

    /// A sync of the whole file system that fails says so once: what it has lost of partitions that were in no round must not
    /// be called durable by the next one.
    @Test func aFailedSyncOfAllIsNotTheLastWord() throws {
        try withBroker { test in
            try test.createTopic("told", partitions: 3)
            try test.createTopic("late", partitions: 3)
            for partition in Int32(0)..<3 { try test.produce("late", values: "a", partition: partition, acks: 1) }
            test.faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: test.path, times: 1))
            // The disk has refused what one file held.
            test.faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: "late-1/00000000000000000000.log"))
            test.broker.beginBurst()
            let told = (0..<3).map { produce(test, "told", "a", partition: $0) }
            test.broker.endBurst()
            #expect(try errors(told) == Array(repeating: .kafkaStorageError, count: 3))
            test.broker.beginBurst()
            let late = (0..<3).map { produce(test, "late", "b", partition: $0) }
            test.broker.endBurst()
            #expect(try errors(late) == [.none, .kafkaStorageError, .none])
        }
    }

    /// A file that was closed to make room has been synced before; that failed, and no later sync could tell.
    @Test func aFailureAtClosingAFileIsToldToWhoFlushes() throws {
        try withBroker(["log.open.files.max": "2"]) { test in
            try test.createTopic("topic", partitions: 6)
            try test.produce("topic", values: "a", partition: 0, acks: 1)
            test.faults.inject(
                .init(.flush, .fail(errno: EIO), pathSuffix: "topic-0/00000000000000000000.log", times: 1))
            // One of these needs the place.
            for partition in Int32(1)..<3 { try test.produce("topic", values: "a", partition: partition, acks: 1) }
            try eventually("the file was closed") {
                !test.faults.openPaths.contains { $0.hasSuffix("topic-0/00000000000000000000.log") }
            }
            test.broker.beginBurst()
            let pending = (0..<4).map { produce(test, "topic", "b", partition: $0) }
            test.broker.endBurst()
            #expect(try errors(pending) == [.kafkaStorageError, .none, .none, .none])
        }
    }

    /// The marker would say of what the disk has refused that it is there.
    @Test func anOfflineLogKeepsTheMarkerOfACleanStopFromBeingWritten() throws {
        let marker = ".kafka_cleanshutdown"
        try withBroker { test in
            try test.createTopic("topic", partitions: 2)
            try test.produce("topic", values: "a", partition: 1)
            test.broker.stop()
            #expect(names(in: test.path).contains(marker), "a stop without trouble")
            test.kill()
            try test.reopen()
            #expect(!names(in: test.path).contains(marker))
            test.faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: "topic-0/00000000000000000000.log"))
            #expect(try errors([produce(test, "topic", "b")]) == [.kafkaStorageError])
            test.faults.clear()
            test.broker.stop()
            #expect(!names(in: test.path).contains(marker))
            test.kill()
            // The next start looks at what is there, and is in order again.
            try test.reopen()
            #expect(try test.values("topic", 1) == ["a"])
            #expect(try errors([produce(test, "topic", "c")]) == [.none])
        }
    }
}
