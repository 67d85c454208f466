// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// JoinGroup request, key 11, versions 0 to 9. Joins a group of the classic protocol.
package struct JoinGroupRequest: RequestMessage {
    package typealias Response = JoinGroupResponse
    package static let apiKey = ApiKey.joinGroup
    package static let versions: ClosedRange<Int16> = 0...9
    package static let firstFlexibleVersion: Int16? = 6

    package var groupID: String = ""
    package var sessionTimeoutMs: Int32 = 0
    /// Since version 1.
    package var rebalanceTimeoutMs: Int32 = -1
    package var memberID: String = ""
    /// Since version 5.
    package var groupInstanceID: String? = nil
    package var protocolType: String = ""
    package var protocols: [JoinGroupRequestProtocol] = []
    /// Since version 8.
    package var reason: String? = nil

    package init(
        groupID: String = "",
        sessionTimeoutMs: Int32 = 0,
        rebalanceTimeoutMs: Int32 = -1,
        memberID: String = "",
        groupInstanceID: String? = nil,
        protocolType: String = "",
        protocols: [JoinGroupRequestProtocol] = [],
        reason: String? = nil
    ) {
        self.groupID = groupID
        self.sessionTimeoutMs = sessionTimeoutMs
        self.rebalanceTimeoutMs = rebalanceTimeoutMs
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.protocolType = protocolType
        self.protocols = protocols
        self.reason = reason
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 6
        groupID = try reader.readString(flexible)
        sessionTimeoutMs = try reader.readInt32()
        if version >= 1 {
            rebalanceTimeoutMs = try reader.readInt32()
        }
        memberID = try reader.readString(flexible)
        if version >= 5 {
            groupInstanceID = try reader.readNullableString(flexible)
        }
        protocolType = try reader.readString(flexible)
        protocols = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try JoinGroupRequestProtocol(from: &reader, version: version)
        }
        if version >= 8 {
            reason = try reader.readNullableString(flexible)
        }
        if version >= 6 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 6
        writer.writeString(groupID, flexible)
        writer.writeInt32(sessionTimeoutMs)
        if version >= 1 {
            writer.writeInt32(rebalanceTimeoutMs)
        }
        writer.writeString(memberID, flexible)
        if version >= 5 {
            writer.writeNullableString(groupInstanceID, flexible)
        }
        writer.writeString(protocolType, flexible)
        writer.writeList(protocols, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 8 {
            writer.writeNullableString(reason, flexible)
        }
        if version >= 6 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct JoinGroupRequestProtocol: Equatable, Sendable {
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
            let flexible = version >= 6
            name = try reader.readString(flexible)
            metadata = try reader.readBytes(flexible)
            if version >= 6 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 6
            writer.writeString(name, flexible)
            writer.writeBytes(metadata, flexible)
            if version >= 6 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// JoinGroup response, key 11, versions 0 to 9. Joins a group of the classic protocol.
package struct JoinGroupResponse: WireMessage {
    package static let apiKey = ApiKey.joinGroup
    package static let versions: ClosedRange<Int16> = 0...9
    package static let firstFlexibleVersion: Int16? = 6

    /// Since version 2.
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var generationID: Int32 = -1
    /// Since version 7.
    package var protocolType: String? = nil
    /// May be null since version 7.
    package var protocolName: String? = nil
    package var leader: String = ""
    /// Since version 9.
    package var skipAssignment: Bool = false
    package var memberID: String = ""
    package var members: [JoinGroupResponseMember] = []

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        generationID: Int32 = -1,
        protocolType: String? = nil,
        protocolName: String? = nil,
        leader: String = "",
        skipAssignment: Bool = false,
        memberID: String = "",
        members: [JoinGroupResponseMember] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.generationID = generationID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.leader = leader
        self.skipAssignment = skipAssignment
        self.memberID = memberID
        self.members = members
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 6
        if version >= 2 {
            throttleTimeMs = try reader.readInt32()
        }
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        generationID = try reader.readInt32()
        if version >= 7 {
            protocolType = try reader.readNullableString(flexible)
        }
        protocolName = try reader.readNullableString(flexible)
        leader = try reader.readString(flexible)
        if version >= 9 {
            skipAssignment = try reader.readBool()
        }
        memberID = try reader.readString(flexible)
        members = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try JoinGroupResponseMember(from: &reader, version: version)
        }
        if version >= 6 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 6
        if version >= 2 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeErrorCode(errorCode)
        writer.writeInt32(generationID)
        if version >= 7 {
            writer.writeNullableString(protocolType, flexible)
        }
        writer.writeNullableString(version >= 7 ? protocolName : protocolName ?? "", flexible)
        writer.writeString(leader, flexible)
        if version >= 9 {
            writer.writeBool(skipAssignment)
        }
        writer.writeString(memberID, flexible)
        writer.writeList(members, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 6 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct JoinGroupResponseMember: Equatable, Sendable {
        package var memberID: String = ""
        /// Since version 5.
        package var groupInstanceID: String? = nil
        package var metadata: [UInt8] = []

        package init(
            memberID: String = "",
            groupInstanceID: String? = nil,
            metadata: [UInt8] = []
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.metadata = metadata
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 6
            memberID = try reader.readString(flexible)
            if version >= 5 {
                groupInstanceID = try reader.readNullableString(flexible)
            }
            metadata = try reader.readBytes(flexible)
            if version >= 6 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 6
            writer.writeString(memberID, flexible)
            if version >= 5 {
                writer.writeNullableString(groupInstanceID, flexible)
            }
            writer.writeBytes(metadata, flexible)
            if version >= 6 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
