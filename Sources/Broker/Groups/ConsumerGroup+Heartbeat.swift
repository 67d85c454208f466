// ConsumerGroupHeartbeat: joining, staying and leaving.

import KafkaProtocol

/// One ConsumerGroupHeartbeat request with all that a group needs to know of it.
struct ConsumerHeartbeat: Sendable {
    let request: ConsumerGroupHeartbeatRequest
    let client: GroupClient
    /// The member's own, or the one made for it if it sends none (version 0).
    let memberID: String
    /// What the pattern in the request matches.
    let pattern: ResolvedPattern?

    var isJoin: Bool { request.memberEpoch == 0 }
    var isLeave: Bool {
        request.memberEpoch == ConsumerMember.leftEpoch || request.memberEpoch == ConsumerMember.awayEpoch
    }

    /// What the member says that it owns; nil if it says nothing.
    var owned: PartitionAssignment? {
        request.topicPartitions.map { lists in PartitionAssignment(lists.map { ($0.topicID, $0.partitions) }) }
    }

    /// A full request is answered with the assignment whether it has changed or not.
    var isFull: Bool {
        isJoin
            || request.rebalanceTimeoutMs != -1 && request.topicPartitions != nil
                && (request.subscribedTopicNames != nil || request.subscribedTopicRegex != nil)
    }
}

extension ConsumerGroupHeartbeatRequest {
    /// What is wrong with a request whatever the group's state, in Kafka's words.
    func objection(version: Int16, limits: GroupLimits) -> GroupError? {
        let invalid = { GroupError(.invalidRequest, $0) }
        if memberID.isEmpty, version >= 1 || memberEpoch > 0 || memberEpoch == ConsumerMember.leftEpoch {
            return invalid("MemberId can't be empty.")
        }
        if groupID.isEmpty { return invalid("GroupId can't be empty.") }
        // Keys of records cannot state more.
        let isStorable = [memberID, groupID, instanceID ?? ""].allSatisfy { $0.utf8.count <= Int(Int16.max) }
        if !isStorable { return invalid("An id has more than 32767 bytes.") }
        if instanceID == "" { return invalid("InstanceId can't be empty.") }
        if rackID == "" { return invalid("RackId can't be empty.") }
        if memberEpoch == 0 {
            if rebalanceTimeoutMs == -1 { return invalid("RebalanceTimeoutMs must be provided in first request.") }
            if topicPartitions?.isEmpty != true { return invalid("TopicPartitions must be empty when (re-)joining.") }
            if subscribedTopicNames == nil && subscribedTopicRegex == nil {
                return invalid(
                    "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
            }
        } else if memberEpoch == ConsumerMember.awayEpoch {
            if instanceID == nil { return invalid("InstanceId can't be null.") }
        } else if memberEpoch < ConsumerMember.awayEpoch {
            return invalid("MemberEpoch is invalid.")
        }
        guard let serverAssignor, !limits.assignors.contains(where: { $0.rawValue == serverAssignor }) else {
            return nil
        }
        let supported = limits.assignors.map(\.rawValue).joined(separator: ", ")
        return GroupError(
            .unsupportedAssignor,
            "ServerAssignor \(serverAssignor) is not supported. Supported assignors: \(supported).")
    }
}

extension ConsumerGroup {
    /// A member joins (epoch 0), or says that it is alive, what it owns, and what has changed.
    mutating func heartbeat(
        _ beat: ConsumerHeartbeat, topics: some GroupTopics, now: Int64, _ effects: inout GroupEffects
    ) throws(GroupError) -> ConsumerGroupHeartbeatResponse {
        if beat.isJoin { try checkRoom(memberID: beat.memberID, instanceID: beat.request.instanceID) }
        let before = try admit(beat, &effects)
        let subscriptionChanged = store(before.updated(by: beat), was: members[beat.memberID], beat.pattern, &effects)
        refresh(topics, bumping: subscriptionChanged, &effects)
        retarget(&effects)
        try reconcile(beat.memberID, owned: beat.owned, now: now, &effects)
        touch(beat.memberID, now: now)
        let member = try member(beat.memberID)
        let isTold = beat.isFull || member.assigned != before.assigned
        return ConsumerGroupHeartbeatResponse(
            memberID: member.id, memberEpoch: member.epoch,
            heartbeatIntervalMs: Int32(clamping: limits.consumerHeartbeatInterval),
            assignment: isTold
                ? .init(
                    topicPartitions: member.assigned.sorted.map { .init(topicID: $0.topic, partitions: $0.partitions) })
                : nil)
    }

    // MARK: Who it is

    /// The member that sends this, as the group knows it; a new one, or one in a static member's place, if it joins.
    private mutating func admit(
        _ beat: ConsumerHeartbeat, _ effects: inout GroupEffects
    ) throws(GroupError) -> ConsumerMember {
        guard let instanceID = beat.request.instanceID else {
            if beat.isJoin { return members[beat.memberID] ?? ConsumerMember(id: beat.memberID) }
            let member = try member(beat.memberID)
            try check(beat, of: member)
            return member
        }
        guard beat.isJoin else {
            let member = try member(beat.memberID, instanceID: instanceID)
            try check(beat, of: member)
            return member
        }
        guard let holder = member(ofInstance: instanceID) else {
            return members[beat.memberID] ?? ConsumerMember(id: beat.memberID)
        }
        if holder.id == beat.memberID { return holder }
        guard holder.epoch == ConsumerMember.awayEpoch || holder.isClassic else {
            throw GroupError(
                .unreleasedInstanceID,
                "Static member \(beat.memberID) with instance id \(instanceID) cannot join the group because the instance "
                    + "id is owned by \(holder.id) member.")
        }
        return replace(holder, by: beat.memberID, &effects)
    }

