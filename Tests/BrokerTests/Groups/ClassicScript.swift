// A classic group and its clients as a script: what is said to the group, in order, and what it answers.
//
// After every step the invariants of the state machine are checked, and that every request is answered once.

import KafkaProtocol
import Testing

@testable import Broker

final class ClassicScript {
    var group: ClassicGroup
    var now: Int64 = 1_000
    private(set) var records: [GroupRecord] = []
    private var answers: [ReplyToken: GroupEffects.Answer] = [:]
    private var open: Set<ReplyToken> = []
    private var lastToken: ReplyToken = 0
    private var lastMember = 0

    static let protocols: [JoinGroupRequest.JoinGroupRequestProtocol] = [.init(name: "range", metadata: [1])]

    init(membersMax: Int = 100, initialDelay: Int64 = 500) {
        var limits = GroupLimits()
        limits.membersMax = membersMax
        limits.initialRebalanceDelay = initialDelay
        group = ClassicGroup(id: "group", limits: limits)
    }

    /// Continues with the group as its last record says, after a restart.
    func restart() throws {
        open = []
        var replay = GroupReplay(limits: group.limits)
        for record in records { replay.apply(record) }
        switch replay.groups(now: now)[group.id]?.membership {
        case .classic(let restored)?: group = restored
        default: group = ClassicGroup(id: group.id, limits: group.limits)
        }
    }

    // MARK: Requests

    @discardableResult
    func join(
        _ memberID: String = "", instance: String? = nil, protocols: [JoinGroupRequest.JoinGroupRequestProtocol]? = nil,
        protocolType: String = "consumer", session: Int32 = 10_000, rebalance: Int32 = 60_000, version: Int16 = 9
    ) -> ReplyToken {
        lastMember += 1
        let request = JoinGroupRequest(
            groupID: group.id, sessionTimeoutMs: session, rebalanceTimeoutMs: rebalance, memberID: memberID,
            groupInstanceID: instance, protocolType: protocolType, protocols: protocols ?? Self.protocols)
        let newID = "\(instance ?? "m")-\(lastMember)"
        return ask { group, token, now, effects in
            let join = ClassicJoin(
                request: request, version: version, client: GroupClient(id: "client", host: "/host"), token: token,
                newMemberID: newID)
            group.join(join, now: now, &effects)
        }
    }

    /// Asks for an id and comes again with it, as clients do since version 4.
    func joinWithID(
        protocols: [JoinGroupRequest.JoinGroupRequestProtocol]? = nil, session: Int32 = 10_000,
        rebalance: Int32 = 60_000
    ) throws -> (id: String, token: ReplyToken) {
        let first = try joined(join(protocols: protocols, session: session, rebalance: rebalance))
        try #require(first.errorCode == .memberIDRequired)
        let token = join(first.memberID, protocols: protocols, session: session, rebalance: rebalance)
        return (first.memberID, token)
    }

    @discardableResult
    func sync(
        _ memberID: String, instance: String? = nil, generation: Int32? = nil, protocolType: String? = nil,
        protocolName: String? = nil, _ assignments: [String: [UInt8]] = [:]
    ) -> ReplyToken {
        let request = SyncGroupRequest(
            groupID: group.id, generationID: generation ?? group.generation, memberID: memberID,
            groupInstanceID: instance, protocolType: protocolType, protocolName: protocolName,
            assignments: assignments.sorted { $0.key < $1.key }.map { .init(memberID: $0.key, assignment: $0.value) })
        return ask { group, token, now, effects in group.sync(request, token: token, now: now, &effects) }
    }

    func heartbeat(_ memberID: String, instance: String? = nil, generation: Int32? = nil) -> ErrorCode {
        defer { check() }
        return group.heartbeat(
            memberID: memberID, instanceID: instance, generation: generation ?? group.generation, now: now)
    }

    func leave(_ members: (id: String, instance: String?)...) -> [ErrorCode] {
        var effects = GroupEffects()
        let identities = members.map {
            LeaveGroupRequest.MemberIdentity(memberID: $0.id, groupInstanceID: $0.instance)
        }
        let responses = group.leave(identities, now: now, &effects)
        take(effects)
        return responses.map(\.errorCode)
    }

    func checkCommit(_ memberID: String, instance: String? = nil, generation: Int32? = nil) -> ErrorCode? {
        group.checkCommit(memberID: memberID, instanceID: instance, generation: generation ?? group.generation)
    }

    private func ask(
        _ step: (inout ClassicGroup, ReplyToken, Int64, inout GroupEffects) -> Void
    ) -> ReplyToken {
        lastToken += 1
        open.insert(lastToken)
        var effects = GroupEffects()
        step(&group, lastToken, now, &effects)
        take(effects)
        return lastToken
    }

