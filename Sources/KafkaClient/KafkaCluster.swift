// KafkaCluster: the bootstrap connection, and the connection to the broker that leads a topic.
//
// The client is made for a broker that leads everything, so one leader a topic is enough; a topic spread over several
// brokers is refused with a sentence. Threads: Sendable; the lock guards only the table of connections.

import KafkaProtocol
import Synchronization

package final class KafkaCluster: Sendable {
    /// To the address that the user gave. Admin requests go here.
    package let bootstrap: KafkaConnection
    /// To the addresses that the broker names for itself, where they are others.
    private let others = Mutex<[BrokerAddress: KafkaConnection]>([:])

    private init(bootstrap: KafkaConnection) { self.bootstrap = bootstrap }

    package static func connect(
        to address: BrokerAddress, settings: ConnectionSettings = ConnectionSettings()
    ) async throws(ClientError) -> KafkaCluster {
        KafkaCluster(bootstrap: try await KafkaConnection.connect(to: address, settings: settings))
    }

    /// Closes all connections, those that were handed out too.
    package func close() async {
        await bootstrap.close()
        for connection in others.withLock({ $0.values.map(\.self) }) { await connection.close() }
    }

    /// A topic, and a connection to its leader (the bootstrap connection, if that is the leader).
    /// - Parameter createIfMissing: whether the broker may create the topic, if its settings say so.
    package func leader(
        of topic: String, createIfMissing: Bool = false
    ) async throws(ClientError) -> (topic: TopicMetadata, connection: KafkaConnection) {
        let (metadata, described) = try await describe(topic, createIfMissing: createIfMissing)
        let leaders = Set(described.partitions.map(\.leaderID))
        guard leaders.count == 1, let leader = metadata.brokers.first(where: { leaders.contains($0.nodeID) }) else {
            throw ClientError(
                .refused(.leaderNotAvailable),
                "topic \"\(topic)\" has \(leaders.count) leaders: this client works with one broker that leads all partitions"
            )
        }
        let known = TopicMetadata(
            name: topic, id: described.topicID, partitions: described.partitions.map(\.partitionIndex).sorted())
        return (known, try await connection(to: BrokerAddress(host: leader.host, port: Int(leader.port))))
    }

    /// The bootstrap connection, if that is where it leads; else one that is made once.
    func connection(to advertised: BrokerAddress) async throws(ClientError) -> KafkaConnection {
        if bootstrap.reaches(host: advertised.host, port: advertised.port) { return bootstrap }
        if let known = others.withLock({ $0[advertised] }) { return known }
        let made = try await connectToAdvertised(advertised)
        let kept = others.withLock { others in
            let kept = others[advertised] ?? made
            others[advertised] = kept
            return kept
        }
        if kept !== made { await made.close() }
        return kept
    }

    private func connectToAdvertised(_ advertised: BrokerAddress) async throws(ClientError) -> KafkaConnection {
        do {
            return try await KafkaConnection.connect(to: advertised, settings: bootstrap.settings)
        } catch {
            throw ClientError(
                error.code,
                "the broker at \(bootstrap.address) says that it is to be reached at \(advertised), but: \(error.message). "
                    + "Set the broker's advertised.listeners to an address that clients can reach, or leave it unset")
        }
    }

    /// Asks until the topic has leaders: one that was just created may not yet.
    private func describe(
        _ topic: String, createIfMissing: Bool
    ) async throws(ClientError) -> (MetadataResponse, MetadataResponse.MetadataResponseTopic) {
        let request = MetadataRequest(
            topics: [MetadataRequest.MetadataRequestTopic(name: topic)], allowAutoTopicCreation: createIfMissing)
        var attempts = 0
        while true {
            let response = try await bootstrap.send(request)
            guard let described = response.topics.first(where: { $0.name == topic }) else {
                throw ClientError(.malformedAnswer, "\(bootstrap.address) did not answer for topic \"\(topic)\"")
            }
            let code =
                described.partitions.first { $0.errorCode == .leaderNotAvailable }?.errorCode ?? described.errorCode
            if code == .none { return (response, described) }
            attempts += 1
            let isTransient = code.isRetriable && (code != .unknownTopicOrPartition || createIfMissing)
            guard isTransient, attempts < Self.metadataAttemptsMax else { throw Self.missing(topic, code) }
            await pause(milliseconds: Self.retryBackoffMilliseconds)
        }
    }

    private static let metadataAttemptsMax = 20
    private static let retryBackoffMilliseconds = 100

    private static func missing(_ topic: String, _ code: ErrorCode) -> ClientError {
        if code == .unknownTopicOrPartition {
            return ClientError(
                .refused(code),
                "topic \"\(topic)\" does not exist: create it with `martlet topic create \(topic)`, "
                    + "or see `martlet topic list`")
        }
        return .refused("topic \"\(topic)\"", code)
    }
}

/// Sleeps; a cancelled task does not. Who pauses in a loop has a limit of attempts, or looks whether it was cancelled.
func pause(milliseconds: Int) async {
    // Being cancelled is the only way to fail that a sleep has.
    try? await Task.sleep(nanoseconds: UInt64(milliseconds) * 1_000_000)
}
