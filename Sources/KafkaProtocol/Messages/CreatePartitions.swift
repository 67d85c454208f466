// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// CreatePartitions request, key 37, versions 0 to 3. Adds partitions to topics (KIP-195).
package struct CreatePartitionsRequest: RequestMessage {
    package typealias Response = CreatePartitionsResponse
    package static let apiKey = ApiKey.createPartitions
    package static let versions: ClosedRange<Int16> = 0...3
    package static let firstFlexibleVersion: Int16? = 2

    package var topics: [CreatePartitionsTopic] = []
    package var timeoutMs: Int32 = 0
    package var validateOnly: Bool = false

    package init(
        topics: [CreatePartitionsTopic] = [],
        timeoutMs: Int32 = 0,
        validateOnly: Bool = false
    ) {
        self.topics = topics
        self.timeoutMs = timeoutMs
        self.validateOnly = validateOnly
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try CreatePartitionsTopic(from: &reader, version: version)
        }
        timeoutMs = try reader.readInt32()
        validateOnly = try reader.readBool()
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeInt32(timeoutMs)
        writer.writeBool(validateOnly)
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct CreatePartitionsTopic: Equatable, Sendable {
        package var name: String = ""
        package var count: Int32 = 0
        package var assignments: [CreatePartitionsAssignment]? = nil

        package init(
            name: String = "",
            count: Int32 = 0,
            assignments: [CreatePartitionsAssignment]? = nil
        ) {
            self.name = name
            self.count = count
            self.assignments = assignments
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            name = try reader.readString(flexible)
            count = try reader.readInt32()
            assignments = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
                try CreatePartitionsAssignment(from: &reader, version: version)
            }
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeString(name, flexible)
            writer.writeInt32(count)
            writer.writeNullableList(assignments, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct CreatePartitionsAssignment: Equatable, Sendable {
        package var brokerIDs: [Int32] = []

        package init(
            brokerIDs: [Int32] = []
        ) {
            self.brokerIDs = brokerIDs
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            brokerIDs = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeList(brokerIDs, flexible) { element, writer in writer.writeInt32(element) }
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// CreatePartitions response, key 37, versions 0 to 3. Adds partitions to topics (KIP-195).
package struct CreatePartitionsResponse: WireMessage {
    package static let apiKey = ApiKey.createPartitions
    package static let versions: ClosedRange<Int16> = 0...3
    package static let firstFlexibleVersion: Int16? = 2

    package var throttleTimeMs: Int32 = 0
    package var results: [CreatePartitionsTopicResult] = []

    package init(
        throttleTimeMs: Int32 = 0,
        results: [CreatePartitionsTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        throttleTimeMs = try reader.readInt32()
        results = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try CreatePartitionsTopicResult(from: &reader, version: version)
        }
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeInt32(throttleTimeMs)
        writer.writeList(results, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct CreatePartitionsTopicResult: Equatable, Sendable {
        package var name: String = ""
        package var errorCode: ErrorCode = .none
        package var errorMessage: String? = nil

        package init(
            name: String = "",
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil
        ) {
            self.name = name
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            name = try reader.readString(flexible)
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            errorMessage = try reader.readNullableString(flexible)
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeString(name, flexible)
            writer.writeErrorCode(errorCode)
            writer.writeNullableString(errorMessage, flexible)
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
