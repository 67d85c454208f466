// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The key of a record that holds a member of a consumer group. Version 5.
package struct ConsumerGroupMemberMetadataKey: WireStructure {
    package static let versions: ClosedRange<Int16> = 5...5
    package static let firstFlexibleVersion: Int16? = nil

    package var groupID: String = ""
    package var memberID: String = ""

    package init(
        groupID: String = "",
        memberID: String = ""
    ) {
        self.groupID = groupID
        self.memberID = memberID
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = false
        groupID = try reader.readString(flexible)
        memberID = try reader.readString(flexible)
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = false
        writer.writeString(groupID, flexible)
        writer.writeString(memberID, flexible)
    }
}
