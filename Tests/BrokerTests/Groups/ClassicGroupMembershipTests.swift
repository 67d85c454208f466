import KafkaProtocol
import Testing

@testable import Broker

/// Being a member: assignments, heartbeats, commits, leaving, being dropped.
@Suite struct ClassicGroupMembershipTests {
    /// A group whose leader computes the assignment.
    private func completing(_ count: Int, session: Int32 = 10_000, rebalance: Int32 = 60_000) throws -> (
        ClassicScript, [String]
    ) {
        let script = ClassicScript()
        let members = try (0..<count).map { _ in try script.joinWithID(session: session, rebalance: rebalance).id }
        while script.group.phase != .completingRebalance { try script.advanceToDeadline() }
        return (script, members)
    }

    // MARK: SyncGroup

    @Test func everybodyGetsItsPart() throws {
        let (script, members) = try completing(3)
        let early = script.sync(members[1])
        #expect(script.isWaiting(early))
        let leader = script.sync(members[0], [members[0]: [1], members[1]: [2], "stranger": [9]])
        #expect(script.group.phase == .stable)
        #expect(try script.synced(leader).assignment == [1] && script.synced(early).assignment == [2])
        #expect(try script.synced(early).protocolType == "consumer" && script.synced(early).protocolName == "range")
        // Who is left out gets nothing, but is a member.
        let late = try script.synced(script.sync(members[2]))
        #expect(late.errorCode == .none && late.assignment.isEmpty)
        #expect(script.records.count == 1, "the generation is stored")
    }

    @Test func theAssignmentMayBeAskedForAgain() throws {
        let (script, members) = try ClassicScript.stable(2)
        for (index, member) in members.enumerated() {
            #expect(try script.synced(script.sync(member)).assignment == [UInt8(index)])
        }
        // What the leader says now changes nothing.
        #expect(try script.synced(script.sync(members[0], [members[0]: [99]])).assignment == [0])
        #expect(script.records.count == 1)
    }

    @Test func aSyncThatIsRepeatedTakesThePlaceOfTheFirst() throws {
        let (script, members) = try completing(2)
        let first = script.sync(members[1])
        let second = script.sync(members[1])
        #expect(try script.synced(first).errorCode == .rebalanceInProgress)
        script.sync(members[0], [members[1]: [7]])
        #expect(try script.synced(second).assignment == [7])
    }

    @Test func syncsOfAnotherGenerationOrProtocolAreRefused() throws {
        let (script, members) = try completing(2)
        #expect(try script.synced(script.sync(members[1], generation: 0)).errorCode == .illegalGeneration)
        #expect(try script.synced(script.sync(members[1], generation: 2)).errorCode == .illegalGeneration)
        for (type, name) in [("connect", "range"), ("consumer", "sticky")] {
            let token = script.sync(members[1], protocolType: type, protocolName: name)
            #expect(try script.synced(token).errorCode == .inconsistentGroupProtocol)
        }
        #expect(script.isWaiting(script.sync(members[1], protocolType: "consumer", protocolName: "range")))
    }

    @Test func aSyncDuringARebalanceIsSentBack() throws {
        let (script, members) = try ClassicScript.stable(2)
        script.join(members[0])
        #expect(try script.synced(script.sync(members[1])).errorCode == .rebalanceInProgress)
    }

    @Test func waitingSyncsAreSentBackWhenSomebodyComes() throws {
        let (script, members) = try completing(2)
        let waiting = script.sync(members[1])
        _ = try script.joinWithID()
        #expect(try script.synced(waiting).errorCode == .rebalanceInProgress)
        #expect(script.isPreparing)
    }

    @Test func whoDoesNotAskForItsAssignmentIsDropped() throws {
        let (script, members) = try completing(3, session: 100_000, rebalance: 20_000)
        script.sync(members[1])
        script.sync(members[0])
        #expect(script.group.phase == .stable)
        script.advance(19_999)
        #expect(script.group.phase == .stable && script.heartbeat(members[2]) == .none, "heartbeats do not help it")
        script.advance(1)
        #expect(script.isPreparing && script.group.members[members[2]] == nil)
    }

