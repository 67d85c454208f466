// The text that Prometheus reads: strictly of its format, complete, true, bounded, and described by docs/metrics.md.

import Glibc
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@testable import Broker

@Suite struct MetricsTests {
    private func text(_ test: TestBroker) -> String {
        String(
            decoding: BrokerMetrics.text(
                of: test.broker,
                connections: .init(
                    count: 3, requestMemoryBytes: 5, replyMemoryBytes: 7,
                    totals: RequestCounters.Totals([RequestCounters()]))
            ),
            as: UTF8.self)
    }

    @Test func everyFamilyIsThereOnceAndInOrder() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 2)
            try test.produce("orders", values: "a", "b", partition: 1, acks: -1)
            let families = try Exposition.parse(text(test))
            #expect(families.map(\.name) == MetricDefinition.all.map(\.name))
            #expect(families.map(\.type) == MetricDefinition.all.map(\.kind.rawValue))
            for (family, metric) in zip(families, MetricDefinition.all) {
                for sample in family.samples { #expect(sample.labels.map(\.name) == metric.labels, "\(family.name)") }
            }
        }
    }

    @Test func valuesAreTrue() throws {
        try withBroker(["log.segment.bytes": "10000"]) { test in
            try test.createTopic("orders", partitions: 2)
            for _ in 0..<3 { try test.produce("orders", values: "a", "b", partition: 1, acks: -1) }
            let commit = OffsetCommitRequest(
                groupID: "re\"ad\\ers\n",
                topics: [.init(name: "orders", partitions: [.init(partitionIndex: 1, committedOffset: 4)])])
            #expect(try test.send(commit, version: 8).topics[0].partitions[0].errorCode == .none)
            let metrics = try Exposition.values(text(test))
            let partition = try test.topic("orders").partitions[1]
            #expect(metrics["kafka_log_log_logendoffset{orders,1}"] == 6)
            #expect(metrics["kafka_log_log_logendoffset{orders,0}"] == 0)
            #expect(metrics["kafka_log_log_logstartoffset{orders,1}"] == 0)
            #expect(metrics["kafka_log_log_size{orders,1}"] == Double(try partition.sizeInBytes()))
            #expect(metrics["kafka_server_brokertopicmetrics_messagesin_total{orders}"] == 6)
            #expect(
                metrics["kafka_server_brokertopicmetrics_bytesin_total{orders}"] == Double(try partition.sizeInBytes()))
            #expect(metrics["kafka_consumergroup_current_offset{re\"ad\\ers\n,orders,1}"] == 4)
            #expect(metrics["kafka_consumergroup_lag{re\"ad\\ers\n,orders,1}"] == 2)
            #expect(metrics["kafka_coordinator_group_groupmetadatamanager_numgroups{Empty}"] == 1)
            #expect(metrics["kafka_controller_kafkacontroller_globaltopiccount{}"] == 2)
            #expect(metrics["kafka_controller_kafkacontroller_offlinepartitionscount{}"] == 0)
            #expect(metrics["kafka_log_logflushstats_logflush_seconds_count{}"] ?? 0 >= 3)
            #expect(metrics["kafka_log_logflushstats_logflush_seconds_sum{}"] ?? 0 > 0)
            #expect(metrics["kafka_server_socketservermetrics_connection_count{}"] == 3)
            #expect(metrics["martlet_log_damaged_partitions{}"] == 0)
            #expect(metrics["martlet_metrics_truncated{}"] == 0)
            for name in ["process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"] {
                #expect(metrics["\(name){}"] ?? 0 > 0, "\(name)")
            }
        }
    }

    /// A log that nobody has used since a clean start is told of without being opened.
    @Test func askingLoadsNothing() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a", "b", "c", acks: -1)
            let size = try test.topic("orders").partitions[0].sizeInBytes()
            try test.restart()
            let opened = test.faults.calls(.open)
            let metrics = try Exposition.values(text(test))
            #expect(test.faults.calls(.open) == opened && test.faults.calls(.map) >= 0)
            #expect(metrics["kafka_log_log_logendoffset{orders,0}"] == 3)
            #expect(metrics["kafka_log_log_size{orders,0}"] == Double(size))
        }
    }

    @Test func damageAndOfflinePartitionsAreCounted() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 3)
            for partition in 0..<3 as Range<Int32> {
                for _ in 0..<4 { try test.produce("orders", values: "value", partition: partition, acks: -1) }
            }
            try test.restart()
            test.forgive()
            // A batch length that cannot be, in the middle; a flush that fails elsewhere.
            let path = test.path + "/orders-0/00000000000000000000.log"
            let size = try readFile(path).count
            try overwrite(path, at: size / 2 + BatchLayout.batchLength, with: [0x7F])
            let request = FetchRequest(
                maxWaitMs: 0,
                topics: [
                    .init(
                        topic: "orders", topicID: try test.topic("orders").id,
                        partitions: [.init(partition: 0, fetchOffset: 2, partitionMaxBytes: 1_000)])
                ])
            #expect(try test.send(request).responses[0].partitions[0].errorCode == .kafkaStorageError)
            test.faults.inject(.init(.flush, .fail(errno: EIO), times: 1))
            let refused = try test.produce("orders", BatchFixtures.batch(values: ["x"]), partition: 2, acks: -1)
            #expect(refused.errorCode == .kafkaStorageError)
            let metrics = try Exposition.values(text(test))
            #expect(metrics["martlet_log_damaged_partitions{}"] == 1)
            #expect(metrics["martlet_log_damaged_batches{orders,0}"] == 1)
            #expect(metrics["martlet_log_damaged_batches{orders,1}"] == nil)
            #expect(metrics["kafka_controller_kafkacontroller_offlinepartitionscount{}"] == 1)
            #expect(metrics["martlet_log_flush_failures_total{}"] == 1)
            #expect(metrics["kafka_network_requestmetrics_errors_total{Fetch,KAFKA_STORAGE_ERROR}"] == 1)
            #expect(metrics["kafka_network_requestmetrics_errors_total{Produce,KAFKA_STORAGE_ERROR}"] == 1)
        }
    }

    @Test func errorsOfEveryAPIAreCounted() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a")
            _ = try test.fetch(.init(topic: "orders"))
            let before = try Exposition.values(text(test)).keys
            #expect(!before.contains { $0.hasPrefix("kafka_network_requestmetrics_errors_total") })
            _ = try test.deleteTopic("none")
            for _ in 0..<2 {
                _ = try test.send(HeartbeatRequest(groupID: "none", memberID: "m"))
            }
            let partitions = [Int32](0..<3).map { ListOffsetsRequest.ListOffsetsPartition(partitionIndex: $0) }
            _ = try test.send(ListOffsetsRequest(topics: [.init(name: "orders", partitions: partitions)]))
            _ = try test.send(InitProducerIDRequest(transactionalID: "t"))
            let batch = BatchFixtures.batch(values: ["x"])
            #expect(test.start(test.produceRequest("orders", [(7, batch)], acks: 0)).closed != nil)
            let metrics = try Exposition.values(text(test)).filter {
                $0.key.hasPrefix("kafka_network_requestmetrics_errors_total")
            }
            func key(_ labels: String) -> String { "kafka_network_requestmetrics_errors_total{\(labels)}" }
            #expect(
                metrics == [
                    key("DeleteTopics,UNKNOWN_TOPIC_OR_PARTITION"): 1, key("Heartbeat,UNKNOWN_MEMBER_ID"): 2,
                    key("InitProducerId,UNSUPPORTED_VERSION"): 1, key("ListOffsets,UNKNOWN_TOPIC_OR_PARTITION"): 2,
                    key("Produce,UNKNOWN_TOPIC_OR_PARTITION"): 1,
                ])
        }
    }

    @Test func theNumberOfSeriesIsBounded() throws {
        try withBroker(["metrics.series.max": "100"]) { test in
            try test.createTopic("wide", partitions: 200)
            let families = try Exposition.parse(text(test))
            #expect(families.reduce(0) { $0 + $1.samples.count } <= 101)
            #expect(families.map(\.name) == MetricDefinition.all.map(\.name))
            #expect(families.last?.samples.first?.value == 1)
            #expect(families.last?.name == "martlet_metrics_truncated")
        }
    }

    @Test func theDocumentationHasEveryMetric() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = String(decoding: try readFile("/\(folder)/docs/metrics.md"), as: UTF8.self)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        let expected = MetricDefinition.all.map { metric in
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.help) |"
        }
        #expect(rows == expected, "the table should be:\n\(expected.joined(separator: "\n"))")
    }

    @Test func namesAreLegalAndDistinct() {
        let names = MetricDefinition.all.map(\.name)
        #expect(Set(names).count == names.count)
        for metric in MetricDefinition.all {
            #expect(
                metric.name.utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
            #expect(metric.kind != .counter || metric.name.hasSuffix("_total"), "\(metric.name)")
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
        }
    }
}

