import KafkaProtocol

/// A group with its committed offsets: what a shard holds under one group id.
struct Group: Sendable {
    /// The members and what they agree on, in whichever protocol they speak.
    enum Membership: Sendable {
        case classic(ClassicGroup)
        case consumer(ConsumerGroup)
    }

    var membership: Membership
    var offsets = CommittedOffsets()
    /// The earliest time for which the coordinator's timers have an entry.
    var timerDeadline: Int64?
    /// When the group is forgotten; set while it has no members and no offsets.
    var forgetDeadline: Int64?
    /// Bytes of the members that `GroupUsage` has counted.
    var notedBytes = 0

    init(membership: Membership) {
        self.membership = membership
    }

    /// Nothing would be lost if the group were forgotten.
    var isIdle: Bool { membership.isIdle && offsets.isEmpty }
}

extension Group.Membership {
    var nextDeadline: Int64? {
        switch self {
        case .classic(let group): group.nextDeadline
        case .consumer(let group): group.nextDeadline
        }
    }

    /// Without members.
    var isEmpty: Bool {
        switch self {
        case .classic(let group): group.isEmpty
        case .consumer(let group): group.isEmpty
        }
    }

    /// Whether the group may be forgotten once it has no offsets.
    var isIdle: Bool {
        switch self {
        case .classic(let group): group.isIdle
        case .consumer(let group): group.isEmpty
        }
    }

    /// As ListGroups names them.
    var typeName: String {
        switch self {
        case .classic: "classic"
        case .consumer: "consumer"
        }
    }

    var stateName: String {
        switch self {
        case .classic(let group): group.phase.name
        case .consumer(let group): group.stateName
        }
    }

    var protocolType: String {
        switch self {
        case .classic(let group): group.protocolType ?? ""
        case .consumer: ClassicGroup.consumerProtocolType
        }
    }

    mutating func expire(now: Int64, topics: some GroupTopics, _ effects: inout GroupEffects) {
        switch self {
        case .classic(var group):
            group.expire(now: now, &effects)
            self = .classic(group)
        case .consumer(var group):
            group.expire(now: now, topics: topics, &effects)
            self = .consumer(group)
            becomeClassicIfDue(topics, now: now, &effects)
        }
    }

    /// The records that end the group, its offsets aside.
    func tombstones(id: String) -> [GroupRecord] {
        switch self {
        case .classic: [.groupMetadata(GroupMetadataKey(group: id), nil)]
        case .consumer(let group): group.tombstones
        }
    }

    /// Topics whose offsets must not be deleted.
    func topicsInUse() throws(GroupError) -> Set<String> {
        switch self {
        case .classic(let group):
            if group.isEmpty { return [] }
            guard let topics = group.subscribedTopics else { throw GroupError(.nonEmptyGroup) }
            return topics
        case .consumer(let group): return group.subscribedTopics
        }
    }

    /// Whether a member of this epoch may read offsets; tools and simple consumers give none.
    func checkFetch(memberID: String?, memberEpoch: Int32) throws(GroupError) {
        switch self {
        case .classic: return
        case .consumer(let group): try group.checkFetch(memberID: memberID, epoch: memberEpoch)
        }
    }
}

extension Group {
    var isConsumer: Bool {
        if case .consumer = membership { true } else { false }
    }

    /// Patterns that members subscribe with.
    var patternsInUse: Set<String> {
        if case .consumer(let group) = membership { group.patternsInUse } else { [] }
    }

    /// The answer to a heartbeat in a classic group; nil if this is none.
    mutating func heartbeatClassic(_ request: HeartbeatRequest, now: Int64) -> ErrorCode? {
        guard case .classic(var classic) = membership else { return nil }
        // Lets go of the members, so that they are changed where they are.
        membership = .classic(ClassicGroup(id: "", limits: classic.limits))
        defer { membership = .classic(classic) }
        return classic.heartbeat(
            memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID, now: now)
    }

    /// Runs `body` on the consumer group in place, without a copy of its members.
    mutating func withConsumer<Value>(
        _ id: String, _ body: (inout ConsumerGroup) throws(GroupError) -> Value
    ) throws(GroupError) -> Value {
        guard case .consumer(var consumer) = membership else {
            throw GroupError(.groupIDNotFound, "Group \(id) is not a consumer group.")
        }
        membership = .consumer(ConsumerGroup(id: id, limits: consumer.limits))
        defer { membership = .consumer(consumer) }
        return try body(&consumer)
    }
}

extension Group? {
    /// Runs `body` on the classic group in place, without a copy of its members.
    mutating func withClassic<Value>(
        orElse code: ErrorCode, _ body: (inout ClassicGroup) throws(GroupError) -> Value
    ) throws(GroupError) -> Value {
        guard var group = take() else { throw GroupError(code) }
        defer { self = group }
        switch group.membership {
        case .classic(var classic):
            // Lets go of the members, so that they are changed where they are.
            group.membership = .classic(ClassicGroup(id: classic.id, limits: classic.limits))
            defer { group.membership = .classic(classic) }
            return try body(&classic)
        case .consumer: throw GroupError(code)
        }
    }

    /// The same; a group that does not exist is made.
    mutating func withClassicOrNew<Value>(
        _ id: String, _ limits: GroupLimits, _ body: (inout ClassicGroup) throws(GroupError) -> Value
    ) throws(GroupError) -> Value {
        if self == nil { self = Group(membership: .classic(ClassicGroup(id: id, limits: limits))) }
        return try withClassic(orElse: .groupIDNotFound, body)
    }
}
