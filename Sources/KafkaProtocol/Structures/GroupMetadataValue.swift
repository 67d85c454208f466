// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// A classic group: its generation and its members. Versions 0 to 4.
package struct GroupMetadataValue: WireStructure {
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 4

    package var protocolType: String = ""
    package var generation: Int32 = 0
    package var protocolName: String? = nil
    package var leader: String? = nil
    /// Since version 2.
    package var currentStateTimestamp: Int64 = -1
    package var members: [MemberMetadata] = []

    package init(
        protocolType: String = "",
        generation: Int32 = 0,
        protocolName: String? = nil,
        leader: String? = nil,
        currentStateTimestamp: Int64 = -1,
        members: [MemberMetadata] = []
    ) {
        self.protocolType = protocolType
        self.generation = generation
        self.protocolName = protocolName
        self.leader = leader
        self.currentStateTimestamp = currentStateTimestamp
        self.members = members
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        protocolType = try reader.readString(flexible)
        generation = try reader.readInt32()
        protocolName = try reader.readNullableString(flexible)
        leader = try reader.readNullableString(flexible)
        if version >= 2 {
            currentStateTimestamp = try reader.readInt64()
        }
        members = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try MemberMetadata(from: &reader, version: version)
        }
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        writer.writeString(protocolType, flexible)
        writer.writeInt32(generation)
        writer.writeNullableString(protocolName, flexible)
        writer.writeNullableString(leader, flexible)
        if version >= 2 {
            writer.writeInt64(currentStateTimestamp)
        }
        writer.writeList(members, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct MemberMetadata: Equatable, Sendable {
        package var memberID: String = ""
        /// Since version 3.
        package var groupInstanceID: String? = nil
        package var clientID: String = ""
        package var clientHost: String = ""
        /// Since version 1.
        package var rebalanceTimeout: Int32 = -1
        package var sessionTimeout: Int32 = 0
        package var subscription: [UInt8] = []
        package var assignment: [UInt8] = []

        package init(
            memberID: String = "",
            groupInstanceID: String? = nil,
            clientID: String = "",
            clientHost: String = "",
            rebalanceTimeout: Int32 = -1,
            sessionTimeout: Int32 = 0,
            subscription: [UInt8] = [],
            assignment: [UInt8] = []
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.clientID = clientID
            self.clientHost = clientHost
            self.rebalanceTimeout = rebalanceTimeout
            self.sessionTimeout = sessionTimeout
            self.subscription = subscription
            self.assignment = assignment
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            memberID = try reader.readString(flexible)
            if version >= 3 {
                groupInstanceID = try reader.readNullableString(flexible)
            }
            clientID = try reader.readString(flexible)
            clientHost = try reader.readString(flexible)
            if version >= 1 {
                rebalanceTimeout = try reader.readInt32()
            }
            sessionTimeout = try reader.readInt32()
            subscription = try reader.readBytes(flexible)
            assignment = try reader.readBytes(flexible)
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeString(memberID, flexible)
            if version >= 3 {
                writer.writeNullableString(groupInstanceID, flexible)
            }
            writer.writeString(clientID, flexible)
            writer.writeString(clientHost, flexible)
            if version >= 1 {
                writer.writeInt32(rebalanceTimeout)
            }
            writer.writeInt32(sessionTimeout)
            writer.writeBytes(subscription, flexible)
            writer.writeBytes(assignment, flexible)
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
