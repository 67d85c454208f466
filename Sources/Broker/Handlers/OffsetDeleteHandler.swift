import KafkaProtocol

/// OffsetDelete 0: forgets committed offsets of topics that no member of the group is subscribed to (KIP-496).
enum OffsetDeleteHandler {
    private typealias TopicResponse = OffsetDeleteResponse.OffsetDeleteResponseTopic

    static func handle(_ request: OffsetDeleteRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        guard !request.groupID.isEmpty else {
            return .reply(context.reply(OffsetDeleteResponse(errorCode: .invalidGroupID)))
        }
        let topics = context.broker.topics
        context.broker.groups.perform(
            on: request.groupID, refuse: { OffsetDeleteResponse(errorCode: $0.code) },
            complete: { context.complete(context.reply($0)) },
            step: { (group, effects, _) throws(GroupError) in
                guard let found = group else { throw GroupError(.groupIDNotFound) }
                let subscribed = try found.membership.topicsInUse()
                let current = topics.current
                effects.isDivisible = true
                return OffsetDeleteResponse(
                    topics: request.topics.map { topic in
                        TopicResponse(
                            name: topic.name,
                            partitions: topic.partitions.map { partition in
                                let index = partition.partitionIndex
                                var code = ErrorCode.none
                                if subscribed.contains(topic.name) {
                                    code = .groupSubscribedToTopic
                                } else if found.offsets[topic.name, index] != nil {
                                    let key = OffsetCommitKey(
                                        group: request.groupID, topic: topic.name, partition: index)
                                    effects.records.append(.offsetCommit(key, nil))
                                } else if current.byName[topic.name]?.partition(index) == nil {
                                    code = .unknownTopicOrPartition
                                }
                                return .init(partitionIndex: index, errorCode: code)
                            })
                    })
            })
        return .pending
    }
}
