// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The key of a record that holds the epoch of a consumer group's target assignment. Version 6.
package struct ConsumerGroupTargetAssignmentMetadataKey: WireStructure {
    package static let versions: ClosedRange<Int16> = 6...6
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
