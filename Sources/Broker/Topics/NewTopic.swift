import KafkaProtocol

/// What is asked for when a topic is created; the numbers are already resolved.
package struct NewTopic: Sendable {
    package let name: String
    package let partitionCount: Int32
    package let replicationFactor: Int16
    package let overrides: [String: String]

    package init(name: String, partitionCount: Int32, replicationFactor: Int16, overrides: [String: String] = [:]) {
        self.name = name
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
        self.overrides = overrides
    }

    /// Says what speaks against it beside the topics that there are.
    func check(beside topics: TopicDirectory, _ settings: BrokerSettings) throws(TopicError) {
        try checkName(beside: topics)
        guard partitionCount > 0 else {
            throw TopicError(.invalidPartitions, "Number of partitions was set to an invalid non-positive value.")
        }
        try topics.checkRoom(forPartitions: Int(partitionCount), settings)
        try checkReplicationFactor(max: settings.integer("replication.factor.accept.max"))
        for (name, value) in overrides { try Self.checkOverride(name, value) }
    }

    private func checkName(beside topics: TopicDirectory) throws(TopicError) {
        if let objection = TopicName.objection(to: name) {
            throw TopicError(.invalidTopicException, "Topic name is invalid: \(objection)")
        }
        if topics.byName[name] != nil {
            throw TopicError(.topicAlreadyExists, "Topic '\(name)' already exists.")
        }
        if let other = topics.nameColliding(with: name) {
            throw TopicError(.invalidTopicException, "Topic '\(name)' collides with existing topic: \(other)")
        }
    }

    private func checkReplicationFactor(max factorMax: Int) throws(TopicError) {
        guard replicationFactor > 0 else {
            throw TopicError(
                .invalidReplicationFactor, "Replication factor must be larger than 0, or -1 to use the default value.")
        }
        guard Int(replicationFactor) <= factorMax else {
            throw TopicError(
                .invalidReplicationFactor,
                "Unable to replicate the partition \(replicationFactor) time(s): this broker is one node and accepts "
                    + "replication factors up to \(factorMax) (replication.factor.accept.max).")
        }
    }

    private static func checkOverride(_ name: String, _ value: String) throws(TopicError) {
        guard let entry = TopicSettingTable.entry(named: name) else {
            throw TopicError(.invalidConfig, "Unknown topic config name: \(name)")
        }
        if let objection = entry.definition.objection(to: value) { throw TopicError(.invalidConfig, objection) }
    }
}
