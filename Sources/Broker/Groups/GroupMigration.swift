// A group from one protocol to the other, with its members, and requests of either protocol to whichever group is there.
//
// classic -> consumer: a consumer-protocol member joins a classic group of consumers. Its members stay, as classic members of a
//   consumer group; who waits for a rebalance is sent back and joins anew. An empty group just ends.
// consumer -> classic: the last consumer-protocol member is gone and classic ones are left. They rebalance at once. Or it is a
//   classic JoinGroup to an empty group, which just ends.
// `group.consumer.migration.policy` says which of the two are wanted for groups with members.

import KafkaProtocol

/// `group.consumer.migration.policy`
enum GroupMigrationPolicy: String, CaseIterable, Sendable {
    case disabled
    case upgrade
    case downgrade
    case bidirectional

    var allowsUpgrade: Bool { self == .upgrade || self == .bidirectional }
    var allowsDowngrade: Bool { self == .downgrade || self == .bidirectional }
}

extension Group? {
    // MARK: The consumer protocol

    mutating func heartbeat(
        _ beat: ConsumerHeartbeat, limits: GroupLimits, topics: some GroupTopics, now: Int64,
        _ effects: inout GroupEffects
    ) throws(GroupError) -> ConsumerGroupHeartbeatResponse {
        if beat.isJoin { try becomeConsumer(beat.request.groupID, limits, topics, now: now, &effects) }
        guard var group = take() else {
            throw GroupError(.groupIDNotFound, "Consumer group \(beat.request.groupID) not found.")
        }
        defer { self = group }
        let response = try group.withConsumer(beat.request.groupID) { consumer throws(GroupError) in
            // Settings of a group may have changed since its last step.
            if consumer.limits != limits { consumer.limits = limits }
            return beat.isLeave
                ? try consumer.leave(beat, topics: topics, &effects)
                : try consumer.heartbeat(beat, topics: topics, now: now, &effects)
        }
        if beat.isLeave { group.membership.becomeClassicIfDue(topics, now: now, &effects) }
        return response
    }

    /// Sees to it that there is a consumer group to join.
    private mutating func becomeConsumer(
        _ id: String, _ limits: GroupLimits, _ topics: some GroupTopics, now: Int64, _ effects: inout GroupEffects
    ) throws(GroupError) {
        guard let group = self else {
            self = Group(membership: .consumer(ConsumerGroup(id: id, limits: limits)))
            return
        }
        guard case .classic(let classic) = group.membership else { return }
        if classic.isEmpty {
            effects.records += group.membership.tombstones(id: id)
            self?.membership = .consumer(ConsumerGroup(id: id, limits: limits))
            return
        }
        guard limits.migrationPolicy.allowsUpgrade, classic.protocolType == ClassicGroup.consumerProtocolType,
            classic.members.count < limits.consumerMembersMax
        else { throw GroupError(.groupIDNotFound, "Group \(id) is not a consumer group.") }
        var consumer = ConsumerGroup(id: id, limits: limits)
        try consumer.takeOver(classic, topics, now: now, &effects)
        self?.membership = .consumer(consumer)
    }

    // MARK: The classic protocol

    mutating func join(
        _ join: ClassicJoin, limits: GroupLimits, topics: some GroupTopics, now: Int64,
        _ effects: inout GroupEffects
    ) throws(GroupError) {
        let id = join.request.groupID
        guard var group = self, case .consumer(let consumer) = group.membership, !consumer.isEmpty else {
            if case .consumer(let consumer)? = self?.membership {
                effects.records += consumer.tombstones
                self?.membership = .classic(ClassicGroup(id: id, limits: limits))
            }
            guard self != nil || join.request.memberID.isEmpty else { throw GroupError(.unknownMemberID) }
            return try withClassicOrNew(id, limits) { classic throws(GroupError) in
                classic.join(join, now: now, &effects)
            }
        }
        let response = try group.withConsumer(id) { consumer throws(GroupError) in
            try consumer.joinClassic(join, topics: topics, now: now, &effects)
        }
        group.membership.becomeClassicIfDue(topics, now: now, rebalancing: false, &effects)
        self = group
        effects.answer(join.token, response)
    }

    mutating func sync(
        _ request: SyncGroupRequest, token: ReplyToken, topics: some GroupTopics, now: Int64,
        _ effects: inout GroupEffects
    ) throws(GroupError) {
        guard self?.isConsumer == true else {
            return try withClassic(orElse: .unknownMemberID) { classic throws(GroupError) in
                classic.sync(request, token: token, now: now, &effects)
            }
        }
        let response = try self?.withConsumer(request.groupID) { consumer throws(GroupError) in
            try consumer.syncClassic(request, topics: topics, now: now, &effects)
        }
        if let response { effects.answer(token, response) }
    }

    mutating func heartbeat(
        _ request: HeartbeatRequest, now: Int64, _ effects: inout GroupEffects
    ) throws(GroupError) -> HeartbeatResponse {
        if self?.isConsumer == true {
            guard var group = take() else { preconditionFailure("the group was looked at") }
            defer { self = group }
            return try group.withConsumer(request.groupID) { consumer throws(GroupError) in
                try consumer.heartbeatClassic(request, now: now, &effects)
            }
        }
        guard let code = self?.heartbeatClassic(request, now: now) else { throw GroupError(.unknownMemberID) }
        return HeartbeatResponse(errorCode: code)
    }

