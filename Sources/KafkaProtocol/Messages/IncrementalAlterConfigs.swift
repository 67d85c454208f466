// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// IncrementalAlterConfigs request, key 44, versions 0 to 1. Sets, removes, appends to or subtracts from single settings (KIP-339).
package struct IncrementalAlterConfigsRequest: RequestMessage {
    package typealias Response = IncrementalAlterConfigsResponse
    package static let apiKey = ApiKey.incrementalAlterConfigs
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexibleVersion: Int16? = 1

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
        let flexible = version >= 1
        resources = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try AlterConfigsResource(from: &reader, version: version)
        }
        validateOnly = try reader.readBool()
        if version >= 1 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 1
        writer.writeList(resources, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeBool(validateOnly)
        if version >= 1 {
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
            let flexible = version >= 1
            resourceType = try reader.readInt8()
            resourceName = try reader.readString(flexible)
            configs = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try AlterableConfig(from: &reader, version: version)
            }
            if version >= 1 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 1
            writer.writeInt8(resourceType)
            writer.writeString(resourceName, flexible)
            writer.writeList(configs, flexible) { element, writer in element.encode(into: &writer, version: version) }
            if version >= 1 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct AlterableConfig: Equatable, Sendable {
        package var name: String = ""
        package var configOperation: Int8 = 0
        package var value: String? = nil

        package init(
            name: String = "",
            configOperation: Int8 = 0,
            value: String? = nil
        ) {
            self.name = name
            self.configOperation = configOperation
            self.value = value
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 1
            name = try reader.readString(flexible)
            configOperation = try reader.readInt8()
            value = try reader.readNullableString(flexible)
            if version >= 1 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 1
            writer.writeString(name, flexible)
            writer.writeInt8(configOperation)
            writer.writeNullableString(value, flexible)
            if version >= 1 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// IncrementalAlterConfigs response, key 44, versions 0 to 1. Sets, removes, appends to or subtracts from single settings (KIP-339).
package struct IncrementalAlterConfigsResponse: WireMessage {
    package static let apiKey = ApiKey.incrementalAlterConfigs
    package static let versions: ClosedRange<Int16> = 0...1
    package static let firstFlexibleVersion: Int16? = 1

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
        let flexible = version >= 1
        throttleTimeMs = try reader.readInt32()
        responses = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try AlterConfigsResourceResponse(from: &reader, version: version)
        }
        if version >= 1 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 1
        writer.writeInt32(throttleTimeMs)
        writer.writeList(responses, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 1 {
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
            let flexible = version >= 1
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            errorMessage = try reader.readNullableString(flexible)
            resourceType = try reader.readInt8()
            resourceName = try reader.readString(flexible)
            if version >= 1 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 1
            writer.writeErrorCode(errorCode)
            writer.writeNullableString(errorMessage, flexible)
            writer.writeInt8(resourceType)
            writer.writeString(resourceName, flexible)
            if version >= 1 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
