extension API {
    static let produce = API(
        key: 0, name: "Produce", versions: 0...13, flexibleFrom: 9,
        summary: "Appends record batches to partitions.",
        request: [
            .field("transactionalID", .string, from: 3, nullable: true),
            .field("acks", .int16),
            .field("timeoutMs", .int32),
            .list(
                "topicData", of: "TopicProduceData",
                [
                    .field("name", .string, to: 12),
                    .field("topicID", .uuid, from: 13),
                    .list(
                        "partitionData", of: "PartitionProduceData",
                        [
                            .field("index", .int32),
                            .field("records", .records, nullable: true),
                        ]),
                ]),
        ],
        response: [
            .list(
                "responses", of: "TopicProduceResponse",
                [
                    .field("name", .string, to: 12),
                    .field("topicID", .uuid, from: 13),
                    .list(
                        "partitionResponses", of: "PartitionProduceResponse",
                        [
                            .field("index", .int32),
                            .field("errorCode", .errorCode),
                            .field("baseOffset", .int64),
                            .field("logAppendTimeMs", .int64, from: 2, default: "-1"),
                            .field("logStartOffset", .int64, from: 5, default: "-1"),
                            .list(
                                "recordErrors", of: "BatchIndexAndErrorMessage", from: 8,
                                [
                                    .field("batchIndex", .int32),
                                    .field("batchIndexErrorMessage", .string, nullable: true),
                                ]),
                            .field("errorMessage", .string, from: 8, nullable: true),
                            .structure(
                                "currentLeader", of: "LeaderIDAndEpoch", from: 10, tag: 0,
                                [
                                    .field("leaderID", .int32, default: "-1"),
                                    .field("leaderEpoch", .int32, default: "-1"),
                                ]),
                        ]),
                ]),
            .field("throttleTimeMs", .int32, from: 1),
            .list(
                "nodeEndpoints", of: "NodeEndpoint", from: 10, tag: 0,
                [
                    .field("nodeID", .int32),
                    .field("host", .string),
                    .field("port", .int32),
                    .field("rack", .string, nullable: true),
                ]),
        ])

