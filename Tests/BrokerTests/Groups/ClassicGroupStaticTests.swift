import KafkaProtocol
import Testing

@testable import Broker

/// Static members (KIP-345): they come back under a new id and keep their part.
@Suite struct ClassicGroupStaticTests {
    @Test func aRestartedMemberKeepsItsPartWithoutARebalance() throws {
        let (script, members) = try ClassicScript.stableStatic("a", "b")
        let stored = script.records.count
        let response = try script.joined(script.join(instance: "b"))
        #expect(response.errorCode == .none && response.generationID == 1 && response.memberID != members[1])
        #expect(response.leader == members[0] && response.members.isEmpty && !response.skipAssignment)
        #expect(script.group.phase == .stable && script.records.count == stored + 1, "the new id is stored")
        #expect(try script.synced(script.sync(response.memberID, instance: "b")).assignment == [1])
        #expect(script.heartbeat(members[0], instance: "a") == .none, "the others do not notice")
    }

    @Test func theOldOneIsFenced() throws {
        let (script, members) = try ClassicScript.stableStatic("a", "b")
        let new = try script.joined(script.join(instance: "b")).memberID
        let old = members[1]
        #expect(try script.joined(script.join(old, instance: "b")).errorCode == .fencedInstanceID)
        #expect(try script.synced(script.sync(old, instance: "b")).errorCode == .fencedInstanceID)
        #expect(script.heartbeat(old, instance: "b") == .fencedInstanceID)
        #expect(script.checkCommit(old, instance: "b") == .fencedInstanceID)
        #expect(script.leave((old, "b")) == [.fencedInstanceID])
        // Without its name it is nobody.
        #expect(script.heartbeat(old) == .unknownMemberID)
        #expect(script.checkCommit(new, instance: "b") == nil)
        #expect(script.group.phase == .stable)
    }

    @Test func aRestartedLeaderIsToldNotToAssignAnew() throws {
        let (script, members) = try ClassicScript.stableStatic("a", "b")
        let response = try script.joined(script.join(instance: "a", version: 9))
        #expect(response.skipAssignment && response.leader == response.memberID && response.members.count == 2)
        #expect(script.group.leaderID == response.memberID && response.memberID != members[0])
    }

    @Test(arguments: Int16(5)...8)
    func aLeaderTooOldForThatIsNotToldThatItLeads(version: Int16) throws {
        let (script, members) = try ClassicScript.stableStatic("a", "b")
        let response = try script.joined(script.join(instance: "a", version: version))
        #expect(response.leader == members[0] && response.memberID != members[0])
        #expect(!response.skipAssignment && response.members.isEmpty)
        // It leads all the same: its JoinGroup starts a rebalance.
        #expect(script.isWaiting(script.join(response.memberID, instance: "a", version: version)))
    }

    @Test func otherProtocolsOfARestartedMemberStartARebalance() throws {
        let script = ClassicScript()
        let both: [JoinGroupRequest.JoinGroupRequestProtocol] = [
            .init(name: "range", metadata: [1]), .init(name: "sticky", metadata: [2]),
        ]
        for instance in ["a", "b"] { script.join(instance: instance, protocols: both) }
        script.advance(1_000)
        try script.syncAll()
        let token = script.join(instance: "b", protocols: [both[1]])
        #expect(script.isWaiting(token) && script.isPreparing)
        let leader = try #require(script.group.leaderID)
        script.join(leader, instance: "a", protocols: both)
        #expect(try script.joined(token).protocolName == "sticky")
    }

    @Test func aRestartedMemberWithOtherMetadataDoesNotDisturb() throws {
        let (script, _) = try ClassicScript.stableStatic("a", "b")
        let changed: [JoinGroupRequest.JoinGroupRequestProtocol] = [.init(name: "range", metadata: [9])]
        #expect(try script.joined(script.join(instance: "b", protocols: changed)).generationID == 1)
    }

    @Test func twoAtOnceUnderOneName() throws {
        let script = ClassicScript()
        let first = script.join(instance: "a")
        let second = script.join(instance: "a")
        #expect(try script.joined(first).errorCode == .fencedInstanceID)
        script.advance(1_000)
        #expect(try script.joined(second).errorCode == .none)
        #expect(script.group.members.count == 1)
    }

