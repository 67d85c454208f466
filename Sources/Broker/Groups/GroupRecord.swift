import KafkaProtocol

/// One record of `__consumer_offsets`: what it is about (the key) and what holds from now on (the value, nil for a
/// tombstone: nothing any more).
///
/// Layout: key and value each stand behind two bytes of version. The version of a key says which kind of record it is; the
/// version of a value is that of its structure. Kinds that Martlet does not know (share groups, streams groups) are skipped
/// when a log is read, and stay in the log.
/// Crash rule: none of its own; the log holds either the whole record or nothing of it.
/// Threads: a value.
///
/// Source: Kafka's message definitions of the group coordinator; KIP-848, "Records".
package enum GroupRecord: Equatable, Sendable {
    case offsetCommit(OffsetCommitKey, OffsetCommitValue?)
    case groupMetadata(GroupMetadataKey, GroupMetadataValue?)
    case consumerGroupMetadata(ConsumerGroupMetadataKey, ConsumerGroupMetadataValue?)
    case consumerGroupPartitionMetadata(ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue?)
    case consumerGroupMemberMetadata(ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue?)
    case consumerGroupTargetAssignmentMetadata(
        ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue?)
    case consumerGroupTargetAssignmentMember(
        ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue?)
    case consumerGroupCurrentMemberAssignment(
        ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue?)
    case consumerGroupRegularExpression(ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue?)

    /// The group that the record belongs to, which says in which partition it is stored.
    package var groupID: String {
        switch self {
        case .offsetCommit(let key, _): key.group
        case .groupMetadata(let key, _): key.group
        case .consumerGroupMetadata(let key, _): key.groupID
        case .consumerGroupPartitionMetadata(let key, _): key.groupID
        case .consumerGroupMemberMetadata(let key, _): key.groupID
        case .consumerGroupTargetAssignmentMetadata(let key, _): key.groupID
        case .consumerGroupTargetAssignmentMember(let key, _): key.groupID
        case .consumerGroupCurrentMemberAssignment(let key, _): key.groupID
        case .consumerGroupRegularExpression(let key, _): key.groupID
        }
    }
}

extension GroupRecord {
    /// Whether the record takes away what is known under its key.
    package var isTombstone: Bool {
        switch self {
        case .offsetCommit(_, let value): value == nil
        case .groupMetadata(_, let value): value == nil
        case .consumerGroupMetadata(_, let value): value == nil
        case .consumerGroupPartitionMetadata(_, let value): value == nil
        case .consumerGroupMemberMetadata(_, let value): value == nil
        case .consumerGroupTargetAssignmentMetadata(_, let value): value == nil
        case .consumerGroupTargetAssignmentMember(_, let value): value == nil
        case .consumerGroupCurrentMemberAssignment(_, let value): value == nil
        case .consumerGroupRegularExpression(_, let value): value == nil
        }
    }
}

// MARK: Encoding

extension GroupRecord {
    /// Key and value as they stand in the log.
    package func encoded() -> (key: [UInt8], value: [UInt8]?) {
        switch self {
        case .offsetCommit(let key, let value): Self.encode(key, value, version: value?.storedVersion ?? 0)
        // Later versions are flexible; up to this one, every Kafka since 2.3 reads it.
        case .groupMetadata(let key, let value): Self.encode(key, value, version: 3)
        case .consumerGroupMetadata(let key, let value): Self.encode(key, value, version: 0)
        case .consumerGroupPartitionMetadata(let key, let value): Self.encode(key, value, version: 0)
        case .consumerGroupMemberMetadata(let key, let value): Self.encode(key, value, version: 0)
        case .consumerGroupTargetAssignmentMetadata(let key, let value): Self.encode(key, value, version: 0)
        case .consumerGroupTargetAssignmentMember(let key, let value): Self.encode(key, value, version: 0)
        case .consumerGroupCurrentMemberAssignment(let key, let value): Self.encode(key, value, version: 0)
        case .consumerGroupRegularExpression(let key, let value): Self.encode(key, value, version: 0)
        }
    }

    /// The newest version of a key is the one that is written.
    private static func encode<Key: WireStructure, Value: WireStructure>(
        _ key: Key, _ value: Value?, version: Int16
    ) -> (key: [UInt8], value: [UInt8]?) {
        (key.encodedBehindVersion(Key.versions.upperBound), value?.encodedBehindVersion(version))
    }
}

extension OffsetCommitValue {
    /// The lowest version that holds everything, so that older Kafka can read the log: only version 1 has a time of expiry,
    /// and only version 4 a topic id.
    fileprivate var storedVersion: Int16 {
        if expireTimestamp != -1 { return 1 }
        return topicID == .zero ? 3 : 4
    }
}

// MARK: Decoding

extension GroupRecord {
    /// Reads a record of the log; nil if its kind is unknown. A value whose version is unknown is an error: skipping it would
    /// bring an older value of the same key back.
    package init?(key: [UInt8], value: [UInt8]?) throws(WireError) {
        var reader = WireReader(key.span.bytes)
        switch try reader.readInt16() {
        case 0, 1: self = .offsetCommit(try Self.read(key), try Self.read(value))
        case 2: self = .groupMetadata(try Self.read(key), try Self.read(value))
        case 3: self = .consumerGroupMetadata(try Self.read(key), try Self.read(value))
        case 4: self = .consumerGroupPartitionMetadata(try Self.read(key), try Self.read(value))
        case 5: self = .consumerGroupMemberMetadata(try Self.read(key), try Self.read(value))
        case 6: self = .consumerGroupTargetAssignmentMetadata(try Self.read(key), try Self.read(value))
        case 7: self = .consumerGroupTargetAssignmentMember(try Self.read(key), try Self.read(value))
        case 8: self = .consumerGroupCurrentMemberAssignment(try Self.read(key), try Self.read(value))
        case 16: self = .consumerGroupRegularExpression(try Self.read(key), try Self.read(value))
        default: return nil
        }
    }

    private static func read<Part: WireStructure>(_ bytes: [UInt8]) throws(WireError) -> Part {
        try Part(decodingBehindVersion: bytes.span.bytes)
    }

    private static func read<Part: WireStructure>(_ bytes: [UInt8]?) throws(WireError) -> Part? {
        guard let bytes else { return nil }
        return try Part(decodingBehindVersion: bytes.span.bytes)
    }
}
