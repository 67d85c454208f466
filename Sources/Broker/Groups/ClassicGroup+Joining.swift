// Joining a classic group, and the rebalance that follows.

import KafkaProtocol

/// One JoinGroup request with all that a group needs to know of it.
struct ClassicJoin {
    let request: JoinGroupRequest
    let version: Int16
    let client: GroupClient
    let token: ReplyToken
    /// Used if the member has no id yet: client or instance id and a unique part.
    let newMemberID: String

    var rebalanceTimeout: Int64 {
        Int64(version >= 1 ? request.rebalanceTimeoutMs : request.sessionTimeoutMs)
    }

    func refusal(_ code: ErrorCode, memberID: String? = nil) -> JoinGroupResponse {
        JoinGroupResponse(errorCode: code, memberID: memberID ?? request.memberID)
    }
}

extension ClassicGroup {
    mutating func join(_ join: ClassicJoin, now: Int64, _ effects: inout GroupEffects) {
        let request = join.request
        guard hasRoom(for: request) else {
            return effects.answer(join.token, join.refusal(.groupMaxSizeReached, memberID: ""))
        }
        guard supports(protocolType: request.protocolType, protocols: request.protocols) else {
            return effects.answer(join.token, join.refusal(.inconsistentGroupProtocol))
        }
        if request.memberID.isEmpty {
            joinAsNew(join, now: now, &effects)
        } else if pendingMembers[request.memberID] != nil, request.groupInstanceID == nil {
            add(join, memberID: request.memberID, now: now, &effects)
        } else if let objection = check(memberID: request.memberID, instanceID: request.groupInstanceID) {
            effects.answer(join.token, join.refusal(objection))
        } else {
            joinAgain(join, now: now, &effects)
        }
    }

    /// The limit counts ids that were only handed out, too: they cost memory as well. A static member that comes back takes
    /// its own place.
    private func hasRoom(for request: JoinGroupRequest) -> Bool {
        members.count + pendingMembers.count < limits.membersMax || members[request.memberID] != nil
            || pendingMembers[request.memberID] != nil
            || request.groupInstanceID.map { self.memberID(ofInstance: $0) != nil } ?? false
    }

    private mutating func joinAsNew(_ join: ClassicJoin, now: Int64, _ effects: inout GroupEffects) {
        if let instanceID = join.request.groupInstanceID {
            if let old = memberID(ofInstance: instanceID) {
                replaceStatic(old, with: join, now: now, &effects)
            } else {
                add(join, memberID: join.newMemberID, now: now, &effects)
            }
        } else if join.version >= 4 {
            pendingMembers[join.newMemberID] = now + Int64(join.request.sessionTimeoutMs)
            effects.answer(join.token, join.refusal(.memberIDRequired, memberID: join.newMemberID))
        } else {
            add(join, memberID: join.newMemberID, now: now, &effects)
        }
    }

    private mutating func add(
        _ join: ClassicJoin, memberID: String, now: Int64, _ effects: inout GroupEffects
    ) {
        let member = ClassicMember(
            id: memberID, instanceID: join.request.groupInstanceID, client: join.client,
            sessionTimeout: Int64(join.request.sessionTimeoutMs), rebalanceTimeout: join.rebalanceTimeout,
            protocols: join.request.protocols, isNew: true, waitingJoin: join.token,
            sessionDeadline: now + GroupLimits.newMemberJoinTimeout)
        if members.isEmpty { protocolType = join.request.protocolType }
        pendingMembers[memberID] = nil
        members[memberID] = member
        if leaderID == nil { leaderID = memberID }
        if case .preparingRebalance(var preparation) = phase, preparation.initial != nil {
            preparation.initial?.memberWasAdded = true
            phase = .preparingRebalance(preparation)
        }
        rebalance(now: now, &effects)
    }

    /// A member that is known joins once more.
    private mutating func joinAgain(_ join: ClassicJoin, now: Int64, _ effects: inout GroupEffects) {
        let memberID = join.request.memberID
        guard let member = members[memberID] else { preconditionFailure("the member was checked") }
        let hasChanged = member.protocols != join.request.protocols
        switch phase {
        case .empty: preconditionFailure("an empty group has no members")
        case .stable where memberID == leaderID || hasChanged, .completingRebalance where hasChanged,
            .preparingRebalance:
            // A leader that joins again asks for a new assignment, for instance because a topic has grown.
            update(memberID, join, now: now, &effects)
            rebalance(now: now, &effects)
        case .stable, .completingRebalance:
            // It did not get the answer to its first JoinGroup, or nothing has changed.
            members[memberID]?.sessionDeadline = now + member.sessionTimeout
            let isTold = phase == .completingRebalance && memberID == leaderID
            effects.answer(join.token, generationResponse(for: memberID, withMembers: isTold))
        }
    }

