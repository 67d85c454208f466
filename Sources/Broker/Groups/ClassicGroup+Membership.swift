// Being a member of a classic group: assignments, heartbeats, leaving, and being dropped.

import KafkaProtocol

extension ClassicGroup {
    // MARK: SyncGroup

    mutating func sync(
        _ request: SyncGroupRequest, token: ReplyToken, now: Int64, _ effects: inout GroupEffects
    ) {
        if let objection = checkSync(request) {
            return effects.answer(token, SyncGroupResponse(errorCode: objection))
        }
        switch phase {
        case .empty: preconditionFailure("an empty group has no members")
        case .preparingRebalance:
            effects.answer(token, SyncGroupResponse(errorCode: .rebalanceInProgress))
        case .completingRebalance:
            wait(request.memberID, token, &effects)
            if request.memberID == leaderID { take(request.assignments, now: now, &effects) }
        case .stable:
            members[request.memberID]?.owesSync = false
            settleSyncDeadline()
            heard(of: request.memberID, now: now)
            effects.answer(token, assignmentResponse(of: request.memberID))
        }
    }

    private func checkSync(_ request: SyncGroupRequest) -> ErrorCode? {
        if let objection = check(memberID: request.memberID, instanceID: request.groupInstanceID) { return objection }
        if request.generationID != generation { return .illegalGeneration }
        let isConsistent =
            (request.protocolType == nil || request.protocolType == protocolType)
            && (request.protocolName == nil || request.protocolName == protocolName)
        return isConsistent ? nil : .inconsistentGroupProtocol
    }

    private mutating func wait(_ memberID: String, _ token: ReplyToken, _ effects: inout GroupEffects) {
        if let earlier = members[memberID]?.waitingSync {
            effects.answer(earlier, SyncGroupResponse(errorCode: .rebalanceInProgress))
        }
        members[memberID]?.waitingSync = token
        members[memberID]?.owesSync = false
    }

    /// The leader's assignment: stored, then handed out. A member that it leaves out gets none.
    private mutating func take(
        _ assignments: [SyncGroupRequest.SyncGroupRequestAssignment], now: Int64, _ effects: inout GroupEffects
    ) {
        let byMember = Dictionary(
            assignments.map { ($0.memberID, $0.assignment) }, uniquingKeysWith: { _, last in last })
        phase = .stable
        for index in members.values.indices {
            let member = members.values[index]
            members.values[index].assignment = byMember[member.id] ?? []
            guard let token = members.values[index].waitingSync.take() else { continue }
            members.values[index].sessionDeadline = now + member.sessionTimeout
            effects.answer(token, assignmentResponse(of: member.id))
        }
        settleSyncDeadline()
        effects.records.append(metadataRecord)
    }

    private func assignmentResponse(of memberID: String) -> SyncGroupResponse {
        SyncGroupResponse(
            protocolType: protocolType, protocolName: protocolName, assignment: members[memberID]?.assignment ?? [])
    }

    private mutating func settleSyncDeadline() {
        if !members.values.contains(where: \.owesSync) { syncDeadline = nil }
    }

    // MARK: Heartbeat

    mutating func heartbeat(
        memberID: String, instanceID: String?, generation: Int32, now: Int64
    ) -> ErrorCode {
        if let objection = check(memberID: memberID, instanceID: instanceID) { return objection }
        if generation != self.generation { return .illegalGeneration }
        heard(of: memberID, now: now)
        if case .preparingRebalance = phase { return .rebalanceInProgress }
        return .none
    }

    /// A request of a member proves that it is alive.
    mutating func heard(of memberID: String, now: Int64) {
        // By index: through its key, the member would be moved out and in again.
        guard let index = members.index(forKey: memberID), !members.values[index].isNew else { return }
        members.values[index].sessionDeadline = now + members.values[index].sessionTimeout
    }

    // MARK: Leaving

    /// Takes members out. Each is named by its id, or a static one by its instance id alone.
    mutating func leave(
        _ leaving: [LeaveGroupRequest.MemberIdentity], now: Int64, _ effects: inout GroupEffects
    ) -> [LeaveGroupResponse.MemberResponse] {
        let count = members.count
        let responses = leaving.map { identity in
            LeaveGroupResponse.MemberResponse(
                memberID: identity.memberID, groupInstanceID: identity.groupInstanceID,
                errorCode: leave(identity, &effects))
        }
        // An id that was only handed out is no reason to disturb a group that is stable, but one may be waited for.
        var mustRebalance = members.count != count
        if case .preparingRebalance = phase { mustRebalance = true }
        if mustRebalance { rebalance(now: now, &effects) }
        return responses
    }

    private mutating func leave(
        _ identity: LeaveGroupRequest.MemberIdentity, _ effects: inout GroupEffects
    ) -> ErrorCode {
        if pendingMembers.removeValue(forKey: identity.memberID) != nil { return .none }
        var memberID = identity.memberID
        if memberID.isEmpty {
            guard let instanceID = identity.groupInstanceID, let owner = self.memberID(ofInstance: instanceID) else {
                return .unknownMemberID
            }
            memberID = owner
        } else if let objection = check(memberID: memberID, instanceID: identity.groupInstanceID) {
            return objection
        }
        drop(memberID, &effects)
        return .none
    }

    /// Removes a member and answers what it waits for; the caller goes on with `rebalance`.
    private mutating func drop(_ memberID: String, _ effects: inout GroupEffects) {
        guard let member = members[memberID] else { return }
        if let token = member.waitingJoin {
            effects.answer(token, JoinGroupResponse(errorCode: .unknownMemberID, memberID: ""))
        }
        if let token = member.waitingSync { effects.answer(token, SyncGroupResponse(errorCode: .unknownMemberID)) }
        remove(memberID)
    }

    // MARK: Time

    /// Drops who was not heard of in time, and ends what has waited long enough.
    mutating func expire(now: Int64, _ effects: inout GroupEffects) {
        let pendingCount = pendingMembers.count
        for (memberID, deadline) in pendingMembers where deadline <= now { pendingMembers[memberID] = nil }
        var mustRebalance = pendingMembers.count != pendingCount
        let silent = members.values.filter { !$0.isWaiting && $0.sessionDeadline <= now }
        for member in silent { drop(member.id, &effects) }
        var isLosing = !silent.isEmpty
        if let syncDeadline, syncDeadline <= now {
            for member in members.values where member.owesSync { drop(member.id, &effects) }
            self.syncDeadline = nil
            isLosing = true
        }
        // Ids that were only handed out are no reason to disturb a group that is stable.
        if case .preparingRebalance = phase {} else { mustRebalance = false }
        if (isLosing || mustRebalance) && !isEmpty { rebalance(now: now, &effects) }
        if case .preparingRebalance(let preparation) = phase, preparation.deadline <= now {
            preparationExpired(preparation, now: now, &effects)
        }
    }
}
