// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The topics that match a regular expression. Version 0.
package struct ConsumerGroupRegularExpressionValue: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var topics: [String] = []
    package var metadataVersion: Int64 = 0
    package var timestamp: Int64 = 0

    package init(
        topics: [String] = [],
        metadataVersion: Int64 = 0,
        timestamp: Int64 = 0
    ) {
        self.topics = topics
        self.metadataVersion = metadataVersion
        self.timestamp = timestamp
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try reader.readString(flexible)
        }
        metadataVersion = try reader.readInt64()
        timestamp = try reader.readInt64()
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeList(topics, flexible) { element, writer in writer.writeString(element, flexible) }
        writer.writeInt64(metadataVersion)
        writer.writeInt64(timestamp)
        writer.writeUnsignedVarint(0)
    }
}
