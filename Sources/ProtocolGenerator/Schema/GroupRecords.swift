// What `__consumer_offsets` holds for every group: committed offsets, and the state of classic groups. In the log each
// key and value stands behind its version; the version of a key says which kind of record it is.

extension PlainStructure {
    static let groupRecords = [offsetCommitKey, offsetCommitValue, groupMetadataKey, groupMetadataValue]

    private static let offsetCommitKey = PlainStructure(
        name: "OffsetCommitKey", versions: 0...1, flexibleFrom: nil,
        summary: "The key of a record that holds a committed offset.",
        fields: [
            .field("group", .string),
            .field("topic", .string),
            .field("partition", .int32),
        ])

    private static let offsetCommitValue = PlainStructure(
        name: "OffsetCommitValue", versions: 0...4, flexibleFrom: 4,
        summary: "A committed offset.",
        fields: [
            .field("offset", .int64),
            .field("leaderEpoch", .int32, from: 3, default: "-1"),
            .field("metadata", .string),
            .field("commitTimestamp", .int64),
            .field("expireTimestamp", .int64, from: 1, to: 1, default: "-1"),
            .field("topicID", .uuid, from: 4, tag: 0),
        ])

    private static let groupMetadataKey = PlainStructure(
        name: "GroupMetadataKey", versions: 2...2, flexibleFrom: nil,
        summary: "The key of a record that holds a classic group.",
        fields: [
            .field("group", .string)
        ])

    private static let groupMetadataValue = PlainStructure(
        name: "GroupMetadataValue", versions: 0...4, flexibleFrom: 4,
        summary: "A classic group: its generation and its members.",
        fields: [
            .field("protocolType", .string),
            .field("generation", .int32),
            .field("protocolName", .string, nullable: true),
            .field("leader", .string, nullable: true),
            .field("currentStateTimestamp", .int64, from: 2, default: "-1"),
            .list(
                "members", of: "MemberMetadata",
                [
                    .field("memberID", .string),
                    .field("groupInstanceID", .string, from: 3, nullable: true),
                    .field("clientID", .string),
                    .field("clientHost", .string),
                    .field("rebalanceTimeout", .int32, from: 1, default: "-1"),
                    .field("sessionTimeout", .int32),
                    .field("subscription", .bytes),
                    .field("assignment", .bytes),
                ]),
        ])
}
