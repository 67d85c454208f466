// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// OffsetFetch request, key 9, versions 1 to 10. Reads the committed offsets of a group.
package struct OffsetFetchRequest: RequestMessage {
    package typealias Response = OffsetFetchResponse
    package static let apiKey = ApiKey.offsetFetch
    package static let versions: ClosedRange<Int16> = 1...10
    package static let firstFlexibleVersion: Int16? = 6

    /// Up to version 7.
    package var groupID: String = ""
    /// Up to version 7, may be null since version 2.
    package var topics: [OffsetFetchRequestTopic]? = nil
    /// Since version 8.
    package var groups: [OffsetFetchRequestGroup] = []
    /// Since version 7.
    package var requireStable: Bool = false

    package init(
        groupID: String = "",
        topics: [OffsetFetchRequestTopic]? = nil,
        groups: [OffsetFetchRequestGroup] = [],
        requireStable: Bool = false
    ) {
        self.groupID = groupID
        self.topics = topics
        self.groups = groups
        self.requireStable = requireStable
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 6
        if version <= 7 {
            groupID = try reader.readString(flexible)
        }
        if version <= 7 {
            topics = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchRequestTopic(from: &reader, version: version)
            }
        }
        if version >= 8 {
            groups = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchRequestGroup(from: &reader, version: version)
            }
        }
        if version >= 7 {
            requireStable = try reader.readBool()
        }
        if version >= 6 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 6
        if version <= 7 {
            writer.writeString(groupID, flexible)
        }
        if version <= 7 {
            writer.writeNullableList(version >= 2 ? topics : topics ?? [], flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
        }
        if version >= 8 {
            writer.writeList(groups, flexible) { element, writer in element.encode(into: &writer, version: version) }
        }
        if version >= 7 {
            writer.writeBool(requireStable)
        }
        if version >= 6 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct OffsetFetchRequestTopic: Equatable, Sendable {
        package var name: String = ""
        package var partitionIndexes: [Int32] = []

        package init(
            name: String = "",
            partitionIndexes: [Int32] = []
        ) {
            self.name = name
            self.partitionIndexes = partitionIndexes
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 6
            name = try reader.readString(flexible)
            partitionIndexes = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            if version >= 6 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 6
            writer.writeString(name, flexible)
            writer.writeList(partitionIndexes, flexible) { element, writer in writer.writeInt32(element) }
            if version >= 6 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct OffsetFetchRequestGroup: Equatable, Sendable {
        package var groupID: String = ""
        /// Since version 9.
        package var memberID: String? = nil
        /// Since version 9.
        package var memberEpoch: Int32 = -1
        package var topics: [OffsetFetchRequestTopics]? = nil

        package init(
            groupID: String = "",
            memberID: String? = nil,
            memberEpoch: Int32 = -1,
            topics: [OffsetFetchRequestTopics]? = nil
        ) {
            self.groupID = groupID
            self.memberID = memberID
            self.memberEpoch = memberEpoch
            self.topics = topics
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            groupID = try reader.readString(flexible)
            if version >= 9 {
                memberID = try reader.readNullableString(flexible)
            }
            if version >= 9 {
                memberEpoch = try reader.readInt32()
            }
            topics = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchRequestTopics(from: &reader, version: version)
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(groupID, flexible)
            if version >= 9 {
                writer.writeNullableString(memberID, flexible)
            }
            if version >= 9 {
                writer.writeInt32(memberEpoch)
            }
            writer.writeNullableList(topics, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
            writer.writeUnsignedVarint(0)
        }
    }

    package struct OffsetFetchRequestTopics: Equatable, Sendable {
        /// Up to version 9.
        package var name: String = ""
        /// Since version 10.
        package var topicID: Uuid = .zero
        package var partitionIndexes: [Int32] = []

        package init(
            name: String = "",
            topicID: Uuid = .zero,
            partitionIndexes: [Int32] = []
        ) {
            self.name = name
            self.topicID = topicID
            self.partitionIndexes = partitionIndexes
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            if version <= 9 {
                name = try reader.readString(flexible)
            }
            if version >= 10 {
                topicID = try reader.readUuid()
            }
            partitionIndexes = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            if version <= 9 {
                writer.writeString(name, flexible)
            }
            if version >= 10 {
                writer.writeUuid(topicID)
            }
            writer.writeList(partitionIndexes, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeUnsignedVarint(0)
        }
    }
}

/// OffsetFetch response, key 9, versions 1 to 10. Reads the committed offsets of a group.
package struct OffsetFetchResponse: WireMessage {
    package static let apiKey = ApiKey.offsetFetch
    package static let versions: ClosedRange<Int16> = 1...10
    package static let firstFlexibleVersion: Int16? = 6

    /// Since version 3.
    package var throttleTimeMs: Int32 = 0
    /// Up to version 7.
    package var topics: [OffsetFetchResponseTopic] = []
    /// Versions 2 to 7.
    package var errorCode: ErrorCode = .none
    /// Since version 8.
    package var groups: [OffsetFetchResponseGroup] = []

    package init(
        throttleTimeMs: Int32 = 0,
        topics: [OffsetFetchResponseTopic] = [],
        errorCode: ErrorCode = .none,
        groups: [OffsetFetchResponseGroup] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
        self.errorCode = errorCode
        self.groups = groups
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 6
        if version >= 3 {
            throttleTimeMs = try reader.readInt32()
        }
        if version <= 7 {
            topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchResponseTopic(from: &reader, version: version)
            }
        }
        if version >= 2 && version <= 7 {
            errorCode = ErrorCode(rawValue: try reader.readInt16())
        }
        if version >= 8 {
            groups = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchResponseGroup(from: &reader, version: version)
            }
        }
        if version >= 6 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 6
        if version >= 3 {
            writer.writeInt32(throttleTimeMs)
        }
        if version <= 7 {
            writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        }
        if version >= 2 && version <= 7 {
            writer.writeErrorCode(errorCode)
        }
        if version >= 8 {
            writer.writeList(groups, flexible) { element, writer in element.encode(into: &writer, version: version) }
        }
        if version >= 6 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct OffsetFetchResponseTopic: Equatable, Sendable {
        package var name: String = ""
        package var partitions: [OffsetFetchResponsePartition] = []

        package init(
            name: String = "",
            partitions: [OffsetFetchResponsePartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 6
            name = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchResponsePartition(from: &reader, version: version)
            }
            if version >= 6 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 6
            writer.writeString(name, flexible)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 6 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct OffsetFetchResponsePartition: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var committedOffset: Int64 = 0
        /// Since version 5.
        package var committedLeaderEpoch: Int32 = -1
        package var metadata: String? = nil
        package var errorCode: ErrorCode = .none

        package init(
            partitionIndex: Int32 = 0,
            committedOffset: Int64 = 0,
            committedLeaderEpoch: Int32 = -1,
            metadata: String? = nil,
            errorCode: ErrorCode = .none
        ) {
            self.partitionIndex = partitionIndex
            self.committedOffset = committedOffset
            self.committedLeaderEpoch = committedLeaderEpoch
            self.metadata = metadata
            self.errorCode = errorCode
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 6
            partitionIndex = try reader.readInt32()
            committedOffset = try reader.readInt64()
            if version >= 5 {
                committedLeaderEpoch = try reader.readInt32()
            }
            metadata = try reader.readNullableString(flexible)
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            if version >= 6 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 6
            writer.writeInt32(partitionIndex)
            writer.writeInt64(committedOffset)
            if version >= 5 {
                writer.writeInt32(committedLeaderEpoch)
            }
            writer.writeNullableString(metadata, flexible)
            writer.writeErrorCode(errorCode)
            if version >= 6 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct OffsetFetchResponseGroup: Equatable, Sendable {
        package var groupID: String = ""
        package var topics: [OffsetFetchResponseTopics] = []
        package var errorCode: ErrorCode = .none

        package init(
            groupID: String = "",
            topics: [OffsetFetchResponseTopics] = [],
            errorCode: ErrorCode = .none
        ) {
            self.groupID = groupID
            self.topics = topics
            self.errorCode = errorCode
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            groupID = try reader.readString(flexible)
            topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchResponseTopics(from: &reader, version: version)
            }
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(groupID, flexible)
            writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
            writer.writeErrorCode(errorCode)
            writer.writeUnsignedVarint(0)
        }
    }

    package struct OffsetFetchResponseTopics: Equatable, Sendable {
        /// Up to version 9.
        package var name: String = ""
        /// Since version 10.
        package var topicID: Uuid = .zero
        package var partitions: [OffsetFetchResponsePartitions] = []

        package init(
            name: String = "",
            topicID: Uuid = .zero,
            partitions: [OffsetFetchResponsePartitions] = []
        ) {
            self.name = name
            self.topicID = topicID
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            if version <= 9 {
                name = try reader.readString(flexible)
            }
            if version >= 10 {
                topicID = try reader.readUuid()
            }
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetFetchResponsePartitions(from: &reader, version: version)
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            if version <= 9 {
                writer.writeString(name, flexible)
            }
            if version >= 10 {
                writer.writeUuid(topicID)
            }
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            writer.writeUnsignedVarint(0)
        }
    }

    package struct OffsetFetchResponsePartitions: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var committedOffset: Int64 = 0
        package var committedLeaderEpoch: Int32 = -1
        package var metadata: String? = nil
        package var errorCode: ErrorCode = .none

        package init(
            partitionIndex: Int32 = 0,
            committedOffset: Int64 = 0,
            committedLeaderEpoch: Int32 = -1,
            metadata: String? = nil,
            errorCode: ErrorCode = .none
        ) {
            self.partitionIndex = partitionIndex
            self.committedOffset = committedOffset
            self.committedLeaderEpoch = committedLeaderEpoch
            self.metadata = metadata
            self.errorCode = errorCode
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            partitionIndex = try reader.readInt32()
            committedOffset = try reader.readInt64()
            committedLeaderEpoch = try reader.readInt32()
            metadata = try reader.readNullableString(flexible)
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeInt32(partitionIndex)
            writer.writeInt64(committedOffset)
            writer.writeInt32(committedLeaderEpoch)
            writer.writeNullableString(metadata, flexible)
            writer.writeErrorCode(errorCode)
            writer.writeUnsignedVarint(0)
        }
    }
}
