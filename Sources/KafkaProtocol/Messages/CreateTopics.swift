// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// CreateTopics request, key 19, versions 0 to 7. Creates topics (KIP-4).
package struct CreateTopicsRequest: RequestMessage {
    package typealias Response = CreateTopicsResponse
    package static let apiKey = ApiKey.createTopics
    package static let versions: ClosedRange<Int16> = 0...7
    package static let firstFlexibleVersion: Int16? = 5

    package var topics: [CreatableTopic] = []
    package var timeoutMs: Int32 = 60000
    /// Since version 1.
    package var validateOnly: Bool = false

    package init(
        topics: [CreatableTopic] = [],
        timeoutMs: Int32 = 60000,
        validateOnly: Bool = false
    ) {
        self.topics = topics
        self.timeoutMs = timeoutMs
        self.validateOnly = validateOnly
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 5
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try CreatableTopic(from: &reader, version: version)
        }
        timeoutMs = try reader.readInt32()
        if version >= 1 {
            validateOnly = try reader.readBool()
        }
        if version >= 5 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 5
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeInt32(timeoutMs)
        if version >= 1 {
            writer.writeBool(validateOnly)
        }
        if version >= 5 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct CreatableTopic: Equatable, Sendable {
        package var name: String = ""
        package var numPartitions: Int32 = 0
        package var replicationFactor: Int16 = 0
        package var assignments: [CreatableReplicaAssignment] = []
        package var configs: [CreatableTopicConfig] = []

        package init(
            name: String = "",
            numPartitions: Int32 = 0,
            replicationFactor: Int16 = 0,
            assignments: [CreatableReplicaAssignment] = [],
            configs: [CreatableTopicConfig] = []
        ) {
            self.name = name
            self.numPartitions = numPartitions
            self.replicationFactor = replicationFactor
            self.assignments = assignments
            self.configs = configs
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 5
            name = try reader.readString(flexible)
            numPartitions = try reader.readInt32()
            replicationFactor = try reader.readInt16()
            assignments = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try CreatableReplicaAssignment(from: &reader, version: version)
            }
            configs = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try CreatableTopicConfig(from: &reader, version: version)
            }
            if version >= 5 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 5
            writer.writeString(name, flexible)
            writer.writeInt32(numPartitions)
            writer.writeInt16(replicationFactor)
            writer.writeList(assignments, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            writer.writeList(configs, flexible) { element, writer in element.encode(into: &writer, version: version) }
            if version >= 5 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct CreatableReplicaAssignment: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var brokerIDs: [Int32] = []

        package init(
            partitionIndex: Int32 = 0,
            brokerIDs: [Int32] = []
        ) {
            self.partitionIndex = partitionIndex
            self.brokerIDs = brokerIDs
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 5
            partitionIndex = try reader.readInt32()
            brokerIDs = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            if version >= 5 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 5
            writer.writeInt32(partitionIndex)
            writer.writeList(brokerIDs, flexible) { element, writer in writer.writeInt32(element) }
            if version >= 5 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct CreatableTopicConfig: Equatable, Sendable {
        package var name: String = ""
        package var value: String? = nil

        package init(
            name: String = "",
            value: String? = nil
        ) {
            self.name = name
            self.value = value
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 5
            name = try reader.readString(flexible)
            value = try reader.readNullableString(flexible)
            if version >= 5 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 5
            writer.writeString(name, flexible)
            writer.writeNullableString(value, flexible)
            if version >= 5 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// CreateTopics response, key 19, versions 0 to 7. Creates topics (KIP-4).
package struct CreateTopicsResponse: WireMessage {
    package static let apiKey = ApiKey.createTopics
    package static let versions: ClosedRange<Int16> = 0...7
    package static let firstFlexibleVersion: Int16? = 5

    /// Since version 2.
    package var throttleTimeMs: Int32 = 0
    package var topics: [CreatableTopicResult] = []

    package init(
        throttleTimeMs: Int32 = 0,
        topics: [CreatableTopicResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 5
        if version >= 2 {
            throttleTimeMs = try reader.readInt32()
        }
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try CreatableTopicResult(from: &reader, version: version)
        }
        if version >= 5 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 5
        if version >= 2 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 5 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct CreatableTopicResult: Equatable, Sendable {
        package var name: String = ""
        /// Since version 7.
        package var topicID: Uuid = .zero
        package var errorCode: ErrorCode = .none
        /// Since version 1.
        package var errorMessage: String? = nil
        /// Since version 5, tag 0.
        package var topicConfigErrorCode: Int16 = 0
        /// Since version 5.
        package var numPartitions: Int32 = -1
        /// Since version 5.
        package var replicationFactor: Int16 = -1
        /// Since version 5.
        package var configs: [CreatableTopicConfigs]? = nil

        package init(
            name: String = "",
            topicID: Uuid = .zero,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            topicConfigErrorCode: Int16 = 0,
            numPartitions: Int32 = -1,
            replicationFactor: Int16 = -1,
            configs: [CreatableTopicConfigs]? = nil
        ) {
            self.name = name
            self.topicID = topicID
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.topicConfigErrorCode = topicConfigErrorCode
            self.numPartitions = numPartitions
            self.replicationFactor = replicationFactor
            self.configs = configs
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 5
            name = try reader.readString(flexible)
            if version >= 7 {
                topicID = try reader.readUuid()
            }
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            if version >= 1 {
                errorMessage = try reader.readNullableString(flexible)
            }
            if version >= 5 {
                numPartitions = try reader.readInt32()
            }
            if version >= 5 {
                replicationFactor = try reader.readInt16()
            }
            if version >= 5 {
                configs = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
                    try CreatableTopicConfigs(from: &reader, version: version)
                }
            }
            if version >= 5 {
                var topicConfigErrorCodeTagged = topicConfigErrorCode
                try reader.readTaggedFields { (tag, reader) throws(WireError) in
                    switch tag {
                    case 0: topicConfigErrorCodeTagged = try reader.readInt16()
                    default: return false
                    }
                    return true
                }
                topicConfigErrorCode = topicConfigErrorCodeTagged
            }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 5
            writer.writeString(name, flexible)
            if version >= 7 {
                writer.writeUuid(topicID)
            }
            writer.writeErrorCode(errorCode)
            if version >= 1 {
                writer.writeNullableString(errorMessage, flexible)
            }
            if version >= 5 {
                writer.writeInt32(numPartitions)
            }
            if version >= 5 {
                writer.writeInt16(replicationFactor)
            }
            if version >= 5 {
                writer.writeNullableList(configs, flexible) { element, writer in
                    element.encode(into: &writer, version: version)
                }
            }
            if version >= 5 {
                let hasTopicConfigErrorCode = topicConfigErrorCode != 0
                writer.writeUnsignedVarint((hasTopicConfigErrorCode ? 1 : 0))
                if hasTopicConfigErrorCode {
                    writer.writeTaggedField(0) { writer in writer.writeInt16(topicConfigErrorCode) }
                }
            }
        }
    }

    package struct CreatableTopicConfigs: Equatable, Sendable {
        package var name: String = ""
        package var value: String? = nil
        package var readOnly: Bool = false
        package var configSource: Int8 = -1
        package var isSensitive: Bool = false

        package init(
            name: String = "",
            value: String? = nil,
            readOnly: Bool = false,
            configSource: Int8 = -1,
            isSensitive: Bool = false
        ) {
            self.name = name
            self.value = value
            self.readOnly = readOnly
            self.configSource = configSource
            self.isSensitive = isSensitive
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            name = try reader.readString(flexible)
            value = try reader.readNullableString(flexible)
            readOnly = try reader.readBool()
            configSource = try reader.readInt8()
            isSensitive = try reader.readBool()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(name, flexible)
            writer.writeNullableString(value, flexible)
            writer.writeBool(readOnly)
            writer.writeInt8(configSource)
            writer.writeBool(isSensitive)
            writer.writeUnsignedVarint(0)
        }
    }
}
