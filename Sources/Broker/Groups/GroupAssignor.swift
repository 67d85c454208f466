import KafkaProtocol

/// What an assignor has to distribute: the partitions of topics, among members that each subscribe to some of the topics.
struct AssignmentProblem: Sendable {
    struct Member: Sendable {
        let instanceID: String?
        /// Ids of the topics that it is subscribed to and that exist; sorted, each once.
        let topics: [Uuid]
        /// Its part of the last target assignment.
        let current: PartitionAssignment
    }

    var members: [String: Member] = [:]
    var partitionCounts: [Uuid: Int32] = [:]

    /// Whether all members subscribe to the same topics.
    var isHomogeneous: Bool {
        guard let first = members.values.first else { return true }
        return members.values.allSatisfy { $0.topics == first.topics }
    }

    /// Whether a partition may stay with a member.
    func isValid(_ topic: Uuid, _ partition: Int32, subscription: Set<Uuid>) -> Bool {
        subscription.contains(topic) && partition >= 0 && partition < partitionCounts[topic] ?? 0
    }
}

/// The assignors that members can ask for by name. Each is a function of the problem alone: every partition of a topic that
/// somebody subscribes to goes to exactly one of its subscribers.
enum GroupAssignor: String, CaseIterable, Sendable {
    case uniform
    case range

    func assign(_ problem: AssignmentProblem) -> [String: PartitionAssignment] {
        switch self {
        case .uniform: UniformAssignor(problem).assign()
        case .range: RangeAssignor.assign(problem)
        }
    }
}
