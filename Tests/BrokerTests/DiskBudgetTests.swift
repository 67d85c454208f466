// `log.disk.budget.bytes`: what goes, in which order, and what never does.

import Glibc
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@testable import Broker

@Suite struct DiskBudgetTests {
    private static let settings = TestBroker.groupSettings.merging(
        [
            "log.disk.budget.bytes": "10000", "log.segment.bytes": "1000", "log.cleaner.enable": "false",
            "log.disk.min.free.bytes": "0",
        ], uniquingKeysWith: { $1 })

    /// 300 bytes and a header, so that three fit into a segment.
    private func produce(_ test: TestBroker, _ topic: String, _ count: Int, partition: Int32 = 0) throws {
        for _ in 0..<count {
            test.clock.advance(milliseconds: 10)
            let text = String(repeating: "x", count: 200)
            let batch = BatchFixtures.batch(records: [("key", text)], timestamp: test.clock.wallMilliseconds)
            let answer = try test.send(test.produceRequest(topic, [(partition, batch)]))
            try #require(answer.responses.first?.partitionResponses.first?.errorCode == ErrorCode.none)
        }
    }

    private func total(_ test: TestBroker) throws -> Int64 {
        try test.broker.topics.current.all.reduce(0) { sum, topic in
            try topic.partitions.reduce(sum) { try $0 + $1.sizeInBytes() }
        }
    }

    private func start(_ test: TestBroker, _ topic: String, _ partition: Int32 = 0) throws -> Int64 {
        try test.partition(topic, partition).bounds().logStartOffset
    }

    @Test func theOldestOfAllGoFirst() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("old")
            try test.createTopic("new", partitions: 2)
            try produce(test, "old", 20)
            try produce(test, "new", 5)
            #expect(test.broker.maintenance.runRetention() == 0)
            try produce(test, "new", 20)
            try produce(test, "new", 5, partition: 1)
            try eventually("it is trimmed") {
                test.broker.maintenance.runRetention()
                return try total(test) <= 10_000
            }
            #expect(try total(test) > 9_000, "and no more than it takes")
            #expect(try start(test, "old") > 0 && start(test, "new") == 0 && start(test, "new", 1) == 0)
            #expect(!test.hasFile(endingWith: ".deleted", in: "old-0"), "the budget is the disk's, so without delay")
            // More of the one until the other has gone but for its active segment; then its own go.
            try produce(test, "new", 60)
            test.broker.maintenance.runRetention()
            #expect(try total(test) <= 10_000 && test.partition("old").withLog { $0.segmentCount } == 1)
            #expect(try start(test, "new") > 0 && test.partition("old").sizeInBytes() > 0)
            try test.restartAfterKill()
            #expect(try start(test, "new") > 0)
            test.broker.maintenance.runRetention()
            #expect(try total(test) <= 10_000)
        }
    }

    @Test func internalAndCompactedTopicsStayAndCount() throws {
        var settings = Self.settings
        settings["offsets.topic.segment.bytes"] = "1048576"
        try withBroker(settings) { test in
            try test.createTopic("compacted", configs: ["cleanup.policy": "compact"])
            try test.createTopic("both", configs: ["cleanup.policy": "compact,delete"])
            try test.createTopic("plain")
            try produce(test, "compacted", 40)
            try produce(test, "both", 10)
            try produce(test, "plain", 10)
            for index in 0..<50 { #expect(try test.commit("g\(index)", "plain", [0: 1]) == [.none]) }
            test.broker.maintenance.runRetention()
            #expect(try start(test, "compacted") == 0)
            for topic in ["both", "plain"] {
                #expect(try test.partition(topic).withLog { $0.segmentCount } == 1, "all but the active segment")
            }
            for index in 0..<50 { #expect(try test.offsets("g\(index)") == ["plain": [0: 1]]) }
            #expect(try total(test) > 10_000, "what stays is more than the budget")
        }
    }

    @Test func itRunsByItself() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            try produce(test, "a", 60)
            try eventually("it is trimmed") { try total(test) <= 10_000 }
            #expect(try start(test, "a") > 0)
        }
    }

    @Test func bothSettingsAreShown() throws {
        try withBroker(Self.settings) { test in
            let request = DescribeConfigsRequest(resources: [
                .init(
                    resourceType: 4, resourceName: "1",
                    configurationKeys: ["log.disk.budget.bytes", "log.disk.min.free.bytes"])
            ])
            let configs = try #require(try test.send(request).results.first).configs
            #expect(configs.map(\.value) == ["0", "10000"] || configs.map(\.value) == ["10000", "0"])
        }
    }
}
