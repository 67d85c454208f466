import KafkaProtocol
import Testing

@testable import Broker

/// Joining: ids, protocols, the first rebalance and the following ones.
@Suite struct ClassicGroupJoinTests {
    typealias Protocols = [JoinGroupRequest.JoinGroupRequestProtocol]

    // MARK: Member ids

    @Test(arguments: Int16(4)...9)
    func newClientsAreGivenAnIDFirst(version: Int16) throws {
        let script = ClassicScript()
        let first = try script.joined(script.join(version: version))
        #expect(first.errorCode == .memberIDRequired && first.memberID == "m-1" && first.generationID == -1)
        #expect(script.group.phase == .empty && script.group.members.isEmpty && script.group.pendingMembers.count == 1)
        #expect(!script.group.isIdle)
        let second = script.join("m-1", version: version)
        #expect(script.isWaiting(second) && script.isPreparing && script.group.pendingMembers.isEmpty)
        script.advance(500)
        #expect(try script.joined(second).errorCode == .none)
    }

    @Test(arguments: Int16(0)...3)
    func oldClientsJoinAtOnce(version: Int16) throws {
        let script = ClassicScript()
        let token = script.join(version: version)
        #expect(script.isWaiting(token) && script.group.members.count == 1)
        script.advance(500)
        let response = try script.joined(token)
        #expect(response.errorCode == .none && response.memberID == "m-1" && response.leader == "m-1")
    }

    @Test func anIDThatIsNotUsedIsForgotten() throws {
        let script = ClassicScript()
        script.join(session: 7_000)
        script.advance(6_999)
        #expect(script.group.pendingMembers.count == 1)
        script.advance(1)
        #expect(script.group.isIdle && script.group.nextDeadline == nil)
        #expect(try script.joined(script.join("m-1")).errorCode == .unknownMemberID)
    }

    @Test func strangersAreNotLetIn() throws {
        let (script, members) = try ClassicScript.stable(1)
        #expect(try script.joined(script.join("nobody")).errorCode == .unknownMemberID)
        #expect(script.heartbeat("nobody") == .unknownMemberID)
        #expect(try script.synced(script.sync("nobody")).errorCode == .unknownMemberID)
        #expect(script.leave(("nobody", nil)) == [.unknownMemberID])
        #expect(script.checkCommit("nobody") == .unknownMemberID)
        #expect(script.group.phase == .stable && script.heartbeat(members[0]) == .none)
    }

    @Test func anIDThatWasHandedOutIsNotThatOfAStaticMember() throws {
        let script = ClassicScript()
        script.join()
        #expect(try script.joined(script.join("m-1", instance: "i")).errorCode == .unknownMemberID)
    }

    // MARK: Limits

    @Test func aFullGroupTakesNoMore() throws {
        let (script, members) = try ClassicScript.stable(2, membersMax: 2)
        let refused = try script.joined(script.join())
        #expect(refused.errorCode == .groupMaxSizeReached && refused.memberID.isEmpty)
        // Who is in may join again.
        let again = script.join(members[0])
        #expect(script.isWaiting(again) && script.isPreparing)
        script.join(members[1])
        #expect(try script.joined(again).errorCode == .none)
    }

