import KafkaProtocol

private let recordedFrom = "kafka-python 3.0.12"

/// What kafka-python 3.0.12, sent to a listener with scripted replies.
extension RecordedRequest {
    static let kafkaPython: [RecordedRequest] = [
        RecordedRequest(
            recordedFrom, version: 9, id: "kafka-python-producer-1", correlation: 3,
            ProduceRequest(
                acks: -1, timeoutMs: 30_000,
                topicData: [.init(name: "frames", partitionData: [.init(records: .frame(55..<131))])]),
            """
            000000090000000300176b61666b612d707974686f6e2d70726f64756365722d310000ffff0000753002076672616d65
            7302000000004d0000000000000000000000400000000002356a882b000000000000000001a207add7ec000001a207ad
            d7ec0000000000000007000000000000000000011c000000066b65790a76616c756500000000
            """),
        RecordedRequest(
            recordedFrom, version: 12, id: "kafka-python-3.0.12", correlation: 3,
            FetchRequest(
                maxWaitMs: 500, minBytes: 1, maxBytes: 52_428_800, sessionEpoch: 0,
                topics: [
                    .init(topic: "frames", partitions: [.init(currentLeaderEpoch: 0, partitionMaxBytes: 1_048_576)])
                ]),
            """
            0001000c0000000300136b61666b612d707974686f6e2d332e302e313200ffffffff000001f400000001032000000000
            0000000000000002076672616d65730200000000000000000000000000000000ffffffffffffffffffffffff00100000
            0000010100
            """),
        RecordedRequest(
            recordedFrom, version: 11, id: "kafka-python-3.0.12", correlation: 2,
            ListOffsetsRequest(replicaID: -1, topics: [.init(name: "frames", partitions: [.init(timestamp: -2)])]),
            """
            0002000b0000000200136b61666b612d707974686f6e2d332e302e313200ffffffff0002076672616d65730200000000
            fffffffffffffffffffffffe00000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 13, id: "kafka-python-3.0.12", correlation: 4,
            MetadataRequest(topics: [.init(name: "frames")]),
            """
            0003000d0000000400136b61666b612d707974686f6e2d332e302e313200020000000000000000000000000000000007
            6672616d657300010000
            """),
        RecordedRequest(
            recordedFrom, version: 13, id: "kafka-python-producer-1", correlation: 2,
            MetadataRequest(topics: []),
            """
            0003000d0000000200176b61666b612d707974686f6e2d70726f64756365722d310001010000
            """),
        RecordedRequest(
            recordedFrom, version: 8, id: "kafka-python-3.0.12", correlation: 5,
            OffsetCommitRequest(
                groupID: "group", generationIDOrMemberEpoch: 1, memberID: "m-1",
                topics: [.init(name: "frames", partitions: [.init(committedMetadata: "")])]),
            """
            000800080000000500136b61666b612d707974686f6e2d332e302e3132000667726f757000000001046d2d3100020766
            72616d657302000000000000000000000000ffffffff01000000
            """),
        RecordedRequest(
            recordedFrom, version: 8, id: "kafka-python-3.0.12", correlation: 4,
            OffsetFetchRequest(groups: [.init(groupID: "group", topics: [.init(name: "frames", partitionIndexes: [0])])]
            ),
            """
            000900080000000400136b61666b612d707974686f6e2d332e302e313200020667726f757002076672616d6573020000
            000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 6, id: "kafka-python-3.0.12", correlation: 2,
            FindCoordinatorRequest(coordinatorKeys: ["group"]),
            """
            000a00060000000200136b61666b612d707974686f6e2d332e302e31320000020667726f757000
            """),
        RecordedRequest(
            recordedFrom, version: 7, id: "kafka-python-3.0.12", correlation: 2,
            JoinGroupRequest(
                groupID: "group", sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000, protocolType: "consumer",
                protocols: [
                    .init(name: "range", metadata: bytes("00000000000100066672616d657300000000")),
                    .init(name: "roundrobin", metadata: bytes("00000000000100066672616d657300000000")),
                ]),
            """
            000b00070000000200136b61666b612d707974686f6e2d332e302e3132000667726f75700000afc8000493e001000963
            6f6e73756d6572030672616e67651300000000000100066672616d657300000000000b726f756e64726f62696e130000
            0000000100066672616d6573000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "kafka-python-3.0.12", correlation: 8,
            HeartbeatRequest(groupID: "group", generationID: 1, memberID: "m-1"),
            """
            000c00040000000800136b61666b612d707974686f6e2d332e302e3132000667726f757000000001046d2d310000
            """),
        RecordedRequest(
            recordedFrom, version: 5, id: "kafka-python-3.0.12", correlation: 10,
            LeaveGroupRequest(groupID: "group", members: [.init(memberID: "m-1")]),
            """
            000d00050000000a00136b61666b612d707974686f6e2d332e302e3132000667726f757002046d2d3100000000
            """),
        RecordedRequest(
            recordedFrom, version: 5, id: "kafka-python-3.0.12", correlation: 3,
            SyncGroupRequest(
                groupID: "group", generationID: 1, memberID: "m-1", protocolType: "consumer", protocolName: "range",
                assignments: [
                    .init(memberID: "m-1", assignment: bytes("00000000000100066672616d6573000000010000000000000000"))
                ]),
            """
            000e00050000000300136b61666b612d707974686f6e2d332e302e3132000667726f757000000001046d2d310009636f
            6e73756d65720672616e676502046d2d311b00000000000100066672616d65730000000100000000000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "kafka-python-producer-1", correlation: 1,
            ApiVersionsRequest(clientSoftwareName: "kafka-python", clientSoftwareVersion: "3.0.12"),
            """
            001200040000000100176b61666b612d707974686f6e2d70726f64756365722d31000d6b61666b612d707974686f6e07
            332e302e313200
            """),
        RecordedRequest(
            recordedFrom, version: 7, id: "kafka-python-3.0.12", correlation: 3,
            CreateTopicsRequest(
                topics: [
                    .init(
                        name: "frames", numPartitions: 3, replicationFactor: 1,
                        configs: [.init(name: "retention.ms", value: "60000")])
                ], timeoutMs: 30_000),
            """
            001300070000000300136b61666b612d707974686f6e2d332e302e31320002076672616d657300000003000101020d72
            6574656e74696f6e2e6d730636303030300000000075300000
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "kafka-python-producer-1", correlation: 2,
            InitProducerIDRequest(),
            """
            001600040000000200176b61666b612d707974686f6e2d70726f64756365722d31000000000000ffffffffffffffffff
            ff00
            """),
    ]
}
