// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

import KafkaProtocol

/// Every message with a function that fills it; fields that a version does not have keep their defaults.
let sampleMessages: [any SampleMessage.Type] = [
    ProduceRequest.self, ProduceResponse.self,
    FetchRequest.self, FetchResponse.self,
    ListOffsetsRequest.self, ListOffsetsResponse.self,
    MetadataRequest.self, MetadataResponse.self,
    OffsetCommitRequest.self, OffsetCommitResponse.self,
    OffsetFetchRequest.self, OffsetFetchResponse.self,
    FindCoordinatorRequest.self, FindCoordinatorResponse.self,
    JoinGroupRequest.self, JoinGroupResponse.self,
    HeartbeatRequest.self, HeartbeatResponse.self,
    LeaveGroupRequest.self, LeaveGroupResponse.self,
    SyncGroupRequest.self, SyncGroupResponse.self,
    DescribeGroupsRequest.self, DescribeGroupsResponse.self,
    ListGroupsRequest.self, ListGroupsResponse.self,
    ApiVersionsRequest.self, ApiVersionsResponse.self,
    CreateTopicsRequest.self, CreateTopicsResponse.self,
    DeleteTopicsRequest.self, DeleteTopicsResponse.self,
    DeleteRecordsRequest.self, DeleteRecordsResponse.self,
    InitProducerIDRequest.self, InitProducerIDResponse.self,
    OffsetForLeaderEpochRequest.self, OffsetForLeaderEpochResponse.self,
    DescribeConfigsRequest.self, DescribeConfigsResponse.self,
    AlterConfigsRequest.self, AlterConfigsResponse.self,
    DescribeLogDirsRequest.self, DescribeLogDirsResponse.self,
    CreatePartitionsRequest.self, CreatePartitionsResponse.self,
    DeleteGroupsRequest.self, DeleteGroupsResponse.self,
    IncrementalAlterConfigsRequest.self, IncrementalAlterConfigsResponse.self,
    OffsetDeleteRequest.self, OffsetDeleteResponse.self,
    DescribeClusterRequest.self, DescribeClusterResponse.self,
    DescribeProducersRequest.self, DescribeProducersResponse.self,
    ConsumerGroupHeartbeatRequest.self, ConsumerGroupHeartbeatResponse.self,
    ConsumerGroupDescribeRequest.self, ConsumerGroupDescribeResponse.self,
    DescribeTopicPartitionsRequest.self, DescribeTopicPartitionsResponse.self,
    OffsetCommitKey.self,
    OffsetCommitValue.self,
    GroupMetadataKey.self,
    GroupMetadataValue.self,
    ConsumerGroupMetadataKey.self,
    ConsumerGroupMetadataValue.self,
    ConsumerGroupPartitionMetadataKey.self,
    ConsumerGroupPartitionMetadataValue.self,
    ConsumerGroupMemberMetadataKey.self,
    ConsumerGroupMemberMetadataValue.self,
    ConsumerGroupTargetAssignmentMetadataKey.self,
    ConsumerGroupTargetAssignmentMetadataValue.self,
    ConsumerGroupTargetAssignmentMemberKey.self,
    ConsumerGroupTargetAssignmentMemberValue.self,
    ConsumerGroupCurrentMemberAssignmentKey.self,
    ConsumerGroupCurrentMemberAssignmentValue.self,
    ConsumerGroupRegularExpressionKey.self,
    ConsumerGroupRegularExpressionValue.self,
    ConsumerProtocolSubscription.self,
    ConsumerProtocolAssignment.self,
]

extension ProduceRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 3 { value.transactionalID = random.nullable { $0.value() } }
        value.acks = random.value()
        value.timeoutMs = random.value()
        value.topicData = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ProduceRequest.TopicProduceData: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 12 { value.name = random.value() }
        if version >= 13 { value.topicID = random.value() }
        value.partitionData = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ProduceRequest.PartitionProduceData: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.index = random.value()
        return value
    }
}

extension ProduceResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.responses = random.list { .sample(&$0, version: version) }
        if version >= 1 { value.throttleTimeMs = random.value() }
        if version >= 10 { value.nodeEndpoints = random.list { .sample(&$0, version: version) } }
        return value
    }
}

extension ProduceResponse.TopicProduceResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 12 { value.name = random.value() }
        if version >= 13 { value.topicID = random.value() }
        value.partitionResponses = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ProduceResponse.PartitionProduceResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.index = random.value()
        value.errorCode = random.value()
        value.baseOffset = random.value()
        if version >= 2 { value.logAppendTimeMs = random.value() }
        if version >= 5 { value.logStartOffset = random.value() }
        if version >= 8 { value.recordErrors = random.list { .sample(&$0, version: version) } }
        if version >= 8 { value.errorMessage = random.nullable { $0.value() } }
        if version >= 10 { value.currentLeader = .sample(&random, version: version) }
        return value
    }
}

extension ProduceResponse.BatchIndexAndErrorMessage: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.batchIndex = random.value()
        value.batchIndexErrorMessage = random.nullable { $0.value() }
        return value
    }
}

extension ProduceResponse.LeaderIDAndEpoch: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.leaderID = random.value()
        value.leaderEpoch = random.value()
        return value
    }
}

