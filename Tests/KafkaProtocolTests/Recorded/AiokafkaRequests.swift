import KafkaProtocol

private let recordedFrom = "aiokafka 0.14.0"

/// What aiokafka 0.14.0, sent to a listener with scripted replies.
extension RecordedRequest {
    static let aiokafka: [RecordedRequest] = [
        RecordedRequest(
            recordedFrom, version: 7, id: "aiokafka-producer-1", correlation: 3,
            ProduceRequest(
                acks: -1, timeoutMs: 40_000,
                topicData: [.init(name: "frames", partitionData: [.init(records: .frame(61..<157))])]),
            """
            0000000700000003001361696f6b61666b612d70726f64756365722d31ffffffff00009c400000000100066672616d65
            73000000010000000000000060000000000000000000000054ffffffff0201478a6f000100000000000001a207add77c
            000001a207add77c0000000000000007000000000000000000011f8b08008b03046b02ff9361606060cb4eade42a4bcc
            294d65000055dc04540f000000
            """),
        RecordedRequest(
            recordedFrom, version: 11, id: "aiokafka-0.14.0", correlation: 4,
            FetchRequest(
                maxWaitMs: 500, minBytes: 1, maxBytes: 52_428_800,
                topics: [.init(topic: "frames", partitions: [.init(partitionMaxBytes: 1_048_576)])]),
            """
            0001000b00000004000f61696f6b61666b612d302e31342e30ffffffff000001f400000001032000000000000000ffff
            ffff0000000100066672616d65730000000100000000ffffffff0000000000000000ffffffffffffffff001000000000
            00000000
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "aiokafka-0.14.0", correlation: 3,
            ListOffsetsRequest(replicaID: -1, topics: [.init(name: "frames", partitions: [.init(timestamp: -2)])]),
            """
            0002000300000003000f61696f6b61666b612d302e31342e30ffffffff000000000100066672616d6573000000010000
            0000fffffffffffffffe
            """),
        RecordedRequest(
            recordedFrom, version: 5, id: "aiokafka-0.14.0", correlation: 2,
            MetadataRequest(topics: [.init(name: "frames")]),
            """
            0003000500000002000f61696f6b61666b612d302e31342e300000000100066672616d657301
            """),
        RecordedRequest(
            recordedFrom, version: 5, id: "aiokafka-producer-1", correlation: 2,
            MetadataRequest(topics: []),
            """
            0003000500000002001361696f6b61666b612d70726f64756365722d310000000001
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "aiokafka-0.14.0", correlation: 5,
            OffsetCommitRequest(
                groupID: "group", generationIDOrMemberEpoch: 1, memberID: "m-1",
                topics: [.init(name: "frames", partitions: [.init(committedMetadata: "")])]),
            """
            0008000300000005000f61696f6b61666b612d302e31342e30000567726f75700000000100036d2d31ffffffffffffff
            ff0000000100066672616d6573000000010000000000000000000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "aiokafka-0.14.0", correlation: 4,
            OffsetFetchRequest(groupID: "group", topics: [.init(name: "frames", partitionIndexes: [0])]),
            """
            0009000300000004000f61696f6b61666b612d302e31342e30000567726f75700000000100066672616d657300000001
            00000000
            """),
        RecordedRequest(
            recordedFrom, version: 1, id: "aiokafka-0.14.0", correlation: 2,
            FindCoordinatorRequest(key: "group"),
            """
            000a000100000002000f61696f6b61666b612d302e31342e30000567726f757000
            """),
        RecordedRequest(
            recordedFrom, version: 5, id: "aiokafka-0.14.0", correlation: 2,
            JoinGroupRequest(
                groupID: "group", sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: "consumer",
                protocols: [.init(name: "roundrobin", metadata: bytes("00000000000100066672616d657300000000"))]),
            """
            000b000500000002000f61696f6b61666b612d302e31342e30000567726f757000002710000027100000ffff0008636f
            6e73756d657200000001000a726f756e64726f62696e0000001200000000000100066672616d657300000000
            """),
        RecordedRequest(
            recordedFrom, version: 1, id: "aiokafka-0.14.0", correlation: 6,
            LeaveGroupRequest(groupID: "group", memberID: "m-1"),
            """
            000d000100000006000f61696f6b61666b612d302e31342e30000567726f757000036d2d31
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "aiokafka-0.14.0", correlation: 3,
            SyncGroupRequest(
                groupID: "group", generationID: 1, memberID: "m-1",
                assignments: [
                    .init(memberID: "m-1", assignment: bytes("00000000000100066672616d6573000000010000000000000000"))
                ]),
            """
            000e000300000003000f61696f6b61666b612d302e31342e30000567726f75700000000100036d2d31ffff0000000100
            036d2d310000001a00000000000100066672616d6573000000010000000000000000
            """),
        RecordedRequest(
            recordedFrom, version: 0, id: "aiokafka-producer-1", correlation: 1,
            ApiVersionsRequest(),
            """
            0012000000000001001361696f6b61666b612d70726f64756365722d31
            """),
        RecordedRequest(
            recordedFrom, version: 3, id: "aiokafka-0.14.0", correlation: 2,
            CreateTopicsRequest(
                topics: [
                    .init(
                        name: "frames", numPartitions: 3, replicationFactor: 1,
                        configs: [.init(name: "retention.ms", value: "60000")])
                ], timeoutMs: 40_000),
            """
            0013000300000002000f61696f6b61666b612d302e31342e300000000100066672616d65730000000300010000000000
            000001000c726574656e74696f6e2e6d730005363030303000009c4000
            """),
        RecordedRequest(
            recordedFrom, version: 0, id: "aiokafka-producer-1", correlation: 2,
            InitProducerIDRequest(transactionTimeoutMs: .max),
            """
            0016000000000002001361696f6b61666b612d70726f64756365722d31ffff7fffffff
            """),
    ]
}
