// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// ListGroups request, key 16, versions 0 to 5. Lists groups, filtered by state and type (KIP-518, KIP-848).
package struct ListGroupsRequest: RequestMessage {
    package typealias Response = ListGroupsResponse
    package static let apiKey = ApiKey.listGroups
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexibleVersion: Int16? = 3

    /// Since version 4.
    package var statesFilter: [String] = []
    /// Since version 5.
    package var typesFilter: [String] = []

    package init(
        statesFilter: [String] = [],
        typesFilter: [String] = []
    ) {
        self.statesFilter = statesFilter
        self.typesFilter = typesFilter
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 3
        if version >= 4 {
            statesFilter = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readString(flexible)
            }
        }
        if version >= 5 {
            typesFilter = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readString(flexible)
            }
        }
        if version >= 3 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 3
        if version >= 4 {
            writer.writeList(statesFilter, flexible) { element, writer in writer.writeString(element, flexible) }
        }
        if version >= 5 {
            writer.writeList(typesFilter, flexible) { element, writer in writer.writeString(element, flexible) }
        }
        if version >= 3 {
            writer.writeUnsignedVarint(0)
        }
    }
}

/// ListGroups response, key 16, versions 0 to 5. Lists groups, filtered by state and type (KIP-518, KIP-848).
package struct ListGroupsResponse: WireMessage {
    package static let apiKey = ApiKey.listGroups
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexibleVersion: Int16? = 3

    /// Since version 1.
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var groups: [ListedGroup] = []

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        groups: [ListedGroup] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.groups = groups
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 3
        if version >= 1 {
            throttleTimeMs = try reader.readInt32()
        }
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        groups = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try ListedGroup(from: &reader, version: version)
        }
        if version >= 3 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 3
        if version >= 1 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeErrorCode(errorCode)
        writer.writeList(groups, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 3 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct ListedGroup: Equatable, Sendable {
        package var groupID: String = ""
        package var protocolType: String = ""
        /// Since version 4.
        package var groupState: String = ""
        /// Since version 5.
        package var groupType: String = ""

        package init(
            groupID: String = "",
            protocolType: String = "",
            groupState: String = "",
            groupType: String = ""
        ) {
            self.groupID = groupID
            self.protocolType = protocolType
            self.groupState = groupState
            self.groupType = groupType
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 3
            groupID = try reader.readString(flexible)
            protocolType = try reader.readString(flexible)
            if version >= 4 {
                groupState = try reader.readString(flexible)
            }
            if version >= 5 {
                groupType = try reader.readString(flexible)
            }
            if version >= 3 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 3
            writer.writeString(groupID, flexible)
            writer.writeString(protocolType, flexible)
            if version >= 4 {
                writer.writeString(groupState, flexible)
            }
            if version >= 5 {
                writer.writeString(groupType, flexible)
            }
            if version >= 3 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
