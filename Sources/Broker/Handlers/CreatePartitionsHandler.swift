import KafkaProtocol

/// CreatePartitions 0 to 3: raises the number of a topic's partitions to `count` (KIP-195).
enum CreatePartitionsHandler {
    private typealias Result = CreatePartitionsResponse.CreatePartitionsTopicResult

    static func handle(_ request: CreatePartitionsRequest, _ context: RequestContext) -> CreatePartitionsResponse {
        let counts = Dictionary(request.topics.map { ($0.name, 1) }, uniquingKeysWith: +)
        var response = CreatePartitionsResponse()
        var answered: Set<String> = []
        for wanted in request.topics where answered.insert(wanted.name).inserted {
            do throws(TopicError) {
                if counts[wanted.name] != 1 { throw TopicError(.invalidRequest, "Duplicate topic name.") }
                try grow(wanted, validateOnly: request.validateOnly, context.broker)
                response.results.append(Result(name: wanted.name))
            } catch {
                response.results.append(Result(name: wanted.name, errorCode: error.code, errorMessage: error.message))
            }
        }
        return response
    }

    private static func grow(
        _ wanted: CreatePartitionsRequest.CreatePartitionsTopic, validateOnly: Bool, _ broker: Broker
    ) throws(TopicError) {
        guard let topic = broker.topics.current.byName[wanted.name] else {
            throw TopicError(.unknownTopicOrPartition, "The topic '\(wanted.name)' does not exist.")
        }
        guard !topic.isInternal else {
            throw TopicError(.invalidTopicException, "The topic \(topic.name) belongs to the broker.")
        }
        if let assignments = wanted.assignments {
            let held = Int32(topic.partitions.count)
            // Not in 32 bits: the count is what a client says.
            let added = Int(wanted.count) - Int(held)
            guard assignments.count == added || added <= 0 else {
                throw TopicError(
                    .invalidReplicaAssignment,
                    "\(added) new partitions were asked for, \(assignments.count) were assigned.")
            }
            try ReplicaAssignment.check(
                assignments.enumerated().map { (held + Int32($0.offset), $0.element.brokerIDs) }, firstIndex: held,
                nodeID: broker.nodeID)
        }
        try broker.topics.grow(topic: wanted.name, to: wanted.count, validateOnly: validateOnly)
    }
}
