// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// DeleteGroups request, key 42, versions 0 to 2. Deletes empty groups (KIP-229).
package struct DeleteGroupsRequest: RequestMessage {
    package typealias Response = DeleteGroupsResponse
    package static let apiKey = ApiKey.deleteGroups
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexibleVersion: Int16? = 2

    package var groupsNames: [String] = []

    package init(
        groupsNames: [String] = []
    ) {
        self.groupsNames = groupsNames
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        groupsNames = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try reader.readString(flexible)
        }
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeList(groupsNames, flexible) { element, writer in writer.writeString(element, flexible) }
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }
}

/// DeleteGroups response, key 42, versions 0 to 2. Deletes empty groups (KIP-229).
package struct DeleteGroupsResponse: WireMessage {
    package static let apiKey = ApiKey.deleteGroups
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexibleVersion: Int16? = 2

    package var throttleTimeMs: Int32 = 0
    package var results: [DeletableGroupResult] = []

    package init(
        throttleTimeMs: Int32 = 0,
        results: [DeletableGroupResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        throttleTimeMs = try reader.readInt32()
        results = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DeletableGroupResult(from: &reader, version: version)
        }
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeInt32(throttleTimeMs)
        writer.writeList(results, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DeletableGroupResult: Equatable, Sendable {
        package var groupID: String = ""
        package var errorCode: ErrorCode = .none

        package init(
            groupID: String = "",
            errorCode: ErrorCode = .none
        ) {
            self.groupID = groupID
            self.errorCode = errorCode
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            groupID = try reader.readString(flexible)
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeString(groupID, flexible)
            writer.writeErrorCode(errorCode)
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
