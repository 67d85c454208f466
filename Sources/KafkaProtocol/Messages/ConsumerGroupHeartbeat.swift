// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// ConsumerGroupHeartbeat request, key 68, versions 0 to 1. Joins, keeps alive and leaves a group of the consumer protocol (KIP-848).
package struct ConsumerGroupHeartbeatRequest: RequestMessage {
    package typealias Response = ConsumerGroupHeartbeatResponse
    package static let apiKey = ApiKey.consumerGroupHeartbeat
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexibleVersion: Int16? = 0

    package var groupID: String = ""
    package var memberID: String = ""
    package var memberEpoch: Int32 = 0
    package var instanceID: String? = nil
    package var rackID: String? = nil
    package var rebalanceTimeoutMs: Int32 = -1
    package var subscribedTopicNames: [String]? = nil
    /// Since version 1.
    package var subscribedTopicRegex: String? = nil
    package var serverAssignor: String? = nil
    package var topicPartitions: [TopicPartitions]? = nil

    package init(
        groupID: String = "",
        memberID: String = "",
        memberEpoch: Int32 = 0,
        instanceID: String? = nil,
        rackID: String? = nil,
        rebalanceTimeoutMs: Int32 = -1,
        subscribedTopicNames: [String]? = nil,
        subscribedTopicRegex: String? = nil,
        serverAssignor: String? = nil,
        topicPartitions: [TopicPartitions]? = nil
    ) {
        self.groupID = groupID
        self.memberID = memberID
        self.memberEpoch = memberEpoch
        self.instanceID = instanceID
        self.rackID = rackID
        self.rebalanceTimeoutMs = rebalanceTimeoutMs
        self.subscribedTopicNames = subscribedTopicNames
        self.subscribedTopicRegex = subscribedTopicRegex
        self.serverAssignor = serverAssignor
        self.topicPartitions = topicPartitions
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        groupID = try reader.readString(flexible)
        memberID = try reader.readString(flexible)
        memberEpoch = try reader.readInt32()
        instanceID = try reader.readNullableString(flexible)
        rackID = try reader.readNullableString(flexible)
        rebalanceTimeoutMs = try reader.readInt32()
        subscribedTopicNames = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
            try reader.readString(flexible)
        }
        if version >= 1 {
            subscribedTopicRegex = try reader.readNullableString(flexible)
        }
        serverAssignor = try reader.readNullableString(flexible)
        topicPartitions = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicPartitions(from: &reader, version: version)
        }
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeString(groupID, flexible)
        writer.writeString(memberID, flexible)
        writer.writeInt32(memberEpoch)
        writer.writeNullableString(instanceID, flexible)
        writer.writeNullableString(rackID, flexible)
        writer.writeInt32(rebalanceTimeoutMs)
        writer.writeNullableList(subscribedTopicNames, flexible) { element, writer in
            writer.writeString(element, flexible)
        }
        if version >= 1 {
            writer.writeNullableString(subscribedTopicRegex, flexible)
        }
        writer.writeNullableString(serverAssignor, flexible)
        writer.writeNullableList(topicPartitions, flexible) { element, writer in
            element.encode(into: &writer, version: version)
        }
        writer.writeUnsignedVarint(0)
    }

    package struct TopicPartitions: Equatable, Sendable {
        package var topicID: Uuid = .zero
        package var partitions: [Int32] = []

        package init(
            topicID: Uuid = .zero,
            partitions: [Int32] = []
        ) {
            self.topicID = topicID
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            topicID = try reader.readUuid()
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeUuid(topicID)
            writer.writeList(partitions, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeUnsignedVarint(0)
        }
    }
}

/// ConsumerGroupHeartbeat response, key 68, versions 0 to 1. Joins, keeps alive and leaves a group of the consumer protocol (KIP-848).
package struct ConsumerGroupHeartbeatResponse: WireMessage {
    package static let apiKey = ApiKey.consumerGroupHeartbeat
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexibleVersion: Int16? = 0

    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String? = nil
    package var memberID: String? = nil
    package var memberEpoch: Int32 = 0
    package var heartbeatIntervalMs: Int32 = 0
    package var assignment: Assignment? = nil

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        errorMessage: String? = nil,
        memberID: String? = nil,
        memberEpoch: Int32 = 0,
        heartbeatIntervalMs: Int32 = 0,
        assignment: Assignment? = nil
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.memberID = memberID
        self.memberEpoch = memberEpoch
        self.heartbeatIntervalMs = heartbeatIntervalMs
        self.assignment = assignment
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        throttleTimeMs = try reader.readInt32()
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        errorMessage = try reader.readNullableString(flexible)
        memberID = try reader.readNullableString(flexible)
        memberEpoch = try reader.readInt32()
        heartbeatIntervalMs = try reader.readInt32()
        assignment = try reader.readStructurePresence() ? Assignment(from: &reader, version: version) : nil
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeInt32(throttleTimeMs)
        writer.writeErrorCode(errorCode)
        writer.writeNullableString(errorMessage, flexible)
        writer.writeNullableString(memberID, flexible)
        writer.writeInt32(memberEpoch)
        writer.writeInt32(heartbeatIntervalMs)
        writer.writeStructurePresence(assignment != nil)
        assignment?.encode(into: &writer, version: version)
        writer.writeUnsignedVarint(0)
    }

    package struct Assignment: Equatable, Sendable {
        package var topicPartitions: [TopicPartitions] = []

        package init(
            topicPartitions: [TopicPartitions] = []
        ) {
            self.topicPartitions = topicPartitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            topicPartitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try TopicPartitions(from: &reader, version: version)
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeList(topicPartitions, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
            writer.writeUnsignedVarint(0)
        }
    }

    package struct TopicPartitions: Equatable, Sendable {
        package var topicID: Uuid = .zero
        package var partitions: [Int32] = []

        package init(
            topicID: Uuid = .zero,
            partitions: [Int32] = []
        ) {
            self.topicID = topicID
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            topicID = try reader.readUuid()
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeUuid(topicID)
            writer.writeList(partitions, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeUnsignedVarint(0)
        }
    }
}
