import KafkaProtocol

/// FindCoordinator 0 to 6: this broker coordinates every group. The first question makes the topic that stores them.
///
/// Coordinators of transactions (key type 1) and share groups (2) do not exist: INVALID_REQUEST, which clients do not repeat.
enum FindCoordinatorHandler {
    private static let groupKeyType: Int8 = 0

    static func handle(_ request: FindCoordinatorRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        let groups = context.broker.groups
        guard request.keyType == groupKeyType else {
            let error = GroupError(.invalidRequest, "This broker coordinates groups, not transactions or share groups.")
            return .reply(context.reply(response(request, error, context)))
        }
        guard groups.topic.topic == nil else { return .reply(context.reply(response(request, nil, context))) }
        context.broker.inBackground {
            var error: GroupError?
            do throws(TopicError) { try groups.topic.create() } catch {
                context.broker.logger.error("\(OffsetsTopic.name) could not be created: \(error)")
            }
            if groups.topic.topic == nil { error = GroupError(.coordinatorNotAvailable) }
            context.complete(context.reply(response(request, error, context)))
        }
        return .pending
    }

    private static func response(
        _ request: FindCoordinatorRequest, _ error: GroupError?, _ context: RequestContext
    ) -> FindCoordinatorResponse {
        let address = context.broker.address(for: context.connection)
        let nodeID = error == nil ? context.broker.nodeID : -1
        let host = error == nil ? address.host : ""
        let port = error == nil ? Int32(clamping: address.port) : -1
        let code = error?.code ?? .none
        guard context.version >= 4 else {
            return FindCoordinatorResponse(
                errorCode: code, errorMessage: error?.message, nodeID: nodeID, host: host, port: port)
        }
        return FindCoordinatorResponse(
            coordinators: request.coordinatorKeys.map {
                .init(key: $0, nodeID: nodeID, host: host, port: port, errorCode: code, errorMessage: error?.message)
            })
    }
}