extension ProduceResponse.NodeEndpoint: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.nodeID = random.value()
        value.host = random.value()
        value.port = random.value()
        value.rack = random.nullable { $0.value() }
        return value
    }
}

extension FetchRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 12 { value.clusterID = random.nullable { $0.value() } }
        if version <= 14 { value.replicaID = random.value() }
        if version >= 15 { value.replicaState = .sample(&random, version: version) }
        value.maxWaitMs = random.value()
        value.minBytes = random.value()
        value.maxBytes = random.value()
        value.isolationLevel = random.value()
        if version >= 7 { value.sessionID = random.value() }
        if version >= 7 { value.sessionEpoch = random.value() }
        value.topics = random.list { .sample(&$0, version: version) }
        if version >= 7 { value.forgottenTopicsData = random.list { .sample(&$0, version: version) } }
        if version >= 11 { value.rackID = random.value() }
        return value
    }
}

extension FetchRequest.ReplicaState: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.replicaID = random.value()
        value.replicaEpoch = random.value()
        return value
    }
}

extension FetchRequest.FetchTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 12 { value.topic = random.value() }
        if version >= 13 { value.topicID = random.value() }
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension FetchRequest.FetchPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partition = random.value()
        if version >= 9 { value.currentLeaderEpoch = random.value() }
        value.fetchOffset = random.value()
        if version >= 12 { value.lastFetchedEpoch = random.value() }
        if version >= 5 { value.logStartOffset = random.value() }
        value.partitionMaxBytes = random.value()
        if version >= 17 { value.replicaDirectoryID = random.value() }
        if version >= 18 { value.highWatermark = random.value() }
        return value
    }
}

extension FetchRequest.ForgottenTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 12 { value.topic = random.value() }
        if version >= 13 { value.topicID = random.value() }
        value.partitions = random.list { $0.value() }
        return value
    }
}

extension FetchResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        if version >= 7 { value.errorCode = random.value() }
        if version >= 7 { value.sessionID = random.value() }
        value.responses = random.list { .sample(&$0, version: version) }
        if version >= 16 { value.nodeEndpoints = random.list { .sample(&$0, version: version) } }
        return value
    }
}

extension FetchResponse.FetchableTopicResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 12 { value.topic = random.value() }
        if version >= 13 { value.topicID = random.value() }
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension FetchResponse.PartitionData: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.errorCode = random.value()
        value.highWatermark = random.value()
        value.lastStableOffset = random.value()
        if version >= 5 { value.logStartOffset = random.value() }
        if version >= 12 { value.divergingEpoch = .sample(&random, version: version) }
        if version >= 12 { value.currentLeader = .sample(&random, version: version) }
        if version >= 12 { value.snapshotID = .sample(&random, version: version) }
        value.abortedTransactions = random.nullable { $0.list { .sample(&$0, version: version) } }
        if version >= 11 { value.preferredReadReplica = random.value() }
        return value
    }
}

extension FetchResponse.EpochEndOffset: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.epoch = random.value()
        value.endOffset = random.value()
        return value
    }
}

extension FetchResponse.LeaderIDAndEpoch: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.leaderID = random.value()
        value.leaderEpoch = random.value()
        return value
    }
}

extension FetchResponse.SnapshotID: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.endOffset = random.value()
        value.epoch = random.value()
        return value
    }
}

extension FetchResponse.AbortedTransaction: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.producerID = random.value()
        value.firstOffset = random.value()
        return value
    }
}

extension FetchResponse.NodeEndpoint: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.nodeID = random.value()
        value.host = random.value()
        value.port = random.value()
        value.rack = random.nullable { $0.value() }
        return value
    }
}

extension ListOffsetsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.replicaID = random.value()
        if version >= 2 { value.isolationLevel = random.value() }
        value.topics = random.list { .sample(&$0, version: version) }
        if version >= 10 { value.timeoutMs = random.value() }
        return value
    }
}

extension ListOffsetsRequest.ListOffsetsTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ListOffsetsRequest.ListOffsetsPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        if version >= 4 { value.currentLeaderEpoch = random.value() }
        value.timestamp = random.value()
        return value
    }
}

extension ListOffsetsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 2 { value.throttleTimeMs = random.value() }
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ListOffsetsResponse.ListOffsetsTopicResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ListOffsetsResponse.ListOffsetsPartitionResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.errorCode = random.value()
        value.timestamp = random.value()
        value.offset = random.value()
        if version >= 4 { value.leaderEpoch = random.value() }
        return value
    }
}

extension MetadataRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.nullable(version >= 1) { $0.list { .sample(&$0, version: version) } }
        if version >= 4 { value.allowAutoTopicCreation = random.value() }
        if version >= 8 && version <= 10 { value.includeClusterAuthorizedOperations = random.value() }
        if version >= 8 { value.includeTopicAuthorizedOperations = random.value() }
        return value
    }
}

extension MetadataRequest.MetadataRequestTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 10 { value.topicID = random.value() }
        value.name = random.nullable(version >= 10) { $0.value() }
        return value
    }
}

