// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The topics that a consumer group is subscribed to; Kafka 4.1 dropped it. Version 0.
package struct ConsumerGroupPartitionMetadataValue: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var topics: [TopicMetadata] = []

    package init(
        topics: [TopicMetadata] = []
    ) {
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicMetadata(from: &reader, version: version)
        }
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeUnsignedVarint(0)
    }

    package struct TopicMetadata: Equatable, Sendable {
        package var topicID: Uuid = .zero
        package var topicName: String = ""
        package var numPartitions: Int32 = 0
        package var partitionMetadata: [PartitionMetadata] = []

        package init(
            topicID: Uuid = .zero,
            topicName: String = "",
            numPartitions: Int32 = 0,
            partitionMetadata: [PartitionMetadata] = []
        ) {
            self.topicID = topicID
            self.topicName = topicName
            self.numPartitions = numPartitions
            self.partitionMetadata = partitionMetadata
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            topicID = try reader.readUuid()
            topicName = try reader.readString(flexible)
            numPartitions = try reader.readInt32()
            partitionMetadata = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try PartitionMetadata(from: &reader, version: version)
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeUuid(topicID)
            writer.writeString(topicName, flexible)
            writer.writeInt32(numPartitions)
            writer.writeList(partitionMetadata, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
            writer.writeUnsignedVarint(0)
        }
    }

    package struct PartitionMetadata: Equatable, Sendable {
        package var partition: Int32 = 0
        package var racks: [String] = []

        package init(
            partition: Int32 = 0,
            racks: [String] = []
        ) {
            self.partition = partition
            self.racks = racks
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            partition = try reader.readInt32()
            racks = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readString(flexible)
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeInt32(partition)
            writer.writeList(racks, flexible) { element, writer in writer.writeString(element, flexible) }
            writer.writeUnsignedVarint(0)
        }
    }
}
