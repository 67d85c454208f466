// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// ApiVersions request, key 18, versions 0 to 4. Tells which APIs and versions the broker serves (KIP-35, KIP-511).
package struct ApiVersionsRequest: RequestMessage {
    package typealias Response = ApiVersionsResponse
    package static let apiKey = ApiKey.apiVersions
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 3

    /// Since version 3.
    package var clientSoftwareName: String = ""
    /// Since version 3.
    package var clientSoftwareVersion: String = ""

    package init(
        clientSoftwareName: String = "",
        clientSoftwareVersion: String = ""
    ) {
        self.clientSoftwareName = clientSoftwareName
        self.clientSoftwareVersion = clientSoftwareVersion
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 3
        if version >= 3 {
            clientSoftwareName = try reader.readString(flexible)
        }
        if version >= 3 {
            clientSoftwareVersion = try reader.readString(flexible)
        }
        if version >= 3 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 3
        if version >= 3 {
            writer.writeString(clientSoftwareName, flexible)
        }
        if version >= 3 {
            writer.writeString(clientSoftwareVersion, flexible)
        }
        if version >= 3 {
            writer.writeUnsignedVarint(0)
        }
    }
}

/// ApiVersions response, key 18, versions 0 to 4. Tells which APIs and versions the broker serves (KIP-35, KIP-511).
package struct ApiVersionsResponse: WireMessage {
    package static let apiKey = ApiKey.apiVersions
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 3

    package var errorCode: ErrorCode = .none
    package var apiKeys: [ApiVersion] = []
    /// Since version 1.
    package var throttleTimeMs: Int32 = 0
    /// Since version 3, tag 0.
    package var supportedFeatures: [SupportedFeatureKey] = []
    /// Since version 3, tag 1.
    package var finalizedFeaturesEpoch: Int64 = -1
    /// Since version 3, tag 2.
    package var finalizedFeatures: [FinalizedFeatureKey] = []
    /// Since version 3, tag 3.
    package var zkMigrationReady: Bool = false

    package init(
        errorCode: ErrorCode = .none,
        apiKeys: [ApiVersion] = [],
        throttleTimeMs: Int32 = 0,
        supportedFeatures: [SupportedFeatureKey] = [],
        finalizedFeaturesEpoch: Int64 = -1,
        finalizedFeatures: [FinalizedFeatureKey] = [],
        zkMigrationReady: Bool = false
    ) {
        self.errorCode = errorCode
        self.apiKeys = apiKeys
        self.throttleTimeMs = throttleTimeMs
        self.supportedFeatures = supportedFeatures
        self.finalizedFeaturesEpoch = finalizedFeaturesEpoch
        self.finalizedFeatures = finalizedFeatures
        self.zkMigrationReady = zkMigrationReady
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 3
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        apiKeys = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try ApiVersion(from: &reader, version: version)
        }
        if version >= 1 {
            throttleTimeMs = try reader.readInt32()
        }
        if version >= 3 {
            var supportedFeaturesTagged = supportedFeatures
            var finalizedFeaturesEpochTagged = finalizedFeaturesEpoch
            var finalizedFeaturesTagged = finalizedFeatures
            var zkMigrationReadyTagged = zkMigrationReady
            try reader.readTaggedFields { (tag, reader) throws(WireError) in
                switch tag {
                case 0:
                    supportedFeaturesTagged = try reader.readList(flexible) {
                        (reader: inout WireReader) throws(WireError) in
                        try SupportedFeatureKey(from: &reader, version: version)
                    }
                case 1: finalizedFeaturesEpochTagged = try reader.readInt64()
                case 2:
                    finalizedFeaturesTagged = try reader.readList(flexible) {
                        (reader: inout WireReader) throws(WireError) in
                        try FinalizedFeatureKey(from: &reader, version: version)
                    }
                case 3: zkMigrationReadyTagged = try reader.readBool()
                default: return false
                }
                return true
            }
            supportedFeatures = supportedFeaturesTagged
            finalizedFeaturesEpoch = finalizedFeaturesEpochTagged
            finalizedFeatures = finalizedFeaturesTagged
            zkMigrationReady = zkMigrationReadyTagged
        }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 3
        writer.writeErrorCode(errorCode)
        writer.writeList(apiKeys, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 1 {
            writer.writeInt32(throttleTimeMs)
        }
        if version >= 3 {
            let hasSupportedFeatures = supportedFeatures != []
            let hasFinalizedFeaturesEpoch = finalizedFeaturesEpoch != -1
            let hasFinalizedFeatures = finalizedFeatures != []
            let hasZkMigrationReady = zkMigrationReady != false
            writer.writeUnsignedVarint(
                (hasSupportedFeatures ? 1 : 0) + (hasFinalizedFeaturesEpoch ? 1 : 0) + (hasFinalizedFeatures ? 1 : 0)
                    + (hasZkMigrationReady ? 1 : 0))
            if hasSupportedFeatures {
                writer.writeTaggedField(0) { writer in
                    writer.writeList(supportedFeatures, flexible) { element, writer in
                        element.encode(into: &writer, version: version)
                    }
                }
            }
            if hasFinalizedFeaturesEpoch {
                writer.writeTaggedField(1) { writer in writer.writeInt64(finalizedFeaturesEpoch) }
            }
            if hasFinalizedFeatures {
                writer.writeTaggedField(2) { writer in
                    writer.writeList(finalizedFeatures, flexible) { element, writer in
                        element.encode(into: &writer, version: version)
                    }
                }
            }
            if hasZkMigrationReady {
                writer.writeTaggedField(3) { writer in writer.writeBool(zkMigrationReady) }
            }
        }
    }

    package struct ApiVersion: Equatable, Sendable {
        package var apiKey: Int16 = 0
        package var minVersion: Int16 = 0
        package var maxVersion: Int16 = 0

        package init(
            apiKey: Int16 = 0,
            minVersion: Int16 = 0,
            maxVersion: Int16 = 0
        ) {
            self.apiKey = apiKey
            self.minVersion = minVersion
            self.maxVersion = maxVersion
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            apiKey = try reader.readInt16()
            minVersion = try reader.readInt16()
            maxVersion = try reader.readInt16()
            if version >= 3 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt16(apiKey)
            writer.writeInt16(minVersion)
            writer.writeInt16(maxVersion)
            if version >= 3 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct SupportedFeatureKey: Equatable, Sendable {
        package var name: String = ""
        package var minVersion: Int16 = 0
        package var maxVersion: Int16 = 0

        package init(
            name: String = "",
            minVersion: Int16 = 0,
            maxVersion: Int16 = 0
        ) {
            self.name = name
            self.minVersion = minVersion
            self.maxVersion = maxVersion
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            name = try reader.readString(flexible)
            minVersion = try reader.readInt16()
            maxVersion = try reader.readInt16()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(name, flexible)
            writer.writeInt16(minVersion)
            writer.writeInt16(maxVersion)
            writer.writeUnsignedVarint(0)
        }
    }

    package struct FinalizedFeatureKey: Equatable, Sendable {
        package var name: String = ""
        package var maxVersionLevel: Int16 = 0
        package var minVersionLevel: Int16 = 0

        package init(
            name: String = "",
            maxVersionLevel: Int16 = 0,
            minVersionLevel: Int16 = 0
        ) {
            self.name = name
            self.maxVersionLevel = maxVersionLevel
            self.minVersionLevel = minVersionLevel
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            name = try reader.readString(flexible)
            maxVersionLevel = try reader.readInt16()
            minVersionLevel = try reader.readInt16()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(name, flexible)
            writer.writeInt16(maxVersionLevel)
            writer.writeInt16(minVersionLevel)
            writer.writeUnsignedVarint(0)
        }
    }
}
