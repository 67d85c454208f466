// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// SyncGroup request, key 14, versions 0 to 5. Hands out the assignment that the leader computed.
package struct SyncGroupRequest: RequestMessage {
    package typealias Response = SyncGroupResponse
    package static let apiKey = ApiKey.syncGroup
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexibleVersion: Int16? = 4

    package var groupID: String = ""
    package var generationID: Int32 = 0
    package var memberID: String = ""
    /// Since version 3.
    package var groupInstanceID: String? = nil
    /// Since version 5.
    package var protocolType: String? = nil
    /// Since version 5.
    package var protocolName: String? = nil
    package var assignments: [SyncGroupRequestAssignment] = []

    package init(
        groupID: String = "",
        generationID: Int32 = 0,
        memberID: String = "",
        groupInstanceID: String? = nil,
        protocolType: String? = nil,
        protocolName: String? = nil,
        assignments: [SyncGroupRequestAssignment] = []
    ) {
        self.groupID = groupID
        self.generationID = generationID
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignments = assignments
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        groupID = try reader.readString(flexible)
        generationID = try reader.readInt32()
        memberID = try reader.readString(flexible)
        if version >= 3 {
            groupInstanceID = try reader.readNullableString(flexible)
        }
        if version >= 5 {
            protocolType = try reader.readNullableString(flexible)
        }
        if version >= 5 {
            protocolName = try reader.readNullableString(flexible)
        }
        assignments = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try SyncGroupRequestAssignment(from: &reader, version: version)
        }
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        writer.writeString(groupID, flexible)
        writer.writeInt32(generationID)
        writer.writeString(memberID, flexible)
        if version >= 3 {
            writer.writeNullableString(groupInstanceID, flexible)
        }
        if version >= 5 {
            writer.writeNullableString(protocolType, flexible)
        }
        if version >= 5 {
            writer.writeNullableString(protocolName, flexible)
        }
        writer.writeList(assignments, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct SyncGroupRequestAssignment: Equatable, Sendable {
        package var memberID: String = ""
        package var assignment: [UInt8] = []

        package init(
            memberID: String = "",
            assignment: [UInt8] = []
        ) {
            self.memberID = memberID
            self.assignment = assignment
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            memberID = try reader.readString(flexible)
            assignment = try reader.readBytes(flexible)
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeString(memberID, flexible)
            writer.writeBytes(assignment, flexible)
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// SyncGroup response, key 14, versions 0 to 5. Hands out the assignment that the leader computed.
package struct SyncGroupResponse: WireMessage {
    package static let apiKey = ApiKey.syncGroup
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexibleVersion: Int16? = 4

    /// Since version 1.
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    /// Since version 5.
    package var protocolType: String? = nil
    /// Since version 5.
    package var protocolName: String? = nil
    package var assignment: [UInt8] = []

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        protocolType: String? = nil,
        protocolName: String? = nil,
        assignment: [UInt8] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignment = assignment
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        if version >= 1 {
            throttleTimeMs = try reader.readInt32()
        }
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        if version >= 5 {
            protocolType = try reader.readNullableString(flexible)
        }
        if version >= 5 {
            protocolName = try reader.readNullableString(flexible)
        }
        assignment = try reader.readBytes(flexible)
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        if version >= 1 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeErrorCode(errorCode)
        if version >= 5 {
            writer.writeNullableString(protocolType, flexible)
        }
        if version >= 5 {
            writer.writeNullableString(protocolName, flexible)
        }
        writer.writeBytes(assignment, flexible)
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }
}
