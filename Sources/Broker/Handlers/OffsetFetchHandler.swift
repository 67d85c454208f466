import KafkaProtocol

/// OffsetFetch 1 to 10: the committed offsets of one group, from version 8 on of several; by topic id from version 10 on.
///
/// Without topics all committed offsets are told (from version 2 on). `require_stable` changes nothing: there are no
/// transactions, and what was committed is seen at once.
enum OffsetFetchHandler {
    private typealias Wanted = OffsetFetchRequest.OffsetFetchRequestGroup
    private typealias GroupResponse = OffsetFetchResponse.OffsetFetchResponseGroup
    private typealias TopicResponse = OffsetFetchResponse.OffsetFetchResponseTopics
    private typealias PartitionResponse = OffsetFetchResponse.OffsetFetchResponsePartitions

    static func handle(_ request: OffsetFetchRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        let wanted = context.version >= 8 ? request.groups.distinct(by: \.groupID) : [onlyGroup(of: request)]
        return context.answer { answer in
            let answers = Gather<GroupResponse>(count: wanted.count) { answer(response($0, context.version)) }
            for (index, group) in wanted.enumerated() {
                context.broker.groups.perform(
                    on: group.groupID, .inPlace,
                    refuse: { GroupResponse(groupID: group.groupID, errorCode: $0.code) },
                    complete: { answers.put($0, at: index) },
                    step: { (found, _, _) throws(GroupError) in
                        try found?.membership.checkFetch(memberID: group.memberID, memberEpoch: group.memberEpoch)
                        return fetch(group, found?.offsets ?? CommittedOffsets(), context)
                    })
            }
        }
    }

    private static func fetch(
        _ wanted: Wanted, _ offsets: CommittedOffsets, _ context: RequestContext
    ) -> GroupResponse {
        let topics = context.broker.topics.current
        guard let wantedTopics = wanted.topics else {
            let all = offsets.byTopic.sorted { $0.key < $1.key }.compactMap { name, partitions -> TopicResponse? in
                let topic = topics.byName[name]
                // By id nothing can be said about a topic that is gone.
                guard context.version < 10 || topic != nil else { return nil }
                return TopicResponse(
                    name: name, topicID: topic?.id ?? .zero,
                    partitions: partitions.keys.sorted().map { answer($0, partitions[$0]) })
            }
            return GroupResponse(groupID: wanted.groupID, topics: all)
        }
        return GroupResponse(
            groupID: wanted.groupID,
            topics: wantedTopics.distinct(by: { TopicReference(name: $0.name, id: $0.topicID) }).map { topic in
                let name = context.version >= 10 ? topics.byID[topic.topicID]?.name : topic.name
                return TopicResponse(
                    name: topic.name, topicID: topic.topicID,
                    partitions: topic.partitionIndexes.distinct(by: \.self).map { index in
                        guard let name else {
                            return PartitionResponse(
                                partitionIndex: index, committedOffset: -1, metadata: "", errorCode: .unknownTopicID)
                        }
                        return answer(index, offsets[name, index])
                    })
            })
    }

    private static func answer(_ partition: Int32, _ offset: CommittedOffset?) -> PartitionResponse {
        PartitionResponse(
            partitionIndex: partition, committedOffset: offset?.offset ?? -1,
            committedLeaderEpoch: offset?.leaderEpoch ?? -1, metadata: offset?.metadata ?? "")
    }

    // MARK: Versions before 8

    private static func onlyGroup(of request: OffsetFetchRequest) -> Wanted {
        Wanted(
            groupID: request.groupID,
            topics: request.topics.map { topics in
                topics.map { .init(name: $0.name, partitionIndexes: $0.partitionIndexes) }
            })
    }

    private static func response(_ groups: [GroupResponse], _ version: Int16) -> OffsetFetchResponse {
        guard version < 8, let group = groups.first else { return OffsetFetchResponse(groups: groups) }
        return OffsetFetchResponse(
            topics: group.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map {
                        .init(
                            partitionIndex: $0.partitionIndex, committedOffset: $0.committedOffset,
                            committedLeaderEpoch: $0.committedLeaderEpoch, metadata: $0.metadata,
                            errorCode: $0.errorCode)
                    })
            },
            errorCode: group.errorCode)
    }
}
