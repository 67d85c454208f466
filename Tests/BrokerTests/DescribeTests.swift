// The APIs that only tell something: DescribeCluster, DescribeConfigs, DescribeTopicPartitions, DescribeLogDirs and
// DescribeProducers.

import Broker
import Glibc
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct DescribeTests {
    // MARK: DescribeCluster

    @Test(arguments: DescribeClusterRequest.versions) func cluster(version: Int16) throws {
        try withBroker(["node.id": "7"]) { test in
            let response = try test.send(DescribeClusterRequest(), version: version)
            #expect(response.errorCode == .none)
            #expect(response.controllerID == 7)
            #expect(response.clusterID == test.broker.clusterID && !response.clusterID.isEmpty)
            // Without an advertised address, the one that the client used.
            #expect(response.brokers.map(\.host) == ["broker.test"])
            #expect(response.brokers.map(\.port) == [19_092])
            #expect(response.brokers.map(\.brokerID) == [7])
            #expect(response.clusterAuthorizedOperations == Int32.min, "nobody has asked")
            let asked = try test.send(
                DescribeClusterRequest(includeClusterAuthorizedOperations: true), version: version)
            #expect(asked.clusterAuthorizedOperations > 0)
        }
    }

    @Test func controllersAreNotServed() throws {
        try withBroker { test in
            let controllers = try test.send(DescribeClusterRequest(endpointType: 2))
            #expect(controllers.errorCode == .mismatchedEndpointType)
            #expect(controllers.brokers.isEmpty)
            #expect(try test.send(DescribeClusterRequest(endpointType: 9)).errorCode == .unsupportedEndpointType)
        }
    }

    @Test func anAdvertisedAddressIsTold() throws {
        try withBroker(["advertised.listeners": "PLAINTEXT://logs.example:1234"]) { test in
            let response = try test.send(DescribeClusterRequest())
            #expect(response.brokers.map(\.host) == ["logs.example"])
            #expect(response.brokers.map(\.port) == [1234])
        }
    }

    // MARK: DescribeConfigs

    private typealias Config = DescribeConfigsResponse.DescribeConfigsResourceResult
    private enum Kind {
        static let topic: Int8 = 2
        static let broker: Int8 = 4
    }

    private func configs(
        _ test: TestBroker, _ type: Int8, _ name: String, keys: [String]? = nil, version: Int16 = 4
    ) throws -> (error: ErrorCode, configs: [String: Config]) {
        let request = DescribeConfigsRequest(
            resources: [.init(resourceType: type, resourceName: name, configurationKeys: keys)],
            includeSynonyms: version >= 1, includeDocumentation: version >= 3)
        let result = try #require(try test.send(request, version: version).results.first)
        #expect(result.resourceType == type && result.resourceName == name)
        return (result.errorCode, Dictionary(uniqueKeysWithValues: result.configs.map { ($0.name, $0) }))
    }

    @Test(arguments: DescribeConfigsRequest.versions) func everySettingOfATopic(version: Int16) throws {
        try withBroker(["log.segment.bytes": "1000000"]) { test in
            try test.createTopic("topic", configs: ["retention.ms": "5000"])
            let (error, configs) = try configs(test, Kind.topic, "topic", version: version)
            #expect(error == .none)
            // Clients read these and fail without them.
            for name in ["retention.ms", "retention.bytes", "cleanup.policy", "segment.bytes", "max.message.bytes"] {
                #expect(configs[name]?.value != nil, "\(name)")
            }
            #expect(configs["retention.ms"]?.value == "5000")
            #expect(configs["segment.bytes"]?.value == "1000000")
            #expect(configs["cleanup.policy"]?.value == "delete")
            #expect(configs.values.allSatisfy { !$0.readOnly })
            guard version >= 1 else { return }
            #expect(configs["retention.ms"]?.configSource == 1)
            #expect(configs["segment.bytes"]?.configSource == 4)
            #expect(configs["cleanup.policy"]?.configSource == 5)
            #expect(configs["retention.ms"]?.synonyms.map(\.value) == ["5000", "604800000"])
            #expect(configs["retention.ms"]?.synonyms.map(\.source) == [1, 5])
            #expect(configs["segment.bytes"]?.synonyms.map(\.name) == ["log.segment.bytes", "log.segment.bytes"])
            guard version >= 3 else { return }
            #expect(configs.values.allSatisfy { $0.documentation?.isEmpty == false && $0.configType > 0 })
        }
    }

    @Test func onlyTheSettingsThatAreAskedFor() throws {
        try withBroker { test in
            try test.createTopic("topic")
            let some = try configs(test, Kind.topic, "topic", keys: ["retention.ms", "no.such.setting"])
            #expect(Array(some.configs.keys) == ["retention.ms"])
            #expect(try configs(test, Kind.topic, "topic", keys: []).configs.isEmpty)
        }
    }

    @Test func settingsOfTheBroker() throws {
        try withBroker(["node.id": "3", "num.partitions": "6"]) { test in
            for name in ["3", ""] {
                let (error, configs) = try configs(test, Kind.broker, name)
                #expect(error == .none)
                #expect(configs["num.partitions"]?.value == "6")
                #expect(configs["num.partitions"]?.configSource == 4)
                #expect(configs["num.partitions"]?.readOnly == true)
                #expect(configs["log.retention.ms"]?.readOnly == false)
            }
            #expect(try configs(test, Kind.broker, "4").error == .invalidRequest)
        }
    }

    @Test func whatHasNoSettings() throws {
        try withBroker { test in
            try test.createTopic("topic")
            #expect(try configs(test, Kind.topic, "absent").error == .unknownTopicOrPartition)
            #expect(try configs(test, Kind.topic, "a/b").error == .invalidTopicException)
            #expect(try configs(test, 99, "topic").error == .invalidRequest)
            #expect(try configs(test, 99, "topic").configs.isEmpty)
        }
    }

    // MARK: DescribeTopicPartitions

    private func page(
        _ test: TestBroker, _ names: [String] = [], limit: Int32 = 2000, after cursor: (String, Int32)? = nil
    ) throws -> DescribeTopicPartitionsResponse {
        try test.send(
            DescribeTopicPartitionsRequest(
                topics: names.map { .init(name: $0) }, responsePartitionLimit: limit,
                cursor: cursor.map { .init(topicName: $0.0, partitionIndex: $0.1) }))
    }

    @Test func partitionsOfTopics() throws {
        try withBroker(["node.id": "5"]) { test in
            let topic = try test.createTopic("b", partitions: 3)
            try test.createTopic("a")
            let all = try page(test)
            #expect(all.topics.map(\.name) == ["a", "b"])
            #expect(all.nextCursor == nil)
            let described = try #require(all.topics.last)
            #expect(described.topicID == topic.id && !described.isInternal)
            #expect(described.topicAuthorizedOperations > 0)
            #expect(described.partitions.map(\.partitionIndex) == [0, 1, 2])
            for partition in described.partitions {
                #expect(partition.errorCode == .none)
                #expect(partition.leaderID == 5 && partition.replicaNodes == [5] && partition.isrNodes == [5])
            }
        }
    }

    @Test func unknownTopicsAreToldOneByOne() throws {
        try withBroker { test in
            try test.createTopic("a")
            let response = try page(test, ["absent", "a", "no/name", "a"])
            #expect(response.topics.map(\.name) == ["a", "absent", "no/name"])
            #expect(response.topics.map(\.errorCode) == [.none, .unknownTopicOrPartition, .invalidTopicException])
        }
    }

    /// Page by page, whatever their size, every partition comes once and in order.
    @Test(arguments: Int32(1)...9) func pages(limit: Int32) throws {
        try withBroker { test in
            let counts: KeyValuePairs<String, Int32> = ["a": 3, "b": 1, "c": 4]
            for (name, count) in counts { try test.createTopic(name, partitions: count) }
            var seen: [String] = []
            var cursor: (String, Int32)?
            repeat {
                let response = try page(test, limit: limit, after: cursor)
                let found = response.topics.flatMap { topic in
                    topic.partitions.map { "\(topic.name ?? "")-\($0.partitionIndex)" }
                }
                #expect(!found.isEmpty && found.count <= Int(limit))
                seen += found
                cursor = response.nextCursor.map { ($0.topicName, $0.partitionIndex) }
            } while cursor != nil && seen.count < 100
            #expect(seen == counts.flatMap { name, count in (0..<count).map { "\(name)-\($0)" } })
        }
    }

    // MARK: DescribeLogDirs

    @Test(arguments: DescribeLogDirsRequest.versions) func sizesOfLogs(version: Int16) throws {
        try withBroker { test in
            try test.createTopic("a", partitions: 2)
            try test.createTopic("b")
            let batch = BatchFixtures.batch(values: ["x"], timestamp: test.clock.wallMilliseconds)
            try test.produce("a", batch, partition: 1)
            let response = try test.send(DescribeLogDirsRequest(), version: version)
            let directory = try #require(response.results.first)
            #expect(response.results.count == 1)
            #expect(directory.logDir == test.path)
            #expect(directory.topics.map(\.name) == ["a", "b"])
            #expect(directory.topics[0].partitions.map(\.partitionSize) == [0, Int64(batch.count)])
            #expect(directory.topics.flatMap(\.partitions).allSatisfy { $0.offsetLag == 0 && !$0.isFutureKey })
            guard version >= 4 else {
                #expect(directory.totalBytes == -1 && directory.usableBytes == -1)
                return
            }
            #expect(directory.totalBytes > 0)
            #expect((0...directory.totalBytes).contains(directory.usableBytes))
        }
    }

    @Test func onlyTheLogsThatAreAskedFor() throws {
        try withBroker { test in
            try test.createTopic("a", partitions: 3)
            try test.createTopic("b")
            let request = DescribeLogDirsRequest(topics: [
                .init(topic: "a", partitions: [2]), .init(topic: "a", partitions: [0, 9]),
                .init(topic: "absent", partitions: [0]),
            ])
            let directory = try #require(try test.send(request).results.first)
            #expect(directory.topics.map(\.name) == ["a"])
            #expect(directory.topics[0].partitions.map(\.partitionIndex) == [0, 2])
            #expect(try test.send(DescribeLogDirsRequest(topics: [])).results.first?.topics.isEmpty == true)
        }
    }

    @Test func aFileSystemThatDoesNotTellItsSize() throws {
        try withBroker { test in
            try test.createTopic("a")
            test.faults.inject(.init(.space, .fail(errno: EIO)))
            let directory = try #require(try test.send(DescribeLogDirsRequest()).results.first)
            #expect(directory.errorCode == .kafkaStorageError)
            #expect(directory.totalBytes == -1 && directory.usableBytes == -1)
        }
    }

    /// One log that cannot be opened hides only itself.
    @Test func aLogThatIsOfflineIsLeftOut() throws {
        try withBroker { test in
            try test.createTopic("a", partitions: 3)
            try test.createTopic("b")
            for partition in 0..<3 as Range<Int32> {
                let batch = BatchFixtures.batch(values: ["x"], timestamp: test.clock.wallMilliseconds)
                #expect(try test.produce("a", batch, partition: partition, acks: -1).errorCode == .none)
            }
            try test.produce("b", values: "y", acks: -1)
            for name in ["a-1", "b-0"] {
                test.faults.inject(.init(.open, .fail(errno: EIO), pathSuffix: "/\(name)/00000000000000000000.log"))
            }
            try test.restartAfterKill()
            let error = #expect(throws: StorageError.self) { try test.partition("a", 1).bounds() }
            #expect(error?.code == .ioError, "it is offline")
            let directory = try #require(try test.send(DescribeLogDirsRequest()).results.first)
            #expect(directory.errorCode == .none && directory.totalBytes > 0)
            #expect(directory.topics.map(\.name) == ["a"])
            #expect(directory.topics[0].partitions.map(\.partitionIndex) == [0, 2])
            #expect(directory.topics[0].partitions.allSatisfy { $0.partitionSize > 0 })
        }
    }

    // MARK: DescribeProducers

    @Test func producersOfAPartition() throws {
        try withBroker { test in
            try test.createTopic("topic", partitions: 2)
            for (id, values) in [(8, ["a", "b", "c"]), (4, ["d"])] as [(Int64, [String])] {
                let batch = BatchFixtures.idempotentBatch(
                    values: values, producerID: id, epoch: 2, timestamp: test.clock.wallMilliseconds)
                #expect(try test.produce("topic", batch).errorCode == .none)
            }
            let response = try test.send(
                DescribeProducersRequest(topics: [
                    .init(name: "topic", partitionIndexes: [0, 1, 2]), .init(name: "absent", partitionIndexes: [0]),
                ]))
            #expect(response.topics.map(\.name) == ["topic", "absent"])
            let partitions = response.topics[0].partitions
            #expect(partitions.map(\.partitionIndex) == [0, 1, 2])
            #expect(partitions.map(\.errorCode) == [.none, .none, .unknownTopicOrPartition])
            #expect(response.topics[1].partitions.map(\.errorCode) == [.unknownTopicOrPartition])
            let producers = partitions[0].activeProducers
            #expect(producers.map(\.producerID) == [4, 8])
            #expect(producers.map(\.producerEpoch) == [2, 2])
            #expect(producers.map(\.lastSequence) == [0, 2])
            #expect(producers.allSatisfy { $0.lastTimestamp == test.clock.wallMilliseconds })
            #expect(producers.allSatisfy { $0.currentTxnStartOffset == -1 })
            #expect(partitions[1].activeProducers.isEmpty)
        }
    }
}
