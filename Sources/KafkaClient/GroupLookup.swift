// GroupLookup: which broker coordinates a group (FindCoordinator), and a connection to it.

import KafkaProtocol

/// The broker that coordinates a group.
package struct GroupCoordinator: Sendable {
    package let nodeID: Int32
    package let address: BrokerAddress
    /// The bootstrap connection, if that is the coordinator.
    package let connection: KafkaConnection
}

extension KafkaCluster {
    /// The coordinator of a group, whether the group exists or not.
    ///
    /// Asks again while the broker is not ready to say (it creates or loads its offsets topic).
    package func coordinator(of group: String) async throws(ClientError) -> GroupCoordinator {
        let (nodeID, address) = try await locateCoordinator(of: group)
        return GroupCoordinator(nodeID: nodeID, address: address, connection: try await connection(to: address))
    }

    /// Each coordinator with the groups that are its own, in their order.
    package func coordinators(
        of groups: [String]
    ) async throws(ClientError) -> [(coordinator: GroupCoordinator, groups: [String])] {
        var found: [(coordinator: GroupCoordinator, groups: [String])] = []
        for group in groups {
            let (nodeID, address) = try await locateCoordinator(of: group)
            if let index = found.firstIndex(where: { $0.coordinator.nodeID == nodeID }) {
                found[index].groups.append(group)
            } else {
                let connection = try await connection(to: address)
                found.append((GroupCoordinator(nodeID: nodeID, address: address, connection: connection), [group]))
            }
        }
        return found
    }

    private func locateCoordinator(
        of group: String
    ) async throws(ClientError) -> (nodeID: Int32, address: BrokerAddress) {
        // Version 4 and later name keys in a list, earlier ones a single key.
        let request = FindCoordinatorRequest(key: group, keyType: Self.groupKeyType, coordinatorKeys: [group])
        var attempts = 0
        while true {
            let response = try await bootstrap.send(request)
            let found =
                response.coordinators.first { $0.key == group }
                ?? FindCoordinatorResponse.Coordinator(
                    key: group, nodeID: response.nodeID, host: response.host, port: response.port,
                    errorCode: response.errorCode, errorMessage: response.errorMessage)
            if found.errorCode == .none {
                return (found.nodeID, BrokerAddress(host: found.host, port: Int(found.port)))
            }
            attempts += 1
            guard found.errorCode.isRetriable, attempts < Self.lookupAttemptsMax else {
                throw .refused(
                    "cannot find the coordinator of group \"\(group)\"", found.errorCode, found.errorMessage)
            }
            await pause(milliseconds: Self.lookupPauseMilliseconds)
        }
    }

    /// `key_type` of a group. Source: the Kafka protocol guide, FindCoordinator.
    private static let groupKeyType: Int8 = 0
    private static let lookupAttemptsMax = 20
    private static let lookupPauseMilliseconds = 100
}

extension GroupCoordinator {
    /// Sends a request again while the coordinator loads the group.
    /// - Parameter errorCodes: the errors in an answer.
    package func sendWhenLoaded<Request: RequestMessage>(
        _ request: Request, upTo newest: Int16 = .max, _ errorCodes: (Request.Response) -> [ErrorCode]
    ) async throws(ClientError) -> Request.Response {
        var attempts = 0
        while true {
            let response = try await connection.send(request, upTo: newest)
            attempts += 1
            let isLoading = errorCodes(response).contains {
                $0 == .coordinatorLoadInProgress || $0 == .coordinatorNotAvailable
            }
            guard isLoading, attempts < Self.loadAttemptsMax else { return response }
            await pause(milliseconds: Self.loadPauseMilliseconds)
        }
    }

    private static let loadAttemptsMax = 50
    private static let loadPauseMilliseconds = 100
}
