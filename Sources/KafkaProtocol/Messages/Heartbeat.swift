// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// Heartbeat request, key 12, versions 0 to 4. Keeps a classic member alive.
package struct HeartbeatRequest: RequestMessage {
    package typealias Response = HeartbeatResponse
    package static let apiKey = ApiKey.heartbeat
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 4

    package var groupID: String = ""
    package var generationID: Int32 = 0
    package var memberID: String = ""
    /// Since version 3.
    package var groupInstanceID: String? = nil

    package init(
        groupID: String = "",
        generationID: Int32 = 0,
        memberID: String = "",
        groupInstanceID: String? = nil
    ) {
        self.groupID = groupID
        self.generationID = generationID
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        groupID = try reader.readString(flexible)
        generationID = try reader.readInt32()
        memberID = try reader.readString(flexible)
        if version >= 3 {
            groupInstanceID = try reader.readNullableString(flexible)
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
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }
}

/// Heartbeat response, key 12, versions 0 to 4. Keeps a classic member alive.
package struct HeartbeatResponse: WireMessage {
    package static let apiKey = ApiKey.heartbeat
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 4

    /// Since version 1.
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        if version >= 1 {
            throttleTimeMs = try reader.readInt32()
        }
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        if version >= 1 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeErrorCode(errorCode)
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }
}
