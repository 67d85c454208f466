import KafkaProtocol

/// FindCoordinator 0 to 6: groups are not served yet, so there is no coordinator to name, and clients ask again.
///
/// Advertised all the same, because librdkafka asks it of every broker as soon as a `group.id` is set, even when the
/// broker does not list it, and because it takes its presence for "this broker knows lz4": without it, its producers
/// silently send what they were told to compress with lz4 uncompressed.
enum FindCoordinatorHandler {
    private static let group: Int8 = 0
    private static let message = "This broker does not coordinate groups or transactions yet."

    static func handle(_ request: FindCoordinatorRequest, _ context: RequestContext) -> FindCoordinatorResponse {
        // Coordinators of transactions (1) and share groups (2) do not exist at all.
        let error: ErrorCode = request.keyType == group ? .coordinatorNotAvailable : .invalidRequest
        guard context.header.apiVersion >= 4 else {
            return FindCoordinatorResponse(errorCode: error, errorMessage: message, nodeID: -1, host: "", port: -1)
        }
        return FindCoordinatorResponse(
            coordinators: request.coordinatorKeys.map {
                .init(key: $0, nodeID: -1, host: "", port: -1, errorCode: error, errorMessage: message)
            })
    }
}
