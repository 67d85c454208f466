// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// DeleteRecords request, key 21, versions 0 to 2. Moves the log start offset forward (KIP-107).
package struct DeleteRecordsRequest: RequestMessage {
    package typealias Response = DeleteRecordsResponse
    package static let apiKey = ApiKey.deleteRecords
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexibleVersion: Int16? = 2

    package var topics: [DeleteRecordsTopic] = []
    package var timeoutMs: Int32 = 0

    package init(
        topics: [DeleteRecordsTopic] = [],
        timeoutMs: Int32 = 0
    ) {
        self.topics = topics
        self.timeoutMs = timeoutMs
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DeleteRecordsTopic(from: &reader, version: version)
        }
        timeoutMs = try reader.readInt32()
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeInt32(timeoutMs)
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DeleteRecordsTopic: Equatable, Sendable {
        package var name: String = ""
        package var partitions: [DeleteRecordsPartition] = []

        package init(
            name: String = "",
            partitions: [DeleteRecordsPartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            name = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try DeleteRecordsPartition(from: &reader, version: version)
            }
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeString(name, flexible)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct DeleteRecordsPartition: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var offset: Int64 = 0

        package init(
            partitionIndex: Int32 = 0,
            offset: Int64 = 0
        ) {
            self.partitionIndex = partitionIndex
            self.offset = offset
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            partitionIndex = try reader.readInt32()
            offset = try reader.readInt64()
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partitionIndex)
            writer.writeInt64(offset)
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// DeleteRecords response, key 21, versions 0 to 2. Moves the log start offset forward (KIP-107).
package struct DeleteRecordsResponse: WireMessage {
    package static let apiKey = ApiKey.deleteRecords
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexibleVersion: Int16? = 2

    package var throttleTimeMs: Int32 = 0
    package var topics: [DeleteRecordsTopicResult] = []

    package init(
        throttleTimeMs: Int32 = 0,
        topics: [DeleteRecordsTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        throttleTimeMs = try reader.readInt32()
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DeleteRecordsTopicResult(from: &reader, version: version)
        }
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeInt32(throttleTimeMs)
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DeleteRecordsTopicResult: Equatable, Sendable {
        package var name: String = ""
        package var partitions: [DeleteRecordsPartitionResult] = []

        package init(
            name: String = "",
            partitions: [DeleteRecordsPartitionResult] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            name = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try DeleteRecordsPartitionResult(from: &reader, version: version)
            }
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeString(name, flexible)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct DeleteRecordsPartitionResult: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var lowWatermark: Int64 = 0
        package var errorCode: ErrorCode = .none

        package init(
            partitionIndex: Int32 = 0,
            lowWatermark: Int64 = 0,
            errorCode: ErrorCode = .none
        ) {
            self.partitionIndex = partitionIndex
            self.lowWatermark = lowWatermark
            self.errorCode = errorCode
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            partitionIndex = try reader.readInt32()
            lowWatermark = try reader.readInt64()
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partitionIndex)
            writer.writeInt64(lowWatermark)
            writer.writeErrorCode(errorCode)
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
