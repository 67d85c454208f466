// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// A member of a consumer group: who it is and what it is subscribed to. Version 0.
package struct ConsumerGroupMemberMetadataValue: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var instanceID: String? = nil
    package var rackID: String? = nil
    package var clientID: String = ""
    package var clientHost: String = ""
    package var subscribedTopicNames: [String] = []
    package var subscribedTopicRegex: String? = nil
    package var rebalanceTimeoutMs: Int32 = -1
    package var serverAssignor: String? = nil
    /// Tag 0.
    package var classicMemberMetadata: ClassicMemberMetadata? = nil

    package init(
        instanceID: String? = nil,
        rackID: String? = nil,
        clientID: String = "",
        clientHost: String = "",
        subscribedTopicNames: [String] = [],
        subscribedTopicRegex: String? = nil,
        rebalanceTimeoutMs: Int32 = -1,
        serverAssignor: String? = nil,
        classicMemberMetadata: ClassicMemberMetadata? = nil
    ) {
        self.instanceID = instanceID
        self.rackID = rackID
        self.clientID = clientID
        self.clientHost = clientHost
        self.subscribedTopicNames = subscribedTopicNames
        self.subscribedTopicRegex = subscribedTopicRegex
        self.rebalanceTimeoutMs = rebalanceTimeoutMs
        self.serverAssignor = serverAssignor
        self.classicMemberMetadata = classicMemberMetadata
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        instanceID = try reader.readNullableString(flexible)
        rackID = try reader.readNullableString(flexible)
        clientID = try reader.readString(flexible)
        clientHost = try reader.readString(flexible)
        subscribedTopicNames = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try reader.readString(flexible)
        }
        subscribedTopicRegex = try reader.readNullableString(flexible)
        rebalanceTimeoutMs = try reader.readInt32()
        serverAssignor = try reader.readNullableString(flexible)
        var classicMemberMetadataTagged = classicMemberMetadata
        try reader.readTaggedFields { (tag, reader) throws(WireError) in
            switch tag {
            case 0:
                classicMemberMetadataTagged =
                    try reader.readTaggedStructurePresence()
                    ? ClassicMemberMetadata(from: &reader, version: version) : nil
            default: return false
            }
            return true
        }
        classicMemberMetadata = classicMemberMetadataTagged
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeNullableString(instanceID, flexible)
        writer.writeNullableString(rackID, flexible)
        writer.writeString(clientID, flexible)
        writer.writeString(clientHost, flexible)
        writer.writeList(subscribedTopicNames, flexible) { element, writer in writer.writeString(element, flexible) }
        writer.writeNullableString(subscribedTopicRegex, flexible)
        writer.writeInt32(rebalanceTimeoutMs)
        writer.writeNullableString(serverAssignor, flexible)
        let hasClassicMemberMetadata = classicMemberMetadata != nil
        writer.writeUnsignedVarint((hasClassicMemberMetadata ? 1 : 0))
        if hasClassicMemberMetadata {
            writer.writeTaggedField(0) { writer in
                writer.writeStructurePresence(classicMemberMetadata != nil)
                classicMemberMetadata?.encode(into: &writer, version: version)
            }
        }
    }

    package struct ClassicMemberMetadata: Equatable, Sendable {
        package var sessionTimeoutMs: Int32 = 0
        package var supportedProtocols: [ClassicProtocol] = []

        package init(
            sessionTimeoutMs: Int32 = 0,
            supportedProtocols: [ClassicProtocol] = []
        ) {
            self.sessionTimeoutMs = sessionTimeoutMs
            self.supportedProtocols = supportedProtocols
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            sessionTimeoutMs = try reader.readInt32()
            supportedProtocols = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try ClassicProtocol(from: &reader, version: version)
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeInt32(sessionTimeoutMs)
            writer.writeList(supportedProtocols, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
            writer.writeUnsignedVarint(0)
        }
    }

    package struct ClassicProtocol: Equatable, Sendable {
        package var name: String = ""
        package var metadata: [UInt8] = []

        package init(
            name: String = "",
            metadata: [UInt8] = []
        ) {
            self.name = name
            self.metadata = metadata
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            name = try reader.readString(flexible)
            metadata = try reader.readBytes(flexible)
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(name, flexible)
            writer.writeBytes(metadata, flexible)
            writer.writeUnsignedVarint(0)
        }
    }
}