extension MetadataResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 3 { value.throttleTimeMs = random.value() }
        value.brokers = random.list { .sample(&$0, version: version) }
        if version >= 2 { value.clusterID = random.nullable { $0.value() } }
        if version >= 1 { value.controllerID = random.value() }
        value.topics = random.list { .sample(&$0, version: version) }
        if version >= 8 && version <= 10 { value.clusterAuthorizedOperations = random.value() }
        if version >= 13 { value.errorCode = random.value() }
        return value
    }
}

extension MetadataResponse.MetadataResponseBroker: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.nodeID = random.value()
        value.host = random.value()
        value.port = random.value()
        if version >= 1 { value.rack = random.nullable { $0.value() } }
        return value
    }
}

extension MetadataResponse.MetadataResponseTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.name = random.nullable(version >= 12) { $0.value() }
        if version >= 10 { value.topicID = random.value() }
        if version >= 1 { value.isInternal = random.value() }
        value.partitions = random.list { .sample(&$0, version: version) }
        if version >= 8 { value.topicAuthorizedOperations = random.value() }
        return value
    }
}

extension MetadataResponse.MetadataResponsePartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.partitionIndex = random.value()
        value.leaderID = random.value()
        if version >= 7 { value.leaderEpoch = random.value() }
        value.replicaNodes = random.list { $0.value() }
        value.isrNodes = random.list { $0.value() }
        if version >= 5 { value.offlineReplicas = random.list { $0.value() } }
        return value
    }
}

extension OffsetCommitRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.generationIDOrMemberEpoch = random.value()
        value.memberID = random.value()
        if version >= 7 { value.groupInstanceID = random.nullable { $0.value() } }
        if version <= 4 { value.retentionTimeMs = random.value() }
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetCommitRequest.OffsetCommitRequestTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 9 { value.name = random.value() }
        if version >= 10 { value.topicID = random.value() }
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetCommitRequest.OffsetCommitRequestPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.committedOffset = random.value()
        if version >= 6 { value.committedLeaderEpoch = random.value() }
        value.committedMetadata = random.nullable { $0.value() }
        return value
    }
}

extension OffsetCommitResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 3 { value.throttleTimeMs = random.value() }
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetCommitResponse.OffsetCommitResponseTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 9 { value.name = random.value() }
        if version >= 10 { value.topicID = random.value() }
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetCommitResponse.OffsetCommitResponsePartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.errorCode = random.value()
        return value
    }
}

extension OffsetFetchRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 7 { value.groupID = random.value() }
        if version <= 7 { value.topics = random.nullable(version >= 2) { $0.list { .sample(&$0, version: version) } } }
        if version >= 8 { value.groups = random.list { .sample(&$0, version: version) } }
        if version >= 7 { value.requireStable = random.value() }
        return value
    }
}

extension OffsetFetchRequest.OffsetFetchRequestTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitionIndexes = random.list { $0.value() }
        return value
    }
}

extension OffsetFetchRequest.OffsetFetchRequestGroup: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        if version >= 9 { value.memberID = random.nullable { $0.value() } }
        if version >= 9 { value.memberEpoch = random.value() }
        value.topics = random.nullable { $0.list { .sample(&$0, version: version) } }
        return value
    }
}

extension OffsetFetchRequest.OffsetFetchRequestTopics: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 9 { value.name = random.value() }
        if version >= 10 { value.topicID = random.value() }
        value.partitionIndexes = random.list { $0.value() }
        return value
    }
}

extension OffsetFetchResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 3 { value.throttleTimeMs = random.value() }
        if version <= 7 { value.topics = random.list { .sample(&$0, version: version) } }
        if version >= 2 && version <= 7 { value.errorCode = random.value() }
        if version >= 8 { value.groups = random.list { .sample(&$0, version: version) } }
        return value
    }
}

extension OffsetFetchResponse.OffsetFetchResponseTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetFetchResponse.OffsetFetchResponsePartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.committedOffset = random.value()
        if version >= 5 { value.committedLeaderEpoch = random.value() }
        value.metadata = random.nullable { $0.value() }
        value.errorCode = random.value()
        return value
    }
}

extension OffsetFetchResponse.OffsetFetchResponseGroup: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.topics = random.list { .sample(&$0, version: version) }
        value.errorCode = random.value()
        return value
    }
}

extension OffsetFetchResponse.OffsetFetchResponseTopics: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 9 { value.name = random.value() }
        if version >= 10 { value.topicID = random.value() }
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetFetchResponse.OffsetFetchResponsePartitions: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.committedOffset = random.value()
        value.committedLeaderEpoch = random.value()
        value.metadata = random.nullable { $0.value() }
        value.errorCode = random.value()
        return value
    }
}

extension FindCoordinatorRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version <= 3 { value.key = random.value() }
        if version >= 1 { value.keyType = random.value() }
        if version >= 4 { value.coordinatorKeys = random.list { $0.value() } }
        return value
    }
}

extension FindCoordinatorResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 1 { value.throttleTimeMs = random.value() }
        if version <= 3 { value.errorCode = random.value() }
        if version >= 1 && version <= 3 { value.errorMessage = random.nullable { $0.value() } }
        if version <= 3 { value.nodeID = random.value() }
        if version <= 3 { value.host = random.value() }
        if version <= 3 { value.port = random.value() }
        if version >= 4 { value.coordinators = random.list { .sample(&$0, version: version) } }
        return value
    }
}

