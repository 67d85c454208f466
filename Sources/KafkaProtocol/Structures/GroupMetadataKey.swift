// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The key of a record that holds a classic group. Version 2.
package struct GroupMetadataKey: WireStructure {
    package static let versions: ClosedRange<Int16> = 2...2
    package static let firstFlexibleVersion: Int16? = nil

    package var group: String = ""

    package init(
        group: String = ""
    ) {
        self.group = group
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = false
        group = try reader.readString(flexible)
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = false
        writer.writeString(group, flexible)
    }
}
