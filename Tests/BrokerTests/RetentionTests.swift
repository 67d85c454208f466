import Broker
import Glibc
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct RetentionTests {
    private static let small = ["log.segment.bytes": "400", "log.cleaner.enable": "false"]

    private func produce(_ test: TestBroker, _ topic: String, _ records: Range<Int>) throws {
        for index in records {
            try test.produce(
                topic, BatchFixtures.batch(records: [("k", "\(index)")], timestamp: test.clock.wallMilliseconds))
        }
    }

    @Test func oldRecordsGoAndAFetchOfThemIsOutOfRange() throws {
        try withBroker(Self.small) { test in
            try test.createTopic("short", configs: ["retention.ms": "1000"])
            try test.createTopic("long")
            try test.createTopic("compacted", configs: ["retention.ms": "1000", "cleanup.policy": "compact"])
            for topic in ["short", "long", "compacted"] { try produce(test, topic, 0..<30) }
            #expect(test.broker.maintenance.runRetention() == 0)
            test.clock.advance(milliseconds: 1_001)
            #expect(test.broker.maintenance.runRetention() > 3)
            #expect(try test.values("short") == [])
            #expect(try test.values("long").count == 30)
            #expect(try test.values("compacted").count == 30)
            #expect(try test.fetch(.init(topic: "short", offset: 29)).first.error == .offsetOutOfRange)
            #expect(try test.fetch(.init(topic: "short", offset: 30)).first.error == .none)
            #expect(test.broker.maintenance.runRetention() == 0)
            try produce(test, "short", 30..<32)
            try test.restartAfterKill()
            #expect(try test.partition("short").bounds().logStartOffset == 30)
            #expect(try test.values("short") == ["30", "31"])
        }
    }

    @Test func aSizeThatIsSetLaterCounts() throws {
        try withBroker(Self.small) { test in
            try test.createTopic("a")
            try produce(test, "a", 0..<60)
            #expect(test.broker.maintenance.runRetention() == 0)
            let config = IncrementalAlterConfigsRequest.AlterConfigsResource(
                resourceType: 2, resourceName: "a",
                configs: [.init(name: "retention.bytes", configOperation: 0, value: "1000")])
            _ = try test.send(IncrementalAlterConfigsRequest(resources: [config]))
            #expect(test.broker.maintenance.runRetention() > 3)
            let size = try test.partition("a").sizeInBytes()
            #expect(size >= 1_000 && size < 1_400)
            #expect(try test.values("a").last == "59")
        }
    }

    @Test func filesStayForTheirDelay() throws {
        try withBroker(Self.small) { test in
            try test.createTopic("a", configs: ["retention.ms": "1000", "file.delete.delay.ms": "5000"])
            try produce(test, "a", 0..<30)
            test.clock.advance(milliseconds: 2_000)
            #expect(test.broker.maintenance.runRetention() > 3)
            test.clock.advance(milliseconds: 4_999)
            test.broker.maintenance.runRetention()
            #expect(test.hasFile(endingWith: ".deleted", in: "a-0"))
            test.clock.advance(milliseconds: 1)
            test.broker.maintenance.runRetention()
            #expect(!test.hasFile(endingWith: ".deleted", in: "a-0"))
        }
    }

    @Test func noFileGoesBeforeTheLogStartIsDurable() throws {
        try withBroker(Self.small) { test in
            try test.createTopic("a", configs: ["retention.ms": "1000"])
            try produce(test, "a", 0..<30)
            test.clock.advance(milliseconds: 2_000)
            test.faults.inject(.init(.rename, .fail(errno: EIO), pathSuffix: "log-start-offset-checkpoint"))
            #expect(test.broker.maintenance.runRetention() == 0)
            #expect(!test.hasFile(endingWith: ".deleted", in: "a-0"))
            test.faults.clear()
            #expect(test.broker.maintenance.runRetention() > 3, "the next round does it")
            #expect(test.hasFile(endingWith: ".deleted", in: "a-0"))
        }
    }

    /// What is deleted is what frees the disk.
    @Test func aFullDiskIsFreed() throws {
        try withBroker(Self.small) { test in
            try test.createTopic("a", configs: ["retention.ms": "1000"])
            try produce(test, "a", 0..<30)
            test.clock.advance(milliseconds: 2_000)
            test.faults.inject(.init(.write, .fail(errno: ENOSPC)))
            #expect(test.broker.maintenance.runRetention() > 3)
            #expect(!test.hasFile(endingWith: ".deleted", in: "a-0"), "without delay")
            #expect(try test.values("a") == [])
        }
    }

    @Test func itRunsByItself() throws {
        var settings = Self.small
        settings["log.retention.check.interval.ms"] = "1"
        settings["log.segment.delete.delay.ms"] = "0"
        try withBroker(settings) { test in
            try test.createTopic("a", configs: ["retention.ms": "1000"])
            try produce(test, "a", 0..<30)
            test.clock.advance(milliseconds: 2_000)
            // Not by reading: what is read may go in the middle of it.
            try eventually("all has expired") { try test.partition("a").bounds().logStartOffset == 30 }
            try eventually("the files are gone") { !test.hasFile(endingWith: ".deleted", in: "a-0") }
        }
    }
}