extension FindCoordinatorResponse.Coordinator: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.key = random.value()
        value.nodeID = random.value()
        value.host = random.value()
        value.port = random.value()
        value.errorCode = random.value()
        value.errorMessage = random.nullable { $0.value() }
        return value
    }
}

extension JoinGroupRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.sessionTimeoutMs = random.value()
        if version >= 1 { value.rebalanceTimeoutMs = random.value() }
        value.memberID = random.value()
        if version >= 5 { value.groupInstanceID = random.nullable { $0.value() } }
        value.protocolType = random.value()
        value.protocols = random.list { .sample(&$0, version: version) }
        if version >= 8 { value.reason = random.nullable { $0.value() } }
        return value
    }
}

extension JoinGroupRequest.JoinGroupRequestProtocol: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.metadata = random.value()
        return value
    }
}

extension JoinGroupResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 2 { value.throttleTimeMs = random.value() }
        value.errorCode = random.value()
        value.generationID = random.value()
        if version >= 7 { value.protocolType = random.nullable { $0.value() } }
        value.protocolName = random.nullable(version >= 7) { $0.value() }
        value.leader = random.value()
        if version >= 9 { value.skipAssignment = random.value() }
        value.memberID = random.value()
        value.members = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension JoinGroupResponse.JoinGroupResponseMember: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.memberID = random.value()
        if version >= 5 { value.groupInstanceID = random.nullable { $0.value() } }
        value.metadata = random.value()
        return value
    }
}

extension HeartbeatRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.generationID = random.value()
        value.memberID = random.value()
        if version >= 3 { value.groupInstanceID = random.nullable { $0.value() } }
        return value
    }
}

extension HeartbeatResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 1 { value.throttleTimeMs = random.value() }
        value.errorCode = random.value()
        return value
    }
}

extension LeaveGroupRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        if version <= 2 { value.memberID = random.value() }
        if version >= 3 { value.members = random.list { .sample(&$0, version: version) } }
        return value
    }
}

extension LeaveGroupRequest.MemberIdentity: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.memberID = random.value()
        value.groupInstanceID = random.nullable { $0.value() }
        if version >= 5 { value.reason = random.nullable { $0.value() } }
        return value
    }
}

extension LeaveGroupResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 1 { value.throttleTimeMs = random.value() }
        value.errorCode = random.value()
        if version >= 3 { value.members = random.list { .sample(&$0, version: version) } }
        return value
    }
}

extension LeaveGroupResponse.MemberResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.memberID = random.value()
        value.groupInstanceID = random.nullable { $0.value() }
        value.errorCode = random.value()
        return value
    }
}

extension SyncGroupRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.generationID = random.value()
        value.memberID = random.value()
        if version >= 3 { value.groupInstanceID = random.nullable { $0.value() } }
        if version >= 5 { value.protocolType = random.nullable { $0.value() } }
        if version >= 5 { value.protocolName = random.nullable { $0.value() } }
        value.assignments = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension SyncGroupRequest.SyncGroupRequestAssignment: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.memberID = random.value()
        value.assignment = random.value()
        return value
    }
}

extension SyncGroupResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 1 { value.throttleTimeMs = random.value() }
        value.errorCode = random.value()
        if version >= 5 { value.protocolType = random.nullable { $0.value() } }
        if version >= 5 { value.protocolName = random.nullable { $0.value() } }
        value.assignment = random.value()
        return value
    }
}

extension DescribeGroupsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groups = random.list { $0.value() }
        if version >= 3 { value.includeAuthorizedOperations = random.value() }
        return value
    }
}

extension DescribeGroupsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 1 { value.throttleTimeMs = random.value() }
        value.groups = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeGroupsResponse.DescribedGroup: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        if version >= 6 { value.errorMessage = random.nullable { $0.value() } }
        value.groupID = random.value()
        value.groupState = random.value()
        value.protocolType = random.value()
        value.protocolData = random.value()
        value.members = random.list { .sample(&$0, version: version) }
        if version >= 3 { value.authorizedOperations = random.value() }
        return value
    }
}

extension DescribeGroupsResponse.DescribedGroupMember: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.memberID = random.value()
        if version >= 4 { value.groupInstanceID = random.nullable { $0.value() } }
        value.clientID = random.value()
        value.clientHost = random.value()
        value.memberMetadata = random.value()
        value.memberAssignment = random.value()
        return value
    }
}

extension ListGroupsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 4 { value.statesFilter = random.list { $0.value() } }
        if version >= 5 { value.typesFilter = random.list { $0.value() } }
        return value
    }
}

extension ListGroupsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 1 { value.throttleTimeMs = random.value() }
        value.errorCode = random.value()
        value.groups = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ListGroupsResponse.ListedGroup: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.protocolType = random.value()
        if version >= 4 { value.groupState = random.value() }
        if version >= 5 { value.groupType = random.value() }
        return value
    }
}

