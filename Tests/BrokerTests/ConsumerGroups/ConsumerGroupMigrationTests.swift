import KafkaProtocol
import Testing

@testable import Broker

/// Groups with members of both protocols, and their way from one to the other.
@Suite struct ConsumerGroupMigrationTests {
    /// A stable classic group of members `c1`... that share topic t, four partitions.
    private func stableClassic(_ count: Int) throws -> ConsumerScript {
        let script = ConsumerScript()
        var tokens: [String: ReplyToken] = [:]
        for index in 1...count {
            let first = try script.joinClassic("", newID: "c\(index)")
            #expect(try script.joined(first).errorCode == .memberIDRequired)
            tokens["c\(index)"] = try script.joinClassic("c\(index)")
        }
        // The first rebalance waits on as long as members come.
        for _ in 0..<3 { try script.advance(1_000) }
        var plan: [String: [GroupPart]] = [:]
        for partition in Int32(0)..<4 {
            plan["c\(Int(partition) % count + 1)", default: []].append(GroupPart("t", partition))
        }
        #expect(try script.joined(try #require(tokens["c1"])).leader == "c1")
        let sync = try script.syncClassic("c1", generation: 1, assignments: plan)
        #expect(try script.syncedParts(sync) == plan["c1"])
        for index in 1...count where index > 1 { _ = try script.syncClassic("c\(index)", generation: 1) }
        return script
    }

