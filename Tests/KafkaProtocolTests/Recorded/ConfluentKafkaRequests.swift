import KafkaProtocol

private let recordedFrom = "confluent-kafka 2.16.1"

/// What confluent-kafka 2.16.1 for Python, which speaks through librdkafka 2.16.0, sent to a listener with scripted
/// replies. The zero byte behind the metadata of the committed offset is the client's own.
extension RecordedRequest {
    static let confluentKafka: [RecordedRequest] = [
        RecordedRequest(
            recordedFrom, version: 10, id: "rdkafka", correlation: 3,
            ProduceRequest(
                acks: -1, timeoutMs: 30_000,
                topicData: [.init(name: "frames", partitionData: [.init(records: .frame(39..<137))])]),
            """
            0000000a00000003000772646b61666b610000ffff0000753002076672616d6573020000000063000000000000000000
            000056000000000262a38535000400000000000001a207ae5cca000001a207ae5cca0000000000000007000000000000
            0000000128b52ffd0058e50000a8ac03000000066b6579900376616c75650202680278010080a0ca12000000
            """),
        RecordedRequest(
            recordedFrom, version: 16, id: "rdkafka", correlation: 6,
            FetchRequest(
                maxWaitMs: 500, minBytes: 1, maxBytes: 52_428_800, isolationLevel: 1,
                topics: [
                    .init(
                        topicID: Uuid("bWFydGxldEahbWVz8A3K_g")!,
                        partitions: [.init(currentLeaderEpoch: 0, partitionMaxBytes: 1_048_576)])
                ]),
            """
            0001001000000006000772646b61666b6100000001f400000001032000000100000000ffffffff026d6172746c657446
            a16d6573f00dcafe0200000000000000000000000000000000ffffffffffffffffffffffff001000000000010100
            """),
        RecordedRequest(
            recordedFrom, version: 7, id: "rdkafka", correlation: 9,
            ListOffsetsRequest(
                replicaID: -1,
                topics: [.init(name: "frames", partitions: [.init(currentLeaderEpoch: 0, timestamp: -1)])]),
            """
            0002000700000009000772646b61666b6100ffffffff0002076672616d6573020000000000000000ffffffffffffffff
            000000
            """),
        RecordedRequest(
            recordedFrom, version: 13, id: "rdkafka", correlation: 2,
            MetadataRequest(topics: [.init(name: "frames")]),
            """
            0003000d00000002000772646b61666b61000200000000000000000000000000000000076672616d657300010000
            """),
        RecordedRequest(
            recordedFrom, version: 13, id: "rdkafka", correlation: 2,
            MetadataRequest(topics: [], allowAutoTopicCreation: false),
            """
            0003000d00000002000772646b61666b610001000000
            """),
        RecordedRequest(
            recordedFrom, version: 9, id: "rdkafka", correlation: 9,
            OffsetCommitRequest(
                groupID: "group", generationIDOrMemberEpoch: 1, memberID: "m-1", groupInstanceID: "inst",
                topics: [.init(name: "frames", partitions: [.init(committedOffset: 3, committedMetadata: "note\0")])]),
            """
            0008000900000009000772646b61666b61000667726f757000000001046d2d3105696e737402076672616d6573020000
            00000000000000000003ffffffff066e6f746500000000
            """),
        RecordedRequest(
            recordedFrom, version: 9, id: "rdkafka", correlation: 7,
            OffsetFetchRequest(
                groups: [.init(groupID: "group", topics: [.init(name: "frames", partitionIndexes: [0])])],
                requireStable: true),
            """
            0009000900000007000772646b61666b6100020667726f757000ffffffff02076672616d6573020000000000000100
            """),
        RecordedRequest(
            recordedFrom, version: 2, id: "rdkafka", correlation: 12,
            FindCoordinatorRequest(key: "group"),
            """
            000a00020000000c000772646b61666b61000567726f757000
            """),
        RecordedRequest(
            recordedFrom, version: 5, id: "rdkafka", correlation: 3,
            JoinGroupRequest(
                groupID: "group", sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000, groupInstanceID: "inst",
                protocolType: "consumer",
                protocols: [
                    .init(name: "range", metadata: bytes("00030000000100066672616d65730000000000000000ffffffff0000")),
                    .init(
                        name: "roundrobin",
                        metadata: bytes("00030000000100066672616d65730000000000000000ffffffff0000")),
                ]),
            """
            000b000500000003000772646b61666b61000567726f75700000afc8000493e000000004696e73740008636f6e73756d
            657200000002000572616e67650000001c00030000000100066672616d65730000000000000000ffffffff0000000a72
            6f756e64726f62696e0000001c00030000000100066672616d65730000000000000000ffffffff0000
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "rdkafka", correlation: 6,
            HeartbeatRequest(groupID: "group", generationID: 1, memberID: "m-1", groupInstanceID: "inst"),
            """
            000c000300000006000772646b61666b61000567726f75700000000100036d2d310004696e7374
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "rdkafka", correlation: 5,
            SyncGroupRequest(
                groupID: "group", generationID: 1, memberID: "m-1", groupInstanceID: "inst",
                assignments: [
                    .init(memberID: "m-1", assignment: bytes("00000000000100066672616d6573000000010000000000000000"))
                ]),
            """
            000e000300000005000772646b61666b61000567726f75700000000100036d2d310004696e73740000000100036d2d31
            0000001a00000000000100066672616d6573000000010000000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 5, id: "rdkafka", correlation: 14,
            DescribeGroupsRequest(groups: ["group"]),
            """
            000f00050000000e000772646b61666b6100020667726f75700000
            """),
        RecordedRequest(
            recordedFrom, version: 5, id: "rdkafka", correlation: 11,
            ListGroupsRequest(),
            """
            001000050000000b000772646b61666b6100010100
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "rdkafka", correlation: 1,
            ApiVersionsRequest(
                clientSoftwareName: "confluent-kafka-python", clientSoftwareVersion: "2.16.1-rdkafka-2.16.0"),
            """
            0012000300000001000772646b61666b610017636f6e666c75656e742d6b61666b612d707974686f6e16322e31362e31
            2d72646b61666b612d322e31362e3000
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "rdkafka", correlation: 3,
            CreateTopicsRequest(topics: [
                .init(
                    name: "frames", numPartitions: 3, replicationFactor: 1,
                    configs: [.init(name: "retention.ms", value: "60000")])
            ]),
            """
            0013000400000003000772646b61666b610000000100066672616d65730000000300010000000000000001000c726574
            656e74696f6e2e6d73000536303030300000ea6000
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "rdkafka", correlation: 6,
            DeleteTopicsRequest(topicNames: ["frames"], timeoutMs: 60_000),
            """
            0014000400000006000772646b61666b610002076672616d65730000ea6000
            """),
        RecordedRequest(
            recordedFrom, version: 2, id: "rdkafka", correlation: 10,
            DeleteRecordsRequest(topics: [.init(name: "frames", partitions: [.init(offset: 1)])], timeoutMs: 60_000),
            """
            001500020000000a000772646b61666b610002076672616d65730200000000000000000000000100000000ea6000
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "rdkafka", correlation: 2,
            InitProducerIDRequest(transactionTimeoutMs: -1),
            """
            0016000400000002000772646b61666b610000ffffffffffffffffffffffffffff00
            """),
        RecordedRequest(
            recordedFrom, version: 1, id: "rdkafka", correlation: 4,
            DescribeConfigsRequest(resources: [.init(resourceType: 2, resourceName: "frames")], includeSynonyms: true),
            """
            0020000100000004000772646b61666b61000000010200066672616d6573ffffffff01
            """),
        RecordedRequest(
            recordedFrom, version: 2, id: "rdkafka", correlation: 16,
            AlterConfigsRequest(resources: [
                .init(resourceType: 2, resourceName: "frames", configs: [.init(name: "retention.ms", value: "1")])
            ]),
            """
            0021000200000010000772646b61666b61000202076672616d6573020d726574656e74696f6e2e6d73023100000000
            """),
        RecordedRequest(
            recordedFrom, version: 2, id: "rdkafka", correlation: 5,
            CreatePartitionsRequest(topics: [.init(name: "frames", count: 6)], timeoutMs: 60_000),
            """
            0025000200000005000772646b61666b610002076672616d65730000000600000000ea600000
            """),
        RecordedRequest(
            recordedFrom, version: 2, id: "rdkafka", correlation: 15,
            DeleteGroupsRequest(groupsNames: ["group"]),
            """
            002a00020000000f000772646b61666b6100020667726f757000
            """),
        RecordedRequest(
            recordedFrom, version: 1, id: "rdkafka", correlation: 7,
            IncrementalAlterConfigsRequest(resources: [
                .init(resourceType: 2, resourceName: "frames", configs: [.init(name: "retention.ms", value: "1")])
            ]),
            """
            002c000100000007000772646b61666b61000202076672616d6573020d726574656e74696f6e2e6d7300023100000000
            """),
        RecordedRequest(
            recordedFrom, version: 0, id: "rdkafka", correlation: 13,
            ConsumerGroupDescribeRequest(groupIDs: ["group"]),
            """
            004500000000000d000772646b61666b6100020667726f75700000
            """),
    ]
}
