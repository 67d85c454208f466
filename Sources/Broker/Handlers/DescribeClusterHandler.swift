import KafkaProtocol

/// DescribeCluster 0 to 2: this one broker (KIP-700); the endpoints of controllers (type 2) do not exist.
enum DescribeClusterHandler {
    private static let brokers: Int8 = 1

    static func handle(_ request: DescribeClusterRequest, _ context: RequestContext) -> DescribeClusterResponse {
        let broker = context.broker
        guard request.endpointType == brokers else {
            return DescribeClusterResponse(
                errorCode: request.endpointType == 2 ? .mismatchedEndpointType : .unsupportedEndpointType,
                errorMessage: "This broker serves clients; ask for endpoint type \(brokers).",
                endpointType: request.endpointType)
        }
        let address = broker.address(for: context.connection)
        return DescribeClusterResponse(
            endpointType: brokers, clusterID: broker.clusterID, controllerID: broker.nodeID,
            brokers: [.init(brokerID: broker.nodeID, host: address.host, port: Int32(address.port))],
            clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
                ? AuthorizedOperations.cluster : AuthorizedOperations.notRequested)
    }
}