    // MARK: Time

    /// Lets time pass, stopping at every deadline on the way, as the timers do.
    func advance(_ milliseconds: Int64) {
        let end = now + milliseconds
        while let next = group.nextDeadline, next <= end {
            now = max(now, next)
            expire()
        }
        now = end
    }

    /// Lets time pass until something is due, and no further.
    func advanceToDeadline() throws {
        now = max(now, try #require(group.nextDeadline, "something is waited for"))
        expire()
    }

    func expire() {
        let before = group
        var effects = GroupEffects()
        group.expire(now: now, &effects)
        take(effects)
        if let next = group.nextDeadline, next <= now {
            #expect(group != before, "a deadline that has passed changes something, or the timers would spin")
        }
    }

    // MARK: Answers

    func isWaiting(_ token: ReplyToken) -> Bool { open.contains(token) }

    func joined(_ token: ReplyToken) throws -> JoinGroupResponse {
        guard case .join(let response)? = answers[token] else { throw ReplyProblem("no JoinGroup reply to \(token)") }
        return response
    }

    func synced(_ token: ReplyToken) throws -> SyncGroupResponse {
        guard case .sync(let response)? = answers[token] else { throw ReplyProblem("no SyncGroup reply to \(token)") }
        return response
    }

    private func take(_ effects: GroupEffects) {
        for (token, answer) in effects.answers {
            #expect(open.remove(token) != nil, "\(token) is answered once")
            answers[token] = answer
        }
        records += effects.records
        check()
    }

    // MARK: Invariants

    private func check() {
        let members = group.members.values
        let waitingJoins = members.compactMap(\.waitingJoin)
        let waitingSyncs = members.compactMap(\.waitingSync)
        #expect(Set(waitingJoins + waitingSyncs) == open, "who is not answered is remembered")
        #expect(Set(members.compactMap(\.instanceID)).count == members.count { $0.instanceID != nil })
        #expect(members.isEmpty || group.leaderID.map { group.members[$0] != nil } == true, "a group has a leader")
        #expect(group.pendingMembers.keys.allSatisfy { group.members[$0] == nil })
        switch group.phase {
        case .empty:
            #expect(members.isEmpty)
        case .preparingRebalance:
            #expect(waitingSyncs.isEmpty && group.syncDeadline == nil)
        case .completingRebalance:
            #expect(waitingJoins.isEmpty && !members.isEmpty && group.syncDeadline != nil)
            #expect(members.allSatisfy { $0.owesSync != ($0.waitingSync != nil) })
        case .stable:
            #expect(open.isEmpty && !members.isEmpty)
            #expect((group.syncDeadline != nil) == members.contains(where: \.owesSync))
        }
        #expect(
            group.isEmpty || group.nextDeadline != nil, "whoever is in a group is waited for no longer than a deadline")
    }
}

extension ClassicScript {
    /// A stable group of `count` dynamic members; the first one leads.
    static func stable(_ count: Int, membersMax: Int = 100, rebalance: Int32 = 60_000) throws -> (
        ClassicScript, [String]
    ) {
        let script = ClassicScript(membersMax: membersMax)
        let members = try (0..<count).map { _ in try script.joinWithID(rebalance: rebalance).id }
        while script.group.phase != .completingRebalance { try script.advanceToDeadline() }
        try script.syncAll()
        return (script, members)
    }

    /// A stable group of static members, who are named by their instance ids.
    static func stableStatic(_ instances: String...) throws -> (ClassicScript, [String]) {
        let script = ClassicScript()
        for instance in instances { script.join(instance: instance) }
        while script.group.phase != .completingRebalance { try script.advanceToDeadline() }
        try script.syncAll()
        return (script, try instances.map { try #require(script.group.memberID(ofInstance: $0)) })
    }

    /// Every member asks for its assignment, the leader last; each gets a byte of its own.
    func syncAll() throws {
        let leader = try #require(group.leaderID)
        let members = Array(group.members.keys)
        let assignments = Dictionary(
            uniqueKeysWithValues: members.enumerated().map { ($0.element, [UInt8($0.offset)]) })
        for member in members where member != leader { sync(member, instance: group.members[member]?.instanceID) }
        let last = sync(leader, instance: group.members[leader]?.instanceID, assignments)
        try #require(try synced(last).errorCode == .none)
        try #require(group.phase == .stable)
    }

    var isPreparing: Bool {
        if case .preparingRebalance = group.phase { return true }
        return false
    }
}
