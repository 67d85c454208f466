// A group of the consumer protocol (ConsumerGroupHeartbeat, KIP-848), as a plain value.
//
// Three things follow each other, each with its epoch:
//   group epoch       rises when members, their subscriptions, or the subscribed topics change
//   assignment epoch  the group epoch that the target assignment was computed for, by an assignor of the broker
//   member epoch      the assignment epoch that the member has reached
// A member's way to its target goes through its heartbeats:
//   Stable      has what it is to have; a newer target leads on
//   Unrevoked   was told to give partitions up, and keeps its epoch until its heartbeat no longer names them
//   Unreleased  is in the new epoch with what is free; what others have not given up yet follows when they have
// A partition that somebody has, or has not confirmed to have given up, is in `owners` and is given to nobody else: no
// partition is ever with two members that keep to what they have said. Members that are silent for a session, or keep revoked
// partitions beyond their rebalance timeout, are fenced, which frees their partitions.
//
// One gap is the protocol's. A member that was told to have a partition, has not taken it yet, and says so in a heartbeat may
// find it taken back by that heartbeat. If the response gets lost and the member takes the partition all the same, it has it
// together with the next owner until a response reaches it: its next heartbeat has the former epoch and names the partition,
// so it is fenced. To wait for a proof that the response has arrived is not possible: the epoch stays the same while partitions
// are given up, and a member for which nothing has changed names nothing in its next heartbeat. It would be fenced for what it
// does not have. Kafka's coordinator takes a partition back in the same place.
//
// Members of the classic protocol may be in the group too (`ConsumerGroup+Classic`), while it moves from one protocol to the
// other.
//
// Crash rule: everything but the deadlines is changed by records alone, with `apply`: a step makes records and applies them,
// a restart applies them again. So what is replayed is what was.
// No clock, no lock, no I/O: events carry the monotonic time in milliseconds and the topics there are.
// Source: KIP-848; the behaviour is Kafka's.

import KafkaProtocol

struct ConsumerGroup: Equatable, Sendable {
    let id: String
    var limits: GroupLimits

    // MARK: Stored

    var epoch: Int32 = 0
    var assignmentEpoch: Int32 = 0
    var members: [String: ConsumerMember] = [:]
    /// The target assignment, by member id.
    var targets: [String: PartitionAssignment] = [:]
    /// What the subscribed topics were when the group epoch last rose, by name; those that do not exist are not in it.
    var topics: [String: GroupTopic] = [:]
    /// What the members' patterns match.
    var patterns: [String: Set<String>] = [:]

    // MARK: Derived

    /// Who has a partition, or has still to give it up.
    var owners: [Uuid: [Int32: String]] = [:]
    /// Member ids by instance id.
    var staticMembers: [String: String] = [:]
    /// The topics that the group has last looked at; nil after a restart, when they may have changed unseen.
    var seenTopicsVersion: UInt64?

    init(id: String, limits: GroupLimits) {
        self.id = id
        self.limits = limits
    }

    // MARK: Questions

    var isEmpty: Bool { members.isEmpty }

    /// As ConsumerGroupDescribe and ListGroups name it.
    var stateName: String {
        if members.isEmpty { return "Empty" }
        if epoch > assignmentEpoch { return "Assigning" }
        return members.values.allSatisfy { $0.isReconciled(to: assignmentEpoch) } ? "Stable" : "Reconciling"
    }

    var nextDeadline: Int64? {
        members.isEmpty ? nil : members.values.reduce(Int64.max) { min($0, $1.deadlines.next) }
    }

    func member(_ memberID: String) throws(GroupError) -> ConsumerMember {
        guard let member = members[memberID] else {
            throw GroupError(.unknownMemberID, "Member \(memberID) is not a member of group \(id).")
        }
        return member
    }

    func member(ofInstance instanceID: String) -> ConsumerMember? { staticMembers[instanceID].flatMap { members[$0] } }

    /// Kafka's order of checks: the instance first, then the member.
    func member(_ memberID: String, instanceID: String?) throws(GroupError) -> ConsumerMember {
        guard let instanceID else { return try member(memberID) }
        guard let member = member(ofInstance: instanceID) else {
            throw GroupError(.unknownMemberID, "Instance id \(instanceID) is unknown.")
        }
        guard member.id == memberID else {
            throw GroupError(
                .fencedInstanceID,
                "Static member \(memberID) with instance id \(instanceID) was fenced by member \(member.id).")
        }
        return member
    }

    /// A member that is known always has room; so has one that takes a static member's place.
    func checkRoom(memberID: String, instanceID: String?) throws(GroupError) {
        guard members.count >= limits.consumerMembersMax, members[memberID] == nil,
            instanceID.flatMap({ staticMembers[$0] }) == nil
        else { return }
        throw GroupError(
            .groupMaxSizeReached,
            "The consumer group has reached its maximum capacity of \(limits.consumerMembersMax) members.")
    }

    /// The assignor that most members ask for; among equals, and if none asks, the first of `group.consumer.assignors`.
    var assignor: GroupAssignor {
        var votes: [String: Int] = [:]
        for member in members.values { if let name = member.assignorName { votes[name, default: 0] += 1 } }
        return limits.assignors.enumerated().max { left, right in
            let (leftVotes, rightVotes) = (votes[left.element.rawValue] ?? 0, votes[right.element.rawValue] ?? 0)
            return leftVotes == rightVotes ? left.offset > right.offset : leftVotes < rightVotes
        }?.element ?? .uniform
    }

    /// Names that a member is subscribed to, of topics that exist or not.
    func subscription(of member: ConsumerMember) -> Set<String> {
        Set(member.subscribedTopics).union(member.subscribedPattern.flatMap { patterns[$0] } ?? [])
    }

    var subscribedTopics: Set<String> {
        var names: Set<String> = []
        var seenPatterns: Set<String> = []
        for member in members.values {
            names.formUnion(member.subscribedTopics)
            if let pattern = member.subscribedPattern, seenPatterns.insert(pattern).inserted {
                names.formUnion(patterns[pattern] ?? [])
            }
        }
        return names
    }

    var patternsInUse: Set<String> { Set(members.values.lazy.compactMap(\.subscribedPattern)) }

    // MARK: Offsets

    /// Whether offsets may be committed by this member in this epoch; tools commit without one while nobody is in the group.
    func checkCommit(memberID: String, epoch: Int32, version: Int16) throws(GroupError) {
        if epoch < 0 && isEmpty { return }
        let member = try member(memberID)
        guard member.isClassic || version >= 9 else {
            throw GroupError(
                .unsupportedVersion,
                "OffsetCommit version 9 or above must be used by members using the modern group protocol")
        }
        try check(epoch, of: member)
    }

    /// Whether offsets may be read by this member in this epoch; tools and simple consumers give none.
    func checkFetch(memberID: String?, epoch: Int32) throws(GroupError) {
        if memberID == nil && epoch < 0 { return }
        try check(epoch, of: try member(memberID ?? ""))
    }

    private func check(_ received: Int32, of member: ConsumerMember) throws(GroupError) {
        if received == member.epoch { return }
        throw member.isClassic
            ? GroupError(
                .illegalGeneration,
                "The received generation id \(received) does not match the expected member epoch \(member.epoch).")
            : GroupError(
                .staleMemberEpoch,
                "The received member epoch \(received) does not match the expected member epoch \(member.epoch).")
    }
}
