// What consumers of the classic protocol tell each other through the broker: the metadata of JoinGroup and the assignments
// of SyncGroup, for the protocol type "consumer". Each stands behind its version.

extension PlainStructure {
    static let consumerProtocol = [subscription, assignment]

    private static let topicPartition: [Field] = [
        .field("topic", .string),
        .list("partitions", of: .int32),
    ]

    private static let subscription = PlainStructure(
        name: "ConsumerProtocolSubscription", versions: 0...3, flexibleFrom: nil,
        summary: "What a consumer of the classic protocol is subscribed to.",
        fields: [
            .list("topics", of: .string),
            .field("userData", .bytes, nullable: true),
            .list("ownedPartitions", of: "TopicPartition", from: 1, topicPartition),
            .field("generationID", .int32, from: 2, default: "-1"),
            .field("rackID", .string, from: 3, nullable: true),
        ])

    private static let assignment = PlainStructure(
        name: "ConsumerProtocolAssignment", versions: 0...3, flexibleFrom: nil,
        summary: "What the leader of a classic group gives to one of its consumers.",
        fields: [
            .list("assignedPartitions", of: "TopicPartition", topicPartition),
            .field("userData", .bytes, nullable: true),
        ])
}