extension ApiVersionsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 3 { value.clientSoftwareName = random.value() }
        if version >= 3 { value.clientSoftwareVersion = random.value() }
        return value
    }
}

extension ApiVersionsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.apiKeys = random.list { .sample(&$0, version: version) }
        if version >= 1 { value.throttleTimeMs = random.value() }
        if version >= 3 { value.supportedFeatures = random.list { .sample(&$0, version: version) } }
        if version >= 3 { value.finalizedFeaturesEpoch = random.value() }
        if version >= 3 { value.finalizedFeatures = random.list { .sample(&$0, version: version) } }
        if version >= 3 { value.zkMigrationReady = random.value() }
        return value
    }
}

extension ApiVersionsResponse.ApiVersion: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.apiKey = random.value()
        value.minVersion = random.value()
        value.maxVersion = random.value()
        return value
    }
}

extension ApiVersionsResponse.SupportedFeatureKey: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.minVersion = random.value()
        value.maxVersion = random.value()
        return value
    }
}

extension ApiVersionsResponse.FinalizedFeatureKey: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.maxVersionLevel = random.value()
        value.minVersionLevel = random.value()
        return value
    }
}

extension CreateTopicsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.list { .sample(&$0, version: version) }
        value.timeoutMs = random.value()
        if version >= 1 { value.validateOnly = random.value() }
        return value
    }
}

extension CreateTopicsRequest.CreatableTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.numPartitions = random.value()
        value.replicationFactor = random.value()
        value.assignments = random.list { .sample(&$0, version: version) }
        value.configs = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension CreateTopicsRequest.CreatableReplicaAssignment: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.brokerIDs = random.list { $0.value() }
        return value
    }
}

extension CreateTopicsRequest.CreatableTopicConfig: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.value = random.nullable { $0.value() }
        return value
    }
}

extension CreateTopicsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 2 { value.throttleTimeMs = random.value() }
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension CreateTopicsResponse.CreatableTopicResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        if version >= 7 { value.topicID = random.value() }
        value.errorCode = random.value()
        if version >= 1 { value.errorMessage = random.nullable { $0.value() } }
        if version >= 5 { value.topicConfigErrorCode = random.value() }
        if version >= 5 { value.numPartitions = random.value() }
        if version >= 5 { value.replicationFactor = random.value() }
        if version >= 5 { value.configs = random.nullable { $0.list { .sample(&$0, version: version) } } }
        return value
    }
}

extension CreateTopicsResponse.CreatableTopicConfigs: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.value = random.nullable { $0.value() }
        value.readOnly = random.value()
        value.configSource = random.value()
        value.isSensitive = random.value()
        return value
    }
}

extension DeleteTopicsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 6 { value.topics = random.list { .sample(&$0, version: version) } }
        if version <= 5 { value.topicNames = random.list { $0.value() } }
        value.timeoutMs = random.value()
        return value
    }
}

extension DeleteTopicsRequest.DeleteTopicState: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.nullable { $0.value() }
        value.topicID = random.value()
        return value
    }
}

extension DeleteTopicsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 1 { value.throttleTimeMs = random.value() }
        value.responses = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DeleteTopicsResponse.DeletableTopicResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.nullable(version >= 6) { $0.value() }
        if version >= 6 { value.topicID = random.value() }
        value.errorCode = random.value()
        if version >= 5 { value.errorMessage = random.nullable { $0.value() } }
        return value
    }
}

extension DeleteRecordsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.list { .sample(&$0, version: version) }
        value.timeoutMs = random.value()
        return value
    }
}

extension DeleteRecordsRequest.DeleteRecordsTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DeleteRecordsRequest.DeleteRecordsPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.offset = random.value()
        return value
    }
}

extension DeleteRecordsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DeleteRecordsResponse.DeleteRecordsTopicResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DeleteRecordsResponse.DeleteRecordsPartitionResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.lowWatermark = random.value()
        value.errorCode = random.value()
        return value
    }
}

extension InitProducerIDRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.transactionalID = random.nullable { $0.value() }
        value.transactionTimeoutMs = random.value()
        if version >= 3 { value.producerID = random.value() }
        if version >= 3 { value.producerEpoch = random.value() }
        return value
    }
}

extension InitProducerIDResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.errorCode = random.value()
        value.producerID = random.value()
        value.producerEpoch = random.value()
        return value
    }
}

extension OffsetForLeaderEpochRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 3 { value.replicaID = random.value() }
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetForLeaderEpochRequest.OffsetForLeaderTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topic = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetForLeaderEpochRequest.OffsetForLeaderPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partition = random.value()
        if version >= 2 { value.currentLeaderEpoch = random.value() }
        value.leaderEpoch = random.value()
        return value
    }
}

extension OffsetForLeaderEpochResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        if version >= 2 { value.throttleTimeMs = random.value() }
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topic = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetForLeaderEpochResponse.EpochEndOffset: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.partition = random.value()
        if version >= 1 { value.leaderEpoch = random.value() }
        value.endOffset = random.value()
        return value
    }
}

extension DescribeConfigsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.resources = random.list { .sample(&$0, version: version) }
        if version >= 1 { value.includeSynonyms = random.value() }
        if version >= 3 { value.includeDocumentation = random.value() }
        return value
    }
}

