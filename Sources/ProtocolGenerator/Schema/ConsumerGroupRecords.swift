// What `__consumer_offsets` holds for groups of the consumer protocol (KIP-848). See `GroupRecords.swift` for the layout.

extension PlainStructure {
    static let consumerGroupRecords = [
        key("ConsumerGroupMetadataKey", 3, "the epoch of a consumer group"),
        metadataValue,
        key("ConsumerGroupPartitionMetadataKey", 4, "the topics that a consumer group is subscribed to"),
        partitionMetadataValue,
        key("ConsumerGroupMemberMetadataKey", 5, "a member of a consumer group", memberID),
        memberMetadataValue,
        key("ConsumerGroupTargetAssignmentMetadataKey", 6, "the epoch of a consumer group's target assignment"),
        targetAssignmentMetadataValue,
        key("ConsumerGroupTargetAssignmentMemberKey", 7, "what a member shall own", memberID),
        targetAssignmentMemberValue,
        key("ConsumerGroupCurrentMemberAssignmentKey", 8, "what a member owns", memberID),
        currentMemberAssignmentValue,
        key(
            "ConsumerGroupRegularExpressionKey", 16, "the topics that match a regular expression",
            .field("regularExpression", .string)),
        regularExpressionValue,
    ]

    private static let memberID = Field.field("memberID", .string)

    private static func key(_ name: String, _ version: Int, _ holds: String, _ fields: Field...) -> PlainStructure {
        PlainStructure(
            name: name, versions: version...version, flexibleFrom: nil,
            summary: "The key of a record that holds \(holds).",
            fields: [.field("groupID", .string)] + fields)
    }

    private static func value(_ name: String, _ summary: String, _ fields: [Field]) -> PlainStructure {
        PlainStructure(name: name, versions: 0...0, flexibleFrom: 0, summary: summary, fields: fields)
    }

    private static let topicPartitions: [Field] = [
        .field("topicID", .uuid),
        .list("partitions", of: .int32),
    ]

    private static let metadataValue = value(
        "ConsumerGroupMetadataValue", "The epoch of a consumer group.",
        [
            .field("epoch", .int32),
            .field("metadataHash", .int64, tag: 0),
        ])

    private static let partitionMetadataValue = value(
        "ConsumerGroupPartitionMetadataValue",
        "The topics that a consumer group is subscribed to; Kafka 4.1 dropped it.",
        [
            .list(
                "topics", of: "TopicMetadata",
                [
                    .field("topicID", .uuid),
                    .field("topicName", .string),
                    .field("numPartitions", .int32),
                    .list(
                        "partitionMetadata", of: "PartitionMetadata",
                        [
                            .field("partition", .int32),
                            .list("racks", of: .string),
                        ]),
                ])
        ])

    private static let memberMetadataValue = value(
        "ConsumerGroupMemberMetadataValue", "A member of a consumer group: who it is and what it is subscribed to.",
        [
            .field("instanceID", .string, nullable: true),
            .field("rackID", .string, nullable: true),
            .field("clientID", .string),
            .field("clientHost", .string),
            .list("subscribedTopicNames", of: .string),
            .field("subscribedTopicRegex", .string, nullable: true),
            .field("rebalanceTimeoutMs", .int32, default: "-1"),
            .field("serverAssignor", .string, nullable: true),
            .structure(
                "classicMemberMetadata", of: "ClassicMemberMetadata", nullable: true, tag: 0,
                [
                    .field("sessionTimeoutMs", .int32),
                    .list(
                        "supportedProtocols", of: "ClassicProtocol",
                        [
                            .field("name", .string),
                            .field("metadata", .bytes),
                        ]),
                ]),
        ])

    private static let targetAssignmentMetadataValue = value(
        "ConsumerGroupTargetAssignmentMetadataValue", "The group epoch from which the target assignment was computed.",
        [
            .field("assignmentEpoch", .int32)
        ])

    private static let targetAssignmentMemberValue = value(
        "ConsumerGroupTargetAssignmentMemberValue", "What a member shall own.",
        [
            .list("topicPartitions", of: "TopicPartition", topicPartitions)
        ])

    private static let currentMemberAssignmentValue = value(
        "ConsumerGroupCurrentMemberAssignmentValue", "What a member owns, and what it has to give up.",
        [
            .field("memberEpoch", .int32),
            .field("previousMemberEpoch", .int32),
            .field("state", .int8),
            .list("assignedPartitions", of: "TopicPartitions", topicPartitions),
            .list("partitionsPendingRevocation", of: "TopicPartitions", topicPartitions),
        ])

    private static let regularExpressionValue = value(
        "ConsumerGroupRegularExpressionValue", "The topics that match a regular expression.",
        [
            .list("topics", of: .string),
            // Kafka's "version": that of the topics' metadata when the expression was resolved.
            .field("metadataVersion", .int64),
            .field("timestamp", .int64),
        ])
}
