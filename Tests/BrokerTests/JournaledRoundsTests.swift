// Rounds of the group commit through the journal: what they sync, when sections are given back, and what failures do.

import Glibc
import KafkaProtocol
import LogStorage
import TestSupport
import Testing

@testable import Broker

@Suite struct JournaledRoundsTests {
    private static let partitions: Int32 = 6

    /// A broker whose topic has gone through enough rounds for the journal to be in use.
    private func withJournal(_ body: (TestBroker) throws -> Void) throws {
        try withBroker(["commit.journal.bytes": "\(CommitJournal.bytesMin)"]) { test in
            try test.createTopic("topic", partitions: Self.partitions)
            try useJournal(test)
            try body(test)
        }
    }

    private func useJournal(_ test: TestBroker) throws {
        let before = test.broker.groupCommit.figures.journaled
        try eventually("a round goes to the journal") {
            try produceEverywhere(test, "warm")
            return test.broker.groupCommit.figures.journaled > before
        }
    }

    /// Produces to every partition in one round.
    @discardableResult private func produceEverywhere(_ test: TestBroker, _ value: String) throws -> [ErrorCode] {
        let topic = try #require(test.broker.topics.current.byName["topic"])
        test.broker.beginBurst()
        let pending = (0..<Self.partitions).map { partition in
            let batch = BatchFixtures.batch(values: [value], timestamp: test.clock.wallMilliseconds)
            return test.start(test.produceRequest("topic", [(partition, batch)], acks: -1))
        }
        test.broker.endBurst()
        return try pending.enumerated().map { partition, pending in
            let answer = try #require(try pending.answer().response.responses.first?.partitionResponses.first)
            if answer.errorCode == .none {
                test.noteAcknowledged(
                    topic, Int32(partition), baseOffset: answer.baseOffset, values: [Array(value.utf8)])
            }
            return answer.errorCode
        }
    }

    private func expectDurable(_ test: TestBroker, _ value: String) throws {
        #expect(try produceEverywhere(test, value) == [ErrorCode](repeating: .none, count: Int(Self.partitions)))
    }

    private func flushes(_ test: TestBroker, _ suffix: String) -> Int {
        test.faults.changes.count { $0.operation == .flush && $0.path.hasSuffix(suffix) }
    }

    private func awaitRetirement(_ test: TestBroker) throws {
        try eventually("rounds do without the journal") {
            let journaled = test.broker.groupCommit.figures.journaled
            for _ in 0..<3 { try produceEverywhere(test, "others") }
            return test.broker.groupCommit.figures.journaled == journaled
        }
    }

    /// Syncs one partition's file. What the file has behind these bytes is in the journal alone, as far as the disk is concerned.
    private func syncedBytes(_ test: TestBroker) throws -> Int64 {
        let partition = try #require(test.broker.topics.current.byName["topic"]?.partition(2))
        test.broker.groupCommit.flushFiles(of: [partition])
        return try partition.sizeInBytes()
    }

    @Test func oneSyncIsEnoughForAllPartitions() throws {
        try withJournal { test in
            let (all, journal) = (test.faults.calls(.flush), flushes(test, "commit-journal"))
            try expectDurable(test, "a")
            #expect(test.faults.calls(.flush) - all == 1)
            #expect(flushes(test, "commit-journal") - journal == 1)
        }
    }

    /// Sections are used again and again, and the files are synced in between.
    @Test func filesAreSyncedBehindTheJournal() throws {
        try withJournal { test in
            let topic = try #require(test.broker.topics.current.byName["topic"])
            let rounds = 20 * CommitJournal.sectionCount
            let before = test.broker.groupCommit.figures.journaled
            for index in 0..<rounds { try expectDurable(test, "\(index)") }
            // Some find no section free, and sync the files themselves.
            #expect(test.broker.groupCommit.figures.journaled - before > rounds / 4)
            try eventually("the recovery points move") {
                topic.partitions.allSatisfy { ($0.recoveryPoint ?? 0) > Int64(rounds / 2) }
            }
            #expect(test.faults.calls(.writeOut) >= topic.partitions.count)
            #expect(PosixFileSystem().status(test.path + "/commit-journal").status.size < 2 * CommitJournal.bytesMin)
        }
    }

