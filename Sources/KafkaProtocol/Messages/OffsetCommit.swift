// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// OffsetCommit request, key 8, versions 2 to 10. Commits offsets of a group.
package struct OffsetCommitRequest: RequestMessage {
    package typealias Response = OffsetCommitResponse
    package static let apiKey = ApiKey.offsetCommit
    package static let versions: ClosedRange<Int16> = 2...10
    package static let firstFlexibleVersion: Int16? = 8

    package var groupID: String = ""
    package var generationIDOrMemberEpoch: Int32 = -1
    package var memberID: String = ""
    /// Since version 7.
    package var groupInstanceID: String? = nil
    /// Up to version 4.
    package var retentionTimeMs: Int64 = -1
    package var topics: [OffsetCommitRequestTopic] = []

    package init(
        groupID: String = "",
        generationIDOrMemberEpoch: Int32 = -1,
        memberID: String = "",
        groupInstanceID: String? = nil,
        retentionTimeMs: Int64 = -1,
        topics: [OffsetCommitRequestTopic] = []
    ) {
        self.groupID = groupID
        self.generationIDOrMemberEpoch = generationIDOrMemberEpoch
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.retentionTimeMs = retentionTimeMs
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 8
        groupID = try reader.readString(flexible)
        generationIDOrMemberEpoch = try reader.readInt32()
        memberID = try reader.readString(flexible)
        if version >= 7 {
            groupInstanceID = try reader.readNullableString(flexible)
        }
        if version <= 4 {
            retentionTimeMs = try reader.readInt64()
        }
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try OffsetCommitRequestTopic(from: &reader, version: version)
        }
        if version >= 8 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 8
        writer.writeString(groupID, flexible)
        writer.writeInt32(generationIDOrMemberEpoch)
        writer.writeString(memberID, flexible)
        if version >= 7 {
            writer.writeNullableString(groupInstanceID, flexible)
        }
        if version <= 4 {
            writer.writeInt64(retentionTimeMs)
        }
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 8 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct OffsetCommitRequestTopic: Equatable, Sendable {
        /// Up to version 9.
        package var name: String = ""
        /// Since version 10.
        package var topicID: Uuid = .zero
        package var partitions: [OffsetCommitRequestPartition] = []

        package init(
            name: String = "",
            topicID: Uuid = .zero,
            partitions: [OffsetCommitRequestPartition] = []
        ) {
            self.name = name
            self.topicID = topicID
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 8
            if version <= 9 {
                name = try reader.readString(flexible)
            }
            if version >= 10 {
                topicID = try reader.readUuid()
            }
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetCommitRequestPartition(from: &reader, version: version)
            }
            if version >= 8 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 8
            if version <= 9 {
                writer.writeString(name, flexible)
            }
            if version >= 10 {
                writer.writeUuid(topicID)
            }
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 8 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct OffsetCommitRequestPartition: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var committedOffset: Int64 = 0
        /// Since version 6.
        package var committedLeaderEpoch: Int32 = -1
        package var committedMetadata: String? = nil

        package init(
            partitionIndex: Int32 = 0,
            committedOffset: Int64 = 0,
            committedLeaderEpoch: Int32 = -1,
            committedMetadata: String? = nil
        ) {
            self.partitionIndex = partitionIndex
            self.committedOffset = committedOffset
            self.committedLeaderEpoch = committedLeaderEpoch
            self.committedMetadata = committedMetadata
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 8
            partitionIndex = try reader.readInt32()
            committedOffset = try reader.readInt64()
            if version >= 6 {
                committedLeaderEpoch = try reader.readInt32()
            }
            committedMetadata = try reader.readNullableString(flexible)
            if version >= 8 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 8
            writer.writeInt32(partitionIndex)
            writer.writeInt64(committedOffset)
            if version >= 6 {
                writer.writeInt32(committedLeaderEpoch)
            }
            writer.writeNullableString(committedMetadata, flexible)
            if version >= 8 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// OffsetCommit response, key 8, versions 2 to 10. Commits offsets of a group.
package struct OffsetCommitResponse: WireMessage {
    package static let apiKey = ApiKey.offsetCommit
    package static let versions: ClosedRange<Int16> = 2...10
    package static let firstFlexibleVersion: Int16? = 8

    /// Since version 3.
    package var throttleTimeMs: Int32 = 0
    package var topics: [OffsetCommitResponseTopic] = []

    package init(
        throttleTimeMs: Int32 = 0,
        topics: [OffsetCommitResponseTopic] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 8
        if version >= 3 {
            throttleTimeMs = try reader.readInt32()
        }
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try OffsetCommitResponseTopic(from: &reader, version: version)
        }
        if version >= 8 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 8
        if version >= 3 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 8 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct OffsetCommitResponseTopic: Equatable, Sendable {
        /// Up to version 9.
        package var name: String = ""
        /// Since version 10.
        package var topicID: Uuid = .zero
        package var partitions: [OffsetCommitResponsePartition] = []

        package init(
            name: String = "",
            topicID: Uuid = .zero,
            partitions: [OffsetCommitResponsePartition] = []
        ) {
            self.name = name
            self.topicID = topicID
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 8
            if version <= 9 {
                name = try reader.readString(flexible)
            }
            if version >= 10 {
                topicID = try reader.readUuid()
            }
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetCommitResponsePartition(from: &reader, version: version)
            }
            if version >= 8 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 8
            if version <= 9 {
                writer.writeString(name, flexible)
            }
            if version >= 10 {
                writer.writeUuid(topicID)
            }
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 8 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct OffsetCommitResponsePartition: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none

        package init(
            partitionIndex: Int32 = 0,
            errorCode: ErrorCode = .none
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            partitionIndex = try reader.readInt32()
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            if version >= 8 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partitionIndex)
            writer.writeErrorCode(errorCode)
            if version >= 8 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