    @Test func aRestartWhileTheLeaderComputesStartsOver() throws {
        let script = ClassicScript()
        for instance in ["a", "b"] { script.join(instance: instance) }
        script.advance(1_000)
        let old = try #require(script.group.memberID(ofInstance: "b"))
        let waiting = script.sync(old, instance: "b")
        let token = script.join(instance: "b")
        #expect(try script.synced(waiting).errorCode == .fencedInstanceID)
        #expect(script.isWaiting(token) && script.isPreparing)
        script.join(try #require(script.group.memberID(ofInstance: "a")), instance: "a")
        #expect(try script.joined(token).generationID == 2)
    }

    @Test func aRestartDuringARebalanceCountsAsJoining() throws {
        let (script, members) = try ClassicScript.stableStatic("a", "b")
        let leader = script.join(members[0], instance: "a")
        let token = script.join(instance: "b")
        #expect(try script.joined(leader).members.count == 2 && script.joined(token).generationID == 2)
    }

    @Test func aStaticMemberMayBeMissingInARebalanceForItsSession() throws {
        let (script, members) = try ClassicScript.stableStatic("a", "b")
        let leader = script.join(members[0], instance: "a", rebalance: 5_000)
        _ = try #require(script.group.members[members[1]])
        // The rebalance timeout of b, 60 s, counts; its session of 10 s ends first.
        script.advance(9_999)
        #expect(script.isWaiting(leader))
        script.advance(1)
        #expect(try script.joined(leader).members.map(\.memberID) == [members[0]])
    }

    @Test func aStaticMemberThatDoesNotJoinAgainIsKeptByTheRebalance() throws {
        let script = ClassicScript()
        for instance in ["a", "b"] { script.join(instance: instance, session: 100_000, rebalance: 20_000) }
        script.advance(1_000)
        try script.syncAll()
        let a = try #require(script.group.memberID(ofInstance: "a"))
        let leader = script.join(a, instance: "a", session: 100_000, rebalance: 20_000)
        script.advance(20_000)
        #expect(try script.joined(leader).members.count == 2)
        // It owes a SyncGroup, and is dropped if it does not come.
        script.sync(a, instance: "a")
        script.advance(20_000)
        #expect(script.group.members.count == 1)
    }

    @Test func whenOnlyMissingStaticMembersAreLeftTheirSessionsDecide() throws {
        let script = ClassicScript()
        for instance in ["a", "b"] { script.join(instance: instance, session: 50_000, rebalance: 20_000) }
        script.advance(1_000)
        try script.syncAll()
        let a = try #require(script.group.memberID(ofInstance: "a"))
        _ = script.leave((a, "a"))
        #expect(script.isPreparing)
        script.advance(40_000)
        #expect(script.isPreparing && script.group.members.count == 1)
        script.advance(20_000)
        #expect(script.group.phase == .empty)
    }

    @Test func administratorsRemoveMembersByName() throws {
        let (script, members) = try ClassicScript.stableStatic("a", "b", "c")
        #expect(script.leave(("", "b"), ("", "x"), ("", nil)) == [.none, .unknownMemberID, .unknownMemberID])
        #expect(script.group.members.keys.elements == [members[0], members[2]] && script.isPreparing)
        #expect(script.leave((members[2], "a")) == [.fencedInstanceID])
        #expect(script.leave((members[2], "c")) == [.none])
    }

    @Test func staticMembersAreFoundAgainAfterABrokerRestart() throws {
        let (script, members) = try ClassicScript.stableStatic("a", "b")
        try script.restart()
        #expect(script.heartbeat(members[0], instance: "a") == .none)
        let response = try script.joined(script.join(instance: "b"))
        #expect(response.generationID == 1 && script.group.phase == .stable)
        try script.restart()
        #expect(script.heartbeat(members[1], instance: "b") == .fencedInstanceID)
        #expect(try script.synced(script.sync(response.memberID, instance: "b")).assignment == [1])
    }

    @Test func aRestartedMemberStillOwesItsSync() throws {
        let script = ClassicScript()
        for instance in ["a", "b"] { script.join(instance: instance, session: 100_000, rebalance: 20_000) }
        script.advance(1_000)
        script.sync(try #require(script.group.leaderID), instance: "a")
        let new = try script.joined(script.join(instance: "b", session: 100_000, rebalance: 20_000)).memberID
        script.advance(20_000)
        #expect(script.group.members[new] == nil && script.isPreparing)
    }
}
