// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// ConsumerGroupDescribe request, key 69, versions 0 to 1. Describes groups of the consumer protocol (KIP-848).
package struct ConsumerGroupDescribeRequest: RequestMessage {
    package typealias Response = ConsumerGroupDescribeResponse
    package static let apiKey = ApiKey.consumerGroupDescribe
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexibleVersion: Int16? = 0

    package var groupIDs: [String] = []
    package var includeAuthorizedOperations: Bool = false

    package init(
        groupIDs: [String] = [],
        includeAuthorizedOperations: Bool = false
    ) {
        self.groupIDs = groupIDs
        self.includeAuthorizedOperations = includeAuthorizedOperations
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        groupIDs = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try reader.readString(flexible)
        }
        includeAuthorizedOperations = try reader.readBool()
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeList(groupIDs, flexible) { element, writer in writer.writeString(element, flexible) }
        writer.writeBool(includeAuthorizedOperations)
        writer.writeUnsignedVarint(0)
    }
}

/// ConsumerGroupDescribe response, key 69, versions 0 to 1. Describes groups of the consumer protocol (KIP-848).
package struct ConsumerGroupDescribeResponse: WireMessage {
    package static let apiKey = ApiKey.consumerGroupDescribe
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexibleVersion: Int16? = 0

    package var throttleTimeMs: Int32 = 0
    package var groups: [DescribedGroup] = []

    package init(
        throttleTimeMs: Int32 = 0,
        groups: [DescribedGroup] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.groups = groups
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        throttleTimeMs = try reader.readInt32()
        groups = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DescribedGroup(from: &reader, version: version)
        }
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeInt32(throttleTimeMs)
        writer.writeList(groups, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeUnsignedVarint(0)
    }

    package struct DescribedGroup: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        package var errorMessage: String? = nil
        package var groupID: String = ""
        package var groupState: String = ""
        package var groupEpoch: Int32 = 0
        package var assignmentEpoch: Int32 = 0
        package var assignorName: String = ""
        package var members: [Member] = []
        package var authorizedOperations: Int32 = .min

        package init(
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            groupID: String = "",
            groupState: String = "",
            groupEpoch: Int32 = 0,
            assignmentEpoch: Int32 = 0,
            assignorName: String = "",
            members: [Member] = [],
            authorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.groupID = groupID
            self.groupState = groupState
            self.groupEpoch = groupEpoch
            self.assignmentEpoch = assignmentEpoch
            self.assignorName = assignorName
            self.members = members
            self.authorizedOperations = authorizedOperations
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            errorMessage = try reader.readNullableString(flexible)
            groupID = try reader.readString(flexible)
            groupState = try reader.readString(flexible)
            groupEpoch = try reader.readInt32()
            assignmentEpoch = try reader.readInt32()
            assignorName = try reader.readString(flexible)
            members = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try Member(from: &reader, version: version)
            }
            authorizedOperations = try reader.readInt32()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeErrorCode(errorCode)
            writer.writeNullableString(errorMessage, flexible)
            writer.writeString(groupID, flexible)
            writer.writeString(groupState, flexible)
            writer.writeInt32(groupEpoch)
            writer.writeInt32(assignmentEpoch)
            writer.writeString(assignorName, flexible)
            writer.writeList(members, flexible) { element, writer in element.encode(into: &writer, version: version) }
            writer.writeInt32(authorizedOperations)
            writer.writeUnsignedVarint(0)
        }
    }

    package struct Member: Equatable, Sendable {
        package var memberID: String = ""
        package var instanceID: String? = nil
        package var rackID: String? = nil
        package var memberEpoch: Int32 = 0
        package var clientID: String = ""
        package var clientHost: String = ""
        package var subscribedTopicNames: [String] = []
        package var subscribedTopicRegex: String? = nil
        package var assignment: Assignment = Assignment()
        package var targetAssignment: Assignment = Assignment()
        /// Since version 1.
        package var memberType: Int8 = -1

        package init(
            memberID: String = "",
            instanceID: String? = nil,
            rackID: String? = nil,
            memberEpoch: Int32 = 0,
            clientID: String = "",
            clientHost: String = "",
            subscribedTopicNames: [String] = [],
            subscribedTopicRegex: String? = nil,
            assignment: Assignment = Assignment(),
            targetAssignment: Assignment = Assignment(),
            memberType: Int8 = -1
        ) {
            self.memberID = memberID
            self.instanceID = instanceID
            self.rackID = rackID
            self.memberEpoch = memberEpoch
            self.clientID = clientID
            self.clientHost = clientHost
            self.subscribedTopicNames = subscribedTopicNames
            self.subscribedTopicRegex = subscribedTopicRegex
            self.assignment = assignment
            self.targetAssignment = targetAssignment
            self.memberType = memberType
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            memberID = try reader.readString(flexible)
            instanceID = try reader.readNullableString(flexible)
            rackID = try reader.readNullableString(flexible)
            memberEpoch = try reader.readInt32()
            clientID = try reader.readString(flexible)
            clientHost = try reader.readString(flexible)
            subscribedTopicNames = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readString(flexible)
            }
            subscribedTopicRegex = try reader.readNullableString(flexible)
            assignment = try Assignment(from: &reader, version: version)
            targetAssignment = try Assignment(from: &reader, version: version)
            if version >= 1 {
                memberType = try reader.readInt8()
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(memberID, flexible)
            writer.writeNullableString(instanceID, flexible)
            writer.writeNullableString(rackID, flexible)
            writer.writeInt32(memberEpoch)
            writer.writeString(clientID, flexible)
            writer.writeString(clientHost, flexible)
            writer.writeList(subscribedTopicNames, flexible) { element, writer in writer.writeString(element, flexible)
            }
            writer.writeNullableString(subscribedTopicRegex, flexible)
            assignment.encode(into: &writer, version: version)
            targetAssignment.encode(into: &writer, version: version)
            if version >= 1 {
                writer.writeInt8(memberType)
            }
            writer.writeUnsignedVarint(0)
        }
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
        package var topicName: String = ""
        package var partitions: [Int32] = []

        package init(
            topicID: Uuid = .zero,
            topicName: String = "",
            partitions: [Int32] = []
        ) {
            self.topicID = topicID
            self.topicName = topicName
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            topicID = try reader.readUuid()
            topicName = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeUuid(topicID)
            writer.writeString(topicName, flexible)
            writer.writeList(partitions, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeUnsignedVarint(0)
        }
    }
}
