// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// What a member shall own. Version 0.
package struct ConsumerGroupTargetAssignmentMemberValue: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var topicPartitions: [TopicPartition] = []

    package init(
        topicPartitions: [TopicPartition] = []
    ) {
        self.topicPartitions = topicPartitions
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        topicPartitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicPartition(from: &reader, version: version)
        }
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeList(topicPartitions, flexible) { element, writer in element.encode(into: &writer, version: version)
        }
        writer.writeUnsignedVarint(0)
    }

    package struct TopicPartition: Equatable, Sendable {
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
