// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// What a consumer of the classic protocol is subscribed to. Versions 0 to 3.
package struct ConsumerProtocolSubscription: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...3
    package static let firstFlexibleVersion: Int16? = nil

    package var topics: [String] = []
    package var userData: [UInt8]? = nil
    /// Since version 1.
    package var ownedPartitions: [TopicPartition] = []
    /// Since version 2.
    package var generationID: Int32 = -1
    /// Since version 3.
    package var rackID: String? = nil

    package init(
        topics: [String] = [],
        userData: [UInt8]? = nil,
        ownedPartitions: [TopicPartition] = [],
        generationID: Int32 = -1,
        rackID: String? = nil
    ) {
        self.topics = topics
        self.userData = userData
        self.ownedPartitions = ownedPartitions
        self.generationID = generationID
        self.rackID = rackID
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = false
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try reader.readString(flexible)
        }
        userData = try reader.readNullableBytes(flexible)
        if version >= 1 {
            ownedPartitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try TopicPartition(from: &reader, version: version)
            }
        }
        if version >= 2 {
            generationID = try reader.readInt32()
        }
        if version >= 3 {
            rackID = try reader.readNullableString(flexible)
        }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = false
        writer.writeList(topics, flexible) { element, writer in writer.writeString(element, flexible) }
        writer.writeNullableBytes(userData, flexible)
        if version >= 1 {
            writer.writeList(ownedPartitions, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
        }
        if version >= 2 {
            writer.writeInt32(generationID)
        }
        if version >= 3 {
            writer.writeNullableString(rackID, flexible)
        }
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