    /// Takes over what a member says now; its JoinGroup waits. One that waited already is sent back.
    private mutating func update(
        _ memberID: String, _ join: ClassicJoin, now: Int64, _ effects: inout GroupEffects
    ) {
        guard var member = members[memberID] else { preconditionFailure("the member was checked") }
        if let earlier = member.waitingJoin {
            effects.answer(earlier, join.refusal(.rebalanceInProgress, memberID: memberID))
        }
        member.protocols = join.request.protocols
        member.sessionTimeout = Int64(join.request.sessionTimeoutMs)
        member.rebalanceTimeout = join.rebalanceTimeout
        member.waitingJoin = join.token
        members[memberID] = member
    }

    /// A static member comes back after a restart: it gets a new member id, and whoever still uses the old one is fenced.
    private mutating func replaceStatic(
        _ oldID: String, with join: ClassicJoin, now: Int64, _ effects: inout GroupEffects
    ) {
        guard let position = members.index(forKey: oldID) else { preconditionFailure("the instance has a member") }
        let old = members.values[position]
        if let token = old.waitingJoin {
            effects.answer(token, join.refusal(.fencedInstanceID, memberID: oldID))
        }
        if let token = old.waitingSync { effects.answer(token, SyncGroupResponse(errorCode: .fencedInstanceID)) }
        let oldLeaderID = leaderID
        let newID = join.newMemberID
        var member = ClassicMember(
            id: newID, instanceID: old.instanceID, client: join.client,
            sessionTimeout: Int64(join.request.sessionTimeoutMs), rebalanceTimeout: join.rebalanceTimeout,
            protocols: join.request.protocols, assignment: old.assignment, owesSync: old.owesSync,
            sessionDeadline: now + Int64(join.request.sessionTimeoutMs))
        // In its old place: the order of members decides who leads next.
        members.remove(at: position)
        if leaderID == oldID { leaderID = newID }
        guard phase == .stable else {
            member.waitingJoin = join.token
            members.updateValue(member, forKey: newID, insertingAt: position)
            return rebalance(now: now, &effects)
        }
        members.updateValue(member, forKey: newID, insertingAt: position)
        if selectProtocol() == protocolName {
            effects.records.append(metadataRecord)
            effects.answer(join.token, rejoinResponse(for: newID, oldLeaderID: oldLeaderID, version: join.version))
        } else {
            members[newID]?.waitingJoin = join.token
            rebalance(now: now, &effects)
        }
    }

    /// What a static member is told that comes back without a rebalance. The leader gets the members along with the hint
    /// not to assign anew (KIP-814); one too old for it is told the leader's former id, so that it does not take itself for it.
    private func rejoinResponse(for memberID: String, oldLeaderID: String?, version: Int16) -> JoinGroupResponse {
        var response = generationResponse(for: memberID, withMembers: version >= 9 && memberID == leaderID)
        response.skipAssignment = version >= 9 && memberID == leaderID
        if version < 9 { response.leader = oldLeaderID ?? "" }
        return response
    }

    func generationResponse(for memberID: String, withMembers: Bool) -> JoinGroupResponse {
        JoinGroupResponse(
            generationID: generation, protocolType: protocolType, protocolName: protocolName, leader: leaderID ?? "",
            memberID: memberID,
            members: !withMembers
                ? []
                : members.values.map {
                    .init(memberID: $0.id, groupInstanceID: $0.instanceID, metadata: $0.metadata(of: protocolName))
                })
    }

    // MARK: Rebalance