extension DescribeConfigsRequest.DescribeConfigsResource: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.resourceType = random.value()
        value.resourceName = random.value()
        value.configurationKeys = random.nullable { $0.list { $0.value() } }
        return value
    }
}

extension DescribeConfigsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.results = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeConfigsResponse.DescribeConfigsResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.errorMessage = random.nullable { $0.value() }
        value.resourceType = random.value()
        value.resourceName = random.value()
        value.configs = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeConfigsResponse.DescribeConfigsResourceResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.value = random.nullable { $0.value() }
        value.readOnly = random.value()
        if version <= 0 { value.isDefault = random.value() }
        if version >= 1 { value.configSource = random.value() }
        value.isSensitive = random.value()
        if version >= 1 { value.synonyms = random.list { .sample(&$0, version: version) } }
        if version >= 3 { value.configType = random.value() }
        if version >= 3 { value.documentation = random.nullable { $0.value() } }
        return value
    }
}

extension DescribeConfigsResponse.DescribeConfigsSynonym: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.value = random.nullable { $0.value() }
        value.source = random.value()
        return value
    }
}

extension AlterConfigsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.resources = random.list { .sample(&$0, version: version) }
        value.validateOnly = random.value()
        return value
    }
}

extension AlterConfigsRequest.AlterConfigsResource: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.resourceType = random.value()
        value.resourceName = random.value()
        value.configs = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension AlterConfigsRequest.AlterableConfig: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.value = random.nullable { $0.value() }
        return value
    }
}

extension AlterConfigsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.responses = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension AlterConfigsResponse.AlterConfigsResourceResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.errorMessage = random.nullable { $0.value() }
        value.resourceType = random.value()
        value.resourceName = random.value()
        return value
    }
}

extension DescribeLogDirsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.nullable { $0.list { .sample(&$0, version: version) } }
        return value
    }
}

extension DescribeLogDirsRequest.DescribableLogDirTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topic = random.value()
        value.partitions = random.list { $0.value() }
        return value
    }
}

extension DescribeLogDirsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        if version >= 3 { value.errorCode = random.value() }
        value.results = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeLogDirsResponse.DescribeLogDirsResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.logDir = random.value()
        value.topics = random.list { .sample(&$0, version: version) }
        if version >= 4 { value.totalBytes = random.value() }
        if version >= 4 { value.usableBytes = random.value() }
        return value
    }
}

extension DescribeLogDirsResponse.DescribeLogDirsTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeLogDirsResponse.DescribeLogDirsPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.partitionSize = random.value()
        value.offsetLag = random.value()
        value.isFutureKey = random.value()
        return value
    }
}

extension CreatePartitionsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.list { .sample(&$0, version: version) }
        value.timeoutMs = random.value()
        value.validateOnly = random.value()
        return value
    }
}

extension CreatePartitionsRequest.CreatePartitionsTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.count = random.value()
        value.assignments = random.nullable { $0.list { .sample(&$0, version: version) } }
        return value
    }
}

extension CreatePartitionsRequest.CreatePartitionsAssignment: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.brokerIDs = random.list { $0.value() }
        return value
    }
}

extension CreatePartitionsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.results = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension CreatePartitionsResponse.CreatePartitionsTopicResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.errorCode = random.value()
        value.errorMessage = random.nullable { $0.value() }
        return value
    }
}

extension DeleteGroupsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupsNames = random.list { $0.value() }
        return value
    }
}

extension DeleteGroupsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.results = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DeleteGroupsResponse.DeletableGroupResult: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.errorCode = random.value()
        return value
    }
}

extension IncrementalAlterConfigsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.resources = random.list { .sample(&$0, version: version) }
        value.validateOnly = random.value()
        return value
    }
}

extension IncrementalAlterConfigsRequest.AlterConfigsResource: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.resourceType = random.value()
        value.resourceName = random.value()
        value.configs = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension IncrementalAlterConfigsRequest.AlterableConfig: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.configOperation = random.value()
        value.value = random.nullable { $0.value() }
        return value
    }
}

extension IncrementalAlterConfigsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.responses = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension IncrementalAlterConfigsResponse.AlterConfigsResourceResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.errorMessage = random.nullable { $0.value() }
        value.resourceType = random.value()
        value.resourceName = random.value()
        return value
    }
}

extension OffsetDeleteRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetDeleteRequest.OffsetDeleteRequestTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetDeleteRequest.OffsetDeleteRequestPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        return value
    }
}

extension OffsetDeleteResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.throttleTimeMs = random.value()
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetDeleteResponse.OffsetDeleteResponseTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension OffsetDeleteResponse.OffsetDeleteResponsePartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.errorCode = random.value()
        return value
    }
}

extension DescribeClusterRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.includeClusterAuthorizedOperations = random.value()
        if version >= 1 { value.endpointType = random.value() }
        if version >= 2 { value.includeFencedBrokers = random.value() }
        return value
    }
}

extension DescribeClusterResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.errorCode = random.value()
        value.errorMessage = random.nullable { $0.value() }
        if version >= 1 { value.endpointType = random.value() }
        value.clusterID = random.value()
        value.controllerID = random.value()
        value.brokers = random.list { .sample(&$0, version: version) }
        value.clusterAuthorizedOperations = random.value()
        return value
    }
}

