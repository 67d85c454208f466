// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// OffsetDelete request, key 47, version 0. Deletes committed offsets of a group (KIP-496).
package struct OffsetDeleteRequest: RequestMessage {
    package typealias Response = OffsetDeleteResponse
    package static let apiKey = ApiKey.offsetDelete
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = nil

    package var groupID: String = ""
    package var topics: [OffsetDeleteRequestTopic] = []

    package init(
        groupID: String = "",
        topics: [OffsetDeleteRequestTopic] = []
    ) {
        self.groupID = groupID
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = false
        groupID = try reader.readString(flexible)
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try OffsetDeleteRequestTopic(from: &reader, version: version)
        }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = false
        writer.writeString(groupID, flexible)
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
    }

    package struct OffsetDeleteRequestTopic: Equatable, Sendable {
        package var name: String = ""
        package var partitions: [OffsetDeleteRequestPartition] = []

        package init(
            name: String = "",
            partitions: [OffsetDeleteRequestPartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = false
            name = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetDeleteRequestPartition(from: &reader, version: version)
            }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = false
            writer.writeString(name, flexible)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
        }
    }

    package struct OffsetDeleteRequestPartition: Equatable, Sendable {
        package var partitionIndex: Int32 = 0

        package init(
            partitionIndex: Int32 = 0
        ) {
            self.partitionIndex = partitionIndex
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            partitionIndex = try reader.readInt32()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partitionIndex)
        }
    }
}

/// OffsetDelete response, key 47, version 0. Deletes committed offsets of a group (KIP-496).
package struct OffsetDeleteResponse: WireMessage {
    package static let apiKey = ApiKey.offsetDelete
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = nil

    package var errorCode: ErrorCode = .none
    package var throttleTimeMs: Int32 = 0
    package var topics: [OffsetDeleteResponseTopic] = []

    package init(
        errorCode: ErrorCode = .none,
        throttleTimeMs: Int32 = 0,
        topics: [OffsetDeleteResponseTopic] = []
    ) {
        self.errorCode = errorCode
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = false
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        throttleTimeMs = try reader.readInt32()
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try OffsetDeleteResponseTopic(from: &reader, version: version)
        }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = false
        writer.writeErrorCode(errorCode)
        writer.writeInt32(throttleTimeMs)
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
    }

    package struct OffsetDeleteResponseTopic: Equatable, Sendable {
        package var name: String = ""
        package var partitions: [OffsetDeleteResponsePartition] = []

        package init(
            name: String = "",
            partitions: [OffsetDeleteResponsePartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = false
            name = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try OffsetDeleteResponsePartition(from: &reader, version: version)
            }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = false
            writer.writeString(name, flexible)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
        }
    }

    package struct OffsetDeleteResponsePartition: Equatable, Sendable {
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
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partitionIndex)
            writer.writeErrorCode(errorCode)
        }
    }
}
