extension API {
    /// Every API that Martlet has a codec for, by key.
    static let all: [API] = [
        produce, fetch, listOffsets, offsetForLeaderEpoch, deleteRecords, initProducerID, describeProducers,
        apiVersions, metadata, describeCluster, describeTopicPartitions, describeLogDirs,
        createTopics, deleteTopics, createPartitions, describeConfigs, alterConfigs, incrementalAlterConfigs,
        findCoordinator, joinGroup, syncGroup, heartbeat, leaveGroup, describeGroups, listGroups, deleteGroups,
        consumerGroupHeartbeat, consumerGroupDescribe, offsetCommit, offsetFetch, offsetDelete,
    ].sorted { $0.key < $1.key }
}

extension PlainStructure {
    /// Every plain structure that Martlet has a codec for.
    static let all: [PlainStructure] = groupRecords + consumerGroupRecords + consumerProtocol
}
