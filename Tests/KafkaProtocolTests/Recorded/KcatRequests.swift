import KafkaProtocol

private let recordedFrom = "kcat 1.7.1 (librdkafka 2.0.2)"

/// What kcat 1.7.1 of Debian 12, which speaks through librdkafka 2.0.2, sent to a listener with scripted replies.
extension RecordedRequest {
    static let kcat: [RecordedRequest] = [
        RecordedRequest(
            recordedFrom, version: 7, id: "rdkafka", correlation: 4,
            ProduceRequest(
                acks: -1, timeoutMs: 30_000,
                topicData: [.init(name: "frames", partitionData: [.init(records: .frame(49..<129))])]),
            """
            0000000700000004000772646b61666b61ffffffff000075300000000100066672616d65730000000100000000000000
            5000000000000000000000004400000000026b3258bb000000000000000001a207add65e000001a207add65e00000000
            000000070000000000000000000124000000066b65790a76616c75650202680278
            """),
        RecordedRequest(
            recordedFrom, version: 11, id: "rdkafka", correlation: 5,
            FetchRequest(
                maxWaitMs: 500, minBytes: 1, maxBytes: 52_428_800, isolationLevel: 1,
                topics: [.init(topic: "frames", partitions: [.init(partitionMaxBytes: 1_048_576)])]),
            """
            0001000b00000005000772646b61666b61ffffffff000001f400000001032000000100000000ffffffff000000010006
            6672616d65730000000100000000ffffffff0000000000000000ffffffffffffffff00100000000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 2, id: "rdkafka", correlation: 4,
            ListOffsetsRequest(
                replicaID: -1, isolationLevel: 1, topics: [.init(name: "frames", partitions: [.init(timestamp: -2)])]),
            """
            0002000200000004000772646b61666b61ffffffff010000000100066672616d65730000000100000000ffffffffffff
            fffe
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "rdkafka", correlation: 2,
            MetadataRequest(topics: [.init(name: "frames")]),
            """
            0003000400000002000772646b61666b610000000100066672616d657301
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "rdkafka", correlation: 3,
            MetadataRequest(),
            """
            0003000400000003000772646b61666b61ffffffff01
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "rdkafka", correlation: 2,
            MetadataRequest(topics: [], allowAutoTopicCreation: false),
            """
            0003000400000002000772646b61666b610000000000
            """),
        RecordedRequest(
            recordedFrom, version: 7, id: "rdkafka", correlation: 7,
            OffsetFetchRequest(
                groupID: "group", topics: [.init(name: "frames", partitionIndexes: [0])], requireStable: true),
            """
            0009000700000007000772646b61666b61000667726f757002076672616d65730200000000000100
            """),
        RecordedRequest(
            recordedFrom, version: 2, id: "rdkafka", correlation: 3,
            FindCoordinatorRequest(key: "group"),
            """
            000a000200000003000772646b61666b61000567726f757000
            """),
        RecordedRequest(
            recordedFrom, version: 5, id: "rdkafka", correlation: 3,
            JoinGroupRequest(
                groupID: "group", sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000, protocolType: "consumer",
                protocols: [
                    .init(name: "range", metadata: bytes("00010000000100066672616d65730000000000000000")),
                    .init(name: "roundrobin", metadata: bytes("00010000000100066672616d65730000000000000000")),
                ]),
            """
            000b000500000003000772646b61666b61000567726f75700000afc8000493e00000ffff0008636f6e73756d65720000
            0002000572616e67650000001600010000000100066672616d65730000000000000000000a726f756e64726f62696e00
            00001600010000000100066672616d65730000000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "rdkafka", correlation: 6,
            HeartbeatRequest(groupID: "group", generationID: 1, memberID: "m-1"),
            """
            000c000300000006000772646b61666b61000567726f75700000000100036d2d31ffff
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "rdkafka", correlation: 5,
            SyncGroupRequest(
                groupID: "group", generationID: 1, memberID: "m-1",
                assignments: [
                    .init(memberID: "m-1", assignment: bytes("00000000000100066672616d6573000000010000000000000000"))
                ]),
            """
            000e000300000005000772646b61666b61000567726f75700000000100036d2d31ffff0000000100036d2d310000001a
            00000000000100066672616d6573000000010000000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "rdkafka", correlation: 1,
            ApiVersionsRequest(clientSoftwareName: "librdkafka", clientSoftwareVersion: "2.0.2"),
            """
            0012000300000001000772646b61666b61000b6c696272646b61666b6106322e302e3200
            """),
        RecordedRequest(
            recordedFrom, version: 4, id: "rdkafka", correlation: 3,
            InitProducerIDRequest(transactionTimeoutMs: -1),
            """
            0016000400000003000772646b61666b610000ffffffffffffffffffffffffffff00
            """),
        RecordedRequest(
            recordedFrom, version: 10, id: "rdkafka", correlation: 6,
            FetchRequest(
                maxWaitMs: 500, minBytes: 1, maxBytes: 52_428_800, isolationLevel: 1,
                topics: [.init(topic: "frames", partitions: [.init(partitionMaxBytes: 1_048_576)])]),
            """
            0001000a00000006000772646b61666b61ffffffff000001f400000001032000000100000000ffffffff000000010006
            6672616d65730000000100000000ffffffff0000000000000000ffffffffffffffff0010000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 1, id: "rdkafka", correlation: 5,
            ListOffsetsRequest(replicaID: -1, topics: [.init(name: "frames", partitions: [.init(timestamp: -2)])]),
            """
            0002000100000005000772646b61666b61ffffffff0000000100066672616d65730000000100000000ffffffffffffff
            fe
            """),
        RecordedRequest(
            recordedFrom, version: 0, id: "rdkafka", correlation: 2,
            ApiVersionsRequest(),
            """
            0012000000000002000772646b61666b61
            """),
        RecordedRequest(
            recordedFrom, version: 1, id: "rdkafka", correlation: 4,
            InitProducerIDRequest(transactionTimeoutMs: -1),
            """
            0016000100000004000772646b61666b61ffffffffffff
            """),
    ]
}
