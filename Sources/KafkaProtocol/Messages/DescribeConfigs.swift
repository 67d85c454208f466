// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// DescribeConfigs request, key 32, versions 0 to 4. Lists settings with their values and sources (KIP-133, KIP-226).
package struct DescribeConfigsRequest: RequestMessage {
    package typealias Response = DescribeConfigsResponse
    package static let apiKey = ApiKey.describeConfigs
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 4

    package var resources: [DescribeConfigsResource] = []
    /// Since version 1.
    package var includeSynonyms: Bool = false
    /// Since version 3.
    package var includeDocumentation: Bool = false

    package init(
        resources: [DescribeConfigsResource] = [],
        includeSynonyms: Bool = false,
        includeDocumentation: Bool = false
    ) {
        self.resources = resources
        self.includeSynonyms = includeSynonyms
        self.includeDocumentation = includeDocumentation
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        resources = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DescribeConfigsResource(from: &reader, version: version)
        }
        if version >= 1 {
            includeSynonyms = try reader.readBool()
        }
        if version >= 3 {
            includeDocumentation = try reader.readBool()
        }
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        writer.writeList(resources, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 1 {
            writer.writeBool(includeSynonyms)
        }
        if version >= 3 {
            writer.writeBool(includeDocumentation)
        }
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DescribeConfigsResource: Equatable, Sendable {
        package var resourceType: Int8 = 0
        package var resourceName: String = ""
        package var configurationKeys: [String]? = nil

        package init(
            resourceType: Int8 = 0,
            resourceName: String = "",
            configurationKeys: [String]? = nil
        ) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.configurationKeys = configurationKeys
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            resourceType = try reader.readInt8()
            resourceName = try reader.readString(flexible)
            configurationKeys = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readString(flexible)
            }
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeInt8(resourceType)
            writer.writeString(resourceName, flexible)
            writer.writeNullableList(configurationKeys, flexible) { element, writer in
                writer.writeString(element, flexible)
            }
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// DescribeConfigs response, key 32, versions 0 to 4. Lists settings with their values and sources (KIP-133, KIP-226).
package struct DescribeConfigsResponse: WireMessage {
    package static let apiKey = ApiKey.describeConfigs
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 4

    package var throttleTimeMs: Int32 = 0
    package var results: [DescribeConfigsResult] = []

    package init(
        throttleTimeMs: Int32 = 0,
        results: [DescribeConfigsResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 4
        throttleTimeMs = try reader.readInt32()
        results = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DescribeConfigsResult(from: &reader, version: version)
        }
        if version >= 4 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 4
        writer.writeInt32(throttleTimeMs)
        writer.writeList(results, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 4 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DescribeConfigsResult: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        package var errorMessage: String? = nil
        package var resourceType: Int8 = 0
        package var resourceName: String = ""
        package var configs: [DescribeConfigsResourceResult] = []

        package init(
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            resourceType: Int8 = 0,
            resourceName: String = "",
            configs: [DescribeConfigsResourceResult] = []
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.configs = configs
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            errorMessage = try reader.readNullableString(flexible)
            resourceType = try reader.readInt8()
            resourceName = try reader.readString(flexible)
            configs = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try DescribeConfigsResourceResult(from: &reader, version: version)
            }
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeErrorCode(errorCode)
            writer.writeNullableString(errorMessage, flexible)
            writer.writeInt8(resourceType)
            writer.writeString(resourceName, flexible)
            writer.writeList(configs, flexible) { element, writer in element.encode(into: &writer, version: version) }
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct DescribeConfigsResourceResult: Equatable, Sendable {
        package var name: String = ""
        package var value: String? = nil
        package var readOnly: Bool = false
        /// Up to version 0.
        package var isDefault: Bool = false
        /// Since version 1.
        package var configSource: Int8 = -1
        package var isSensitive: Bool = false
        /// Since version 1.
        package var synonyms: [DescribeConfigsSynonym] = []
        /// Since version 3.
        package var configType: Int8 = 0
        /// Since version 3.
        package var documentation: String? = nil

        package init(
            name: String = "",
            value: String? = nil,
            readOnly: Bool = false,
            isDefault: Bool = false,
            configSource: Int8 = -1,
            isSensitive: Bool = false,
            synonyms: [DescribeConfigsSynonym] = [],
            configType: Int8 = 0,
            documentation: String? = nil
        ) {
            self.name = name
            self.value = value
            self.readOnly = readOnly
            self.isDefault = isDefault
            self.configSource = configSource
            self.isSensitive = isSensitive
            self.synonyms = synonyms
            self.configType = configType
            self.documentation = documentation
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            name = try reader.readString(flexible)
            value = try reader.readNullableString(flexible)
            readOnly = try reader.readBool()
            if version <= 0 {
                isDefault = try reader.readBool()
            }
            if version >= 1 {
                configSource = try reader.readInt8()
            }
            isSensitive = try reader.readBool()
            if version >= 1 {
                synonyms = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                    try DescribeConfigsSynonym(from: &reader, version: version)
                }
            }
            if version >= 3 {
                configType = try reader.readInt8()
            }
            if version >= 3 {
                documentation = try reader.readNullableString(flexible)
            }
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeString(name, flexible)
            writer.writeNullableString(value, flexible)
            writer.writeBool(readOnly)
            if version <= 0 {
                writer.writeBool(isDefault)
            }
            if version >= 1 {
                writer.writeInt8(configSource)
            }
            writer.writeBool(isSensitive)
            if version >= 1 {
                writer.writeList(synonyms, flexible) { element, writer in
                    element.encode(into: &writer, version: version)
                }
            }
            if version >= 3 {
                writer.writeInt8(configType)
            }
            if version >= 3 {
                writer.writeNullableString(documentation, flexible)
            }
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct DescribeConfigsSynonym: Equatable, Sendable {
        package var name: String = ""
        package var value: String? = nil
        package var source: Int8 = 0

        package init(
            name: String = "",
            value: String? = nil,
            source: Int8 = 0
        ) {
            self.name = name
            self.value = value
            self.source = source
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 4
            name = try reader.readString(flexible)
            value = try reader.readNullableString(flexible)
            source = try reader.readInt8()
            if version >= 4 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 4
            writer.writeString(name, flexible)
            writer.writeNullableString(value, flexible)
            writer.writeInt8(source)
            if version >= 4 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
