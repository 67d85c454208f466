// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// Metadata request, key 3, versions 0 to 13. Describes brokers, topics and partitions.
package struct MetadataRequest: RequestMessage {
    package typealias Response = MetadataResponse
    package static let apiKey = ApiKey.metadata
    package static let versions: ClosedRange<Int16> = 0...13
    package static let firstFlexibleVersion: Int16? = 9

    /// May be null since version 1.
    package var topics: [MetadataRequestTopic]? = nil
    /// Since version 4.
    package var allowAutoTopicCreation: Bool = true
    /// Versions 8 to 10.
    package var includeClusterAuthorizedOperations: Bool = false
    /// Since version 8.
    package var includeTopicAuthorizedOperations: Bool = false

    package init(
        topics: [MetadataRequestTopic]? = nil,
        allowAutoTopicCreation: Bool = true,
        includeClusterAuthorizedOperations: Bool = false,
        includeTopicAuthorizedOperations: Bool = false
    ) {
        self.topics = topics
        self.allowAutoTopicCreation = allowAutoTopicCreation
        self.includeClusterAuthorizedOperations = includeClusterAuthorizedOperations
        self.includeTopicAuthorizedOperations = includeTopicAuthorizedOperations
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 9
        topics = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
            try MetadataRequestTopic(from: &reader, version: version)
        }
        if version >= 4 {
            allowAutoTopicCreation = try reader.readBool()
        }
        if version >= 8 && version <= 10 {
            includeClusterAuthorizedOperations = try reader.readBool()
        }
        if version >= 8 {
            includeTopicAuthorizedOperations = try reader.readBool()
        }
        if version >= 9 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 9
        writer.writeNullableList(version >= 1 ? topics : topics ?? [], flexible) { element, writer in
            element.encode(into: &writer, version: version)
        }
        if version >= 4 {
            writer.writeBool(allowAutoTopicCreation)
        }
        if version >= 8 && version <= 10 {
            writer.writeBool(includeClusterAuthorizedOperations)
        }
        if version >= 8 {
            writer.writeBool(includeTopicAuthorizedOperations)
        }
        if version >= 9 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct MetadataRequestTopic: Equatable, Sendable {
        /// Since version 10.
        package var topicID: Uuid = .zero
        /// May be null since version 10.
        package var name: String? = nil

        package init(
            topicID: Uuid = .zero,
            name: String? = nil
        ) {
            self.topicID = topicID
            self.name = name
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 9
            if version >= 10 {
                topicID = try reader.readUuid()
            }
            name = try reader.readNullableString(flexible)
            if version >= 9 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 9
            if version >= 10 {
                writer.writeUuid(topicID)
            }
            writer.writeNullableString(version >= 10 ? name : name ?? "", flexible)
            if version >= 9 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// Metadata response, key 3, versions 0 to 13. Describes brokers, topics and partitions.
package struct MetadataResponse: WireMessage {
    package static let apiKey = ApiKey.metadata
    package static let versions: ClosedRange<Int16> = 0...13
    package static let firstFlexibleVersion: Int16? = 9

    /// Since version 3.
    package var throttleTimeMs: Int32 = 0
    package var brokers: [MetadataResponseBroker] = []
    /// Since version 2.
    package var clusterID: String? = nil
    /// Since version 1.
    package var controllerID: Int32 = -1
    package var topics: [MetadataResponseTopic] = []
    /// Versions 8 to 10.
    package var clusterAuthorizedOperations: Int32 = .min
    /// Since version 13.
    package var errorCode: ErrorCode = .none

    package init(
        throttleTimeMs: Int32 = 0,
        brokers: [MetadataResponseBroker] = [],
        clusterID: String? = nil,
        controllerID: Int32 = -1,
        topics: [MetadataResponseTopic] = [],
        clusterAuthorizedOperations: Int32 = .min,
        errorCode: ErrorCode = .none
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.brokers = brokers
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.topics = topics
        self.clusterAuthorizedOperations = clusterAuthorizedOperations
        self.errorCode = errorCode
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 9
        if version >= 3 {
            throttleTimeMs = try reader.readInt32()
        }
        brokers = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try MetadataResponseBroker(from: &reader, version: version)
        }
        if version >= 2 {
            clusterID = try reader.readNullableString(flexible)
        }
        if version >= 1 {
            controllerID = try reader.readInt32()
        }
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try MetadataResponseTopic(from: &reader, version: version)
        }
        if version >= 8 && version <= 10 {
            clusterAuthorizedOperations = try reader.readInt32()
        }
        if version >= 13 {
            errorCode = ErrorCode(rawValue: try reader.readInt16())
        }
        if version >= 9 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 9
        if version >= 3 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeList(brokers, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 2 {
            writer.writeNullableString(clusterID, flexible)
        }
        if version >= 1 {
            writer.writeInt32(controllerID)
        }
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 8 && version <= 10 {
            writer.writeInt32(clusterAuthorizedOperations)
        }
        if version >= 13 {
            writer.writeErrorCode(errorCode)
        }
        if version >= 9 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct MetadataResponseBroker: Equatable, Sendable {
        package var nodeID: Int32 = 0
        package var host: String = ""
        package var port: Int32 = 0
        /// Since version 1.
        package var rack: String? = nil

        package init(
            nodeID: Int32 = 0,
            host: String = "",
            port: Int32 = 0,
            rack: String? = nil
        ) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.rack = rack
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 9
            nodeID = try reader.readInt32()
            host = try reader.readString(flexible)
            port = try reader.readInt32()
            if version >= 1 {
                rack = try reader.readNullableString(flexible)
            }
            if version >= 9 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 9
            writer.writeInt32(nodeID)
            writer.writeString(host, flexible)
            writer.writeInt32(port)
            if version >= 1 {
                writer.writeNullableString(rack, flexible)
            }
            if version >= 9 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct MetadataResponseTopic: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        /// May be null since version 12.
        package var name: String? = nil
        /// Since version 10.
        package var topicID: Uuid = .zero
        /// Since version 1.
        package var isInternal: Bool = false
        package var partitions: [MetadataResponsePartition] = []
        /// Since version 8.
        package var topicAuthorizedOperations: Int32 = .min

        package init(
            errorCode: ErrorCode = .none,
            name: String? = nil,
            topicID: Uuid = .zero,
            isInternal: Bool = false,
            partitions: [MetadataResponsePartition] = [],
            topicAuthorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.name = name
            self.topicID = topicID
            self.isInternal = isInternal
            self.partitions = partitions
            self.topicAuthorizedOperations = topicAuthorizedOperations
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 9
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            name = try reader.readNullableString(flexible)
            if version >= 10 {
                topicID = try reader.readUuid()
            }
            if version >= 1 {
                isInternal = try reader.readBool()
            }
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try MetadataResponsePartition(from: &reader, version: version)
            }
            if version >= 8 {
                topicAuthorizedOperations = try reader.readInt32()
            }
            if version >= 9 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 9
            writer.writeErrorCode(errorCode)
            writer.writeNullableString(version >= 12 ? name : name ?? "", flexible)
            if version >= 10 {
                writer.writeUuid(topicID)
            }
            if version >= 1 {
                writer.writeBool(isInternal)
            }
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 8 {
                writer.writeInt32(topicAuthorizedOperations)
            }
            if version >= 9 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct MetadataResponsePartition: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        package var partitionIndex: Int32 = 0
        package var leaderID: Int32 = 0
        /// Since version 7.
        package var leaderEpoch: Int32 = -1
        package var replicaNodes: [Int32] = []
        package var isrNodes: [Int32] = []
        /// Since version 5.
        package var offlineReplicas: [Int32] = []

        package init(
            errorCode: ErrorCode = .none,
            partitionIndex: Int32 = 0,
            leaderID: Int32 = 0,
            leaderEpoch: Int32 = -1,
            replicaNodes: [Int32] = [],
            isrNodes: [Int32] = [],
            offlineReplicas: [Int32] = []
        ) {
            self.errorCode = errorCode
            self.partitionIndex = partitionIndex
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.replicaNodes = replicaNodes
            self.isrNodes = isrNodes
            self.offlineReplicas = offlineReplicas
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 9
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            partitionIndex = try reader.readInt32()
            leaderID = try reader.readInt32()
            if version >= 7 {
                leaderEpoch = try reader.readInt32()
            }
            replicaNodes = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            isrNodes = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            if version >= 5 {
                offlineReplicas = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                    try reader.readInt32()
                }
            }
            if version >= 9 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 9
            writer.writeErrorCode(errorCode)
            writer.writeInt32(partitionIndex)
            writer.writeInt32(leaderID)
            if version >= 7 {
                writer.writeInt32(leaderEpoch)
            }
            writer.writeList(replicaNodes, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeList(isrNodes, flexible) { element, writer in writer.writeInt32(element) }
            if version >= 5 {
                writer.writeList(offlineReplicas, flexible) { element, writer in writer.writeInt32(element) }
            }
            if version >= 9 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
