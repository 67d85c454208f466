import KafkaProtocol

/// DescribeConfigs 0 to 4: every setting of a topic, of this broker or of a group with its value, source, synonyms, type and
/// documentation (KIP-133, KIP-226, KIP-569).
enum DescribeConfigsHandler {
    private typealias Config = DescribeConfigsResponse.DescribeConfigsResourceResult

    static func handle(_ request: DescribeConfigsRequest, _ context: RequestContext) -> DescribeConfigsResponse {
        DescribeConfigsResponse(
            results: request.resources.distinct(by: { ["\($0.resourceType)", $0.resourceName] }).map { wanted in
                var result = DescribeConfigsResponse.DescribeConfigsResult(
                    resourceType: wanted.resourceType, resourceName: wanted.resourceName)
                do throws(TopicError) {
                    let resource = try ConfigResource(
                        type: wanted.resourceType, name: wanted.resourceName, context.broker)
                    let names = wanted.configurationKeys.map(Set.init)
                    result.configs = configs(of: resource, request, context)
                        .filter { names?.contains($0.name) ?? true }
                } catch {
                    result.errorCode = error.code
                    result.errorMessage = error.message
                }
                return result
            })
    }

    private static func configs(
        of resource: ConfigResource, _ request: DescribeConfigsRequest, _ context: RequestContext
    ) -> [Config] {
        let broker = context.broker
        let dynamic = broker.topics.brokerOverrides
        switch resource {
        case .topic(let topic):
            return TopicSettingTable.entries.map { entry in
                let layers = TopicConfig.layers(
                    of: entry.name, overrides: topic.config.overrides, broker: broker.settings, dynamicBroker: dynamic)
                return config(entry.definition, layers, isReadOnly: false, request)
            }
        case .group:
            return GroupSettingTable.entries.map { entry in
                let layers = GroupSettingTable.layers(
                    of: entry, overrides: resource.overrides(broker), broker: broker.settings)
                return config(entry.definition, layers, isReadOnly: false, request)
            }
        case .broker:
            return BrokerSettingTable.definitions.map { definition in
                let isDynamic = BrokerSettingTable.dynamicNames.contains(definition.name)
                return config(definition, layers(of: definition, broker, dynamic), isReadOnly: !isDynamic, request)
            }
        }
    }

    /// The values of a broker setting on each level, the one in force first.
    private static func layers(
        of definition: SettingDefinition, _ broker: Broker, _ dynamic: [String: String]
    ) -> [TopicConfig.Layer] {
        let name = definition.name
        var layers: [TopicConfig.Layer] = []
        if let value = dynamic[name] { layers.append(.init(name: name, value: value, source: .dynamicBroker)) }
        let stated = broker.settings[name]
        if stated.source != .default { layers.append(.init(name: name, value: stated.text, source: .staticBroker)) }
        layers.append(.init(name: name, value: definition.defaultValue, source: .default))
        return layers
    }

    private static func config(
        _ definition: SettingDefinition, _ layers: [TopicConfig.Layer], isReadOnly: Bool,
        _ request: DescribeConfigsRequest
    ) -> Config {
        Config(
            name: definition.name, value: layers[0].value, readOnly: isReadOnly,
            isDefault: layers[0].source == .default, configSource: layers[0].source.rawValue,
            synonyms: request.includeSynonyms
                ? layers.map { .init(name: $0.name, value: $0.value, source: $0.source.rawValue) } : [],
            configType: definition.kind.rawValue,
            documentation: request.includeDocumentation ? definition.documentation : nil)
    }
}
