import KafkaProtocol
import LogStorage

/// Metadata 0 to 13: this broker, and topics by name or (from version 10) by id.
///
/// Unknown topics are created if both the client and `auto.create.topics.enable` allow it; the reply then waits for the
/// creation and already holds the topic.
enum MetadataHandler {
    static func handle(_ request: MetadataRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        let missing = namesToCreate(request, context)
        guard !missing.isEmpty else {
            return context.answer { access throws(StorageError) in try response(request, context, access) }
        }
        context.broker.inBackground {
            let failures = create(missing, context.broker)
            do throws(StorageError) {
                context.complete(context.reply(try response(request, context, .waiting, failures)))
            } catch {
                preconditionFailure("only what must not wait is refused: \(error.message)")
            }
        }
        return .pending
    }

    // MARK: Creation on demand

    private static func namesToCreate(_ request: MetadataRequest, _ context: RequestContext) -> [String] {
        guard context.version < 4 || request.allowAutoTopicCreation,
            context.broker.settings.boolean("auto.create.topics.enable"), let topics = request.topics
        else { return [] }
        let current = context.broker.topics.current
        return topics.compactMap(\.name).distinct(by: \.self).filter {
            current.byName[$0] == nil && TopicName.objection(to: $0) == nil && !TopicName.isInternal($0)
        }
    }

    private static func create(_ names: [String], _ broker: Broker) -> [String: ErrorCode] {
        var failures: [String: ErrorCode] = [:]
        for name in names {
            do throws(TopicError) {
                _ = try broker.topics.create(
                    .init(
                        name: name, partitionCount: Int32(broker.settings.integer("num.partitions")),
                        replicationFactor: Int16(clamping: broker.settings.integer("default.replication.factor"))))
            } catch {
                if error.code != .topicAlreadyExists { failures[name] = error.code }
            }
        }
        return failures
    }

    // MARK: Response

    private static func response(
        _ request: MetadataRequest, _ context: RequestContext, _ access: DiskAccess,
        _ failures: [String: ErrorCode] = [:]
    ) throws(StorageError) -> MetadataResponse {
        let broker = context.broker
        let address = broker.address(for: context.connection)
        return MetadataResponse(
            brokers: [.init(nodeID: broker.nodeID, host: address.host, port: Int32(address.port))],
            clusterID: broker.clusterID,
            controllerID: broker.nodeID,
            topics: try topics(request, context, access, failures),
            clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
                ? AuthorizedOperations.cluster : AuthorizedOperations.notRequested)
    }

    private static func topics(
        _ request: MetadataRequest, _ context: RequestContext, _ access: DiskAccess, _ failures: [String: ErrorCode]
    ) throws(StorageError) -> [MetadataResponse.MetadataResponseTopic] {
        let current = context.broker.topics.current
        let describe = { (found: Topic) throws(StorageError) in
            try topic(request, found, nodeID: context.broker.nodeID, access)
        }
        // Version 0 asks for everything with an empty list, later ones with null.
        guard let wanted = request.topics, !(context.version == 0 && wanted.isEmpty) else {
            return try current.all.sorted { $0.name < $1.name }.map(describe)
        }
        return try wanted.distinct(by: { TopicReference(name: $0.name, id: $0.topicID) }).map {
            wanted throws(StorageError) in
            if let topic = current.find(name: wanted.name ?? "", id: wanted.topicID) { return try describe(topic) }
            if wanted.topicID != .zero { return .init(errorCode: .unknownTopicID, name: nil, topicID: wanted.topicID) }
            let name = wanted.name ?? ""
            let error =
                TopicName.objection(to: name) != nil
                ? .invalidTopicException : failures[name] ?? .unknownTopicOrPartition
            return .init(errorCode: error, name: name, isInternal: TopicName.isInternal(name))
        }
    }

    private static func topic(
        _ request: MetadataRequest, _ topic: Topic, nodeID: Int32, _ access: DiskAccess
    ) throws(StorageError) -> MetadataResponse.MetadataResponseTopic {
        .init(
            name: topic.name,
            topicID: topic.id,
            isInternal: topic.isInternal,
            partitions: try topic.partitions.map { partition throws(StorageError) in
                .init(
                    errorCode: .none, partitionIndex: partition.name.partition, leaderID: nodeID,
                    leaderEpoch: try partition.knownLeaderEpoch(access), replicaNodes: [nodeID], isrNodes: [nodeID])
            },
            topicAuthorizedOperations: request.includeTopicAuthorizedOperations
                ? AuthorizedOperations.topic : AuthorizedOperations.notRequested)
    }
}

extension Partition {
    /// The leader epoch, or -1 if the log is offline: clients find that out when they use it.
    ///
    /// - Throws: only `.wouldWait`, where `access` does not let it wait for the disk. That is once after a start, for a file of
    ///   a few bytes: the log itself need not be loaded.
    func knownLeaderEpoch(_ access: DiskAccess) throws(StorageError) -> Int32 {
        do throws(StorageError) {
            return try leaderEpoch(access)
        } catch {
            if error.code == .wouldWait { throw error }
            return -1
        }
    }
}
