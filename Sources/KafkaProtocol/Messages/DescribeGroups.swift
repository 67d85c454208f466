// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// DescribeGroups request, key 15, versions 0 to 6. Describes classic groups and their members.
package struct DescribeGroupsRequest: RequestMessage {
    package typealias Response = DescribeGroupsResponse
    package static let apiKey = ApiKey.describeGroups
    package static let versions: ClosedRange<Int16> = 0...6
    package static let firstFlexibleVersion: Int16? = 5

    package var groups: [String] = []
    /// Since version 3.
    package var includeAuthorizedOperations: Bool = false

    package init(
        groups: [String] = [],
        includeAuthorizedOperations: Bool = false
    ) {
        self.groups = groups
        self.includeAuthorizedOperations = includeAuthorizedOperations
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 5
        groups = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try reader.readString(flexible)
        }
        if version >= 3 {
            includeAuthorizedOperations = try reader.readBool()
        }
        if version >= 5 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 5
        writer.writeList(groups, flexible) { element, writer in writer.writeString(element, flexible) }
        if version >= 3 {
            writer.writeBool(includeAuthorizedOperations)
        }
        if version >= 5 {
            writer.writeUnsignedVarint(0)
        }
    }
}

/// DescribeGroups response, key 15, versions 0 to 6. Describes classic groups and their members.
package struct DescribeGroupsResponse: WireMessage {
    package static let apiKey = ApiKey.describeGroups
    package static let versions: ClosedRange<Int16> = 0...6
    package static let firstFlexibleVersion: Int16? = 5

    /// Since version 1.
    package var throttleTimeMs: Int32 = 0
    package var groups: [DescribedGroup] = []

    package init(
        throttleTimeMs: Int32 = 0,
        groups: [DescribedGroup] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.groups = groups
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 5
        if version >= 1 {
            throttleTimeMs = try reader.readInt32()
        }
        groups = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DescribedGroup(from: &reader, version: version)
        }
        if version >= 5 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 5
        if version >= 1 {
            writer.writeInt32(throttleTimeMs)
        }
        writer.writeList(groups, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 5 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DescribedGroup: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        /// Since version 6.
        package var errorMessage: String? = nil
        package var groupID: String = ""
        package var groupState: String = ""
        package var protocolType: String = ""
        package var protocolData: String = ""
        package var members: [DescribedGroupMember] = []
        /// Since version 3.
        package var authorizedOperations: Int32 = .min

        package init(
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            groupID: String = "",
            groupState: String = "",
            protocolType: String = "",
            protocolData: String = "",
            members: [DescribedGroupMember] = [],
            authorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.groupID = groupID
            self.groupState = groupState
            self.protocolType = protocolType
            self.protocolData = protocolData
            self.members = members
            self.authorizedOperations = authorizedOperations
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 5
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            if version >= 6 {
                errorMessage = try reader.readNullableString(flexible)
            }
            groupID = try reader.readString(flexible)
            groupState = try reader.readString(flexible)
            protocolType = try reader.readString(flexible)
            protocolData = try reader.readString(flexible)
            members = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try DescribedGroupMember(from: &reader, version: version)
            }
            if version >= 3 {
                authorizedOperations = try reader.readInt32()
            }
            if version >= 5 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 5
            writer.writeErrorCode(errorCode)
            if version >= 6 {
                writer.writeNullableString(errorMessage, flexible)
            }
            writer.writeString(groupID, flexible)
            writer.writeString(groupState, flexible)
            writer.writeString(protocolType, flexible)
            writer.writeString(protocolData, flexible)
            writer.writeList(members, flexible) { element, writer in element.encode(into: &writer, version: version) }
            if version >= 3 {
                writer.writeInt32(authorizedOperations)
            }
            if version >= 5 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct DescribedGroupMember: Equatable, Sendable {
        package var memberID: String = ""
        /// Since version 4.
        package var groupInstanceID: String? = nil
        package var clientID: String = ""
        package var clientHost: String = ""
        package var memberMetadata: [UInt8] = []
        package var memberAssignment: [UInt8] = []

        package init(
            memberID: String = "",
            groupInstanceID: String? = nil,
            clientID: String = "",
            clientHost: String = "",
            memberMetadata: [UInt8] = [],
            memberAssignment: [UInt8] = []
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.clientID = clientID
            self.clientHost = clientHost
            self.memberMetadata = memberMetadata
            self.memberAssignment = memberAssignment
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 5
            memberID = try reader.readString(flexible)
            if version >= 4 {
                groupInstanceID = try reader.readNullableString(flexible)
            }
            clientID = try reader.readString(flexible)
            clientHost = try reader.readString(flexible)
            memberMetadata = try reader.readBytes(flexible)
            memberAssignment = try reader.readBytes(flexible)
            if version >= 5 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 5
            writer.writeString(memberID, flexible)
            if version >= 4 {
                writer.writeNullableString(groupInstanceID, flexible)
            }
            writer.writeString(clientID, flexible)
            writer.writeString(clientHost, flexible)
            writer.writeBytes(memberMetadata, flexible)
            writer.writeBytes(memberAssignment, flexible)
            if version >= 5 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
