// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// What the leader of a classic group gives to one of its consumers. Versions 0 to 3.
package struct ConsumerProtocolAssignment: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...3
    package static let firstFlexibleVersion: Int16? = nil

    package var assignedPartitions: [TopicPartition] = []
    package var userData: [UInt8]? = nil

    package init(
        assignedPartitions: [TopicPartition] = [],
        userData: [UInt8]? = nil
    ) {
        self.assignedPartitions = assignedPartitions
        self.userData = userData
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = false
        assignedPartitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicPartition(from: &reader, version: version)
        }
        userData = try reader.readNullableBytes(flexible)
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = false
        writer.writeList(assignedPartitions, flexible) { element, writer in
            element.encode(into: &writer, version: version)
        }
        writer.writeNullableBytes(userData, flexible)
    }

    package struct TopicPartition: Equatable, Sendable {
        package var topic: String = ""
        package var partitions: [Int32] = []

        package init(
            topic: String = "",
            partitions: [Int32] = []
        ) {
            self.topic = topic
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = false
            topic = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = false
            writer.writeString(topic, flexible)
            writer.writeList(partitions, flexible) { element, writer in writer.writeInt32(element) }
        }
    }
}
