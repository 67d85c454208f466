// Members of the classic protocol in a consumer group: JoinGroup, SyncGroup, Heartbeat and LeaveGroup are translated into steps
// of the new protocol. The member's epoch is its generation.
//
// JoinGroup is a heartbeat that tells what is owned, and is answered at once; SyncGroup fetches the assignment; Heartbeat says
// REBALANCE_IN_PROGRESS whenever a JoinGroup would lead further. A member that does not follow within its rebalance timeout is
// fenced.

import KafkaProtocol

extension ConsumerGroup {
    // MARK: JoinGroup

    mutating func joinClassic(
        _ join: ClassicJoin, topics: some GroupTopics, now: Int64, _ effects: inout GroupEffects
    ) throws(GroupError) -> JoinGroupResponse {
        let request = join.request
        let memberID = request.memberID.isEmpty ? join.newMemberID : request.memberID
        try checkRoom(memberID: memberID, instanceID: request.groupInstanceID)
        guard let first = request.protocols.first, supportsClassic(request) else {
            throw GroupError(.inconsistentGroupProtocol, "Member \(memberID)'s protocols are not supported.")
        }
        if request.memberID.isEmpty, request.groupInstanceID == nil, join.version >= 4 {
            return join.refusal(.memberIDRequired, memberID: memberID)
        }
        guard let subscription = ConsumerProtocolSubscription(embedded: first.metadata) else {
            throw GroupError(.inconsistentGroupProtocol, "Member \(memberID)'s subscription cannot be read.")
        }
        let before = try admitClassic(memberID, request, &effects)
        let subscriptionChanged = store(
            before.updated(by: join, subscription), was: members[memberID], nil, &effects)
        refresh(topics, bumping: subscriptionChanged, &effects)
        retarget(&effects)
        try reconcile(memberID, owned: subscription.owned(topics), now: now, &effects)
        touch(memberID, now: now)
        effects.movesDeadlines = true
        members[memberID]?.deadlines.revocation = nil
        members[memberID]?.deadlines.join = nil
        members[memberID]?.deadlines.sync = now + join.rebalanceTimeout
        return JoinGroupResponse(
            generationID: try member(memberID).epoch, protocolType: ClassicGroup.consumerProtocolType,
            protocolName: first.name, memberID: memberID)
    }

    /// At least one protocol has to be known to every classic member, so that the group can become a classic one.
    private func supportsClassic(_ request: JoinGroupRequest) -> Bool {
        guard request.protocolType == ClassicGroup.consumerProtocolType else { return false }
        let others = members.values.lazy.filter { $0.isClassic && $0.id != request.memberID }
        return request.protocols.contains { wanted in
            others.allSatisfy { $0.classicProtocols.contains { $0.name == wanted.name } }
        }
    }

    private mutating func admitClassic(
        _ memberID: String, _ request: JoinGroupRequest, _ effects: inout GroupEffects
    ) throws(GroupError) -> ConsumerMember {
        guard let instanceID = request.groupInstanceID else { return members[memberID] ?? ConsumerMember(id: memberID) }
        guard request.memberID.isEmpty else { return try member(memberID, instanceID: instanceID) }
        guard let holder = member(ofInstance: instanceID) else { return ConsumerMember(id: memberID) }
        return replace(holder, by: memberID, &effects)
    }

    // MARK: SyncGroup

    mutating func syncClassic(
        _ request: SyncGroupRequest, topics: some GroupTopics, now: Int64, _ effects: inout GroupEffects
    ) throws(GroupError) -> SyncGroupResponse {
        let member = try classicMember(request.memberID, request.groupInstanceID, generation: request.generationID)
        let first = member.classicProtocols.first
        guard request.protocolType == nil || request.protocolType == ClassicGroup.consumerProtocolType,
            request.protocolName == nil || request.protocolName == first?.name
        else { throw GroupError(.inconsistentGroupProtocol) }
        if epoch > member.epoch, member.state != .unrevoked {
            awaitJoin(member, now: now, &effects)
            throw GroupError(
                .rebalanceInProgress,
                "A new rebalance is triggered in group \(id) and member \(member.id) should rejoin to catch up.")
        }
        touch(member.id, now: now)
        members[member.id]?.deadlines.sync = nil
        return SyncGroupResponse(
            protocolType: request.protocolType, protocolName: request.protocolName,
            assignment: member.assigned.embedded(for: first?.metadata ?? [], topics))
    }

    // MARK: Heartbeat