/// A reader of the text format that takes nothing but what the format allows.
enum Exposition {
    struct Problem: Error { let description: String }

    struct Sample {
        let name: String
        let labels: [(name: String, value: String)]
        let value: Double
    }

    struct Family {
        let name: String
        var type = ""
        var samples: [Sample] = []
    }

    /// Values by name and values of labels, `name{a,b}`.
    static func values(_ text: String) throws -> [String: Double] {
        var values: [String: Double] = [:]
        for sample in try parse(text).flatMap(\.samples) {
            values["\(sample.name){\(sample.labels.map(\.value).joined(separator: ","))}"] = sample.value
        }
        return values
    }

    static func parse(_ text: String) throws -> [Family] {
        guard text.hasSuffix("\n") else { throw Problem(description: "the last line has no end") }
        var families: [Family] = []
        var seen: Set<String> = []
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# HELP ") {
                let words = line.split(separator: " ", maxSplits: 3)
                guard words.count == 4, !families.contains(where: { $0.name == words[2] }) else {
                    throw Problem(description: String(line))
                }
                families.append(Family(name: String(words[2])))
            } else if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                guard words.count == 4, let last = families.last, last.name == words[2], last.type.isEmpty,
                    ["counter", "gauge", "summary"].contains(words[3])
                else { throw Problem(description: String(line)) }
                families[families.count - 1].type = String(words[3])
            } else {
                let sample = try sample(line)
                guard let family = families.last, !family.type.isEmpty else { throw Problem(description: String(line)) }
                let suffixes = family.type == "summary" ? ["_sum", "_count"] : [""]
                guard suffixes.contains(where: { family.name + $0 == sample.name }), sample.value.isFinite,
                    seen.insert(sample.name + "\(sample.labels)").inserted
                else { throw Problem(description: String(line)) }
                families[families.count - 1].samples.append(sample)
            }
        }
        return families
    }

    private static func sample(_ line: Substring) throws -> Sample {
        var rest = line[...]
        let name = rest.prefix { $0 != "{" && $0 != " " }
        rest = rest.dropFirst(name.count)
        var labels: [(name: String, value: String)] = []
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let label = rest.prefix { $0 != "=" }
                rest = rest.dropFirst(label.count)
                guard rest.hasPrefix("=\"") else { throw Problem(description: String(line)) }
                rest = rest.dropFirst(2)
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    switch rest.popFirst() {
                    case "n": value.append("\n")
                    case "\\": value.append("\\")
                    case "\"": value.append("\"")
                    default: throw Problem(description: String(line))
                    }
                }
                labels.append((String(label), value))
                if rest.first == "," { rest.removeFirst() }
            }
            rest.removeFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst()), !name.isEmpty else {
            throw Problem(description: String(line))
        }
        return Sample(name: String(name), labels: labels, value: value)
    }
}
