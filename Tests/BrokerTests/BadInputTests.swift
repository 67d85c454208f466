import Broker
import KafkaProtocol
import KafkaRecords
import TestSupport
import Testing

@Suite struct BadInputTests {
    /// Gives every proper prefix to the broker; each has to be a reason to close.
    private func checkPrefixes<Request: RequestMessage>(_ request: Request, _ test: TestBroker) {
        for version in [Request.versions.lowerBound, Request.versions.upperBound] {
            let frame = TestBroker.frame(request, version: version)
            for count in 0..<frame.count {
                let prefix = Array(frame[..<count])
                let outcome = test.broker.handle(prefix.span.bytes, from: test.connection) { _ in }
                guard case .close = outcome else {
                    Issue.record("\(Request.apiKey.name) \(version): \(count) of \(frame.count) bytes were taken")
                    return
                }
            }
        }
    }

    @Test func everyPrefixOfARequestIsAReasonToClose() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let batch = BatchFixtures.batch(values: ["a", "b"])
            checkPrefixes(
                ProduceRequest(
                    acks: 1,
                    topicData: [.init(name: "orders", partitionData: [.init(index: 0, records: .bytes(batch))])]),
                test)
            checkPrefixes(
                FetchRequest(topics: [.init(topic: "orders", partitions: [.init(partition: 0)])]), test)
            checkPrefixes(MetadataRequest(topics: [.init(name: "orders")]), test)
            checkPrefixes(
                ListOffsetsRequest(topics: [.init(name: "orders", partitions: [.init(timestamp: -1)])]), test)
            checkPrefixes(
                CreateTopicsRequest(topics: [
                    .init(name: "made", numPartitions: 1, replicationFactor: 1, configs: [.init(name: "a", value: "b")])
                ]), test)
            checkPrefixes(CreatePartitionsRequest(topics: [.init(name: "orders", count: 9)]), test)
            checkPrefixes(InitProducerIDRequest(), test)
            checkPrefixes(
                IncrementalAlterConfigsRequest(resources: [
                    .init(resourceType: 2, resourceName: "orders", configs: [.init(name: "a", value: "b")])
                ]), test)
            #expect(test.broker.topics.current.all.map(\.name) == ["orders"])
        }
    }

    @Test func randomBytesBehindAValidHeaderNeverTrap() throws {
        try withBroker { test in
            try test.createTopic("orders")
            var generator = SeededGenerator(seed: 20_260_101)
            let keys: [Int16] = [0, 1, 2, 3, 18, 19, 20, 21, 22, 23, 32, 33, 35, 37, 44, 60, 61, 75]
            for _ in 0..<4000 {
                let key = keys[Int(generator.next() % UInt64(keys.count))]
                var writer = WireWriter()
                RequestHeader(
                    apiKey: key, apiVersion: Int16(generator.next() % 14), correlationID: 1, clientID: nil
                ).encode(into: &writer, flexible: false)
                let frame = writer.bytes + generator.bytes(Int(generator.next() % 80))
                _ = test.broker.handle(frame.span.bytes, from: test.connection) { _ in }
            }
            #expect(try test.send(MetadataRequest(topics: nil)).topics.contains { $0.name == "orders" })
        }
    }
}