    @Test func aJournalThatCannotBeSyncedIsNotUsedAnyMore() throws {
        try withJournal { test in
            test.faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: "commit-journal", times: 1))
            // The files are synced instead.
            try expectDurable(test, "a")
            let journaled = test.broker.groupCommit.figures.journaled
            for index in 0..<40 { try expectDurable(test, "\(index)") }
            #expect(test.broker.groupCommit.figures.journaled == journaled)
        }
    }

    /// What the journal has and the file could not take is there after the next start.
    @Test func aFileThatCannotBeSyncedIsMadeAgainFromTheJournal() throws {
        try withJournal { test in
            let synced = try syncedBytes(test)
            try expectDurable(test, "in the journal")
            test.faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: test.path))
            test.faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: "topic-2/00000000000000000000.log"))
            try eventually("a section is full, and the partition goes offline") {
                try produceEverywhere(test, "more")[2] == .kafkaStorageError
            }
            try awaitRetirement(test)
            test.faults.clear()
            // The disk has lost what it did not take.
            test.broker.stop()
            let log = test.path + "/topic-2/00000000000000000000.log"
            #expect(truncate(log, Int(synced)) == 0)
            try test.restartAfterKill()
            #expect(try test.values("topic", 2).contains("in the journal"))
        }
    }

    /// A log cannot be opened: what the journal has of it waits, also through a stop.
    @Test func aJournalIsKeptForALogThatCannotBeOpened() throws {
        try withJournal { test in
            let synced = try syncedBytes(test)
            try expectDurable(test, "in the journal")
            let values = try test.values("topic", 2)
            test.kill()
            #expect(truncate(test.path + "/topic-2/00000000000000000000.log", Int(synced)) == 0)
            test.faults.inject(.init(.write, .fail(errno: ENOSPC), pathSuffix: "topic-2/00000000000000000000.log"))
            try test.reopen()
            #expect(test.broker.topics.mustKeepJournal)
            #expect(test.broker.groupCommit.hasJournal)
            // The others go on without it.
            for _ in 0..<40 { #expect(try produceEverywhere(test, "others")[2] == .kafkaStorageError) }
            #expect(test.broker.groupCommit.figures.journaled == 0)
            try test.restart()
            test.faults.clear()
            try test.restart()
            #expect(!test.broker.topics.mustKeepJournal)
            #expect(try test.values("topic", 2) == values)
        }
    }

    /// The kernel takes pages for clean that it could not write: what no flush has covered is written again after a kill, what the
    /// journal has as well.
    @Test func whatTheJournalHasIsWrittenAgainAfterAKill() throws {
        try withJournal { test in
            try expectDurable(test, "in the journal")
            let log = "topic-2/00000000000000000000.log"
            let writes = test.faults.changes.count { $0.operation == .write && $0.path.hasSuffix(log) }
            try test.restartAfterKill()
            #expect(test.faults.changes.count { $0.operation == .write && $0.path.hasSuffix(log) } > writes)
        }
    }

    /// What the page cache has lost is not made durable by a copy of what is left.
    @Test func aRoundThatReadsDamageSyncsItsFiles() throws {
        try withJournal { test in
            let log = test.path + "/topic-2/00000000000000000000.log"
            let partition = try #require(test.broker.topics.current.byName["topic"]?.partition(2))
            let end = try partition.sizeInBytes()
            let journaled = test.broker.groupCommit.figures.journaled
            let damage = HeldCalls()
            test.faults.inject(.init(.read, damage.effect, pathSuffix: "topic-2/00000000000000000000.log", times: 1))
            test.faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: test.path))
            test.broker.beginBurst()
            let batch = BatchFixtures.batch(values: ["lost"], timestamp: test.clock.wallMilliseconds)
            let pending = test.start(test.produceRequest("topic", [(2, batch)], acks: -1))
            test.broker.endBurst()
            try damage.awaitCall()
            let file = open(log, O_WRONLY)
            let zeros = [UInt8](repeating: 0, count: batch.count)
            #expect(pwrite(file, zeros, zeros.count, Int(end)) == zeros.count)
            damage.release()
            _ = try pending.answer()
            #expect(test.broker.groupCommit.figures.journaled == journaled)
            #expect(pwrite(file, batch, batch.count, Int(end)) == batch.count)
            close(file)
            test.faults.clear()
        }
    }

    /// The kernel tells of an error at the first chance, which is here, and not again at the sync that follows.
    @Test func aFileThatCannotBeWrittenOutIsOffline() throws {
        try withJournal { test in
            try expectDurable(test, "in the journal")
            test.faults.inject(
                .init(.writeOut, .fail(errno: EIO), pathSuffix: "topic-2/00000000000000000000.log", times: 1))
            try eventually("a section is full, and the partition goes offline") {
                try produceEverywhere(test, "more")[2] == .kafkaStorageError
            }
            try awaitRetirement(test)
        }
    }

    /// Else it would take what the file has lost for lost, and give its offsets away.
    @Test func aRepairTakesInWhatTheJournalHas() throws {
        try withJournal { test in
            let synced = try syncedBytes(test)
            for value in ["a", "b", "c"] { try expectDurable(test, value) }
            let path = test.path + "/topic-2"
            let values = try test.values("topic", 2)
            test.kill()
            #expect(truncate(path + "/00000000000000000000.log", Int(synced)) == 0)
            var dry: RepairSession?
            try eventually("the killed broker lets go of the directory") {
                do throws(StorageError) {
                    dry = try DirectoryRepair.run(path: test.path, isDryRun: true)
                } catch {
                    #expect(error.code == .locked)
                }
                return dry != nil
            }
            #expect(dry?.steps.map(\.action) == [.restored])
            #expect(dry?.steps.first?.message.contains("only in the commit journal") == true)
            let session = try DirectoryRepair.run(path: path, isDryRun: false)
            #expect(session.steps.map(\.action) == [.restored])
            #expect(try DirectoryRepair.run(path: test.path, isDryRun: false).steps.isEmpty)
            try test.reopen()
            #expect(try test.values("topic", 2) == values)
        }
    }

    /// After a kill nothing of the journal is needed, and the next power cut would find the files synced.
    @Test func aStartAfterAKillSyncsWhatTheJournalHas() throws {
        try withJournal { test in
            try expectDurable(test, "a")
            let syncs = flushes(test, "/.lock")
            try test.restartAfterKill()
            #expect(flushes(test, "/.lock") == syncs + 1)
            let directory = test.broker.directory
            #expect(try JournaledBatches.read(in: directory).isEmpty)
            // It is there already, so it is used at once.
            try produceEverywhere(test, "a round that finds the journal")
            try eventually("the journal is ready") {
                try produceEverywhere(test, "b")
                return test.broker.groupCommit.figures.journaled > 0
            }
        }
    }

    @Test func aDeletedTopicGivesItsSectionsBack() throws {
        try withJournal { test in
            #expect(try test.deleteTopic("topic") == .none)
            try test.createTopic("topic", partitions: Self.partitions)
            for index in 0..<8 * CommitJournal.sectionCount { try expectDurable(test, "\(index)") }
            let before = test.broker.groupCommit.figures.journaled
            try useJournal(test)
            #expect(test.broker.groupCommit.figures.journaled > before)
        }
    }

    @Test func thereIsNoJournalWhereNoneIsWanted() throws {
        try withBroker(["commit.journal.bytes": "0"]) { test in
            try test.createTopic("topic", partitions: Self.partitions)
            for index in 0..<50 { try expectDurable(test, "\(index)") }
            #expect(PosixFileSystem().status(test.path + "/commit-journal").result == -ENOENT)
        }
    }

    @Test func aDiskThatIsShortOfSpaceGetsNoJournal() throws {
        try withBroker { test in
            try test.createTopic("topic", partitions: Self.partitions)
            var space = FileSystemSpace()
            (space.totalBytes, space.usableBytes) = (10 << 30, 1 << 30)
            test.faults.pretend(space)
            for index in 0..<100 { try expectDurable(test, "\(index)") }
            #expect(PosixFileSystem().status(test.path + "/commit-journal").result == -ENOENT)
        }
    }
}
