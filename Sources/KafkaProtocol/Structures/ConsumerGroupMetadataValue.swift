// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The epoch of a consumer group. Version 0.
package struct ConsumerGroupMetadataValue: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var epoch: Int32 = 0
    /// Tag 0.
    package var metadataHash: Int64 = 0

    package init(
        epoch: Int32 = 0,
        metadataHash: Int64 = 0
    ) {
        self.epoch = epoch
        self.metadataHash = metadataHash
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        epoch = try reader.readInt32()
        var metadataHashTagged = metadataHash
        try reader.readTaggedFields { (tag, reader) throws(WireError) in
            switch tag {
            case 0: metadataHashTagged = try reader.readInt64()
            default: return false
            }
            return true
        }
        metadataHash = metadataHashTagged
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        writer.writeInt32(epoch)
        let hasMetadataHash = metadataHash != 0
        writer.writeUnsignedVarint((hasMetadataHash ? 1 : 0))
        if hasMetadataHash {
            writer.writeTaggedField(0) { writer in writer.writeInt64(metadataHash) }
        }
    }
}
