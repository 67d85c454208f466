import KafkaProtocol

/// AlterConfigs 0 to 2: replaces all values that were set on a topic or on this broker; what the request leaves out goes
/// back to its default (KIP-133). Kept for old clients; `IncrementalAlterConfigs` is the safer one.
enum AlterConfigsHandler {
    static func handle(_ request: AlterConfigsRequest, _ context: RequestContext) -> AlterConfigsResponse {
        AlterConfigsResponse(
            responses: request.resources.map { wanted in
                var answer = AlterConfigsResponse.AlterConfigsResourceResponse(
                    resourceType: wanted.resourceType, resourceName: wanted.resourceName)
                do throws(TopicError) {
                    let resource = try ConfigResource(
                        type: wanted.resourceType, name: wanted.resourceName, context.broker)
                    var overrides: [String: String] = [:]
                    for config in wanted.configs {
                        guard let value = config.value else {
                            throw TopicError(.invalidRequest, "Null value not supported for : \(config.name)")
                        }
                        overrides[config.name] = value
                    }
                    try resource.replaceOverrides(
                        with: overrides, validateOnly: request.validateOnly, context.broker)
                } catch {
                    answer.errorCode = error.code
                    answer.errorMessage = error.message
                }
                return answer
            })
    }
}