    mutating func heartbeatClassic(
        _ request: HeartbeatRequest, now: Int64, _ effects: inout GroupEffects
    ) throws(GroupError) -> HeartbeatResponse {
        let member = try classicMember(request.memberID, request.groupInstanceID, generation: request.generationID)
        touch(member.id, now: now)
        let mustJoin =
            member.epoch < epoch || member.state == .unrevoked || member.state == .unreleased && !isWaiting(member)
        if mustJoin { awaitJoin(member, now: now, &effects) }
        return HeartbeatResponse(errorCode: mustJoin ? .rebalanceInProgress : .none)
    }

    private mutating func awaitJoin(_ member: ConsumerMember, now: Int64, _ effects: inout GroupEffects) {
        guard member.deadlines.join == nil else { return }
        members[member.id]?.deadlines.join = now + Int64(max(member.rebalanceTimeout, 0))
        effects.movesDeadlines = true
    }

    private func classicMember(
        _ memberID: String, _ instanceID: String?, generation: Int32
    ) throws(GroupError) -> ConsumerMember {
        let member = try member(memberID, instanceID: instanceID)
        guard member.isClassic else {
            throw GroupError(.unknownMemberID, "Member \(memberID) does not use the classic protocol.")
        }
        guard member.epoch == generation else {
            throw GroupError(
                .illegalGeneration,
                "The request generation id \(generation) is not equal to the member epoch \(member.epoch) of member "
                    + "\(memberID).")
        }
        return member
    }

    // MARK: LeaveGroup

    mutating func leaveClassic(
        _ leaving: [LeaveGroupRequest.MemberIdentity], topics: some GroupTopics, _ effects: inout GroupEffects
    ) -> [LeaveGroupResponse.MemberResponse] {
        var gone: [String] = []
        let responses = leaving.map { identity -> LeaveGroupResponse.MemberResponse in
            var response = LeaveGroupResponse.MemberResponse(
                memberID: identity.memberID, groupInstanceID: identity.groupInstanceID)
            do throws(GroupError) {
                response.memberID = try leavingMember(identity)
                if gone.contains(response.memberID) { throw GroupError(.unknownMemberID) }
                gone.append(response.memberID)
            } catch {
                response.errorCode = error.code
            }
            return response
        }
        remove(gone, topics: topics, &effects)
        return responses
    }

    private func leavingMember(_ identity: LeaveGroupRequest.MemberIdentity) throws(GroupError) -> String {
        let holder = identity.groupInstanceID.flatMap { staticMembers[$0] }
        let memberID = identity.memberID.isEmpty ? holder ?? "" : identity.memberID
        let member = try member(memberID, instanceID: identity.groupInstanceID)
        guard member.isClassic else { throw GroupError(.unknownMemberID) }
        return member.id
    }
}

extension ConsumerMember {
    fileprivate func updated(by join: ClassicJoin, _ subscription: ConsumerProtocolSubscription) -> ConsumerMember {
        var member = self
        member.instanceID = join.request.groupInstanceID ?? instanceID
        member.rackID = subscription.rackID ?? rackID
        member.rebalanceTimeout = Int32(clamping: join.rebalanceTimeout)
        member.subscribedTopics = Set(subscription.topics).sorted()
        member.subscribedPattern = nil
        member.assignorName = nil
        member.client = join.client
        member.classic = ClassicMetadata(
            sessionTimeoutMs: join.request.sessionTimeoutMs,
            supportedProtocols: join.request.protocols.map { .init(name: $0.name, metadata: $0.metadata) })
        return member
    }
}

extension ConsumerProtocolSubscription {
    /// nil if the bytes are none.
    init?(embedded bytes: [UInt8]) {
        do throws(WireError) { try self.init(decodingEmbedded: bytes) } catch { return nil }
    }

    fileprivate func owned(_ topics: some GroupTopics) -> PartitionAssignment {
        PartitionAssignment(
            ownedPartitions.compactMap { owned in
                topics.groupTopic(named: owned.topic).map { ($0.id, owned.partitions) }
            })
    }
}

extension PartitionAssignment {
    /// The assignment as a consumer with this subscription reads it. Topics that are gone are left out.
    func embedded(for subscription: [UInt8], _ topics: some GroupTopics) -> [UInt8] {
        let version = subscription.count >= 2 ? Int16(subscription[0]) << 8 | Int16(subscription[1]) : 0
        let known = ConsumerProtocolAssignment.versions
        return ConsumerProtocolAssignment(
            assignedPartitions: sorted.compactMap { topic, partitions in
                topics.name(ofTopic: topic).map { .init(topic: $0, partitions: partitions) }
            }
        ).encodedBehindVersion(min(max(version, known.lowerBound), known.upperBound))
    }
}