extension DescribeClusterResponse.DescribeClusterBroker: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.brokerID = random.value()
        value.host = random.value()
        value.port = random.value()
        value.rack = random.nullable { $0.value() }
        if version >= 2 { value.isFenced = random.value() }
        return value
    }
}

extension DescribeProducersRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeProducersRequest.TopicRequest: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitionIndexes = random.list { $0.value() }
        return value
    }
}

extension DescribeProducersResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeProducersResponse.TopicResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeProducersResponse.PartitionResponse: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partitionIndex = random.value()
        value.errorCode = random.value()
        value.errorMessage = random.nullable { $0.value() }
        value.activeProducers = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeProducersResponse.ProducerState: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.producerID = random.value()
        value.producerEpoch = random.value()
        value.lastSequence = random.value()
        value.lastTimestamp = random.value()
        value.coordinatorEpoch = random.value()
        value.currentTxnStartOffset = random.value()
        return value
    }
}

extension ConsumerGroupHeartbeatRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.memberID = random.value()
        value.memberEpoch = random.value()
        value.instanceID = random.nullable { $0.value() }
        value.rackID = random.nullable { $0.value() }
        value.rebalanceTimeoutMs = random.value()
        value.subscribedTopicNames = random.nullable { $0.list { $0.value() } }
        if version >= 1 { value.subscribedTopicRegex = random.nullable { $0.value() } }
        value.serverAssignor = random.nullable { $0.value() }
        value.topicPartitions = random.nullable { $0.list { .sample(&$0, version: version) } }
        return value
    }
}

extension ConsumerGroupHeartbeatRequest.TopicPartitions: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicID = random.value()
        value.partitions = random.list { $0.value() }
        return value
    }
}

extension ConsumerGroupHeartbeatResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.errorCode = random.value()
        value.errorMessage = random.nullable { $0.value() }
        value.memberID = random.nullable { $0.value() }
        value.memberEpoch = random.value()
        value.heartbeatIntervalMs = random.value()
        value.assignment = random.nullable { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupHeartbeatResponse.Assignment: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicPartitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupHeartbeatResponse.TopicPartitions: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicID = random.value()
        value.partitions = random.list { $0.value() }
        return value
    }
}

extension ConsumerGroupDescribeRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupIDs = random.list { $0.value() }
        value.includeAuthorizedOperations = random.value()
        return value
    }
}

extension ConsumerGroupDescribeResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.groups = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupDescribeResponse.DescribedGroup: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.errorMessage = random.nullable { $0.value() }
        value.groupID = random.value()
        value.groupState = random.value()
        value.groupEpoch = random.value()
        value.assignmentEpoch = random.value()
        value.assignorName = random.value()
        value.members = random.list { .sample(&$0, version: version) }
        value.authorizedOperations = random.value()
        return value
    }
}

extension ConsumerGroupDescribeResponse.Member: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.memberID = random.value()
        value.instanceID = random.nullable { $0.value() }
        value.rackID = random.nullable { $0.value() }
        value.memberEpoch = random.value()
        value.clientID = random.value()
        value.clientHost = random.value()
        value.subscribedTopicNames = random.list { $0.value() }
        value.subscribedTopicRegex = random.nullable { $0.value() }
        value.assignment = .sample(&random, version: version)
        value.targetAssignment = .sample(&random, version: version)
        if version >= 1 { value.memberType = random.value() }
        return value
    }
}

extension ConsumerGroupDescribeResponse.Assignment: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicPartitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupDescribeResponse.TopicPartitions: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicID = random.value()
        value.topicName = random.value()
        value.partitions = random.list { $0.value() }
        return value
    }
}

extension DescribeTopicPartitionsRequest: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.list { .sample(&$0, version: version) }
        value.responsePartitionLimit = random.value()
        value.cursor = random.nullable { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeTopicPartitionsRequest.TopicRequest: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        return value
    }
}

extension DescribeTopicPartitionsRequest.Cursor: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicName = random.value()
        value.partitionIndex = random.value()
        return value
    }
}

extension DescribeTopicPartitionsResponse: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.throttleTimeMs = random.value()
        value.topics = random.list { .sample(&$0, version: version) }
        value.nextCursor = random.nullable { .sample(&$0, version: version) }
        return value
    }
}

extension DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.name = random.nullable { $0.value() }
        value.topicID = random.value()
        value.isInternal = random.value()
        value.partitions = random.list { .sample(&$0, version: version) }
        value.topicAuthorizedOperations = random.value()
        return value
    }
}

extension DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.errorCode = random.value()
        value.partitionIndex = random.value()
        value.leaderID = random.value()
        value.leaderEpoch = random.value()
        value.replicaNodes = random.list { $0.value() }
        value.isrNodes = random.list { $0.value() }
        value.eligibleLeaderReplicas = random.nullable { $0.list { $0.value() } }
        value.lastKnownElr = random.nullable { $0.list { $0.value() } }
        value.offlineReplicas = random.list { $0.value() }
        return value
    }
}

