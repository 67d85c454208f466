// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// LeaveGroup request, key 13, versions 0 to 5. Removes members from a group (KIP-345).
package struct LeaveGroupRequest: RequestMessage {
    package typealias Response = LeaveGroupResponse
    package static let apiKey = ApiKey.leaveGroup
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexibleVersion: Int16? = 4

    package var groupID: String = ""
    /// Up to version 2.
    package var memberID: String = ""
    /// Since version 3.
    package var members: [MemberIdentity] = []

    package init(
        groupID: String = "",
        memberID: String = "",
        members: [MemberIdentity] = []
    ) {
        self.groupID = groupID
        self.memberID = memberID
        self.members = members
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        groupID = try reader.readString(flexible)
        if version <= 2 {
            memberID = try reader.readString(flexible)
        }
        if version >= 3 {
            members = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try MemberIdentity(from: &reader, version: version)
            }
        }
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        writer.writeString(groupID, flexible)
        if version <= 2 {
            writer.writeString(memberID, flexible)
        }
        if version >= 3 {
            writer.writeList(members, flexible) { element, writer in element.encode(into: &writer, version: version) }
        }
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct MemberIdentity: Equatable, Sendable {
        package var memberID: String = ""
        package var groupInstanceID: String? = nil
        /// Since version 5.
        package var reason: String? = nil

        package init(
            memberID: String = "",
            groupInstanceID: String? = nil,
            reason: String? = nil
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.reason = reason
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            memberID = try reader.readString(flexible)
            groupInstanceID = try reader.readNullableString(flexible)
            if version >= 5 {
                reason = try reader.readNullableString(flexible)
            }
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeString(memberID, flexible)
            writer.writeNullableString(groupInstanceID, flexible)
            if version >= 5 {
                writer.writeNullableString(reason, flexible)
            }
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// LeaveGroup response, key 13, versions 0 to 5. Removes members from a group (KIP-345).
package struct LeaveGroupResponse: WireMessage {
    package static let apiKey = ApiKey.leaveGroup
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexibleVersion: Int16? = 4

    /// Since version 1.
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    /// Since version 3.
    package var members: [MemberResponse] = []

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        members: [MemberResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.members = members
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        if version >= 1 {
            throttleTimeMs = try reader.readInt32()
        }
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        if version >= 3 {
            members = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try MemberResponse(from: &reader, version: version)
            }
        }
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        if version >= 1 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeErrorCode(errorCode)
        if version >= 3 {
            writer.writeList(members, flexible) { element, writer in element.encode(into: &writer, version: version) }
        }
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct MemberResponse: Equatable, Sendable {
        package var memberID: String = ""
        package var groupInstanceID: String? = nil
        package var errorCode: ErrorCode = .none

        package init(
            memberID: String = "",
            groupInstanceID: String? = nil,
            errorCode: ErrorCode = .none
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.errorCode = errorCode
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            memberID = try reader.readString(flexible)
            groupInstanceID = try reader.readNullableString(flexible)
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeString(memberID, flexible)
            writer.writeNullableString(groupInstanceID, flexible)
            writer.writeErrorCode(errorCode)
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