    /// What follows a change of the members: a rebalance starts, or the one under way may be able to go on.
    mutating func rebalance(now: Int64, _ effects: inout GroupEffects) {
        switch phase {
        case .empty:
            let delay = limits.initialRebalanceDelay
            phase = .preparingRebalance(
                Preparation(
                    deadline: now + delay,
                    initial: .init(remaining: max(rebalanceTimeout - delay, 0))))
        case .stable, .completingRebalance:
            sendBackSyncs(now: now, &effects)
            phase = .preparingRebalance(Preparation(deadline: now + rebalanceTimeout, initial: nil))
            completeJoinIfPossible(now: now, &effects)
        case .preparingRebalance:
            completeJoinIfPossible(now: now, &effects)
        }
    }

    private mutating func sendBackSyncs(now: Int64, _ effects: inout GroupEffects) {
        syncDeadline = nil
        for index in members.values.indices {
            members.values[index].owesSync = false
            // Of a stable group the assignments are kept: members may still ask for theirs after a failed rebalance.
            if phase == .completingRebalance { members.values[index].assignment = [] }
            guard let token = members.values[index].waitingSync.take() else { continue }
            // While it waited nothing else was heard of it, and it has to join again.
            members.values[index].sessionDeadline = now + members.values[index].sessionTimeout
            effects.answer(token, SyncGroupResponse(errorCode: .rebalanceInProgress))
        }
    }

    private mutating func completeJoinIfPossible(now: Int64, _ effects: inout GroupEffects) {
        guard case .preparingRebalance(let preparation) = phase, preparation.initial == nil, haveAllJoined else {
            return
        }
        completeJoin(now: now, &effects)
    }

    /// The time of the preparation is over.
    mutating func preparationExpired(
        _ preparation: Preparation, now: Int64, _ effects: inout GroupEffects
    ) {
        guard let initial = preparation.initial, initial.memberWasAdded, initial.remaining > 0 else {
            return completeJoin(now: now, &effects)
        }
        // Members keep coming: wait on, but not longer than the rebalance timeout in all.
        let delay = min(limits.initialRebalanceDelay, initial.remaining)
        phase = .preparingRebalance(
            Preparation(deadline: now + delay, initial: .init(remaining: initial.remaining - delay)))
    }

    private mutating func completeJoin(now: Int64, _ effects: inout GroupEffects) {
        for member in members.values where member.waitingJoin == nil && member.instanceID == nil { remove(member.id) }
        if !members.isEmpty {
            guard electLeader() else {
                // Only static members are left, and none has come back: their sessions decide.
                phase = .preparingRebalance(Preparation(deadline: now + rebalanceTimeout, initial: nil))
                return
            }
        }
        generation &+= 1
        guard !members.isEmpty else {
            phase = .empty
            protocolName = nil
            leaderID = nil
            effects.records.append(metadataRecord)
            return
        }
        protocolName = selectProtocol()
        phase = .completingRebalance
        syncDeadline = now + rebalanceTimeout
        for index in members.values.indices {
            let member = members.values[index]
            members.values[index].isNew = false
            members.values[index].owesSync = true
            members.values[index].sessionDeadline = now + member.sessionTimeout
            guard let token = members.values[index].waitingJoin.take() else { continue }
            effects.answer(token, generationResponse(for: member.id, withMembers: member.id == leaderID))
        }
    }

    /// Leaves the leader as it is if it has joined, else takes the first member that has. False if nobody has.
    private mutating func electLeader() -> Bool {
        if let leaderID, members[leaderID]?.waitingJoin != nil { return true }
        guard let first = members.values.first(where: { $0.waitingJoin != nil }) else { return false }
        leaderID = first.id
        return true
    }

    /// Of the protocols that all members support, the one that most of them prefer; among equals, the leader's preference.
    func selectProtocol() -> String? {
        guard let leaderID, let leader = members[leaderID] else { return nil }
        let candidates = leader.protocols.map(\.name).filter { name in members.values.allSatisfy { $0.supports(name) } }
        var votes: [String: Int] = [:]
        for member in members.values {
            if let choice = member.protocols.first(where: { candidates.contains($0.name) }) {
                votes[choice.name, default: 0] += 1
            }
        }
        return candidates.enumerated().max { left, right in
            let (leftVotes, rightVotes) = (votes[left.element, default: 0], votes[right.element, default: 0])
            return leftVotes == rightVotes ? left.offset > right.offset : leftVotes < rightVotes
        }?.element
    }

    mutating func remove(_ memberID: String) {
        members.removeValue(forKey: memberID)
        if leaderID == memberID { leaderID = members.keys.first }
    }
}
