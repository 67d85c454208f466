// What the members of a consumer group are to have: the subscribed topics as they are, and the target assignment over them.

import KafkaProtocol

extension ConsumerGroup {
    // MARK: Topics

    /// Looks at the topics again if they have changed, or the subscriptions have. The group epoch rises if the group's view
    /// of them is another one, and if `bumping`.
    mutating func refresh(_ current: some GroupTopics, bumping: Bool, _ effects: inout GroupEffects) {
        guard bumping || seenTopicsVersion != current.version else { return }
        var found: [String: GroupTopic] = [:]
        for name in subscribedTopics { found[name] = current.groupTopic(named: name) }
        let isAnother = found != topics
        if isAnother { store(topicsRecord(found), &effects) }
        if isAnother || bumping { store(epochRecord(epoch &+ 1), &effects) }
        seenTopicsVersion = current.version
    }

    // MARK: Patterns

    /// Takes what the members' patterns match now.
    mutating func patternsResolved(
        _ resolved: [String: ResolvedPattern], topics: some GroupTopics, _ effects: inout GroupEffects
    ) {
        var isAnother = false
        for pattern in patternsInUse.sorted() {
            if let found = resolved[pattern], store(found, &effects) { isAnother = true }
        }
        refresh(topics, bumping: isAnother, &effects)
    }

    /// - Returns: whether it matches other topics than before.
    mutating func store(_ resolved: ResolvedPattern, _ effects: inout GroupEffects) -> Bool {
        guard patterns[resolved.pattern] != resolved.topics else { return false }
        store(patternRecord(resolved.pattern, resolved), &effects)
        return true
    }

    mutating func forgetUnusedPatterns(_ effects: inout GroupEffects) {
        guard !patterns.isEmpty else { return }
        for pattern in Set(patterns.keys).subtracting(patternsInUse).sorted() {
            store(patternRecord(pattern, nil), &effects)
        }
    }

    // MARK: Target assignment

    /// Computes the target assignment of the group epoch, if that has risen. Only what is another one is stored.
    mutating func retarget(_ effects: inout GroupEffects) {
        guard epoch > assignmentEpoch else { return }
        let assigned = assignor.assign(assignmentProblem)
        for memberID in members.keys.sorted() {
            let target = assigned[memberID] ?? PartitionAssignment()
            if targets[memberID] != target { store(targetRecord(memberID, target), &effects) }
        }
        store(assignmentEpochRecord(epoch), &effects)
    }

    private var assignmentProblem: AssignmentProblem {
        var problem = AssignmentProblem()
        for topic in topics.values { problem.partitionCounts[topic.id] = topic.partitionCount }
        // Most members subscribe to the same; then they share one list.
        struct Subscription: Hashable {
            let topics: [String]
            let pattern: String?
        }
        var known: [Subscription: [Uuid]] = [:]
        for member in members.values {
            let key = Subscription(topics: member.subscribedTopics, pattern: member.subscribedPattern)
            let topicIDs = known[key] ?? subscription(of: member).compactMap { topics[$0]?.id }.sorted()
            known[key] = topicIDs
            problem.members[member.id] = .init(
                instanceID: member.instanceID, topics: topicIDs, current: targets[member.id] ?? PartitionAssignment())
        }
        return problem
    }
}
