import KafkaProtocol

/// OffsetCommit 2 to 10: stores offsets of a group, answered when they are durable; from version 10 on topics have ids.
///
/// Members commit with their generation, simple consumers and tools without one, as long as the group has no members. The
/// retention time of versions 2 to 4 is not obeyed: committed offsets stay while their topic does.
enum OffsetCommitHandler {
    private typealias TopicResponse = OffsetCommitResponse.OffsetCommitResponseTopic
    private typealias PartitionResponse = OffsetCommitResponse.OffsetCommitResponsePartition

    static func handle(_ request: OffsetCommitRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        let broker = context.broker
        broker.groups.perform(
            on: request.groupID, .inPlace, creatingTopic: true,
            refuse: { error in response(request, error.code) }, complete: { context.complete(context.reply($0)) },
            step: { (group, effects, moment) throws(GroupError) in
                let isNew = group == nil
                try admit(request, &group, moment, context)
                // Looked up under the group's lock: the deletion of a topic takes it after the topic is gone.
                let response = commit(request, broker, &effects)
                // A commit that stores nothing makes no group.
                if isNew, effects.records.isEmpty { group = nil }
                return response
            })
        return .pending
    }

    /// Checks who commits; the session of a member goes on.
    private static func admit(
        _ request: OffsetCommitRequest, _ group: inout Group?, _ moment: GroupCoordinator.Moment,
        _ context: RequestContext
    ) throws(GroupError) {
        let generation = request.generationIDOrMemberEpoch
        if group == nil, generation >= 0 {
            throw GroupError(context.version >= 9 ? .groupIDNotFound : .illegalGeneration)
        }
        if case .consumer(let consumer)? = group?.membership {
            return try consumer.checkCommit(memberID: request.memberID, epoch: generation, version: context.version)
        }
        try group.withClassicOrNew(request.groupID, context.broker.groups.limits) { classic throws(GroupError) in
            let objection = classic.checkCommit(
                memberID: request.memberID, instanceID: request.groupInstanceID, generation: generation)
            if let objection { throw GroupError(objection) }
            classic.heard(of: request.memberID, now: moment.now)
        }
    }

    private static func commit(
        _ request: OffsetCommitRequest, _ broker: Broker, _ effects: inout GroupEffects
    ) -> OffsetCommitResponse {
        let topics = broker.topics.current
        let now = broker.time.wallMilliseconds
        return OffsetCommitResponse(
            topics: request.topics.map { wanted in
                let topic = topics.find(name: wanted.name, id: wanted.topicID)
                var answer = TopicResponse(name: wanted.name, topicID: wanted.topicID)
                for partition in wanted.partitions {
                    let code = check(partition, topic, wanted, broker.groups.limits)
                    answer.partitions.append(
                        PartitionResponse(partitionIndex: partition.partitionIndex, errorCode: code))
                    guard code == .none, let topic else { continue }
                    effects.records.append(
                        .offsetCommit(
                            OffsetCommitKey(
                                group: request.groupID, topic: topic.name, partition: partition.partitionIndex),
                            OffsetCommitValue(
                                offset: partition.committedOffset, leaderEpoch: partition.committedLeaderEpoch,
                                metadata: partition.committedMetadata ?? "", commitTimestamp: now)))
                }
                return answer
            })
    }

    private static func check(
        _ partition: OffsetCommitRequest.OffsetCommitRequestPartition, _ topic: Topic?,
        _ wanted: OffsetCommitRequest.OffsetCommitRequestTopic, _ limits: GroupLimits
    ) -> ErrorCode {
        guard let topic else { return wanted.topicID == .zero ? .unknownTopicOrPartition : .unknownTopicID }
        guard topic.partition(partition.partitionIndex) != nil else { return .unknownTopicOrPartition }
        let size = partition.committedMetadata?.utf8.count ?? 0
        return size <= limits.offsetMetadataMaxBytes ? .none : .offsetMetadataTooLarge
    }

    private static func response(_ request: OffsetCommitRequest, _ code: ErrorCode) -> OffsetCommitResponse {
        OffsetCommitResponse(
            topics: request.topics.map { topic in
                TopicResponse(
                    name: topic.name, topicID: topic.topicID,
                    partitions: topic.partitions.map {
                        PartitionResponse(partitionIndex: $0.partitionIndex, errorCode: code)
                    })
            })
    }
}