extension DescribeTopicPartitionsResponse.Cursor: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicName = random.value()
        value.partitionIndex = random.value()
        return value
    }
}

extension OffsetCommitKey: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.group = random.value()
        value.topic = random.value()
        value.partition = random.value()
        return value
    }
}

extension OffsetCommitValue: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.offset = random.value()
        if version >= 3 { value.leaderEpoch = random.value() }
        value.metadata = random.value()
        value.commitTimestamp = random.value()
        if version >= 1 && version <= 1 { value.expireTimestamp = random.value() }
        if version >= 4 { value.topicID = random.value() }
        return value
    }
}

extension GroupMetadataKey: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.group = random.value()
        return value
    }
}

extension GroupMetadataValue: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.protocolType = random.value()
        value.generation = random.value()
        value.protocolName = random.nullable { $0.value() }
        value.leader = random.nullable { $0.value() }
        if version >= 2 { value.currentStateTimestamp = random.value() }
        value.members = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension GroupMetadataValue.MemberMetadata: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.memberID = random.value()
        if version >= 3 { value.groupInstanceID = random.nullable { $0.value() } }
        value.clientID = random.value()
        value.clientHost = random.value()
        if version >= 1 { value.rebalanceTimeout = random.value() }
        value.sessionTimeout = random.value()
        value.subscription = random.value()
        value.assignment = random.value()
        return value
    }
}

extension ConsumerGroupMetadataKey: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        return value
    }
}

extension ConsumerGroupMetadataValue: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.epoch = random.value()
        value.metadataHash = random.value()
        return value
    }
}

extension ConsumerGroupPartitionMetadataKey: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        return value
    }
}

extension ConsumerGroupPartitionMetadataValue: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupPartitionMetadataValue.TopicMetadata: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicID = random.value()
        value.topicName = random.value()
        value.numPartitions = random.value()
        value.partitionMetadata = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupPartitionMetadataValue.PartitionMetadata: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.partition = random.value()
        value.racks = random.list { $0.value() }
        return value
    }
}

extension ConsumerGroupMemberMetadataKey: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.memberID = random.value()
        return value
    }
}

extension ConsumerGroupMemberMetadataValue: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.instanceID = random.nullable { $0.value() }
        value.rackID = random.nullable { $0.value() }
        value.clientID = random.value()
        value.clientHost = random.value()
        value.subscribedTopicNames = random.list { $0.value() }
        value.subscribedTopicRegex = random.nullable { $0.value() }
        value.rebalanceTimeoutMs = random.value()
        value.serverAssignor = random.nullable { $0.value() }
        value.classicMemberMetadata = random.nullable { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupMemberMetadataValue.ClassicMemberMetadata: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.sessionTimeoutMs = random.value()
        value.supportedProtocols = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupMemberMetadataValue.ClassicProtocol: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.name = random.value()
        value.metadata = random.value()
        return value
    }
}

extension ConsumerGroupTargetAssignmentMetadataKey: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        return value
    }
}

extension ConsumerGroupTargetAssignmentMetadataValue: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.assignmentEpoch = random.value()
        return value
    }
}

extension ConsumerGroupTargetAssignmentMemberKey: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.memberID = random.value()
        return value
    }
}

extension ConsumerGroupTargetAssignmentMemberValue: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicPartitions = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupTargetAssignmentMemberValue.TopicPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicID = random.value()
        value.partitions = random.list { $0.value() }
        return value
    }
}

extension ConsumerGroupCurrentMemberAssignmentKey: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.memberID = random.value()
        return value
    }
}

extension ConsumerGroupCurrentMemberAssignmentValue: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.memberEpoch = random.value()
        value.previousMemberEpoch = random.value()
        value.state = random.value()
        value.assignedPartitions = random.list { .sample(&$0, version: version) }
        value.partitionsPendingRevocation = random.list { .sample(&$0, version: version) }
        return value
    }
}

extension ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topicID = random.value()
        value.partitions = random.list { $0.value() }
        return value
    }
}

extension ConsumerGroupRegularExpressionKey: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.groupID = random.value()
        value.regularExpression = random.value()
        return value
    }
}

extension ConsumerGroupRegularExpressionValue: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.list { $0.value() }
        value.metadataVersion = random.value()
        value.timestamp = random.value()
        return value
    }
}

extension ConsumerProtocolSubscription: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topics = random.list { $0.value() }
        value.userData = random.nullable { $0.value() }
        if version >= 1 { value.ownedPartitions = random.list { .sample(&$0, version: version) } }
        if version >= 2 { value.generationID = random.value() }
        if version >= 3 { value.rackID = random.nullable { $0.value() } }
        return value
    }
}

extension ConsumerProtocolSubscription.TopicPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topic = random.value()
        value.partitions = random.list { $0.value() }
        return value
    }
}

extension ConsumerProtocolAssignment: SampleMessage {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.assignedPartitions = random.list { .sample(&$0, version: version) }
        value.userData = random.nullable { $0.value() }
        return value
    }
}

extension ConsumerProtocolAssignment.TopicPartition: Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self {
        var value = Self()
        value.topic = random.value()
        value.partitions = random.list { $0.value() }
        return value
    }
}
