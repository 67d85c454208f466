import KafkaProtocol
import Testing

@testable import Broker

/// Records of `__consumer_offsets` against bytes worked out by hand from Kafka's message definitions.
@Suite struct GroupRecordTests {
    struct Example: Sendable, CustomStringConvertible {
        let description: String
        let record: GroupRecord
        let key: String
        let value: String?
    }

    private static let topicID = Uuid(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)
    private static let topicIDBytes = "0102030405060708090a0b0c0d0e0f10"

    static let examples: [Example] = [
        Example(
            description: "committed offset",
            record: .offsetCommit(
                OffsetCommitKey(group: "gr", topic: "top", partition: 7),
                OffsetCommitValue(offset: 258, leaderEpoch: 5, metadata: "m", commitTimestamp: 1_700_000_000_000)),
            key: "0001 0002 6772 0003 746f70 00000007",
            value: "0003 0000000000000102 00000005 0001 6d 0000018bcfe56800"),
        Example(
            description: "committed offset with a topic id",
            record: .offsetCommit(
                OffsetCommitKey(group: "gr", topic: "top", partition: 7),
                OffsetCommitValue(offset: 258, metadata: "m", commitTimestamp: 1_700_000_000_000, topicID: topicID)),
            key: "0001 0002 6772 0003 746f70 00000007",
            value: "0004 0000000000000102 ffffffff 02 6d 0000018bcfe56800 01 00 10 \(topicIDBytes)"),
        Example(
            description: "committed offset that expires",
            record: .offsetCommit(
                OffsetCommitKey(group: "gr", topic: "top", partition: 0),
                OffsetCommitValue(offset: 1, commitTimestamp: 2, expireTimestamp: 3)),
            key: "0001 0002 6772 0003 746f70 00000000",
            value: "0001 0000000000000001 0000 0000000000000002 0000000000000003"),
        Example(
            description: "deleted offset",
            record: .offsetCommit(OffsetCommitKey(group: "g", topic: "t", partition: 1), nil),
            key: "0001 0001 67 0001 74 00000001", value: nil),
        Example(
            description: "classic group",
            record: .groupMetadata(
                GroupMetadataKey(group: "gr"),
                GroupMetadataValue(
                    protocolType: "consumer", generation: 3, protocolName: "range", leader: "a",
                    currentStateTimestamp: 4,
                    members: [
                        .init(
                            memberID: "a", groupInstanceID: "i", clientID: "c", clientHost: "/h",
                            rebalanceTimeout: 300_000, sessionTimeout: 45_000, subscription: [1, 2], assignment: [3]),
                        .init(memberID: "b", sessionTimeout: 1),
                    ])),
            key: "0002 0002 6772",
            value: "0003 0008 636f6e73756d6572 00000003 0005 72616e6765 0001 61 0000000000000004 00000002"
                + "0001 61 0001 69 0001 63 0002 2f68 000493e0 0000afc8 00000002 0102 00000001 03"
                + "0001 62 ffff 0000 0000 ffffffff 00000001 00000000 00000000"),
        Example(
            description: "empty classic group",
            record: .groupMetadata(
                GroupMetadataKey(group: "g"), GroupMetadataValue(protocolType: "", generation: 0)),
            key: "0002 0001 67", value: "0003 0000 00000000 ffff ffff ffffffffffffffff 00000000"),
        Example(
            description: "deleted classic group", record: .groupMetadata(GroupMetadataKey(group: "g"), nil),
            key: "0002 0001 67", value: nil),
        Example(
            description: "consumer group",
            record: .consumerGroupMetadata(
                ConsumerGroupMetadataKey(groupID: "gr"), ConsumerGroupMetadataValue(epoch: 9)),
            key: "0003 0002 6772", value: "0000 00000009 00"),
        Example(
            description: "consumer group with the hash of its topics",
            record: .consumerGroupMetadata(
                ConsumerGroupMetadataKey(groupID: "gr"), ConsumerGroupMetadataValue(epoch: 9, metadataHash: -2)),
            key: "0003 0002 6772", value: "0000 00000009 01 00 08 fffffffffffffffe"),
        Example(
            description: "topics of a consumer group",
            record: .consumerGroupPartitionMetadata(
                ConsumerGroupPartitionMetadataKey(groupID: "gr"),
                ConsumerGroupPartitionMetadataValue(topics: [
                    .init(
                        topicID: topicID, topicName: "t", numPartitions: 2,
                        partitionMetadata: [.init(partition: 1, racks: ["r"])])
                ])),
            key: "0004 0002 6772",
            value: "0000 02 \(topicIDBytes) 02 74 00000002 02 00000001 02 02 72 00 00 00"),
        Example(
            description: "member",
            record: .consumerGroupMemberMetadata(
                ConsumerGroupMemberMetadataKey(groupID: "gr", memberID: "me"),
                ConsumerGroupMemberMetadataValue(
                    instanceID: nil, rackID: "r", clientID: "c", clientHost: "/h", subscribedTopicNames: ["t", "u"],
                    subscribedTopicRegex: nil, rebalanceTimeoutMs: 300_000, serverAssignor: "uniform")),
            key: "0005 0002 6772 0002 6d65",
            value: "0000 00 02 72 02 63 03 2f68 03 02 74 02 75 00 000493e0 08 756e69666f726d 00"),
        Example(
            description: "member that uses the classic protocol",
            record: .consumerGroupMemberMetadata(
                ConsumerGroupMemberMetadataKey(groupID: "gr", memberID: "me"),
                ConsumerGroupMemberMetadataValue(
                    subscribedTopicRegex: "",
                    classicMemberMetadata: .init(
                        sessionTimeoutMs: 45_000, supportedProtocols: [.init(name: "range", metadata: [7, 8])]))),
            key: "0005 0002 6772 0002 6d65",
            // The tagged structure is a byte of presence, then 16 bytes.
            value: "0000 00 00 01 01 01 01 ffffffff 00 01 00 11 01 0000afc8 02 06 72616e6765 03 0708 00 00"),
        Example(
            description: "deleted member",
            record: .consumerGroupMemberMetadata(
                ConsumerGroupMemberMetadataKey(groupID: "g", memberID: "m"), nil),
            key: "0005 0001 67 0001 6d", value: nil),
        Example(
            description: "epoch of the target assignment",
            record: .consumerGroupTargetAssignmentMetadata(
                ConsumerGroupTargetAssignmentMetadataKey(groupID: "gr"),
                ConsumerGroupTargetAssignmentMetadataValue(assignmentEpoch: 9)),
            key: "0006 0002 6772", value: "0000 00000009 00"),
        Example(
            description: "target assignment of a member",
            record: .consumerGroupTargetAssignmentMember(
                ConsumerGroupTargetAssignmentMemberKey(groupID: "gr", memberID: "me"),
                ConsumerGroupTargetAssignmentMemberValue(
                    topicPartitions: [.init(topicID: topicID, partitions: [0, 2])])),
            key: "0007 0002 6772 0002 6d65", value: "0000 02 \(topicIDBytes) 03 00000000 00000002 00 00"),
        Example(
            description: "current assignment of a member",
            record: .consumerGroupCurrentMemberAssignment(
                ConsumerGroupCurrentMemberAssignmentKey(groupID: "gr", memberID: "me"),
                ConsumerGroupCurrentMemberAssignmentValue(
                    memberEpoch: 10, previousMemberEpoch: 9, state: 1,
                    assignedPartitions: [.init(topicID: topicID, partitions: [1])],
                    partitionsPendingRevocation: [.init(topicID: topicID, partitions: [3])])),
            key: "0008 0002 6772 0002 6d65",
            value: "0000 0000000a 00000009 01 02 \(topicIDBytes) 02 00000001 00 02 \(topicIDBytes) 02 00000003 00 00"),
        Example(
            description: "resolved regular expression",
            record: .consumerGroupRegularExpression(
                ConsumerGroupRegularExpressionKey(groupID: "gr", regularExpression: "t.*"),
                ConsumerGroupRegularExpressionValue(topics: ["t", "tt"], metadataVersion: 5, timestamp: 6)),
            key: "0010 0002 6772 0003 742e2a",
            value: "0000 03 02 74 03 7474 0000000000000005 0000000000000006 00"),
        Example(
            description: "deleted regular expression",
            record: .consumerGroupRegularExpression(
                ConsumerGroupRegularExpressionKey(groupID: "g", regularExpression: "t"), nil),
            key: "0010 0001 67 0001 74", value: nil),
    ]

