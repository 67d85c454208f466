extension API {
    static let apiVersions = API(
        key: 18, name: "ApiVersions", versions: 0...4, flexibleFrom: 3,
        summary: "Tells which APIs and versions the broker serves (KIP-35, KIP-511).",
        request: [
            .field("clientSoftwareName", .string, from: 3),
            .field("clientSoftwareVersion", .string, from: 3),
        ],
        response: [
            .field("errorCode", .errorCode),
            .list(
                "apiKeys", of: "ApiVersion",
                [
                    .field("apiKey", .int16),
                    .field("minVersion", .int16),
                    .field("maxVersion", .int16),
                ]),
            .field("throttleTimeMs", .int32, from: 1),
            .list(
                "supportedFeatures", of: "SupportedFeatureKey", from: 3, tag: 0,
                [
                    .field("name", .string),
                    .field("minVersion", .int16),
                    .field("maxVersion", .int16),
                ]),
            .field("finalizedFeaturesEpoch", .int64, from: 3, tag: 1, default: "-1"),
            .list(
                "finalizedFeatures", of: "FinalizedFeatureKey", from: 3, tag: 2,
                [
                    .field("name", .string),
                    .field("maxVersionLevel", .int16),
                    .field("minVersionLevel", .int16),
                ]),
            .field("zkMigrationReady", .bool, from: 3, tag: 3),
        ])

    static let metadata = API(
        key: 3, name: "Metadata", versions: 0...13, flexibleFrom: 9,
        summary: "Describes brokers, topics and partitions.",
        request: [
            .list(
                "topics", of: "MetadataRequestTopic", nullable: true, nullableFrom: 1,
                [
                    .field("topicID", .uuid, from: 10),
                    .field("name", .string, nullable: true, nullableFrom: 10),
                ]),
            .field("allowAutoTopicCreation", .bool, from: 4, default: "true"),
            .field("includeClusterAuthorizedOperations", .bool, from: 8, to: 10),
            .field("includeTopicAuthorizedOperations", .bool, from: 8),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 3),
            .list(
                "brokers", of: "MetadataResponseBroker",
                [
                    .field("nodeID", .int32),
                    .field("host", .string),
                    .field("port", .int32),
                    .field("rack", .string, from: 1, nullable: true),
                ]),
            .field("clusterID", .string, from: 2, nullable: true),
            .field("controllerID", .int32, from: 1, default: "-1"),
            .list(
                "topics", of: "MetadataResponseTopic",
                [
                    .field("errorCode", .errorCode),
                    .field("name", .string, nullable: true, nullableFrom: 12),
                    .field("topicID", .uuid, from: 10),
                    .field("isInternal", .bool, from: 1),
                    .list(
                        "partitions", of: "MetadataResponsePartition",
                        [
                            .field("errorCode", .errorCode),
                            .field("partitionIndex", .int32),
                            .field("leaderID", .int32),
                            .field("leaderEpoch", .int32, from: 7, default: "-1"),
                            .list("replicaNodes", of: .int32),
                            .list("isrNodes", of: .int32),
                            .list("offlineReplicas", of: .int32, from: 5),
                        ]),
                    .field("topicAuthorizedOperations", .int32, from: 8, default: ".min"),
                ]),
            .field("clusterAuthorizedOperations", .int32, from: 8, to: 10, default: ".min"),
            .field("errorCode", .errorCode, from: 13),
        ])

    static let describeCluster = API(
        key: 60, name: "DescribeCluster", versions: 0...2, flexibleFrom: 0,
        summary: "Describes the brokers of the cluster (KIP-700).",
        request: [
            .field("includeClusterAuthorizedOperations", .bool),
            .field("endpointType", .int8, from: 1, default: "1"),
            .field("includeFencedBrokers", .bool, from: 2),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .field("errorCode", .errorCode),
            .field("errorMessage", .string, nullable: true),
            .field("endpointType", .int8, from: 1, default: "1"),
            .field("clusterID", .string),
            .field("controllerID", .int32, default: "-1"),
            .list(
                "brokers", of: "DescribeClusterBroker",
                [
                    .field("brokerID", .int32),
                    .field("host", .string),
                    .field("port", .int32),
                    .field("rack", .string, nullable: true),
                    .field("isFenced", .bool, from: 2),
                ]),
            .field("clusterAuthorizedOperations", .int32, default: ".min"),
        ])

    static let describeTopicPartitions = API(
        key: 75, name: "DescribeTopicPartitions", versions: 0...0, flexibleFrom: 0,
        summary: "Describes topics page by page (KIP-966).",
        request: [
            .list(
                "topics", of: "TopicRequest",
                [
                    .field("name", .string)
                ]),
            .field("responsePartitionLimit", .int32, default: "2000"),
            .structure(
                "cursor", of: "Cursor", nullable: true,
                [
                    .field("topicName", .string),
                    .field("partitionIndex", .int32),
                ]),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .list(
                "topics", of: "DescribeTopicPartitionsResponseTopic",
                [
                    .field("errorCode", .errorCode),
                    .field("name", .string, nullable: true),
                    .field("topicID", .uuid),
                    .field("isInternal", .bool),
                    .list(
                        "partitions", of: "DescribeTopicPartitionsResponsePartition",
                        [
                            .field("errorCode", .errorCode),
                            .field("partitionIndex", .int32),
                            .field("leaderID", .int32),
                            .field("leaderEpoch", .int32, default: "-1"),
                            .list("replicaNodes", of: .int32),
                            .list("isrNodes", of: .int32),
                            .list("eligibleLeaderReplicas", of: .int32, nullable: true),
                            .list("lastKnownElr", of: .int32, nullable: true),
                            .list("offlineReplicas", of: .int32),
                        ]),
                    .field("topicAuthorizedOperations", .int32, default: ".min"),
                ]),
            .structure(
                "nextCursor", of: "Cursor", nullable: true,
                [
                    .field("topicName", .string),
                    .field("partitionIndex", .int32),
                ]),
        ])

    static let describeLogDirs = API(
        key: 35, name: "DescribeLogDirs", versions: 0...4, flexibleFrom: 2,
        summary: "Tells how large each partition is on disk (KIP-113).",
        request: [
            .list(
                "topics", of: "DescribableLogDirTopic", nullable: true,
                [
                    .field("topic", .string),
                    .list("partitions", of: .int32),
                ])
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .field("errorCode", .errorCode, from: 3),
            .list(
                "results", of: "DescribeLogDirsResult",
                [
                    .field("errorCode", .errorCode),
                    .field("logDir", .string),
                    .list(
                        "topics", of: "DescribeLogDirsTopic",
                        [
                            .field("name", .string),
                            .list(
                                "partitions", of: "DescribeLogDirsPartition",
                                [
                                    .field("partitionIndex", .int32),
                                    .field("partitionSize", .int64),
                                    .field("offsetLag", .int64),
                                    .field("isFutureKey", .bool),
                                ]),
                        ]),
                    .field("totalBytes", .int64, from: 4, default: "-1"),
                    .field("usableBytes", .int64, from: 4, default: "-1"),
                ]),
        ])
}
