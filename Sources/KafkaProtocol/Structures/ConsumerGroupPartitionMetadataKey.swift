// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The key of a record that holds the topics that a consumer group is subscribed to. Version 4.
package struct ConsumerGroupPartitionMetadataKey: WireStructure {
    package static let versions: ClosedRange<Int16> = 4...4
    package static let firstFlexibleVersion: Int16? = nil

    package var groupID: String = ""

    package init(
        groupID: String = ""
    ) {
        self.groupID = groupID
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = false
        groupID = try reader.readString(flexible)
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = false
        writer.writeString(groupID, flexible)
    }
}
