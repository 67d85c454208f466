import Broker
import Glibc
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct CompactionTests {
    /// Small segments; the cleaner only runs when the test says so.
    private static let byHand = ["log.cleaner.enable": "false", "log.segment.bytes": "400"]
    private static let compacted = ["cleanup.policy": "compact"]

    private func produce(_ test: TestBroker, _ topic: String, _ records: Range<Int>, keys: Int = 5) throws {
        for index in records {
            let batch = BatchFixtures.batch(
                records: [("\(index % keys)", "\(index)")], timestamp: test.clock.wallMilliseconds)
            try test.produce(topic, batch)
        }
        // What compaction takes away is no loss.
        test.forgive()
    }

    @Test func onlyCompactedTopicsAreCleaned() throws {
        try withBroker(Self.byHand) { test in
            try test.createTopic("compacted", configs: Self.compacted)
            try test.createTopic("plain")
            try produce(test, "compacted", 0..<60)
            try produce(test, "plain", 0..<60)
            #expect(test.broker.maintenance.runCompaction() == 1)
            let left = try test.values("compacted")
            #expect(left.count < 20 && left.suffix(5) == (55..<60).map(String.init))
            #expect(try test.values("plain").count == 60)
            #expect(test.broker.maintenance.runCompaction() == 0, "nothing is dirty enough any more")
            #expect(try test.partition("compacted").bounds().logEndOffset == 60)
            #expect(try test.partition("compacted").bounds().logStartOffset == 0)
            // A fetch from what is gone gets what follows.
            let fetched = try test.fetch(.init(topic: "compacted", offset: 3)).first
            #expect(fetched.error == .none)
            let values = try fetched.values
            #expect(!values.isEmpty && values == Array(left.prefix(values.count)), "a segment at a time")
        }
    }

    @Test func theDirtyRatioOfATopicCounts() throws {
        try withBroker(Self.byHand) { test in
            try test.createTopic("a", partitions: 3, configs: Self.compacted)
            try produce(test, "a", 0..<100, keys: 100)
            #expect(test.broker.maintenance.runCompaction() == 1)
            try produce(test, "a", 100..<130, keys: 100)
            #expect(test.broker.maintenance.runCompaction() == 0)
            let before = try test.values("a")
            let config = IncrementalAlterConfigsRequest.AlterConfigsResource(
                resourceType: 2, resourceName: "a",
                configs: [.init(name: "min.cleanable.dirty.ratio", configOperation: 0, value: "0.01")])
            _ = try test.send(IncrementalAlterConfigsRequest(resources: [config]))
            #expect(test.broker.maintenance.runCompaction() == 1)
            #expect(try test.values("a").count < before.count - 10)
        }
    }

    @Test func whatWasCleanedIsKnownAfterARestart() throws {
        try withBroker(Self.byHand) { test in
            try test.createTopic("a", configs: Self.compacted)
            try produce(test, "a", 0..<60)
            #expect(test.broker.maintenance.runCompaction() == 1)
            try test.restart()
            #expect(test.broker.maintenance.runCompaction() == 0)
            try test.restartAfterKill()
            #expect(test.broker.maintenance.runCompaction() == 0)
            #expect(try test.values("a").suffix(5) == (55..<60).map(String.init))
        }
    }

    @Test func aNewTopicOfTheSameNameStartsDirty() throws {
        try withBroker(Self.byHand) { test in
            try test.createTopic("a", configs: Self.compacted)
            try produce(test, "a", 0..<60)
            #expect(test.broker.maintenance.runCompaction() == 1)
            #expect(try test.deleteTopic("a") == .none)
            try test.createTopic("a", configs: Self.compacted)
            try test.restartAfterKill()
            try produce(test, "a", 0..<80)
            #expect(test.broker.maintenance.runCompaction() == 1)
            #expect(try test.values("a").count < 20)
        }
    }

    @Test func aDamagedLogIsLeftAlone() throws {
        try withBroker(Self.byHand) { test in
            try test.createTopic("bad", configs: Self.compacted)
            try test.createTopic("good", configs: Self.compacted)
            try produce(test, "bad", 0..<60)
            try produce(test, "good", 0..<60)
            let file = test.path + "/bad-0/00000000000000000000.log"
            var bytes = try #require(try AtomicFile.read(path: file, fileSystem: PosixFileSystem()))
            bytes[80] ^= 1
            try AtomicFile.replace(path: file, with: bytes, fileSystem: PosixFileSystem())
            try test.restart()
            #expect(test.broker.maintenance.runCompaction() == 1)
            #expect(try test.values("good").count < 20)
            #expect(try AtomicFile.read(path: file, fileSystem: PosixFileSystem()) == bytes)
            #expect(try test.partition("bad").bounds().logEndOffset == 60)
            #expect(test.broker.maintenance.runCompaction() == 0)
            try #expect(test.produce("bad", BatchFixtures.batch(records: [("x", "y")])).errorCode == .none)
            test.forgive()
        }
    }

    @Test func aFullDiskIsTriedAgain() throws {
        try withBroker(Self.byHand) { test in
            try test.createTopic("a", configs: Self.compacted)
            try produce(test, "a", 0..<60)
            test.faults.inject(.init(.open, .fail(errno: 28), pathSuffix: ".log.cleaned"))
            #expect(test.broker.maintenance.runCompaction() == 0)
            #expect(try test.values("a").count == 60)
            test.faults.clear()
            #expect(test.broker.maintenance.runCompaction() == 1)
            #expect(try test.values("a").count < 20)
        }
    }

    @Test func itRunsByItself() throws {
        try withBroker(["log.segment.bytes": "400", "log.cleaner.backoff.ms": "1"]) { test in
            try test.createTopic("a", configs: Self.compacted)
            try produce(test, "a", 0..<60)
            try eventually("most records are replaced") { try test.values("a").count < 20 }
            try produce(test, "a", 60..<90)
            try eventually("it is cleaned again") { try test.values("a").count < 25 }
            #expect(try test.values("a").suffix(5) == (85..<90).map(String.init))
        }
    }

    /// A cleaning that would take minutes ends at once, and leaves a log that is whole.
    @Test func aStopDoesNotWaitForASlowCleaning() throws {
        let settings = [
            "log.segment.bytes": "400", "log.cleaner.backoff.ms": "1", "log.cleaner.io.max.bytes.per.second": "10",
        ]
        try withBroker(settings) { test in
            try test.createTopic("a", configs: Self.compacted)
            try produce(test, "a", 0..<60)
            // As far as the cleaner knows, a second passes each time; then none any more.
            try eventually("a cleaning is under way") {
                test.clock.advance(milliseconds: 1_000)
                return test.hasFile(endingWith: ".cleaned", in: "a-0")
            }
            // The clock stands still: a stop that waited for the cleaning would never return.
            try test.restart()
            #expect(!test.hasFile(endingWith: ".swap", in: "a-0"))
            #expect(try test.values("a").suffix(5) == (55..<60).map(String.init))
        }
    }
}

extension TestBroker {
    func hasFile(endingWith suffix: String, in directory: String) -> Bool {
        PosixFileSystem().list(path + "/" + directory).names.contains { $0.hasSuffix(suffix) }
    }
}