    mutating func leave(
        _ leaving: [LeaveGroupRequest.MemberIdentity], groupID: String, topics: some GroupTopics, now: Int64,
        _ effects: inout GroupEffects
    ) throws(GroupError) -> [LeaveGroupResponse.MemberResponse] {
        if self?.isConsumer == true {
            guard var group = take() else { preconditionFailure("the group was looked at") }
            defer { self = group }
            return try group.withConsumer(groupID) { consumer throws(GroupError) in
                consumer.leaveClassic(leaving, topics: topics, &effects)
            }
        }
        return try withClassic(orElse: .unknownMemberID) { classic throws(GroupError) in
            classic.leave(leaving, now: now, &effects)
        }
    }
}

extension Group.Membership {
    /// Makes a consumer group classic that has only classic members left.
    mutating func becomeClassicIfDue(
        _ topics: some GroupTopics, now: Int64, rebalancing: Bool = true, _ effects: inout GroupEffects
    ) {
        guard case .consumer(let consumer) = self, !consumer.isEmpty, consumer.members.values.allSatisfy(\.isClassic),
            consumer.limits.migrationPolicy.allowsDowngrade, consumer.members.count <= consumer.limits.membersMax
        else { return }
        var classic = ClassicGroup(consumer, topics, now: now)
        effects.records += consumer.tombstones
        effects.records.append(classic.metadataRecord)
        effects.movesDeadlines = true
        if rebalancing { classic.rebalance(now: now, &effects) }
        self = .classic(classic)
    }
}

extension ConsumerGroup {
    /// Takes the members of a classic group over as they are, in the epoch that is their generation.
    fileprivate mutating func takeOver(
        _ group: ClassicGroup, _ current: some GroupTopics, now: Int64, _ effects: inout GroupEffects
    ) throws(GroupError) {
        let members = try group.members.values.map { member throws(GroupError) in
            try ConsumerMember(member, of: group, current)
        }
        for member in group.members.values {
            if let token = member.waitingJoin {
                effects.answer(token, JoinGroupResponse(errorCode: .rebalanceInProgress, memberID: member.id))
            }
            if let token = member.waitingSync {
                effects.answer(token, SyncGroupResponse(errorCode: .rebalanceInProgress))
            }
        }
        effects.records.append(.groupMetadata(GroupMetadataKey(group: id), nil))
        for member in members { store(memberRecord(member), &effects) }
        store(epochRecord(group.generation), &effects)
        for member in members { store(targetRecord(member.id, member.assigned), &effects) }
        store(assignmentEpochRecord(group.generation), &effects)
        for member in members {
            store(currentRecord(member), &effects)
            touch(member.id, now: now)
        }
    }
}

extension ConsumerMember {
    fileprivate init(
        _ member: ClassicMember, of group: ClassicGroup, _ topics: some GroupTopics
    ) throws(GroupError) {
        self.init(id: member.id)
        let metadata = group.protocolName.map(member.metadata) ?? member.protocols.first?.metadata ?? []
        var assignment = ConsumerProtocolAssignment()
        guard let subscription = ConsumerProtocolSubscription(embedded: metadata) else { throw Self.malformed(group) }
        do throws(WireError) {
            if !member.assignment.isEmpty {
                assignment = try ConsumerProtocolAssignment(decodingEmbedded: member.assignment)
            }
        } catch {
            throw Self.malformed(group)
        }
        instanceID = member.instanceID
        rackID = subscription.rackID
        client = member.client
        subscribedTopics = Set(subscription.topics).sorted()
        rebalanceTimeout = Int32(clamping: member.rebalanceTimeout)
        classic = ClassicMetadata(
            sessionTimeoutMs: Int32(clamping: member.sessionTimeout),
            supportedProtocols: member.protocols.map { .init(name: $0.name, metadata: $0.metadata) })
        epoch = group.generation
        previousEpoch = group.generation
        assigned = PartitionAssignment(
            assignment.assignedPartitions.compactMap { part in
                topics.groupTopic(named: part.topic).map { ($0.id, part.partitions) }
            })
    }

    private static func malformed(_ group: ClassicGroup) -> GroupError {
        GroupError(
            .groupIDNotFound,
            "Cannot upgrade the classic group \(group.id) to consumer group because the embedded consumer protocol is "
                + "malformed.")
    }
}

extension ClassicGroup {
    /// The classic members of a consumer group, with their targets as assignments.
    fileprivate init(_ group: ConsumerGroup, _ topics: some GroupTopics, now: Int64) {
        self.init(id: group.id, limits: group.limits)
        generation = group.epoch
        protocolType = Self.consumerProtocolType
        for member in group.members.values.sorted(by: { $0.id < $1.id }) {
            let sessionTimeout = Int64(member.classic?.sessionTimeoutMs ?? 0)
            members[member.id] = ClassicMember(
                id: member.id, instanceID: member.instanceID, client: member.client, sessionTimeout: sessionTimeout,
                rebalanceTimeout: Int64(member.rebalanceTimeout), protocols: member.classicProtocols,
                sessionDeadline: now + sessionTimeout)
        }
        leaderID = members.keys.first
        protocolName = selectProtocol()
        phase = .stable
        for index in members.values.indices {
            let member = members.values[index]
            let target = group.targets[member.id] ?? PartitionAssignment()
            members.values[index].assignment = target.embedded(for: member.metadata(of: protocolName), topics)
        }
    }
}
