// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// What a member owns, and what it has to give up. Version 0.
package struct ConsumerGroupCurrentMemberAssignmentValue: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var memberEpoch: Int32 = 0
    package var previousMemberEpoch: Int32 = 0
    package var state: Int8 = 0
    package var assignedPartitions: [TopicPartitions] = []
    package var partitionsPendingRevocation: [TopicPartitions] = []

    package init(
        memberEpoch: Int32 = 0,
        previousMemberEpoch: Int32 = 0,
        state: Int8 = 0,
        assignedPartitions: [TopicPartitions] = [],
        partitionsPendingRevocation: [TopicPartitions] = []
    ) {
        self.memberEpoch = memberEpoch
        self.previousMemberEpoch = previousMemberEpoch
        self.state = state
        self.assignedPartitions = assignedPartitions
        self.partitionsPendingRevocation = partitionsPendingRevocation
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        memberEpoch = try reader.readInt32()
        previousMemberEpoch = try reader.readInt32()
        state = try reader.readInt8()
        assignedPartitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicPartitions(from: &reader, version: version)
        }
        partitionsPendingRevocation = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicPartitions(from: &reader, version: version)
        }
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeInt32(memberEpoch)
        writer.writeInt32(previousMemberEpoch)
        writer.writeInt8(state)
        writer.writeList(assignedPartitions, flexible) { element, writer in
            element.encode(into: &writer, version: version)
        }
        writer.writeList(partitionsPendingRevocation, flexible) { element, writer in
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
