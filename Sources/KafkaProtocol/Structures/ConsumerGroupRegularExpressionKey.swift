// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The key of a record that holds the topics that match a regular expression. Version 16.
package struct ConsumerGroupRegularExpressionKey: WireStructure {
    package static let versions: ClosedRange<Int16> = 16...16
    package static let firstFlexibleVersion: Int16? = nil

    package var groupID: String = ""
    package var regularExpression: String = ""

    package init(
        groupID: String = "",
        regularExpression: String = ""
    ) {
        self.groupID = groupID
        self.regularExpression = regularExpression
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = false
        groupID = try reader.readString(flexible)
        regularExpression = try reader.readString(flexible)
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = false
        writer.writeString(groupID, flexible)
        writer.writeString(regularExpression, flexible)
    }
}
