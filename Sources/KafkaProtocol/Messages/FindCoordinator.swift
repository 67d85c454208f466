// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// FindCoordinator request, key 10, versions 0 to 6. Names the broker that coordinates a group or transaction.
package struct FindCoordinatorRequest: RequestMessage {
    package typealias Response = FindCoordinatorResponse
    package static let apiKey = ApiKey.findCoordinator
    package static let versions: ClosedRange<Int16> = 0...6
    package static let firstFlexibleVersion: Int16? = 3

    /// Up to version 3.
    package var key: String = ""
    /// Since version 1.
    package var keyType: Int8 = 0
    /// Since version 4.
    package var coordinatorKeys: [String] = []

    package init(
        key: String = "",
        keyType: Int8 = 0,
        coordinatorKeys: [String] = []
    ) {
        self.key = key
        self.keyType = keyType
        self.coordinatorKeys = coordinatorKeys
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 3
        if version <= 3 {
            key = try reader.readString(flexible)
        }
        if version >= 1 {
            keyType = try reader.readInt8()
        }
        if version >= 4 {
            coordinatorKeys = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readString(flexible)
            }
        }
        if version >= 3 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 3
        if version <= 3 {
            writer.writeString(key, flexible)
        }
        if version >= 1 {
            writer.writeInt8(keyType)
        }
        if version >= 4 {
            writer.writeList(coordinatorKeys, flexible) { element, writer in writer.writeString(element, flexible) }
        }
        if version >= 3 {
            writer.writeUnsignedVarint(0)
        }
    }
}

/// FindCoordinator response, key 10, versions 0 to 6. Names the broker that coordinates a group or transaction.
package struct FindCoordinatorResponse: WireMessage {
    package static let apiKey = ApiKey.findCoordinator
    package static let versions: ClosedRange<Int16> = 0...6
    package static let firstFlexibleVersion: Int16? = 3

    /// Since version 1.
    package var throttleTimeMs: Int32 = 0
    /// Up to version 3.
    package var errorCode: ErrorCode = .none
    /// Versions 1 to 3.
    package var errorMessage: String? = nil
    /// Up to version 3.
    package var nodeID: Int32 = 0
    /// Up to version 3.
    package var host: String = ""
    /// Up to version 3.
    package var port: Int32 = 0
    /// Since version 4.
    package var coordinators: [Coordinator] = []

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        errorMessage: String? = nil,
        nodeID: Int32 = 0,
        host: String = "",
        port: Int32 = 0,
        coordinators: [Coordinator] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.nodeID = nodeID
        self.host = host
        self.port = port
        self.coordinators = coordinators
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 3
        if version >= 1 {
            throttleTimeMs = try reader.readInt32()
        }
        if version <= 3 {
            errorCode = ErrorCode(rawValue: try reader.readInt16())
        }
        if version >= 1 && version <= 3 {
            errorMessage = try reader.readNullableString(flexible)
        }
        if version <= 3 {
            nodeID = try reader.readInt32()
        }
        if version <= 3 {
            host = try reader.readString(flexible)
        }
        if version <= 3 {
            port = try reader.readInt32()
        }
        if version >= 4 {
            coordinators = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try Coordinator(from: &reader, version: version)
            }
        }
        if version >= 3 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 3
        if version >= 1 {
            writer.writeInt32(throttleTimeMs)
        }
        if version <= 3 {
            writer.writeErrorCode(errorCode)
        }
        if version >= 1 && version <= 3 {
            writer.writeNullableString(errorMessage, flexible)
        }
        if version <= 3 {
            writer.writeInt32(nodeID)
        }
        if version <= 3 {
            writer.writeString(host, flexible)
        }
        if version <= 3 {
            writer.writeInt32(port)
        }
        if version >= 4 {
            writer.writeList(coordinators, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
        }
        if version >= 3 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct Coordinator: Equatable, Sendable {
        package var key: String = ""
        package var nodeID: Int32 = 0
        package var host: String = ""
        package var port: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var errorMessage: String? = nil

        package init(
            key: String = "",
            nodeID: Int32 = 0,
            host: String = "",
            port: Int32 = 0,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil
        ) {
            self.key = key
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            key = try reader.readString(flexible)
            nodeID = try reader.readInt32()
            host = try reader.readString(flexible)
            port = try reader.readInt32()
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            errorMessage = try reader.readNullableString(flexible)
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(key, flexible)
            writer.writeInt32(nodeID)
            writer.writeString(host, flexible)
            writer.writeInt32(port)
            writer.writeErrorCode(errorCode)
            writer.writeNullableString(errorMessage, flexible)
            writer.writeUnsignedVarint(0)
        }
    }
}
