// Requests that name one thing many times: each is answered once, so that a small request cannot ask for gigabytes.

import Broker
import KafkaProtocol
import TestSupport
import Testing

@Suite struct RepeatedNamesTests {
    @Test func whatIsNamedTwiceIsAnsweredOnce() throws {
        try withBroker { test in
            try test.createTopic("orders", partitions: 2)
            try test.produce("orders", values: "a")
            let metadata = try test.send(MetadataRequest(topics: [.init(name: "orders"), .init(name: "orders")]))
            #expect(metadata.topics.map(\.name) == ["orders"])
            let offsets = try test.send(
                ListOffsetsRequest(
                    replicaID: -1,
                    topics: [
                        .init(
                            name: "orders",
                            partitions: [0, 1, 0].map { .init(partitionIndex: $0, timestamp: -1) }),
                        .init(name: "orders", partitions: [.init(partitionIndex: 0, timestamp: 0)]),
                    ]))
            #expect(offsets.topics.map { $0.partitions.map(\.partitionIndex) } == [[0, 1]])
            #expect(offsets.topics.first?.partitions.map(\.offset) == [1, 0])
            let described = try test.send(
                DescribeConfigsRequest(
                    resources: [2, 4, 2].map { .init(resourceType: $0, resourceName: $0 == 2 ? "orders" : "") }))
            #expect(described.results.map(\.resourceType) == [2, 4])
            let producers = try test.send(
                DescribeProducersRequest(topics: [.init(name: "orders", partitionIndexes: [0, 0])]))
            #expect(producers.topics.map { $0.partitions.map(\.partitionIndex) } == [[0]])
            let groups = try test.send(DescribeGroupsRequest(groups: ["a", "b", "a"]))
            #expect(groups.groups.map(\.groupID) == ["a", "b"])
        }
    }

    @Test func aFetchOfMorePartitionsThanThereMayBeIsRefused() throws {
        try withBroker(["partitions.max": "4", "offsets.topic.num.partitions": "1"]) { test in
            try test.createTopic("orders")
            let wanted = { (count: Int32) in (0..<count).map { TestBroker.Wanted(topic: "orders", partition: $0) } }
            #expect(Fetched(try test.exchange(test.fetchRequest(wanted(4)), version: 18)).parts.count == 4)
            let frame = TestBroker.frame(test.fetchRequest(wanted(5)), version: 18)
            let outcome = test.broker.handle(frame.span.bytes, from: test.connection) { _ in }
            guard case .close(let reason) = outcome else {
                Issue.record("five partitions where there may be four")
                return
            }
            #expect(reason.contains("partitions.max"))
        }
    }
}