    @Test func idsThatWereHandedOutCount() throws {
        let script = ClassicScript(membersMax: 2)
        for _ in 0..<2 { #expect(try script.joined(script.join()).errorCode == .memberIDRequired) }
        #expect(try script.joined(script.join()).errorCode == .groupMaxSizeReached)
        #expect(script.group.pendingMembers.count == 2)
        // An id that was handed out has its place.
        #expect(script.isWaiting(script.join("m-1")))
    }

    @Test func aStaticMemberOfAFullGroupComesBackIntoItsPlace() throws {
        let script = ClassicScript(membersMax: 2)
        for instance in ["a", "b"] { script.join(instance: instance) }
        script.advance(1_000)
        try script.syncAll()
        #expect(try script.joined(script.join(instance: "a")).errorCode == .none)
        #expect(try script.joined(script.join(instance: "c")).errorCode == .groupMaxSizeReached)
    }

    // MARK: Protocols

    private static func protocols(_ names: String...) -> Protocols {
        names.map { .init(name: $0, metadata: Array($0.utf8)) }
    }

    @Test func aFirstMemberNeedsAProtocol() throws {
        let script = ClassicScript()
        #expect(try script.joined(script.join(protocols: [])).errorCode == .inconsistentGroupProtocol)
        #expect(try script.joined(script.join(protocolType: "")).errorCode == .inconsistentGroupProtocol)
        #expect(script.group.isIdle)
    }

    @Test func membersNeedAProtocolInCommon() throws {
        let (script, members) = try ClassicScript.stable(1)
        for token in [
            script.join(protocols: Self.protocols("roundrobin")), script.join(protocolType: "connect"),
            script.join(members[0], protocolType: "connect"), script.join(instance: "i", protocols: []),
        ] {
            #expect(try script.joined(token).errorCode == .inconsistentGroupProtocol)
        }
        #expect(script.group.phase == .stable)
    }

    @Test func anEmptyGroupTakesAnyProtocolType() throws {
        let (script, members) = try ClassicScript.stable(1)
        #expect(script.leave((members[0], nil)) == [.none] && script.group.phase == .empty)
        let token = script.join(protocols: Self.protocols("default"), protocolType: "connect", version: 3)
        script.advance(500)
        let response = try script.joined(token)
        #expect(response.protocolType == "connect" && response.protocolName == "default")
    }

    @Test func theMostPreferredCommonProtocolIsChosen() throws {
        let script = ClassicScript()
        let votes = [
            Self.protocols("sticky", "range", "roundrobin"), Self.protocols("roundrobin", "range"),
            Self.protocols("only-mine", "roundrobin", "range"),
        ]
        let tokens = votes.map { script.join(protocols: $0, version: 3) }
        script.advance(1_000)
        for token in tokens { #expect(try script.joined(token).protocolName == "roundrobin") }
        // The leader gets the metadata of that protocol.
        let members = try script.joined(tokens[0]).members
        #expect(members.map(\.metadata) == Array(repeating: Array("roundrobin".utf8), count: 3))
        #expect(try script.joined(tokens[1]).members.isEmpty)
    }

    @Test func amongEqualVotesTheLeaderDecides() throws {
        let script = ClassicScript()
        let token = script.join(protocols: Self.protocols("a", "b"), version: 3)
        script.join(protocols: Self.protocols("b", "a"), version: 3)
        script.advance(1_000)
        #expect(try script.joined(token).protocolName == "a")
    }

    // MARK: The first rebalance

    @Test func theFirstMemberWaitsAMomentForOthers() throws {
        let script = ClassicScript(initialDelay: 500)
        let first = script.join(version: 3)
        script.advance(499)
        #expect(script.isWaiting(first))
        script.advance(1)
        #expect(try script.joined(first).generationID == 1)
    }

    @Test func theDelayIsExtendedWhileMembersCome() throws {
        let script = ClassicScript(initialDelay: 500)
        var tokens = [script.join(version: 3)]
        for _ in 0..<4 {
            script.advance(400)
            tokens.append(script.join(version: 3))
        }
        // The last one came at 1600; the delay that began at 1500 is over at 2000, and is extended once more.
        script.advance(400)
        #expect(tokens.allSatisfy { script.isWaiting($0) })
        script.advance(500)
        #expect(tokens.allSatisfy { !script.isWaiting($0) })
        #expect(try script.joined(tokens[0]).members.count == 5)
    }

    @Test func theDelayIsNotExtendedBeyondTheRebalanceTimeout() throws {
        let script = ClassicScript(initialDelay: 500)
        let first = script.join(rebalance: 1_200, version: 3)
        var waited: Int64 = 0
        while script.isWaiting(first), waited < 10_000 {
            script.join(rebalance: 1_200, version: 3)
            script.advance(100)
            waited += 100
        }
        #expect(waited == 1_200)
    }

    @Test func withoutADelayTheFirstMemberIsAloneAtOnce() throws {
        let script = ClassicScript(initialDelay: 0)
        let first = script.join(version: 3)
        try script.advanceToDeadline()
        #expect(try script.joined(first).generationID == 1)
    }

    @Test func theFirstMembersMayAllLeaveBeforeTheFirstGeneration() throws {
        let script = ClassicScript()
        let token = script.join(version: 3)
        #expect(script.leave(("m-1", nil)) == [.none])
        #expect(try script.joined(token).errorCode == .unknownMemberID)
        script.advance(500)
        #expect(script.group.phase == .empty && script.group.isIdle)
    }

    // MARK: Later rebalances

    @Test func aNewMemberMakesEverybodyJoinAgain() throws {
        let (script, members) = try ClassicScript.stable(2)
        let (newID, new) = try script.joinWithID()
        #expect(script.isWaiting(new) && script.isPreparing)
        for member in members { #expect(script.heartbeat(member) == .rebalanceInProgress) }
        let follower = script.join(members[1])
        #expect(script.isWaiting(follower))
        let leader = script.join(members[0])
        #expect(script.group.phase == .completingRebalance && script.group.generation == 2)
        #expect(try script.joined(leader).members.map(\.memberID) == members + [newID])
        #expect(try script.joined(follower).members.isEmpty)
        #expect(
            try [leader, follower, new].map { try script.joined($0).leader } == Array(repeating: members[0], count: 3))
    }

    @Test func idsThatWereHandedOutAreWaitedFor() throws {
        let (script, members) = try ClassicScript.stable(2)
        _ = try script.joinWithID()
        let late = try script.joined(script.join(session: 8_000))
        for member in members { script.join(member) }
        #expect(script.isPreparing, "the last one is on its way")
        let token = script.join(late.memberID)
        #expect(try script.joined(token).errorCode == .none)
        #expect(script.group.members.count == 4)
    }

    @Test func anIDThatIsNotUsedDoesNotHoldUpTheOthersForLong() throws {
        let (script, members) = try ClassicScript.stable(2)
        _ = try script.joinWithID()
        script.join(session: 8_000)
        let tokens = members.map { script.join($0) }
        script.advance(7_999)
        #expect(tokens.allSatisfy { script.isWaiting($0) })
        script.advance(1)
        #expect(script.group.phase == .completingRebalance)
    }

    @Test func anIDThatIsGivenBackIsNotWaitedFor() throws {
        let (script, members) = try ClassicScript.stable(2)
        _ = try script.joinWithID()
        let late = try script.joined(script.join())
        for member in members { script.join(member) }
        #expect(script.leave((late.memberID, nil)) == [.none])
        #expect(script.group.phase == .completingRebalance)
    }

    @Test func anIDThatIsGivenBackDoesNotDisturbAStableGroup() throws {
        let (script, members) = try ClassicScript.stable(2)
        let late = try script.joined(script.join())
        #expect(script.leave((late.memberID, nil)) == [.none])
        #expect(script.group.phase == .stable && script.heartbeat(members[1]) == .none)
    }

    @Test func whoDoesNotJoinAgainIsDropped() throws {
        let (script, members) = try ClassicScript.stable(3, rebalance: 20_000)
        let token = script.join(members[0], rebalance: 20_000)
        script.join(members[2], rebalance: 20_000)
        for _ in 0..<3 {
            script.advance(5_000)
            // It is alive, but does not come.
            #expect(script.heartbeat(members[1]) == .rebalanceInProgress)
        }
        script.advance(5_000)
        #expect(try script.joined(token).members.map(\.memberID) == [members[0], members[2]])
        #expect(script.heartbeat(members[1]) == .unknownMemberID)
    }

    @Test func theLongestRebalanceTimeoutCounts() throws {
        let script = ClassicScript()
        let first = try script.joinWithID(session: 100_000, rebalance: 20_000)
        let second = try script.joinWithID(session: 100_000, rebalance: 50_000)
        script.advance(1_000)
        try script.syncAll()
        let token = script.join(first.id, session: 100_000, rebalance: 20_000)
        script.advance(49_999)
        #expect(script.isWaiting(token))
        script.advance(1)
        #expect(try script.joined(token).errorCode == .none)
        #expect(script.group.members[second.id] == nil)
    }

    @Test func theLeaderMayAskForANewAssignment() throws {
        let (script, members) = try ClassicScript.stable(2)
        let token = script.join(members[0])
        #expect(script.isWaiting(token) && script.isPreparing)
    }

    @Test func aFollowerThatHasNothingNewIsToldTheGeneration() throws {
        let (script, members) = try ClassicScript.stable(2)
        let response = try script.joined(script.join(members[1]))
        #expect(response.errorCode == .none && response.generationID == 1 && response.members.isEmpty)
        #expect(response.leader == members[0] && script.group.phase == .stable)
    }

    @Test func aFollowerWithOtherMetadataStartsARebalance() throws {
        let (script, members) = try ClassicScript.stable(2)
        let token = script.join(members[1], protocols: [.init(name: "range", metadata: [2])])
        #expect(script.isWaiting(token) && script.isPreparing)
    }

    @Test func whoMissedTheAnswerToItsJoinMayAskAgain() throws {
        let script = ClassicScript()
        let leader = try script.joinWithID().id
        let follower = try script.joinWithID().id
        script.advance(1_000)
        #expect(script.group.phase == .completingRebalance)
        let again = try script.joined(script.join(leader))
        #expect(again.generationID == 1 && again.members.map(\.memberID) == [leader, follower])
        #expect(try script.joined(script.join(follower)).members.isEmpty)
        #expect(script.group.phase == .completingRebalance)
    }

    @Test func otherMetadataWhileTheLeaderComputesStartsOver() throws {
        let script = ClassicScript()
        let leader = try script.joinWithID().id
        let follower = try script.joinWithID().id
        script.advance(1_000)
        let sync = script.sync(follower)
        let changed = script.join(follower, protocols: [.init(name: "range", metadata: [2])])
        #expect(try script.synced(sync).errorCode == .rebalanceInProgress)
        #expect(script.isWaiting(changed) && script.isPreparing)
        script.join(leader)
        #expect(try script.joined(changed).generationID == 2)
    }

    @Test func aJoinThatIsRepeatedTakesThePlaceOfTheFirst() throws {
        let script = ClassicScript()
        let member = try script.joinWithID()
        let again = script.join(member.id)
        #expect(try script.joined(member.token).errorCode == .rebalanceInProgress)
        script.advance(1_000)
        #expect(try script.joined(again).errorCode == .none)
    }

    @Test func ifTheLeaderDoesNotComeAnotherMemberLeads() throws {
        let (script, members) = try ClassicScript.stable(3)
        _ = try script.joinWithID()
        let second = script.join(members[1])
        script.join(members[2])
        while script.isPreparing { try script.advanceToDeadline() }
        let response = try script.joined(second)
        #expect(response.leader == members[1] && response.members.count == 3)
    }

    @Test func anInstanceThatIsNoNameOfAMemberIsUnknown() throws {
        let (script, members) = try ClassicScript.stable(1)
        #expect(try script.joined(script.join(members[0], instance: "other")).errorCode == .unknownMemberID)
    }
}
