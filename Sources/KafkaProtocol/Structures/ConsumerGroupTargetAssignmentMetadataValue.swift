// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The group epoch from which the target assignment was computed. Version 0.
package struct ConsumerGroupTargetAssignmentMetadataValue: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var assignmentEpoch: Int32 = 0

    package init(
        assignmentEpoch: Int32 = 0
    ) {
        self.assignmentEpoch = assignmentEpoch
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        assignmentEpoch = try reader.readInt32()
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        writer.writeInt32(assignmentEpoch)
        writer.writeUnsignedVarint(0)
    }
}
