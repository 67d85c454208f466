import KafkaProtocol

/// IncrementalAlterConfigs 0 to 1: sets, deletes, appends to or subtracts from single settings of a topic or of this broker
/// (KIP-339). A resource changes as a whole or not at all.
enum IncrementalAlterConfigsHandler {
    private enum Operation: Int8 {
        case set = 0
        case delete = 1
        case append = 2
        case subtract = 3
    }

    static func handle(
        _ request: IncrementalAlterConfigsRequest, _ context: RequestContext
    ) -> IncrementalAlterConfigsResponse {
        IncrementalAlterConfigsResponse(
            responses: request.resources.map { wanted in
                var answer = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse(
                    resourceType: wanted.resourceType, resourceName: wanted.resourceName)
                do throws(TopicError) {
                    let resource = try ConfigResource(
                        type: wanted.resourceType, name: wanted.resourceName, context.broker)
                    try resource.replaceOverrides(
                        with: changed(wanted.configs, of: resource, context.broker),
                        validateOnly: request.validateOnly, context.broker)
                } catch {
                    answer.errorCode = error.code
                    answer.errorMessage = error.message
                }
                return answer
            })
    }

    private static func changed(
        _ changes: [IncrementalAlterConfigsRequest.AlterableConfig], of resource: ConfigResource, _ broker: Broker
    ) throws(TopicError) -> [String: String] {
        var overrides = resource.overrides(broker)
        var named: Set<String> = []
        for change in changes {
            guard named.insert(change.name).inserted else {
                throw TopicError(.invalidRequest, "Error due to duplicate config keys: \(change.name)")
            }
            guard let operation = Operation(rawValue: change.configOperation) else {
                throw TopicError(.invalidRequest, "Unknown operation \(change.configOperation) for \(change.name).")
            }
            guard let definition = resource.definition(change.name) else {
                throw TopicError(.invalidConfig, "Unknown config name: \(change.name)")
            }
            if operation == .delete {
                overrides[change.name] = nil
                continue
            }
            guard let value = change.value else {
                throw TopicError(.invalidRequest, "Null value not supported for : \(change.name)")
            }
            overrides[change.name] =
                operation == .set
                ? value : try edited(definition, resource.value(change.name, broker) ?? "", operation, value)
        }
        return overrides
    }

    /// A list value with elements added or taken away.
    private static func edited(
        _ definition: SettingDefinition, _ current: String, _ operation: Operation, _ value: String
    ) throws(TopicError) -> String {
        guard definition.kind == .list else {
            throw TopicError(
                .invalidConfig, "Config value \(operation) is not allowed for config key: \(definition.name)")
        }
        let elements = SettingDefinition.elements(of: current)
        let changes = SettingDefinition.elements(of: value)
        switch operation {
        case .append: return (elements + changes.filter { !elements.contains($0) }).joined(separator: ",")
        default: return elements.filter { !changes.contains($0) }.joined(separator: ",")
        }
    }
}
