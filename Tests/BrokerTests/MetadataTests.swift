import Broker
import KafkaProtocol
import TestSupport
import Testing

@Suite struct MetadataTests {
    @Test(arguments: MetadataRequest.versions) func aTopicIsDescribedInEveryVersion(_ version: Int16) throws {
        try withBroker { test in
            let topic = try test.createTopic("orders", partitions: 3)
            let response = try test.send(
                MetadataRequest(topics: [.init(name: "orders")], allowAutoTopicCreation: false), version: version)
            let broker = try #require(response.brokers.first)
            // Nothing is advertised: clients are told the address that they have used themselves.
            #expect((broker.nodeID, broker.host, broker.port) == (1, "broker.test", 19_092))
            if version >= 1 { #expect(response.controllerID == 1) }
            if version >= 2 { #expect(response.clusterID == test.broker.clusterID) }
            let found = try #require(response.topics.first)
            #expect(found.errorCode == .none && found.name == "orders" && !found.isInternal)
            if version >= 10 { #expect(found.topicID == topic.id) }
            #expect(found.partitions.map(\.partitionIndex) == [0, 1, 2])
            for partition in found.partitions {
                #expect(partition.errorCode == .none && partition.leaderID == 1)
                #expect(partition.replicaNodes == [1] && partition.isrNodes == [1] && partition.offlineReplicas == [])
                if version >= 7 { #expect(partition.leaderEpoch == 0) }
            }
        }
    }

    @Test func allTopicsAreAskedForDifferentlyByVersion() throws {
        try withBroker { test in
            try test.createTopic("b")
            try test.createTopic("a")
            #expect(try test.send(MetadataRequest(topics: []), version: 0).topics.map(\.name) == ["a", "b"])
            for version in Int16(1)...13 {
                #expect(try test.send(MetadataRequest(topics: nil), version: version).topics.map(\.name) == ["a", "b"])
                #expect(try test.send(MetadataRequest(topics: []), version: version).topics.isEmpty)
            }
        }
    }

    @Test func topicsAreFoundByID() throws {
        try withBroker { test in
            let topic = try test.createTopic("orders")
            let unknown = Uuid(high: 5, low: 6)
            for version in Int16(12)...13 {
                let found = try test.send(
                    MetadataRequest(topics: [.init(topicID: topic.id), .init(topicID: unknown)]), version: version)
                #expect(found.topics.map(\.errorCode) == [.none, .unknownTopicID])
                #expect(found.topics.map(\.name) == ["orders", nil])
                #expect(found.topics[1].topicID == unknown)
            }
            // Versions 10 and 11 have the field, but a name that cannot be null in the reply.
            for version in Int16(10)...11 {
                let request = MetadataRequest(topics: [.init(topicID: unknown, name: "")])
                #expect(try test.send(request, version: version).topics.map(\.errorCode) == [.unknownTopicID])
            }
        }
    }

    @Test(arguments: MetadataRequest.versions) func anUnknownTopicIsCreatedOnlyIfBothSidesWantThat(
        _ version: Int16
    ) throws {
        let request = { (allow: Bool) in
            MetadataRequest(topics: [.init(name: "new"), .init(name: "new")], allowAutoTopicCreation: allow)
        }
        try withBroker(["num.partitions": "4"]) { test in
            if version >= 4 {
                let refused = try test.send(request(false), version: version)
                #expect(refused.topics.allSatisfy { $0.errorCode == .unknownTopicOrPartition })
                #expect(test.broker.topics.current.all.isEmpty)
            }
            let made = try test.send(request(true), version: version)
            #expect(made.topics.allSatisfy { $0.errorCode == .none && $0.partitions.count == 4 })
            // Usable at once.
            try test.produce("new", values: "a", partition: 3)
        }
        try withBroker(["auto.create.topics.enable": "false"]) { test in
            let refused = try test.send(request(true), version: version)
            #expect(refused.topics.allSatisfy { $0.errorCode == .unknownTopicOrPartition })
        }
    }

    @Test(arguments: ["", ".", "..", "a b", "ä", "a/b", String(repeating: "x", count: 250)])
    func anInvalidNameIsNotCreated(_ name: String) throws {
        try withBroker { test in
            let response = try test.send(MetadataRequest(topics: [.init(name: name)]))
            #expect(response.topics.map(\.errorCode) == [.invalidTopicException])
            #expect(test.broker.topics.current.all.isEmpty)
        }
    }

    @Test func internalNamesAreNotCreatedAndCollisionsAreRefused() throws {
        try withBroker { test in
            let response = try test.send(MetadataRequest(topics: [.init(name: "__consumer_offsets")]))
            #expect(response.topics.map(\.errorCode) == [.unknownTopicOrPartition])
            #expect(response.topics.map(\.isInternal) == [true])
            try test.createTopic("a.b")
            let collision = try test.send(MetadataRequest(topics: [.init(name: "a_b")]))
            #expect(collision.topics.map(\.errorCode) == [.invalidTopicException])
        }
    }

    @Test func operationsAreListedOnlyWhenAskedFor() throws {
        try withBroker { test in
            try test.createTopic("a")
            let asked = try test.send(MetadataRequest(topics: nil, includeTopicAuthorizedOperations: true))
            #expect(asked.topics.first?.topicAuthorizedOperations == 0b1101_1111_1000)
            #expect(try test.send(MetadataRequest(topics: nil)).topics.first?.topicAuthorizedOperations == .min)
        }
    }

    @Test func anAdvertisedAddressReplacesTheOneTheClientUsed() throws {
        try withBroker(["advertised.listeners": "PLAINTEXT://kafka.example:19"]) { test in
            let broker = try #require(try test.send(MetadataRequest(topics: [])).brokers.first)
            #expect((broker.host, broker.port) == ("kafka.example", 19))
            let described = try #require(try test.send(DescribeClusterRequest()).brokers.first)
            #expect((described.host, described.port) == ("kafka.example", 19))
        }
    }
}
