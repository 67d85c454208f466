// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// AlterConfigs request, key 33, versions 0 to 2. Replaces all dynamic settings of a resource (KIP-133).
package struct AlterConfigsRequest: RequestMessage {
    package typealias Response = AlterConfigsResponse
    package static let apiKey = ApiKey.alterConfigs
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexibleVersion: Int16? = 2

    package var resources: [AlterConfigsResource] = []
    package var validateOnly: Bool = false

    package init(
        resources: [AlterConfigsResource] = [],
        validateOnly: Bool = false
    ) {
        self.resources = resources
        self.validateOnly = validateOnly
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        resources = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try AlterConfigsResource(from: &reader, version: version)
        }
        validateOnly = try reader.readBool()
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeList(resources, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeBool(validateOnly)
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct AlterConfigsResource: Equatable, Sendable {
        package var resourceType: Int8 = 0
        package var resourceName: String = ""
        package var configs: [AlterableConfig] = []

        package init(
            resourceType: Int8 = 0,
            resourceName: String = "",
            configs: [AlterableConfig] = []
        ) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.configs = configs
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            resourceType = try reader.readInt8()
            resourceName = try reader.readString(flexible)
            configs = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try AlterableConfig(from: &reader, version: version)
            }
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeInt8(resourceType)
            writer.writeString(resourceName, flexible)
            writer.writeList(configs, flexible) { element, writer in element.encode(into: &writer, version: version) }
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct AlterableConfig: Equatable, Sendable {
        package var name: String = ""
        package var value: String? = nil

        package init(
            name: String = "",
            value: String? = nil
        ) {
            self.name = name
            self.value = value
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            name = try reader.readString(flexible)
            value = try reader.readNullableString(flexible)
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeString(name, flexible)
            writer.writeNullableString(value, flexible)
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// AlterConfigs response, key 33, versions 0 to 2. Replaces all dynamic settings of a resource (KIP-133).
package struct AlterConfigsResponse: WireMessage {
    package static let apiKey = ApiKey.alterConfigs
    package static let versions: ClosedRange<Int16> = 0...2
    package static let firstFlexibleVersion: Int16? = 2

    package var throttleTimeMs: Int32 = 0
    package var responses: [AlterConfigsResourceResponse] = []

    package init(
        throttleTimeMs: Int32 = 0,
        responses: [AlterConfigsResourceResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.responses = responses
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        throttleTimeMs = try reader.readInt32()
        responses = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try AlterConfigsResourceResponse(from: &reader, version: version)
        }
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeInt32(throttleTimeMs)
        writer.writeList(responses, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct AlterConfigsResourceResponse: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        package var errorMessage: String? = nil
        package var resourceType: Int8 = 0
        package var resourceName: String = ""

        package init(
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            resourceType: Int8 = 0,
            resourceName: String = ""
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.resourceType = resourceType
            self.resourceName = resourceName
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            errorMessage = try reader.readNullableString(flexible)
            resourceType = try reader.readInt8()
            resourceName = try reader.readString(flexible)
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeErrorCode(errorCode)
            writer.writeNullableString(errorMessage, flexible)
            writer.writeInt8(resourceType)
            writer.writeString(resourceName, flexible)
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
