// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The key of a record that holds a committed offset. Versions 0 to 1.
package struct OffsetCommitKey: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexibleVersion: Int16? = nil

    package var group: String = ""
    package var topic: String = ""
    package var partition: Int32 = 0

    package init(
        group: String = "",
        topic: String = "",
        partition: Int32 = 0
    ) {
        self.group = group
        self.topic = topic
        self.partition = partition
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = false
        group = try reader.readString(flexible)
        topic = try reader.readString(flexible)
        partition = try reader.readInt32()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = false
        writer.writeString(group, flexible)
        writer.writeString(topic, flexible)
        writer.writeInt32(partition)
    }
}