    static let fetch = API(
        key: 1, name: "Fetch", versions: 4...18, flexibleFrom: 12,
        summary: "Reads record batches from partitions, by long polling and with sessions (KIP-227).",
        request: [
            .field("clusterID", .string, from: 12, nullable: true, tag: 0),
            .field("replicaID", .int32, to: 14, default: "-1"),
            .structure(
                "replicaState", of: "ReplicaState", from: 15, tag: 1,
                [
                    .field("replicaID", .int32, default: "-1"),
                    .field("replicaEpoch", .int64, default: "-1"),
                ]),
            .field("maxWaitMs", .int32),
            .field("minBytes", .int32),
            .field("maxBytes", .int32, from: 3, default: ".max"),
            .field("isolationLevel", .int8, from: 4),
            .field("sessionID", .int32, from: 7),
            .field("sessionEpoch", .int32, from: 7, default: "-1"),
            .list(
                "topics", of: "FetchTopic",
                [
                    .field("topic", .string, to: 12),
                    .field("topicID", .uuid, from: 13),
                    .list(
                        "partitions", of: "FetchPartition",
                        [
                            .field("partition", .int32),
                            .field("currentLeaderEpoch", .int32, from: 9, default: "-1"),
                            .field("fetchOffset", .int64),
                            .field("lastFetchedEpoch", .int32, from: 12, default: "-1"),
                            .field("logStartOffset", .int64, from: 5, default: "-1"),
                            .field("partitionMaxBytes", .int32),
                            .field("replicaDirectoryID", .uuid, from: 17, tag: 0),
                            .field("highWatermark", .int64, from: 18, tag: 1, default: ".max"),
                        ]),
                ]),
            .list(
                "forgottenTopicsData", of: "ForgottenTopic", from: 7,
                [
                    .field("topic", .string, to: 12),
                    .field("topicID", .uuid, from: 13),
                    .list("partitions", of: .int32),
                ]),
            .field("rackID", .string, from: 11),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 1),
            .field("errorCode", .errorCode, from: 7),
            .field("sessionID", .int32, from: 7),
            .list(
                "responses", of: "FetchableTopicResponse",
                [
                    .field("topic", .string, to: 12),
                    .field("topicID", .uuid, from: 13),
                    .list(
                        "partitions", of: "PartitionData",
                        [
                            .field("partitionIndex", .int32),
                            .field("errorCode", .errorCode),
                            .field("highWatermark", .int64),
                            .field("lastStableOffset", .int64, from: 4, default: "-1"),
                            .field("logStartOffset", .int64, from: 5, default: "-1"),
                            .structure(
                                "divergingEpoch", of: "EpochEndOffset", from: 12, tag: 0,
                                [
                                    .field("epoch", .int32, default: "-1"),
                                    .field("endOffset", .int64, default: "-1"),
                                ]),
                            .structure(
                                "currentLeader", of: "LeaderIDAndEpoch", from: 12, tag: 1,
                                [
                                    .field("leaderID", .int32, default: "-1"),
                                    .field("leaderEpoch", .int32, default: "-1"),
                                ]),
                            .structure(
                                "snapshotID", of: "SnapshotID", from: 12, tag: 2,
                                [
                                    .field("endOffset", .int64, default: "-1"),
                                    .field("epoch", .int32, default: "-1"),
                                ]),
                            .list(
                                "abortedTransactions", of: "AbortedTransaction", from: 4, nullable: true,
                                [
                                    .field("producerID", .int64),
                                    .field("firstOffset", .int64),
                                ]),
                            .field("preferredReadReplica", .int32, from: 11, default: "-1"),
                            .field("records", .records, nullable: true),
                        ]),
                ]),
            .list(
                "nodeEndpoints", of: "NodeEndpoint", from: 16, tag: 0,
                [
                    .field("nodeID", .int32),
                    .field("host", .string),
                    .field("port", .int32),
                    .field("rack", .string, nullable: true),
                ]),
        ])

    static let listOffsets = API(
        key: 2, name: "ListOffsets", versions: 1...11, flexibleFrom: 6,
        summary: "Looks offsets up by position or timestamp.",
        request: [
            .field("replicaID", .int32),
            .field("isolationLevel", .int8, from: 2),
            .list(
                "topics", of: "ListOffsetsTopic",
                [
                    .field("name", .string),
                    .list(
                        "partitions", of: "ListOffsetsPartition",
                        [
                            .field("partitionIndex", .int32),
                            .field("currentLeaderEpoch", .int32, from: 4, default: "-1"),
                            .field("timestamp", .int64),
                        ]),
                ]),
            .field("timeoutMs", .int32, from: 10),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 2),
            .list(
                "topics", of: "ListOffsetsTopicResponse",
                [
                    .field("name", .string),
                    .list(
                        "partitions", of: "ListOffsetsPartitionResponse",
                        [
                            .field("partitionIndex", .int32),
                            .field("errorCode", .errorCode),
                            .field("timestamp", .int64, from: 1, default: "-1"),
                            .field("offset", .int64, from: 1, default: "-1"),
                            .field("leaderEpoch", .int32, from: 4, default: "-1"),
                        ]),
                ]),
        ])

    static let offsetForLeaderEpoch = API(
        key: 23, name: "OffsetForLeaderEpoch", versions: 0...4, flexibleFrom: 4,
        summary: "Tells where a leader epoch ended (KIP-101, KIP-320).",
        request: [
            .field("replicaID", .int32, from: 3, default: "-2"),
            .list(
                "topics", of: "OffsetForLeaderTopic",
                [
                    .field("topic", .string),
                    .list(
                        "partitions", of: "OffsetForLeaderPartition",
                        [
                            .field("partition", .int32),
                            .field("currentLeaderEpoch", .int32, from: 2, default: "-1"),
                            .field("leaderEpoch", .int32),
                        ]),
                ]),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 2),
            .list(
                "topics", of: "OffsetForLeaderTopicResult",
                [
                    .field("topic", .string),
                    .list(
                        "partitions", of: "EpochEndOffset",
                        [
                            .field("errorCode", .errorCode),
                            .field("partition", .int32),
                            .field("leaderEpoch", .int32, from: 1, default: "-1"),
                            .field("endOffset", .int64, default: "-1"),
                        ]),
                ]),
        ])

    static let deleteRecords = API(
        key: 21, name: "DeleteRecords", versions: 0...2, flexibleFrom: 2,
        summary: "Moves the log start offset forward (KIP-107).",
        request: [
            .list(
                "topics", of: "DeleteRecordsTopic",
                [
                    .field("name", .string),
                    .list(
                        "partitions", of: "DeleteRecordsPartition",
                        [
                            .field("partitionIndex", .int32),
                            .field("offset", .int64),
                        ]),
                ]),
            .field("timeoutMs", .int32),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .list(
                "topics", of: "DeleteRecordsTopicResult",
                [
                    .field("name", .string),
                    .list(
                        "partitions", of: "DeleteRecordsPartitionResult",
                        [
                            .field("partitionIndex", .int32),
                            .field("lowWatermark", .int64),
                            .field("errorCode", .errorCode),
                        ]),
                ]),
        ])

    static let initProducerID = API(
        key: 22, name: "InitProducerID", versions: 0...5, flexibleFrom: 2,
        summary: "Hands out a producer id and epoch (KIP-98, KIP-360).",
        request: [
            .field("transactionalID", .string, nullable: true),
            .field("transactionTimeoutMs", .int32),
            .field("producerID", .int64, from: 3, default: "-1"),
            .field("producerEpoch", .int16, from: 3, default: "-1"),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .field("errorCode", .errorCode),
            .field("producerID", .int64, default: "-1"),
            .field("producerEpoch", .int16),
        ])

    static let describeProducers = API(
        key: 61, name: "DescribeProducers", versions: 0...0, flexibleFrom: 0,
        summary: "Lists the producers a partition remembers (KIP-664).",
        request: [
            .list(
                "topics", of: "TopicRequest",
                [
                    .field("name", .string),
                    .list("partitionIndexes", of: .int32),
                ])
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .list(
                "topics", of: "TopicResponse",
                [
                    .field("name", .string),
                    .list(
                        "partitions", of: "PartitionResponse",
                        [
                            .field("partitionIndex", .int32),
                            .field("errorCode", .errorCode),
                            .field("errorMessage", .string, nullable: true),
                            .list(
                                "activeProducers", of: "ProducerState",
                                [
                                    .field("producerID", .int64),
                                    .field("producerEpoch", .int32),
                                    .field("lastSequence", .int32, default: "-1"),
                                    .field("lastTimestamp", .int64, default: "-1"),
                                    .field("coordinatorEpoch", .int32),
                                    .field("currentTxnStartOffset", .int64, default: "-1"),
                                ]),
                        ]),
                ]),
        ])
}
