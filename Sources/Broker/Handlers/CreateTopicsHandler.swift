import KafkaProtocol

/// CreateTopics 0 to 7, with `validate_only`, defaults for partitions and replication factor (-1), manual assignments (which
/// on one node can only name this one), and settings.
enum CreateTopicsHandler {
    private typealias Result = CreateTopicsResponse.CreatableTopicResult

    static func handle(_ request: CreateTopicsRequest, _ context: RequestContext) -> CreateTopicsResponse {
        let counts = Dictionary(request.topics.map { ($0.name, 1) }, uniquingKeysWith: +)
        var response = CreateTopicsResponse()
        var answered: Set<String> = []
        for wanted in request.topics where answered.insert(wanted.name).inserted {
            do throws(TopicError) {
                if counts[wanted.name] != 1 { throw TopicError(.invalidRequest, "Duplicate topic name.") }
                response.topics.append(try create(wanted, validateOnly: request.validateOnly, context.broker))
            } catch {
                response.topics.append(Result(name: wanted.name, errorCode: error.code, errorMessage: error.message))
            }
        }
        return response
    }

    private static func create(
        _ wanted: CreateTopicsRequest.CreatableTopic, validateOnly: Bool, _ broker: Broker
    ) throws(TopicError) -> Result {
        guard !TopicName.isInternal(wanted.name) else {
            throw TopicError(.invalidRequest, "The topic name \(wanted.name) belongs to the broker.")
        }
        let new = NewTopic(
            name: wanted.name, partitionCount: try partitionCount(wanted, broker),
            replicationFactor: try replicationFactor(wanted, broker), overrides: try overrides(wanted))
        var result = Result(
            name: wanted.name, numPartitions: new.partitionCount, replicationFactor: new.replicationFactor)
        if validateOnly {
            try broker.topics.check(new)
        } else {
            result.topicID = try broker.topics.create(new).id
        }
        result.configs = TopicSettingTable.entries.map { entry in
            let layer = TopicConfig.layers(
                of: entry.name, overrides: new.overrides, broker: broker.settings,
                dynamicBroker: broker.topics.brokerOverrides)[0]
            return .init(name: entry.name, value: layer.value, configSource: layer.source.rawValue)
        }
        return result
    }

    // MARK: Numbers

    private static func partitionCount(
        _ wanted: CreateTopicsRequest.CreatableTopic, _ broker: Broker
    ) throws(TopicError) -> Int32 {
        guard wanted.assignments.isEmpty else {
            guard wanted.numPartitions == -1, wanted.replicationFactor == -1 else {
                throw TopicError(
                    .invalidRequest,
                    "Both numPartitions or replicationFactor and replicasAssignments were set. Both cannot be used at the "
                        + "same time.")
            }
            try ReplicaAssignment.check(
                wanted.assignments.sorted { $0.partitionIndex < $1.partitionIndex }.map {
                    ($0.partitionIndex, $0.brokerIDs)
                },
                firstIndex: 0, nodeID: broker.nodeID)
            return Int32(wanted.assignments.count)
        }
        return wanted.numPartitions == -1 ? Int32(broker.settings.integer("num.partitions")) : wanted.numPartitions
    }

    private static func replicationFactor(
        _ wanted: CreateTopicsRequest.CreatableTopic, _ broker: Broker
    ) throws(TopicError) -> Int16 {
        if let first = wanted.assignments.first { return Int16(clamping: first.brokerIDs.count) }
        return wanted.replicationFactor == -1
            ? Int16(clamping: broker.settings.integer("default.replication.factor")) : wanted.replicationFactor
    }

    private static func overrides(_ wanted: CreateTopicsRequest.CreatableTopic) throws(TopicError) -> [String: String] {
        var overrides: [String: String] = [:]
        for config in wanted.configs {
            guard let value = config.value else {
                throw TopicError(.invalidConfig, "Null value not supported for topic configs: \(config.name)")
            }
            overrides[config.name] = value
        }
        return overrides
    }
}