    /// A smaller epoch is that of a member which did not get the last response. It may go on if it does not believe to own
    /// more than it was given. A member that joins anew has said that it owns nothing.
    private func check(_ beat: ConsumerHeartbeat, of member: ConsumerMember) throws(GroupError) {
        let received = beat.request.memberEpoch
        if received == member.epoch { return }
        if received < member.epoch, received == member.previousEpoch, let owned = beat.owned,
            owned.isSubset(of: member.assigned)
        {
            return
        }
        throw GroupError(
            .fencedMemberEpoch,
            "The consumer group member has a \(received > member.epoch ? "greater" : "smaller") member epoch (\(received)) "
                + "than the one known by the group coordinator (\(member.epoch)). The member must abandon all its partitions "
                + "and rejoin.")
    }

    /// A static member comes back under another id, with everything that it had.
    mutating func replace(
        _ old: ConsumerMember, by newID: String, _ effects: inout GroupEffects
    ) -> ConsumerMember {
        var new = ConsumerMember(id: newID)
        new.take(old.metadataValue)
        new.take(old.currentValue)
        new.epoch = 0
        new.previousEpoch = 0
        let target = targets[old.id] ?? PartitionAssignment()
        for record in memberTombstones(old.id) { store(record, &effects) }
        store(memberRecord(new), &effects)
        store(targetRecord(newID, target), &effects)
        store(currentRecord(new), &effects)
        return new
    }

    // MARK: What it wants

    /// Stores what a member says of itself, if it is new.
    ///
    /// - Returns: whether partitions have to be assigned anew for it.
    mutating func store(
        _ member: ConsumerMember, was before: ConsumerMember?, _ resolved: ResolvedPattern?,
        _ effects: inout GroupEffects
    ) -> Bool {
        guard before?.metadataValue != member.metadataValue || resolved != nil else { return false }
        if before?.metadataValue != member.metadataValue { store(memberRecord(member), &effects) }
        let matchesChanged = resolved.map { store($0, &effects) } ?? false
        if before?.subscribedPattern != member.subscribedPattern { forgetUnusedPatterns(&effects) }
        return before == nil || matchesChanged || before?.subscribedTopics != member.subscribedTopics
            || before?.subscribedPattern != member.subscribedPattern
    }

    // MARK: Leaving

    /// A member leaves (-1), or a static one goes away for a while (-2) and keeps its partitions for a session.
    mutating func leave(
        _ beat: ConsumerHeartbeat, topics: some GroupTopics, _ effects: inout GroupEffects
    ) throws(GroupError) -> ConsumerGroupHeartbeatResponse {
        var member = try member(beat.memberID, instanceID: beat.request.instanceID)
        if beat.request.instanceID != nil, beat.request.memberEpoch == ConsumerMember.awayEpoch {
            member.epoch = ConsumerMember.awayEpoch
            member.pendingRevocation = PartitionAssignment()
            store(currentRecord(member), &effects)
            members[member.id]?.deadlines.revocation = nil
        } else {
            remove([member.id], topics: topics, &effects)
        }
        return ConsumerGroupHeartbeatResponse(memberID: member.id, memberEpoch: beat.request.memberEpoch)
    }

    /// Takes members out; the others get what they leave behind with their next heartbeats.
    mutating func remove(
        _ memberIDs: [String], topics: some GroupTopics, _ effects: inout GroupEffects
    ) {
        guard !memberIDs.isEmpty else { return }
        for memberID in memberIDs {
            for record in memberTombstones(memberID) { store(record, &effects) }
        }
        forgetUnusedPatterns(&effects)
        refresh(topics, bumping: true, &effects)
    }

    // MARK: Time

    /// A request of a member proves that it is alive.
    mutating func touch(_ memberID: String, now: Int64) {
        let timeout = members[memberID]?.classic.map { Int64($0.sessionTimeoutMs) } ?? limits.consumerSessionTimeout
        members[memberID]?.deadlines.session = now + timeout
        if members[memberID]?.isClassic == false {
            members[memberID]?.deadlines.join = nil
            members[memberID]?.deadlines.sync = nil
        }
    }

    /// Fences who was not heard of in time, or did not do in time what it had to.
    mutating func expire(now: Int64, topics: some GroupTopics, _ effects: inout GroupEffects) {
        remove(members.values.filter { $0.deadlines.next <= now }.map(\.id).sorted(), topics: topics, &effects)
    }
}

extension ConsumerMember {
    /// The member with what a heartbeat says; what it does not say stays.
    fileprivate func updated(by beat: ConsumerHeartbeat) -> ConsumerMember {
        let request = beat.request
        var member = self
        member.instanceID = request.instanceID ?? instanceID
        member.rackID = request.rackID ?? rackID
        if request.rebalanceTimeoutMs != -1 { member.rebalanceTimeout = request.rebalanceTimeoutMs }
        member.assignorName = request.serverAssignor ?? assignorName
        if let names = request.subscribedTopicNames { member.subscribedTopics = Set(names).sorted() }
        // An empty pattern takes the former one back.
        if let pattern = request.subscribedTopicRegex { member.subscribedPattern = pattern.isEmpty ? nil : pattern }
        member.client = beat.client
        member.classic = nil
        return member
    }
}
