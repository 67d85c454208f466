// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// A committed offset. Versions 0 to 4.
package struct OffsetCommitValue: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 4

    package var offset: Int64 = 0
    /// Since version 3.
    package var leaderEpoch: Int32 = -1
    package var metadata: String = ""
    package var commitTimestamp: Int64 = 0
    /// Versions 1 to 1.
    package var expireTimestamp: Int64 = -1
    /// Since version 4, tag 0.
    package var topicID: Uuid = .zero

    package init(
        offset: Int64 = 0,
        leaderEpoch: Int32 = -1,
        metadata: String = "",
        commitTimestamp: Int64 = 0,
        expireTimestamp: Int64 = -1,
        topicID: Uuid = .zero
    ) {
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
        self.commitTimestamp = commitTimestamp
        self.expireTimestamp = expireTimestamp
        self.topicID = topicID
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        offset = try reader.readInt64()
        if version >= 3 {
            leaderEpoch = try reader.readInt32()
        }
        metadata = try reader.readString(flexible)
        commitTimestamp = try reader.readInt64()
        if version >= 1 && version <= 1 {
            expireTimestamp = try reader.readInt64()
        }
        if version >= 4 {
            var topicIDTagged = topicID
            try reader.readTaggedFields { (tag, reader) throws(WireError) in
                switch tag {
                case 0: topicIDTagged = try reader.readUuid()
                default: return false
                }
                return true
            }
            topicID = topicIDTagged
        }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        writer.writeInt64(offset)
        if version >= 3 {
            writer.writeInt32(leaderEpoch)
        }
        writer.writeString(metadata, flexible)
        writer.writeInt64(commitTimestamp)
        if version >= 1 && version <= 1 {
            writer.writeInt64(expireTimestamp)
        }
        if version >= 4 {
            let hasTopicID = topicID != .zero
            writer.writeUnsignedVarint((hasTopicID ? 1 : 0))
            if hasTopicID {
                writer.writeTaggedField(0) { writer in writer.writeUuid(topicID) }
            }
        }
    }
}
