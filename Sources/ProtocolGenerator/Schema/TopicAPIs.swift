extension API {
    static let createTopics = API(
        key: 19, name: "CreateTopics", versions: 0...7, flexibleFrom: 5,
        summary: "Creates topics (KIP-4).",
        request: [
            .list(
                "topics", of: "CreatableTopic",
                [
                    .field("name", .string),
                    .field("numPartitions", .int32),
                    .field("replicationFactor", .int16),
                    .list(
                        "assignments", of: "CreatableReplicaAssignment",
                        [
                            .field("partitionIndex", .int32),
                            .list("brokerIDs", of: .int32),
                        ]),
                    .list(
                        "configs", of: "CreatableTopicConfig",
                        [
                            .field("name", .string),
                            .field("value", .string, nullable: true),
                        ]),
                ]),
            .field("timeoutMs", .int32, default: "60000"),
            .field("validateOnly", .bool, from: 1),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 2),
            .list(
                "topics", of: "CreatableTopicResult",
                [
                    .field("name", .string),
                    .field("topicID", .uuid, from: 7),
                    .field("errorCode", .errorCode),
                    .field("errorMessage", .string, from: 1, nullable: true),
                    .field("topicConfigErrorCode", .int16, from: 5, tag: 0),
                    .field("numPartitions", .int32, from: 5, default: "-1"),
                    .field("replicationFactor", .int16, from: 5, default: "-1"),
                    .list(
                        "configs", of: "CreatableTopicConfigs", from: 5, nullable: true,
                        [
                            .field("name", .string),
                            .field("value", .string, nullable: true),
                            .field("readOnly", .bool),
                            .field("configSource", .int8, default: "-1"),
                            .field("isSensitive", .bool),
                        ]),
                ]),
        ])

    static let deleteTopics = API(
        key: 20, name: "DeleteTopics", versions: 0...6, flexibleFrom: 4,
        summary: "Deletes topics by name or id (KIP-4, KIP-516).",
        request: [
            .list(
                "topics", of: "DeleteTopicState", from: 6,
                [
                    .field("name", .string, nullable: true),
                    .field("topicID", .uuid),
                ]),
            .list("topicNames", of: .string, to: 5),
            .field("timeoutMs", .int32),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 1),
            .list(
                "responses", of: "DeletableTopicResult",
                [
                    .field("name", .string, nullable: true, nullableFrom: 6),
                    .field("topicID", .uuid, from: 6),
                    .field("errorCode", .errorCode),
                    .field("errorMessage", .string, from: 5, nullable: true),
                ]),
        ])

    static let createPartitions = API(
        key: 37, name: "CreatePartitions", versions: 0...3, flexibleFrom: 2,
        summary: "Adds partitions to topics (KIP-195).",
        request: [
            .list(
                "topics", of: "CreatePartitionsTopic",
                [
                    .field("name", .string),
                    .field("count", .int32),
                    .list(
                        "assignments", of: "CreatePartitionsAssignment", nullable: true,
                        [
                            .list("brokerIDs", of: .int32)
                        ]),
                ]),
            .field("timeoutMs", .int32),
            .field("validateOnly", .bool),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .list(
                "results", of: "CreatePartitionsTopicResult",
                [
                    .field("name", .string),
                    .field("errorCode", .errorCode),
                    .field("errorMessage", .string, nullable: true),
                ]),
        ])

    static let describeConfigs = API(
        key: 32, name: "DescribeConfigs", versions: 0...4, flexibleFrom: 4,
        summary: "Lists settings with their values and sources (KIP-133, KIP-226).",
        request: [
            .list(
                "resources", of: "DescribeConfigsResource",
                [
                    .field("resourceType", .int8),
                    .field("resourceName", .string),
                    .list("configurationKeys", of: .string, nullable: true),
                ]),
            .field("includeSynonyms", .bool, from: 1),
            .field("includeDocumentation", .bool, from: 3),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .list(
                "results", of: "DescribeConfigsResult",
                [
                    .field("errorCode", .errorCode),
                    .field("errorMessage", .string, nullable: true),
                    .field("resourceType", .int8),
                    .field("resourceName", .string),
                    .list(
                        "configs", of: "DescribeConfigsResourceResult",
                        [
                            .field("name", .string),
                            .field("value", .string, nullable: true),
                            .field("readOnly", .bool),
                            .field("isDefault", .bool, to: 0),
                            .field("configSource", .int8, from: 1, default: "-1"),
                            .field("isSensitive", .bool),
                            .list(
                                "synonyms", of: "DescribeConfigsSynonym", from: 1,
                                [
                                    .field("name", .string),
                                    .field("value", .string, nullable: true),
                                    .field("source", .int8),
                                ]),
                            .field("configType", .int8, from: 3),
                            .field("documentation", .string, from: 3, nullable: true),
                        ]),
                ]),
        ])

    static let alterConfigs = API(
        key: 33, name: "AlterConfigs", versions: 0...2, flexibleFrom: 2,
        summary: "Replaces all dynamic settings of a resource (KIP-133).",
        request: [
            .list(
                "resources", of: "AlterConfigsResource",
                [
                    .field("resourceType", .int8),
                    .field("resourceName", .string),
                    .list(
                        "configs", of: "AlterableConfig",
                        [
                            .field("name", .string),
                            .field("value", .string, nullable: true),
                        ]),
                ]),
            .field("validateOnly", .bool),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .list(
                "responses", of: "AlterConfigsResourceResponse",
                [
                    .field("errorCode", .errorCode),
                    .field("errorMessage", .string, nullable: true),
                    .field("resourceType", .int8),
                    .field("resourceName", .string),
                ]),
        ])

    static let incrementalAlterConfigs = API(
        key: 44, name: "IncrementalAlterConfigs", versions: 0...1, flexibleFrom: 1,
        summary: "Sets, removes, appends to or subtracts from single settings (KIP-339).",
        request: [
            .list(
                "resources", of: "AlterConfigsResource",
                [
                    .field("resourceType", .int8),
                    .field("resourceName", .string),
                    .list(
                        "configs", of: "AlterableConfig",
                        [
                            .field("name", .string),
                            .field("configOperation", .int8),
                            .field("value", .string, nullable: true),
                        ]),
                ]),
            .field("validateOnly", .bool),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .list(
                "responses", of: "AlterConfigsResourceResponse",
                [
                    .field("errorCode", .errorCode),
                    .field("errorMessage", .string, nullable: true),
                    .field("resourceType", .int8),
                    .field("resourceName", .string),
                ]),
        ])
}
