// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// ListOffsets request, key 2, versions 1 to 11. Looks offsets up by position or timestamp.
package struct ListOffsetsRequest: RequestMessage {
    package typealias Response = ListOffsetsResponse
    package static let apiKey = ApiKey.listOffsets
    package static let versions: ClosedRange<Int16> = 1...11
    package static let firstFlexibleVersion: Int16? = 6

    package var replicaID: Int32 = 0
    /// Since version 2.
    package var isolationLevel: Int8 = 0
    package var topics: [ListOffsetsTopic] = []
    /// Since version 10.
    package var timeoutMs: Int32 = 0

    package init(
        replicaID: Int32 = 0,
        isolationLevel: Int8 = 0,
        topics: [ListOffsetsTopic] = [],
        timeoutMs: Int32 = 0
    ) {
        self.replicaID = replicaID
        self.isolationLevel = isolationLevel
        self.topics = topics
        self.timeoutMs = timeoutMs
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 6
        replicaID = try reader.readInt32()
        if version >= 2 {
            isolationLevel = try reader.readInt8()
        }
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try ListOffsetsTopic(from: &reader, version: version)
        }
        if version >= 10 {
            timeoutMs = try reader.readInt32()
        }
        if version >= 6 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 6
        writer.writeInt32(replicaID)
        if version >= 2 {
            writer.writeInt8(isolationLevel)
        }
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 10 {
            writer.writeInt32(timeoutMs)
        }
        if version >= 6 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct ListOffsetsTopic: Equatable, Sendable {
        package var name: String = ""
        package var partitions: [ListOffsetsPartition] = []

        package init(
            name: String = "",
            partitions: [ListOffsetsPartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 6
            name = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try ListOffsetsPartition(from: &reader, version: version)
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

    package struct ListOffsetsPartition: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        /// Since version 4.
        package var currentLeaderEpoch: Int32 = -1
        package var timestamp: Int64 = 0

        package init(
            partitionIndex: Int32 = 0,
            currentLeaderEpoch: Int32 = -1,
            timestamp: Int64 = 0
        ) {
            self.partitionIndex = partitionIndex
            self.currentLeaderEpoch = currentLeaderEpoch
            self.timestamp = timestamp
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            partitionIndex = try reader.readInt32()
            if version >= 4 {
                currentLeaderEpoch = try reader.readInt32()
            }
            timestamp = try reader.readInt64()
            if version >= 6 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partitionIndex)
            if version >= 4 {
                writer.writeInt32(currentLeaderEpoch)
            }
            writer.writeInt64(timestamp)
            if version >= 6 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// ListOffsets response, key 2, versions 1 to 11. Looks offsets up by position or timestamp.
package struct ListOffsetsResponse: WireMessage {
    package static let apiKey = ApiKey.listOffsets
    package static let versions: ClosedRange<Int16> = 1...11
    package static let firstFlexibleVersion: Int16? = 6

    /// Since version 2.
    package var throttleTimeMs: Int32 = 0
    package var topics: [ListOffsetsTopicResponse] = []

    package init(
        throttleTimeMs: Int32 = 0,
        topics: [ListOffsetsTopicResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 6
        if version >= 2 {
            throttleTimeMs = try reader.readInt32()
        }
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try ListOffsetsTopicResponse(from: &reader, version: version)
        }
        if version >= 6 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 6
        if version >= 2 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 6 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct ListOffsetsTopicResponse: Equatable, Sendable {
        package var name: String = ""
        package var partitions: [ListOffsetsPartitionResponse] = []

        package init(
            name: String = "",
            partitions: [ListOffsetsPartitionResponse] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 6
            name = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try ListOffsetsPartitionResponse(from: &reader, version: version)
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

    package struct ListOffsetsPartitionResponse: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var timestamp: Int64 = -1
        package var offset: Int64 = -1
        /// Since version 4.
        package var leaderEpoch: Int32 = -1

        package init(
            partitionIndex: Int32 = 0,
            errorCode: ErrorCode = .none,
            timestamp: Int64 = -1,
            offset: Int64 = -1,
            leaderEpoch: Int32 = -1
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.timestamp = timestamp
            self.offset = offset
            self.leaderEpoch = leaderEpoch
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            partitionIndex = try reader.readInt32()
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            timestamp = try reader.readInt64()
            offset = try reader.readInt64()
            if version >= 4 {
                leaderEpoch = try reader.readInt32()
            }
            if version >= 6 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partitionIndex)
            writer.writeErrorCode(errorCode)
            writer.writeInt64(timestamp)
            writer.writeInt64(offset)
            if version >= 4 {
                writer.writeInt32(leaderEpoch)
            }
            if version >= 6 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