    @Test func aConsumerMemberTurnsAClassicGroupIntoItsOwn() throws {
        let script = try stableClassic(2)
        let joined = try script.join("n")
        let group = try script.consumer
        #expect(joined.memberEpoch == 2 && group.members.count == 3 && group.epoch == 2)
        #expect(script.parts(joined.assignment) == [], "what the others have they have to give up first")
        #expect(group.members["c1"]?.isClassic == true && group.members["n"]?.isClassic == false)
        // The classic ones are sent to join, keep what they may, and go on.
        for member in ["c1", "c2"] {
            let had = try script.assigned(member)
            #expect(try script.beatClassic(member, generation: 1) == .rebalanceInProgress)
            var response = try script.joined(try script.joinClassic(member, owned: had))
            #expect(response.errorCode == .none && response.protocolName == "range" && response.leader == "")
            let sync = try script.syncClassic(member, generation: response.generationID)
            let kept = try script.syncedParts(sync)
            #expect(try script.synced(sync).errorCode == .none && kept == script.assigned(member))
            if kept != had {
                #expect(
                    try script.beatClassic(member, generation: response.generationID) == .rebalanceInProgress)
                response = try script.joined(try script.joinClassic(member, owned: kept))
                _ = try script.syncClassic(member, generation: response.generationID)
            }
            #expect(try script.beatClassic(member, generation: 2) == .none)
        }
        #expect(script.parts(try script.beat("n", epoch: 2).assignment)?.count == 1)
        #expect(try script.consumer.stateName == "Stable")
        // A classic member that waits only for what others hold is not sent round and round.
        #expect(try script.beatClassic("c1", generation: 2) == .none)
    }

    @Test func theLastConsumerMemberTurnsItBack() throws {
        let script = try stableClassic(2)
        try script.join("n")
        try script.beat("n", epoch: -1)
        let group = try script.classic
        #expect(group.members.count == 2 && group.protocolName == "range" && group.protocolType == "consumer")
        guard case .preparingRebalance = group.phase else {
            Issue.record("it rebalances at once")
            return
        }
        #expect(try script.beatClassic("c1", generation: group.generation) == .rebalanceInProgress)
        #expect(script.records.contains { if case .groupMetadata(_, .some) = $0 { true } else { false } })
        guard case .classic? = try script.replayed()?.membership else {
            Issue.record("a restart finds it classic")
            return
        }
    }

    @Test func aFencedConsumerMemberTurnsItBackToo() throws {
        let script = try stableClassic(1)
        try script.join("n")
        // Its session is longer than that of the classic one, which goes on.
        for _ in 0..<9 {
            try script.advance(5_000)
            _ = try script.beatClassic("c1", generation: 1)
        }
        #expect(try script.classic.members.keys.elements == ["c1"])
    }

    @Test func classicMembersJoinAndLeaveAConsumerGroup() throws {
        let script = ConsumerScript()
        try script.join("n")
        let first = try script.joined(try script.joinClassic("", newID: "c1"))
        #expect(first.errorCode == .memberIDRequired && first.memberID == "c1")
        let joined = try script.joined(try script.joinClassic("c1"))
        #expect(joined.generationID == 2 && joined.errorCode == .none)
        try script.beat("n", epoch: 1, owned: parts("t", 0, 1, 2, 3))
        try script.beat("n", epoch: 1, owned: try script.assigned("n"))
        #expect(try script.beatClassic("c1", generation: 2) == .rebalanceInProgress, "its part is free now")
        let again = try script.joined(try script.joinClassic("c1"))
        #expect(try script.syncedParts(try script.syncClassic("c1", generation: again.generationID)).count == 2)
        #expect(script.refusal { _ = try script.beatClassic("c1", generation: 1) } == .illegalGeneration)
        #expect(script.refusal { _ = try script.beatClassic("n", generation: 2) } == .unknownMemberID)
        #expect(try script.leaveClassic("n") == [.unknownMemberID])
        #expect(try script.leaveClassic("c1") == [.none])
        #expect(script.parts(try script.beat("n", epoch: 2).assignment) == parts("t", 0, 1, 2, 3))
    }

    @Test func otherProtocolsDoNotFitIn() throws {
        let script = ConsumerScript()
        try script.join("n")
        _ = try script.joinClassic("c1", protocols: ["range", "sticky"])
        #expect(script.refusal { _ = try script.joinClassic("c2", protocols: ["other"]) } == .inconsistentGroupProtocol)
        #expect(script.refusal { _ = try script.joinClassic("c2", protocols: []) } == .inconsistentGroupProtocol)
        _ = try script.joinClassic("c2", protocols: ["sticky"])
    }

    @Test func aClassicMemberThatDoesNotFollowIsFenced() throws {
        let script = ConsumerScript()
        try script.join("n")
        let joined = try script.joined(try script.joinClassic("c1"))
        try script.beat("n", epoch: 1, owned: parts("t", 0, 1, 2, 3))
        try script.beat("n", epoch: 1, owned: try script.assigned("n"))
        // It never asks for its assignment, but goes on beating.
        for _ in 0..<13 {
            try script.advance(5_000)
            _ = script.refusal { _ = try script.beatClassic("c1", generation: joined.generationID) }
            try script.beat("n", epoch: try script.consumer.member("n").epoch)
        }
        #expect(try script.consumer.members.keys.sorted() == ["n"])
    }

    @Test func thePolicyForbidsIt() throws {
        let script = try stableClassic(1)
        script.limits.migrationPolicy = .downgrade
        #expect(script.refusal { try script.join("n") } == .groupIDNotFound)
        script.limits.migrationPolicy = .upgrade
        try script.join("n")
        try script.beat("n", epoch: -1)
        #expect(try script.consumer.members.keys.sorted() == ["c1"], "it stays a consumer group")
    }

    @Test func emptyGroupsJustChange() throws {
        let script = try stableClassic(1)
        _ = try script.leaveClassic("c1")
        try script.join("n")
        try script.beat("n", epoch: -1)
        #expect(try script.consumer.isEmpty)
        _ = try script.joinClassic("", newID: "c2")
        #expect(try script.classic.pendingMembers.count == 1)
    }

    @Test func aStaticClassicMemberIsTakenOver() throws {
        let script = ConsumerScript()
        _ = try script.joinClassic("", instance: "i", newID: "c1")
        try script.advance(1_000)
        let sync = try script.syncClassic("c1", generation: 1, assignments: ["c1": parts("t", 0, 1, 2, 3)])
        #expect(try script.syncedParts(sync).count == 4)
        let taken = try script.join("n", instance: "i")
        #expect(script.parts(taken.assignment) == parts("t", 0, 1, 2, 3))
        #expect(try script.consumer.members.keys.sorted() == ["n"])
        // And back again.
        let back = try script.joined(try script.joinClassic("", instance: "i", newID: "c2"))
        #expect(back.errorCode == .none && back.memberID == "c2")
        let again = try script.syncClassic("c2", generation: back.generationID)
        #expect(try script.syncedParts(again) == parts("t", 0, 1, 2, 3))
        #expect(try script.classic.phase == .stable)
    }
}
