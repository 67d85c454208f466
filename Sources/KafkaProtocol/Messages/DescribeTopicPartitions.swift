// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// DescribeTopicPartitions request, key 75, version 0. Describes topics page by page (KIP-966).
package struct DescribeTopicPartitionsRequest: RequestMessage {
    package typealias Response = DescribeTopicPartitionsResponse
    package static let apiKey = ApiKey.describeTopicPartitions
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var topics: [TopicRequest] = []
    package var responsePartitionLimit: Int32 = 2000
    package var cursor: Cursor? = nil

    package init(
        topics: [TopicRequest] = [],
        responsePartitionLimit: Int32 = 2000,
        cursor: Cursor? = nil
    ) {
        self.topics = topics
        self.responsePartitionLimit = responsePartitionLimit
        self.cursor = cursor
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicRequest(from: &reader, version: version)
        }
        responsePartitionLimit = try reader.readInt32()
        cursor = try reader.readStructurePresence() ? Cursor(from: &reader, version: version) : nil
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeInt32(responsePartitionLimit)
        writer.writeStructurePresence(cursor != nil)
        cursor?.encode(into: &writer, version: version)
        writer.writeUnsignedVarint(0)
    }

    package struct TopicRequest: Equatable, Sendable {
        package var name: String = ""

        package init(
            name: String = ""
        ) {
            self.name = name
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            name = try reader.readString(flexible)
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(name, flexible)
            writer.writeUnsignedVarint(0)
        }
    }

    package struct Cursor: Equatable, Sendable {
        package var topicName: String = ""
        package var partitionIndex: Int32 = 0

        package init(
            topicName: String = "",
            partitionIndex: Int32 = 0
        ) {
            self.topicName = topicName
            self.partitionIndex = partitionIndex
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            topicName = try reader.readString(flexible)
            partitionIndex = try reader.readInt32()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(topicName, flexible)
            writer.writeInt32(partitionIndex)
            writer.writeUnsignedVarint(0)
        }
    }
}

/// DescribeTopicPartitions response, key 75, version 0. Describes topics page by page (KIP-966).
package struct DescribeTopicPartitionsResponse: WireMessage {
    package static let apiKey = ApiKey.describeTopicPartitions
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var throttleTimeMs: Int32 = 0
    package var topics: [DescribeTopicPartitionsResponseTopic] = []
    package var nextCursor: Cursor? = nil

    package init(
        throttleTimeMs: Int32 = 0,
        topics: [DescribeTopicPartitionsResponseTopic] = [],
        nextCursor: Cursor? = nil
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
        self.nextCursor = nextCursor
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        throttleTimeMs = try reader.readInt32()
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DescribeTopicPartitionsResponseTopic(from: &reader, version: version)
        }
        nextCursor = try reader.readStructurePresence() ? Cursor(from: &reader, version: version) : nil
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeInt32(throttleTimeMs)
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeStructurePresence(nextCursor != nil)
        nextCursor?.encode(into: &writer, version: version)
        writer.writeUnsignedVarint(0)
    }

    package struct DescribeTopicPartitionsResponseTopic: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        package var name: String? = nil
        package var topicID: Uuid = .zero
        package var isInternal: Bool = false
        package var partitions: [DescribeTopicPartitionsResponsePartition] = []
        package var topicAuthorizedOperations: Int32 = .min

        package init(
            errorCode: ErrorCode = .none,
            name: String? = nil,
            topicID: Uuid = .zero,
            isInternal: Bool = false,
            partitions: [DescribeTopicPartitionsResponsePartition] = [],
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
            let flexible = true
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            name = try reader.readNullableString(flexible)
            topicID = try reader.readUuid()
            isInternal = try reader.readBool()
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try DescribeTopicPartitionsResponsePartition(from: &reader, version: version)
            }
            topicAuthorizedOperations = try reader.readInt32()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeErrorCode(errorCode)
            writer.writeNullableString(name, flexible)
            writer.writeUuid(topicID)
            writer.writeBool(isInternal)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            writer.writeInt32(topicAuthorizedOperations)
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DescribeTopicPartitionsResponsePartition: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        package var partitionIndex: Int32 = 0
        package var leaderID: Int32 = 0
        package var leaderEpoch: Int32 = -1
        package var replicaNodes: [Int32] = []
        package var isrNodes: [Int32] = []
        package var eligibleLeaderReplicas: [Int32]? = nil
        package var lastKnownElr: [Int32]? = nil
        package var offlineReplicas: [Int32] = []

        package init(
            errorCode: ErrorCode = .none,
            partitionIndex: Int32 = 0,
            leaderID: Int32 = 0,
            leaderEpoch: Int32 = -1,
            replicaNodes: [Int32] = [],
            isrNodes: [Int32] = [],
            eligibleLeaderReplicas: [Int32]? = nil,
            lastKnownElr: [Int32]? = nil,
            offlineReplicas: [Int32] = []
        ) {
            self.errorCode = errorCode
            self.partitionIndex = partitionIndex
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.replicaNodes = replicaNodes
            self.isrNodes = isrNodes
            self.eligibleLeaderReplicas = eligibleLeaderReplicas
            self.lastKnownElr = lastKnownElr
            self.offlineReplicas = offlineReplicas
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            partitionIndex = try reader.readInt32()
            leaderID = try reader.readInt32()
            leaderEpoch = try reader.readInt32()
            replicaNodes = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            isrNodes = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            eligibleLeaderReplicas = try reader.readNullableList(flexible) {
                (reader: inout WireReader) throws(WireError) in try reader.readInt32()
            }
            lastKnownElr = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            offlineReplicas = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeErrorCode(errorCode)
            writer.writeInt32(partitionIndex)
            writer.writeInt32(leaderID)
            writer.writeInt32(leaderEpoch)
            writer.writeList(replicaNodes, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeList(isrNodes, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeNullableList(eligibleLeaderReplicas, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeNullableList(lastKnownElr, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeList(offlineReplicas, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeUnsignedVarint(0)
        }
    }

    package struct Cursor: Equatable, Sendable {
        package var topicName: String = ""
        package var partitionIndex: Int32 = 0

        package init(
            topicName: String = "",
            partitionIndex: Int32 = 0
        ) {
            self.topicName = topicName
            self.partitionIndex = partitionIndex
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            topicName = try reader.readString(flexible)
            partitionIndex = try reader.readInt32()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(topicName, flexible)
            writer.writeInt32(partitionIndex)
            writer.writeUnsignedVarint(0)
        }
    }
}