    @Test(arguments: examples)
    func recordsHaveKafkasBytes(example: Example) throws {
        let (key, value) = example.record.encoded()
        #expect(key == bytes(example.key))
        #expect(value == example.value.map(bytes))
        #expect(try GroupRecord(key: key, value: value) == example.record)
        #expect(example.record.groupID == (example.key.contains("6772") ? "gr" : "g"))
    }

    @Test(arguments: examples)
    func everyTruncatedPrefixIsAnError(example: Example) {
        let (key, value) = example.record.encoded()
        for length in 0..<key.count {
            #expect(throws: WireError.self) { try GroupRecord(key: Array(key.prefix(length)), value: value) }
        }
        for length in 0..<(value?.count ?? 0) {
            #expect(throws: WireError.self) { try GroupRecord(key: key, value: value.map { Array($0.prefix(length)) }) }
        }
    }

    /// What older Kafka left in a log.
    @Test func olderVersionsAreRead() throws {
        let offsetKey = OffsetCommitKey(group: "g", topic: "t", partition: 1)
        let oldKey = bytes("0000 0001 67 0001 74 00000001")
        #expect(
            try GroupRecord(key: oldKey, value: bytes("0000 0000000000000102 0001 6d 0000000000000003"))
                == .offsetCommit(offsetKey, OffsetCommitValue(offset: 258, metadata: "m", commitTimestamp: 3)))
        #expect(
            try GroupRecord(key: oldKey, value: bytes("0002 0000000000000102 0001 6d 0000000000000003"))
                == .offsetCommit(offsetKey, OffsetCommitValue(offset: 258, metadata: "m", commitTimestamp: 3)))

        let member = GroupMetadataValue.MemberMetadata(memberID: "a", sessionTimeout: 2, subscription: [9])
        let group = GroupMetadataValue(
            protocolType: "p", generation: 1, protocolName: "x", leader: "a", members: [member])
        let head = "0001 70 00000001 0001 78 0001 61"
        #expect(
            try GroupRecord(
                key: bytes("0002 0001 67"),
                value: bytes("0000 \(head) 00000001 0001 61 0000 0000 00000002 00000001 09 00000000"))
                == .groupMetadata(GroupMetadataKey(group: "g"), group))
    }

    /// A newer Kafka: the flexible version of a group, with a tagged field that is not known.
    @Test func flexibleGroupsAreRead() throws {
        let value = bytes("0004 02 70 00000001 00 00 0000000000000007 01 01 05 02 abcd")
        #expect(
            try GroupRecord(key: bytes("0002 0001 67"), value: value)
                == .groupMetadata(
                    GroupMetadataKey(group: "g"),
                    GroupMetadataValue(protocolType: "p", generation: 1, currentStateTimestamp: 7)))
    }

    /// Share groups (9 to 15), streams groups (17 and later), and what may come.
    @Test(arguments: [Int16]([9, 10, 11, 12, 13, 14, 15, 17, 23, 1000, .max, -1]))
    func unknownKindsAreSkipped(kind: Int16) throws {
        let key = [UInt8(truncatingIfNeeded: kind >> 8), UInt8(truncatingIfNeeded: kind), 0, 1, 0x67]
        #expect(try GroupRecord(key: key, value: [1, 2, 3]) == nil)
        #expect(try GroupRecord(key: key, value: nil) == nil)
    }

    @Test func unknownVersionsOfValuesAreErrors() {
        #expect(throws: WireError.unknownVersion(5)) {
            try GroupRecord(key: bytes("0002 0001 67"), value: bytes("0005 00"))
        }
        #expect(throws: WireError.unknownVersion(1)) {
            try GroupRecord(key: bytes("0003 0001 67"), value: bytes("0001 00000001 00"))
        }
        #expect(throws: WireError.unknownVersion(-1)) {
            try GroupRecord(key: bytes("0003 0001 67"), value: bytes("ffff 00000001 00"))
        }
    }

    @Test func bytesBehindKeyOrValueAreErrors() {
        #expect(throws: WireError.trailingBytes(1)) { try GroupRecord(key: bytes("0002 0001 67 00"), value: nil) }
        #expect(throws: WireError.trailingBytes(1)) {
            try GroupRecord(key: bytes("0003 0001 67"), value: bytes("0000 00000001 00 00"))
        }
    }
}