    @Test func aLeaderThatDoesNotAssignIsDropped() throws {
        let (script, members) = try completing(3, session: 100_000, rebalance: 20_000)
        let waiting = [script.sync(members[1]), script.sync(members[2])]
        script.advance(20_000)
        for token in waiting { #expect(try script.synced(token).errorCode == .rebalanceInProgress) }
        #expect(script.isPreparing && script.group.leaderID == members[1])
        let tokens = [script.join(members[2]), script.join(members[1])]
        #expect(try script.joined(tokens[1]).members.count == 2 && script.joined(tokens[0]).leader == members[1])
    }

    // MARK: Heartbeats and sessions

    @Test func heartbeatsKeepAMemberAlive() throws {
        let (script, members) = try ClassicScript.stable(1)
        for _ in 0..<5 {
            script.advance(9_999)
            #expect(script.heartbeat(members[0]) == .none)
        }
        script.advance(10_000)
        #expect(script.group.phase == .empty && script.heartbeat(members[0], generation: 1) == .unknownMemberID)
        #expect(script.records.count == 2, "that the group is empty is stored")
    }

    @Test func heartbeatsOfAnotherGenerationAreRefused() throws {
        let (script, members) = try ClassicScript.stable(1)
        #expect(script.heartbeat(members[0], generation: 0) == .illegalGeneration)
        #expect(script.heartbeat(members[0], generation: 2) == .illegalGeneration)
        script.advance(10_000)
        #expect(script.group.isEmpty, "and do not keep it alive")
    }

    @Test func aSilentMemberIsDroppedAndTheOthersRebalance() throws {
        let (script, members) = try ClassicScript.stable(2)
        script.advance(9_000)
        #expect(script.heartbeat(members[0]) == .none)
        script.advance(1_000)
        #expect(script.group.members.keys.elements == [members[0]] && script.isPreparing)
        #expect(script.heartbeat(members[0]) == .rebalanceInProgress)
        #expect(try script.joined(script.join(members[0])).generationID == 2)
    }

    @Test func aMemberThatIsSilentDuringARebalanceIsDroppedBeforeItsEnd() throws {
        let (script, members) = try ClassicScript.stable(3)
        let tokens = [script.join(members[0]), script.join(members[1])]
        script.advance(9_999)
        #expect(script.isWaiting(tokens[0]))
        script.advance(1)
        #expect(try script.joined(tokens[0]).members.count == 2)
    }

    @Test func aMemberThatIsSilentWhileTheLeaderComputesIsDropped() throws {
        let (script, members) = try completing(3)
        let waiting = script.sync(members[1])
        script.advance(9_000)
        #expect(script.heartbeat(members[0]) == .none)
        script.advance(1_000)
        #expect(script.group.members[members[2]] == nil && script.isPreparing)
        #expect(try script.synced(waiting).errorCode == .rebalanceInProgress)
        // Waiting is as good as a heartbeat.
        #expect(script.group.members[members[1]] != nil)
    }

    @Test func whoWaitsForOthersIsAlive() throws {
        let (script, members) = try ClassicScript.stable(2, rebalance: 60_000)
        let waiting = script.join(members[0])
        for _ in 0..<6 {
            script.advance(9_000)
            _ = script.heartbeat(members[1])
        }
        #expect(script.isWaiting(waiting) && script.group.members[members[0]] != nil)
    }

    @Test func aNewMemberWaitsFiveMinutesAtMost() throws {
        let (script, members) = try ClassicScript.stable(1, rebalance: 1_000_000)
        let (newID, new) = try script.joinWithID()
        for _ in 0..<33 {
            script.advance(9_000)
            #expect(script.heartbeat(members[0]) == .rebalanceInProgress)
        }
        #expect(script.isWaiting(new))
        script.advance(3_000)
        #expect(try script.joined(new).errorCode == .unknownMemberID)
        #expect(script.group.members[newID] == nil)
    }

    @Test func ifEverybodyIsSilentTheGroupIsEmpty() throws {
        let (script, _) = try ClassicScript.stable(3)
        script.advance(10_000)
        #expect(script.group.phase == .empty && script.group.generation == 2 && script.group.leaderID == nil)
        #expect(script.group.isIdle && script.group.nextDeadline == nil)
    }

    // MARK: Leaving

    @Test func aLeavingMemberMakesTheOthersRebalance() throws {
        let (script, members) = try ClassicScript.stable(3)
        #expect(script.leave((members[0], nil)) == [.none])
        #expect(script.isPreparing && script.group.leaderID == members[1])
        #expect(script.heartbeat(members[0]) == .unknownMemberID)
    }

    @Test func theLastOneLeavesAnEmptyGroup() throws {
        let (script, members) = try ClassicScript.stable(1)
        #expect(script.leave((members[0], nil)) == [.none])
        #expect(script.group.phase == .empty && script.group.generation == 2 && script.group.protocolName == nil)
        #expect(script.records.count == 2)
    }

    @Test func severalMayLeaveAtOnce() throws {
        let (script, members) = try ClassicScript.stable(3)
        let codes = script.leave((members[1], nil), ("nobody", nil), (members[1], nil), (members[2], nil))
        #expect(codes == [.none, .unknownMemberID, .unknownMemberID, .none])
        #expect(script.group.members.keys.elements == [members[0]] && script.isPreparing)
    }

    @Test func whoLeavesIsAnsweredWhatItWaitsFor() throws {
        let (script, members) = try ClassicScript.stable(2)
        let waiting = script.join(members[0])
        _ = script.leave((members[0], nil))
        #expect(try script.joined(waiting).errorCode == .unknownMemberID)
        script.join(members[1])
        let (newID, _) = try script.joinWithID()
        script.join(members[1])
        let sync = script.sync(newID)
        _ = script.leave((newID, nil))
        #expect(try script.synced(sync).errorCode == .unknownMemberID)
    }

    @Test func aRebalanceThatWaitsOnlyForALeavingMemberGoesOn() throws {
        let (script, members) = try ClassicScript.stable(2)
        let token = script.join(members[0])
        _ = script.leave((members[1], nil))
        #expect(try script.joined(token).members.count == 1)
    }

    // MARK: Commits

    @Test func whoMayCommit() throws {
        let (script, members) = try ClassicScript.stable(2)
        #expect(script.checkCommit(members[0]) == nil)
        #expect(script.checkCommit(members[0], generation: 0) == .illegalGeneration)
        #expect(script.checkCommit(members[0], generation: -1) == .illegalGeneration)
        #expect(script.checkCommit("", generation: -1) == .unknownMemberID, "a tool, while there are members")
        #expect(script.checkCommit("", instance: "i", generation: -1) == .unknownMemberID)
        script.join(members[0])
        #expect(script.checkCommit(members[1]) == nil, "before it joins again, a member commits what it has read")
        script.join(members[1])
        #expect(script.checkCommit(members[1]) == .rebalanceInProgress)
        _ = script.leave((members[0], nil), (members[1], nil))
        #expect(script.checkCommit("", generation: -1) == nil)
        #expect(script.checkCommit(members[0], generation: -1) == nil)
        #expect(script.checkCommit(members[0]) == .unknownMemberID)
    }

    // MARK: Restarts

    @Test func aStableGroupIsFoundAgain() throws {
        let (script, members) = try ClassicScript.stable(2)
        try script.restart()
        #expect(script.group.phase == .stable && script.group.generation == 1 && script.group.leaderID == members[0])
        for (index, member) in members.enumerated() {
            #expect(script.heartbeat(member) == .none)
            #expect(try script.synced(script.sync(member)).assignment == [UInt8(index)])
        }
        // Whoever does not come back has a whole session to do so.
        script.advance(9_999)
        #expect(script.group.members.count == 2)
        script.advance(1)
        #expect(script.group.isEmpty)
    }

    @Test func aGroupIsFoundAsItWasBeforeARebalanceThatWasCutShort() throws {
        let (script, members) = try ClassicScript.stable(2)
        _ = try script.joinWithID()
        for member in members { script.join(member) }
        #expect(script.group.phase == .completingRebalance && script.group.generation == 2)
        try script.restart()
        #expect(script.group.phase == .stable && script.group.generation == 1 && script.group.members.count == 2)
        #expect(script.heartbeat(members[0], generation: 2) == .illegalGeneration)
    }

    @Test func anEmptyGroupKeepsItsGeneration() throws {
        let (script, members) = try ClassicScript.stable(1)
        _ = script.leave((members[0], nil))
        try script.restart()
        #expect(script.group.phase == .empty && script.group.generation == 2)
        let token = script.join(version: 3)
        script.advance(500)
        #expect(try script.joined(token).generationID == 3)
    }

    @Test func membersMayJoinWithAllTheirProtocolsAfterARestart() throws {
        let script = ClassicScript()
        let all: [JoinGroupRequest.JoinGroupRequestProtocol] = [
            .init(name: "range", metadata: [1]), .init(name: "sticky", metadata: [2]),
        ]
        let members = try (0..<2).map { _ in try script.joinWithID(protocols: all).id }
        script.advance(1_000)
        try script.syncAll()
        try script.restart()
        let tokens = members.map { script.join($0, protocols: all) }
        #expect(try tokens.map { try script.joined($0).generationID } == [2, 2])
    }
}
