// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// DescribeCluster request, key 60, versions 0 to 2. Describes the brokers of the cluster (KIP-700).
package struct DescribeClusterRequest: RequestMessage {
    package typealias Response = DescribeClusterResponse
    package static let apiKey = ApiKey.describeCluster
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexibleVersion: Int16? = 0

    package var includeClusterAuthorizedOperations: Bool = false
    /// Since version 1.
    package var endpointType: Int8 = 1
    /// Since version 2.
    package var includeFencedBrokers: Bool = false

    package init(
        includeClusterAuthorizedOperations: Bool = false,
        endpointType: Int8 = 1,
        includeFencedBrokers: Bool = false
    ) {
        self.includeClusterAuthorizedOperations = includeClusterAuthorizedOperations
        self.endpointType = endpointType
        self.includeFencedBrokers = includeFencedBrokers
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        includeClusterAuthorizedOperations = try reader.readBool()
        if version >= 1 {
            endpointType = try reader.readInt8()
        }
        if version >= 2 {
            includeFencedBrokers = try reader.readBool()
        }
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        writer.writeBool(includeClusterAuthorizedOperations)
        if version >= 1 {
            writer.writeInt8(endpointType)
        }
        if version >= 2 {
            writer.writeBool(includeFencedBrokers)
        }
        writer.writeUnsignedVarint(0)
    }
}

/// DescribeCluster response, key 60, versions 0 to 2. Describes the brokers of the cluster (KIP-700).
package struct DescribeClusterResponse: WireMessage {
    package static let apiKey = ApiKey.describeCluster
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexibleVersion: Int16? = 0

    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String? = nil
    /// Since version 1.
    package var endpointType: Int8 = 1
    package var clusterID: String = ""
    package var controllerID: Int32 = -1
    package var brokers: [DescribeClusterBroker] = []
    package var clusterAuthorizedOperations: Int32 = .min

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        errorMessage: String? = nil,
        endpointType: Int8 = 1,
        clusterID: String = "",
        controllerID: Int32 = -1,
        brokers: [DescribeClusterBroker] = [],
        clusterAuthorizedOperations: Int32 = .min
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.endpointType = endpointType
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.brokers = brokers
        self.clusterAuthorizedOperations = clusterAuthorizedOperations
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        throttleTimeMs = try reader.readInt32()
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        errorMessage = try reader.readNullableString(flexible)
        if version >= 1 {
            endpointType = try reader.readInt8()
        }
        clusterID = try reader.readString(flexible)
        controllerID = try reader.readInt32()
        brokers = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DescribeClusterBroker(from: &reader, version: version)
        }
        clusterAuthorizedOperations = try reader.readInt32()
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeInt32(throttleTimeMs)
        writer.writeErrorCode(errorCode)
        writer.writeNullableString(errorMessage, flexible)
        if version >= 1 {
            writer.writeInt8(endpointType)
        }
        writer.writeString(clusterID, flexible)
        writer.writeInt32(controllerID)
        writer.writeList(brokers, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeInt32(clusterAuthorizedOperations)
        writer.writeUnsignedVarint(0)
    }

    package struct DescribeClusterBroker: Equatable, Sendable {
        package var brokerID: Int32 = 0
        package var host: String = ""
        package var port: Int32 = 0
        package var rack: String? = nil
        /// Since version 2.
        package var isFenced: Bool = false

        package init(
            brokerID: Int32 = 0,
            host: String = "",
            port: Int32 = 0,
            rack: String? = nil,
            isFenced: Bool = false
        ) {
            self.brokerID = brokerID
            self.host = host
            self.port = port
            self.rack = rack
            self.isFenced = isFenced
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            brokerID = try reader.readInt32()
            host = try reader.readString(flexible)
            port = try reader.readInt32()
            rack = try reader.readNullableString(flexible)
            if version >= 2 {
                isFenced = try reader.readBool()
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeInt32(brokerID)
            writer.writeString(host, flexible)
            writer.writeInt32(port)
            writer.writeNullableString(rack, flexible)
            if version >= 2 {
                writer.writeBool(isFenced)
            }
            writer.writeUnsignedVarint(0)
        }
    }
}
