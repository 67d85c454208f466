// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// DeleteTopics request, key 20, versions 0 to 6. Deletes topics by name or id (KIP-4, KIP-516).
package struct DeleteTopicsRequest: RequestMessage {
    package typealias Response = DeleteTopicsResponse
    package static let apiKey = ApiKey.deleteTopics
    package static let versions: ClosedRange<Int16> = 0...6
    package static let firstFlexibleVersion: Int16? = 4

    /// Since version 6.
    package var topics: [DeleteTopicState] = []
    /// Up to version 5.
    package var topicNames: [String] = []
    package var timeoutMs: Int32 = 0

    package init(
        topics: [DeleteTopicState] = [],
        topicNames: [String] = [],
        timeoutMs: Int32 = 0
    ) {
        self.topics = topics
        self.topicNames = topicNames
        self.timeoutMs = timeoutMs
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        if version >= 6 {
            topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try DeleteTopicState(from: &reader, version: version)
            }
        }
        if version <= 5 {
            topicNames = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readString(flexible)
            }
        }
        timeoutMs = try reader.readInt32()
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        if version >= 6 {
            writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        }
        if version <= 5 {
            writer.writeList(topicNames, flexible) { element, writer in writer.writeString(element, flexible) }
        }
        writer.writeInt32(timeoutMs)
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DeleteTopicState: Equatable, Sendable {
        package var name: String? = nil
        package var topicID: Uuid = .zero

        package init(
            name: String? = nil,
            topicID: Uuid = .zero
        ) {
            self.name = name
            self.topicID = topicID
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            name = try reader.readNullableString(flexible)
            topicID = try reader.readUuid()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeNullableString(name, flexible)
            writer.writeUuid(topicID)
            writer.writeUnsignedVarint(0)
        }
    }
}

/// DeleteTopics response, key 20, versions 0 to 6. Deletes topics by name or id (KIP-4, KIP-516).
package struct DeleteTopicsResponse: WireMessage {
    package static let apiKey = ApiKey.deleteTopics
    package static let versions: ClosedRange<Int16> = 0...6
    package static let firstFlexibleVersion: Int16? = 4

    /// Since version 1.
    package var throttleTimeMs: Int32 = 0
    package var responses: [DeletableTopicResult] = []

    package init(
        throttleTimeMs: Int32 = 0,
        responses: [DeletableTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.responses = responses
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        if version >= 1 {
            throttleTimeMs = try reader.readInt32()
        }
        responses = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DeletableTopicResult(from: &reader, version: version)
        }
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        if version >= 1 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeList(responses, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DeletableTopicResult: Equatable, Sendable {
        /// May be null since version 6.
        package var name: String? = nil
        /// Since version 6.
        package var topicID: Uuid = .zero
        package var errorCode: ErrorCode = .none
        /// Since version 5.
        package var errorMessage: String? = nil

        package init(
            name: String? = nil,
            topicID: Uuid = .zero,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil
        ) {
            self.name = name
            self.topicID = topicID
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            name = try reader.readNullableString(flexible)
            if version >= 6 {
                topicID = try reader.readUuid()
            }
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            if version >= 5 {
                errorMessage = try reader.readNullableString(flexible)
            }
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeNullableString(version >= 6 ? name : name ?? "", flexible)
            if version >= 6 {
                writer.writeUuid(topicID)
            }
            writer.writeErrorCode(errorCode)
            if version >= 5 {
                writer.writeNullableString(errorMessage, flexible)
            }
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
