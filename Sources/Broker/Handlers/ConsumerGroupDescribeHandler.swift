import KafkaProtocol

/// ConsumerGroupDescribe 0 and 1 (KIP-848): epochs, members, and what they have and are to have. Version 1 also says which
/// protocol a member speaks.
enum ConsumerGroupDescribeHandler {
    private typealias Described = ConsumerGroupDescribeResponse.DescribedGroup
    private typealias Member = ConsumerGroupDescribeResponse.Member
    private typealias Assignment = ConsumerGroupDescribeResponse.Assignment

    static func handle(
        _ request: ConsumerGroupDescribeRequest, _ context: RequestContext
    ) -> ConsumerGroupDescribeResponse {
        ConsumerGroupDescribeResponse(
            groups: request.groupIDs.map { id in
                var described = describe(id, context)
                if request.includeAuthorizedOperations, described.errorCode == .none {
                    described.authorizedOperations = AuthorizedOperations.group
                }
                return described
            })
    }

    private static func describe(_ id: String, _ context: RequestContext) -> Described {
        guard !id.isEmpty else { return Described(errorCode: .invalidGroupID, groupID: id) }
        let membership = context.broker.groups.find(id)?.membership
        guard case .consumer(let group)? = membership else {
            let problem = membership == nil ? "Group \(id) not found." : "Group \(id) is not a consumer group."
            return Described(errorCode: .groupIDNotFound, errorMessage: problem, groupID: id)
        }
        let topics = context.broker.topics.current
        let members = group.members.values.sorted { $0.id < $1.id }
        return Described(
            groupID: id, groupState: group.stateName, groupEpoch: group.epoch, assignmentEpoch: group.assignmentEpoch,
            assignorName: group.assignor.rawValue,
            members: members.map { describe($0, target: group.targets[$0.id], topics) })
    }

    private static func describe(
        _ member: ConsumerMember, target: PartitionAssignment?, _ topics: TopicDirectory
    ) -> Member {
        Member(
            memberID: member.id, instanceID: member.instanceID, rackID: member.rackID, memberEpoch: member.epoch,
            clientID: member.client.id, clientHost: member.client.host, subscribedTopicNames: member.subscribedTopics,
            subscribedTopicRegex: member.subscribedPattern, assignment: named(member.assigned, topics),
            targetAssignment: named(target ?? PartitionAssignment(), topics), memberType: member.isClassic ? 0 : 1)
    }

    /// Topics that are gone have no name and are left out.
    private static func named(_ partitions: PartitionAssignment, _ topics: TopicDirectory) -> Assignment {
        Assignment(
            topicPartitions: partitions.sorted.compactMap { topic, partitions in
                topics.byID[topic].map { .init(topicID: topic, topicName: $0.name, partitions: partitions) }
            })
    }
}
