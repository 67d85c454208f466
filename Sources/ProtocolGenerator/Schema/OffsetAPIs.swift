extension API {
    static let offsetCommit = API(
        key: 8, name: "OffsetCommit", versions: 2...10, flexibleFrom: 8,
        summary: "Commits offsets of a group.",
        request: [
            .field("groupID", .string),
            .field("generationIDOrMemberEpoch", .int32, from: 1, default: "-1"),
            .field("memberID", .string, from: 1),
            .field("groupInstanceID", .string, from: 7, nullable: true),
            .field("retentionTimeMs", .int64, from: 2, to: 4, default: "-1"),
            .list(
                "topics", of: "OffsetCommitRequestTopic",
                [
                    .field("name", .string, to: 9),
                    .field("topicID", .uuid, from: 10),
                    .list(
                        "partitions", of: "OffsetCommitRequestPartition",
                        [
                            .field("partitionIndex", .int32),
                            .field("committedOffset", .int64),
                            .field("committedLeaderEpoch", .int32, from: 6, default: "-1"),
                            .field("committedMetadata", .string, nullable: true),
                        ]),
                ]),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 3),
            .list(
                "topics", of: "OffsetCommitResponseTopic",
                [
                    .field("name", .string, to: 9),
                    .field("topicID", .uuid, from: 10),
                    .list(
                        "partitions", of: "OffsetCommitResponsePartition",
                        [
                            .field("partitionIndex", .int32),
                            .field("errorCode", .errorCode),
                        ]),
                ]),
        ])

    static let offsetFetch = API(
        key: 9, name: "OffsetFetch", versions: 1...10, flexibleFrom: 6,
        summary: "Reads the committed offsets of a group.",
        request: [
            .field("groupID", .string, to: 7),
            .list(
                "topics", of: "OffsetFetchRequestTopic", to: 7, nullable: true, nullableFrom: 2,
                [
                    .field("name", .string, to: 7),
                    .list("partitionIndexes", of: .int32, to: 7),
                ]),
            .list(
                "groups", of: "OffsetFetchRequestGroup", from: 8,
                [
                    .field("groupID", .string),
                    .field("memberID", .string, from: 9, nullable: true),
                    .field("memberEpoch", .int32, from: 9, default: "-1"),
                    .list(
                        "topics", of: "OffsetFetchRequestTopics", nullable: true,
                        [
                            .field("name", .string, to: 9),
                            .field("topicID", .uuid, from: 10),
                            .list("partitionIndexes", of: .int32),
                        ]),
                ]),
            .field("requireStable", .bool, from: 7),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 3),
            .list(
                "topics", of: "OffsetFetchResponseTopic", to: 7,
                [
                    .field("name", .string, to: 7),
                    .list(
                        "partitions", of: "OffsetFetchResponsePartition", to: 7,
                        [
                            .field("partitionIndex", .int32, to: 7),
                            .field("committedOffset", .int64, to: 7),
                            .field("committedLeaderEpoch", .int32, from: 5, to: 7, default: "-1"),
                            .field("metadata", .string, to: 7, nullable: true),
                            .field("errorCode", .errorCode, to: 7),
                        ]),
                ]),
            .field("errorCode", .errorCode, from: 2, to: 7),
            .list(
                "groups", of: "OffsetFetchResponseGroup", from: 8,
                [
                    .field("groupID", .string),
                    .list(
                        "topics", of: "OffsetFetchResponseTopics",
                        [
                            .field("name", .string, to: 9),
                            .field("topicID", .uuid, from: 10),
                            .list(
                                "partitions", of: "OffsetFetchResponsePartitions",
                                [
                                    .field("partitionIndex", .int32),
                                    .field("committedOffset", .int64),
                                    .field("committedLeaderEpoch", .int32, default: "-1"),
                                    .field("metadata", .string, nullable: true),
                                    .field("errorCode", .errorCode),
                                ]),
                        ]),
                    .field("errorCode", .errorCode),
                ]),
        ])

    static let offsetDelete = API(
        key: 47, name: "OffsetDelete", versions: 0...0, flexibleFrom: nil,
        summary: "Deletes committed offsets of a group (KIP-496).",
        request: [
            .field("groupID", .string),
            .list(
                "topics", of: "OffsetDeleteRequestTopic",
                [
                    .field("name", .string),
                    .list(
                        "partitions", of: "OffsetDeleteRequestPartition",
                        [
                            .field("partitionIndex", .int32)
                        ]),
                ]),
        ],
        response: [
            .field("errorCode", .errorCode),
            .field("throttleTimeMs", .int32),
            .list(
                "topics", of: "OffsetDeleteResponseTopic",
                [
                    .field("name", .string),
                    .list(
                        "partitions", of: "OffsetDeleteResponsePartition",
                        [
                            .field("partitionIndex", .int32),
                            .field("errorCode", .errorCode),
                        ]),
                ]),
        ])
}
