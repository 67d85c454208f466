// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// OffsetForLeaderEpoch request, key 23, versions 0 to 4. Tells where a leader epoch ended (KIP-101, KIP-320).
package struct OffsetForLeaderEpochRequest: RequestMessage {
    package typealias Response = OffsetForLeaderEpochResponse
    package static let apiKey = ApiKey.offsetForLeaderEpoch
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 4

    /// Since version 3.
    package var replicaID: Int32 = -2
    package var topics: [OffsetForLeaderTopic] = []

    package init(
        replicaID: Int32 = -2,
        topics: [OffsetForLeaderTopic] = []
    ) {
        self.replicaID = replicaID
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        if version >= 3 {
            replicaID = try reader.readInt32()
        }
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try OffsetForLeaderTopic(from: &reader, version: version)
        }
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        if version >= 3 {
            writer.writeInt32(replicaID)
        }
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct OffsetForLeaderTopic: Equatable, Sendable {
        package var topic: String = ""
        package var partitions: [OffsetForLeaderPartition] = []

        package init(
            topic: String = "",
            partitions: [OffsetForLeaderPartition] = []
        ) {
            self.topic = topic
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            topic = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetForLeaderPartition(from: &reader, version: version)
            }
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeString(topic, flexible)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct OffsetForLeaderPartition: Equatable, Sendable {
        package var partition: Int32 = 0
        /// Since version 2.
        package var currentLeaderEpoch: Int32 = -1
        package var leaderEpoch: Int32 = 0

        package init(
            partition: Int32 = 0,
            currentLeaderEpoch: Int32 = -1,
            leaderEpoch: Int32 = 0
        ) {
            self.partition = partition
            self.currentLeaderEpoch = currentLeaderEpoch
            self.leaderEpoch = leaderEpoch
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            partition = try reader.readInt32()
            if version >= 2 {
                currentLeaderEpoch = try reader.readInt32()
            }
            leaderEpoch = try reader.readInt32()
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partition)
            if version >= 2 {
                writer.writeInt32(currentLeaderEpoch)
            }
            writer.writeInt32(leaderEpoch)
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// OffsetForLeaderEpoch response, key 23, versions 0 to 4. Tells where a leader epoch ended (KIP-101, KIP-320).
package struct OffsetForLeaderEpochResponse: WireMessage {
    package static let apiKey = ApiKey.offsetForLeaderEpoch
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 4

    /// Since version 2.
    package var throttleTimeMs: Int32 = 0
    package var topics: [OffsetForLeaderTopicResult] = []

    package init(
        throttleTimeMs: Int32 = 0,
        topics: [OffsetForLeaderTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        if version >= 2 {
            throttleTimeMs = try reader.readInt32()
        }
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try OffsetForLeaderTopicResult(from: &reader, version: version)
        }
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        if version >= 2 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct OffsetForLeaderTopicResult: Equatable, Sendable {
        package var topic: String = ""
        package var partitions: [EpochEndOffset] = []

        package init(
            topic: String = "",
            partitions: [EpochEndOffset] = []
        ) {
            self.topic = topic
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            topic = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try EpochEndOffset(from: &reader, version: version)
            }
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeString(topic, flexible)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct EpochEndOffset: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        package var partition: Int32 = 0
        /// Since version 1.
        package var leaderEpoch: Int32 = -1
        package var endOffset: Int64 = -1

        package init(
            errorCode: ErrorCode = .none,
            partition: Int32 = 0,
            leaderEpoch: Int32 = -1,
            endOffset: Int64 = -1
        ) {
            self.errorCode = errorCode
            self.partition = partition
            self.leaderEpoch = leaderEpoch
            self.endOffset = endOffset
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            partition = try reader.readInt32()
            if version >= 1 {
                leaderEpoch = try reader.readInt32()
            }
            endOffset = try reader.readInt64()
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeErrorCode(errorCode)
            writer.writeInt32(partition)
            if version >= 1 {
                writer.writeInt32(leaderEpoch)
            }
            writer.writeInt64(endOffset)
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
