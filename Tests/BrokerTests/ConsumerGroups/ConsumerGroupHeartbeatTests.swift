import KafkaProtocol
import Testing

@testable import Broker

/// ConsumerGroupHeartbeat: joining, reconciling, leaving, being fenced.
@Suite struct ConsumerGroupHeartbeatTests {
    // MARK: Joining

    @Test func theFirstMemberGetsEverything() throws {
        let script = ConsumerScript()
        let response = try script.join("a")
        #expect(response.memberID == "a" && response.memberEpoch == 1 && response.heartbeatIntervalMs == 5_000)
        #expect(script.parts(response.assignment) == parts("t", 0, 1, 2, 3))
        #expect(try script.consumer.stateName == "Stable")
    }

    @Test func anAssignmentIsToldOnceAndOnFullRequests() throws {
        let script = ConsumerScript()
        try script.join("a")
        #expect(try script.beat("a", epoch: 1).assignment == nil)
        #expect(try script.beat("a", epoch: 1, owned: parts("t", 0, 1, 2, 3)).assignment == nil)
        let full = script.request(
            "a", epoch: 1, topics: ["t"], owned: parts("t", 0, 1, 2, 3), rebalance: 60_000)
        #expect(script.parts(try script.send(full).assignment) == parts("t", 0, 1, 2, 3))
        #expect(script.records.count == 6, "heartbeats that change nothing store nothing")
    }

    @Test func partitionsMoveWhenTheyAreGivenUp() throws {
        let script = ConsumerScript()
        try script.join("a")
        let joined = try script.join("b")
        #expect(joined.memberEpoch == 2 && script.parts(joined.assignment) == [])
        #expect(try script.consumer.stateName == "Reconciling")
        // What it may keep is told, in its old epoch.
        let told = try script.beat("a", epoch: 1, owned: parts("t", 0, 1, 2, 3))
        #expect(told.memberEpoch == 1 && script.parts(told.assignment)?.count == 2)
        #expect(try script.beat("b", epoch: 2).assignment == nil)
        // As long as it owns what it is to give up, nothing happens.
        #expect(try script.beat("a", epoch: 1, owned: parts("t", 0, 1, 2, 3)).memberEpoch == 1)
        #expect(try script.beat("a", epoch: 1).memberEpoch == 1, "it did not say")
        let kept = try script.assigned("a")
        #expect(try script.beat("a", epoch: 1, owned: kept).memberEpoch == 2)
        let given = try script.beat("b", epoch: 2)
        #expect(script.parts(given.assignment)?.count == 2)
        #expect(try script.consumer.stateName == "Stable")
    }

    @Test func aMemberThatJoinsAnewKeepsWhatItHad() throws {
        let script = ConsumerScript()
        try script.join("a")
        let again = try script.join("a")
        #expect(again.memberEpoch == 1 && script.parts(again.assignment) == parts("t", 0, 1, 2, 3))
    }

    @Test func aMemberWithoutTopicsIsAMember() throws {
        let script = ConsumerScript()
        let response = try script.join("a", topics: [])
        #expect(response.memberEpoch == 1 && script.parts(response.assignment) == [])
        #expect(try script.consumer.stateName == "Stable")
    }

    @Test func requestsThatMakeNoSenseAreRefused() throws {
        let script = ConsumerScript()
        let join = script.request("a", epoch: 0, topics: ["t"], owned: [], rebalance: 1_000)
        func objection(_ version: Int16 = 1, _ change: (inout ConsumerGroupHeartbeatRequest) -> Void) -> GroupError? {
            var request = join
            change(&request)
            return request.objection(version: version, limits: script.limits)
        }
        #expect(objection { _ in } == nil)
        #expect(objection { $0.groupID = "" }?.message == "GroupId can't be empty.")
        #expect(objection { $0.memberID = "" }?.message == "MemberId can't be empty.")
        #expect(objection(0) { $0.memberID = "" } == nil)
        #expect(objection { $0.instanceID = "" }?.code == .invalidRequest)
        let longest = String(repeating: "m", count: 32_767)
        #expect(objection { $0.memberID = longest } == nil)
        #expect(objection { $0.memberID = longest + "m" }?.code == .invalidRequest)
        #expect(objection { $0.rackID = "" }?.code == .invalidRequest)
        #expect(objection { $0.rebalanceTimeoutMs = -1 }?.code == .invalidRequest)
        #expect(objection { $0.topicPartitions = nil }?.code == .invalidRequest)
        #expect(objection { $0.topicPartitions = [.init(topicID: .zero, partitions: [1])] }?.code == .invalidRequest)
        #expect(objection { $0.subscribedTopicNames = nil }?.code == .invalidRequest)
        #expect(objection { $0.memberEpoch = -2 }?.message == "InstanceId can't be null.")
        #expect(objection { $0.memberEpoch = -3 }?.message == "MemberEpoch is invalid.")
        let assignor = objection { $0.serverAssignor = "none" }
        #expect(assignor?.code == .unsupportedAssignor)
        #expect(
            assignor?.message == "ServerAssignor none is not supported. Supported assignors: uniform, range.")
    }

    @Test func aFullGroupTakesNobodyElse() throws {
        let script = ConsumerScript()
        script.limits.consumerMembersMax = 2
        try script.join("a")
        try script.join("b", instance: "i")
        #expect(script.refusal { try script.join("c") } == .groupMaxSizeReached)
        try script.join("a")
        try script.beat("b", epoch: -2, instance: "i")
        try script.join("c", instance: "i")
    }

    // MARK: Epochs

    @Test func strangersAreRefused() throws {
        let script = ConsumerScript()
        #expect(script.refusal { try script.beat("a", epoch: 1) } == .groupIDNotFound)
        #expect(script.refusal { try script.beat("a", epoch: -1) } == .groupIDNotFound)
        try script.join("a")
        #expect(script.refusal { try script.beat("b", epoch: 1) } == .unknownMemberID)
        #expect(script.refusal { try script.beat("b", epoch: -1) } == .unknownMemberID)
        #expect(script.refusal { try script.beat("a", epoch: 1, instance: "i") } == .unknownMemberID)
    }

    @Test func wrongEpochsAreFenced() throws {
        let script = ConsumerScript()
        try script.join("a")
        try script.join("b")
        try script.beat("a", epoch: 1, owned: parts("t", 0, 1, 2, 3))
        try script.beat("a", epoch: 1, owned: [])
        #expect(try script.consumer.member("a").epoch == 2)
        #expect(script.refusal { try script.beat("a", epoch: 3) } == .fencedMemberEpoch)
        // The response may have been lost: then it owns no more than it was given.
        #expect(script.refusal { try script.beat("a", epoch: 1) } == .fencedMemberEpoch)
        #expect(script.refusal { try script.beat("a", epoch: 1, owned: parts("t", 0, 1, 2, 3)) } == .fencedMemberEpoch)
        let kept = try script.assigned("a")
        #expect(try script.beat("a", epoch: 1, owned: kept).memberEpoch == 2)
    }

    /// What it had not taken yet was taken back, and the response was lost: two members have it, until the first is heard of.
    @Test func whoTakesWhatItHasSaidNotToHaveIsFenced() throws {
        let script = ConsumerScript()
        try script.join("a")
        let told = try script.assigned("a")
        try script.join("b")
        try script.beat("a", epoch: 1, owned: [])
        let kept = try script.assigned("a")
        #expect(kept.count == 2 && kept != told, "no further heartbeat has to confirm that")
        try script.beat("b", epoch: 2, owned: [])
        #expect(try Set(script.assigned("b")) == Set(told).subtracting(kept))
        for _ in 0..<2 {
            #expect(script.refusal { try script.beat("a", epoch: 1, owned: told) } == .fencedMemberEpoch)
        }
        try script.join("a")
        #expect(try script.assigned("a") == kept)
    }

    @Test func commitsAndFetchesNeedTheRightEpoch() throws {
        let script = ConsumerScript()
        try script.join("a")
        let group = try script.consumer
        func code(_ body: () throws(GroupError) -> Void) -> ErrorCode? {
            do throws(GroupError) { try body() } catch { return error.code }
            return nil
        }
        #expect(code { () throws(GroupError) in try group.checkCommit(memberID: "a", epoch: 1, version: 9) } == nil)
        #expect(
            code { () throws(GroupError) in try group.checkCommit(memberID: "a", epoch: 1, version: 8) }
                == .unsupportedVersion)
        #expect(
            code { () throws(GroupError) in try group.checkCommit(memberID: "a", epoch: 2, version: 9) }
                == .staleMemberEpoch)
        #expect(
            code { () throws(GroupError) in try group.checkCommit(memberID: "b", epoch: 1, version: 9) }
                == .unknownMemberID)
        #expect(
            code { () throws(GroupError) in try group.checkCommit(memberID: "", epoch: -1, version: 9) }
                == .unknownMemberID)
        #expect(code { () throws(GroupError) in try group.checkFetch(memberID: nil, epoch: -1) } == nil)
        #expect(code { () throws(GroupError) in try group.checkFetch(memberID: "a", epoch: 0) } == .staleMemberEpoch)
        #expect(code { () throws(GroupError) in try group.checkFetch(memberID: "b", epoch: 1) } == .unknownMemberID)
    }

    // MARK: Leaving and time

    @Test func whatALeavingMemberHadGoesToTheOthers() throws {
        let script = ConsumerScript()
        try script.join("a")
        try script.join("b")
        #expect(try script.beat("a", epoch: -1).memberEpoch == -1)
        #expect(try script.consumer.stateName == "Assigning")
        #expect(script.parts(try script.beat("b", epoch: 2).assignment) == parts("t", 0, 1, 2, 3))
        try script.beat("b", epoch: -1)
        #expect(try script.consumer.stateName == "Empty" && script.consumer.nextDeadline == nil)
    }

    @Test func aSilentMemberIsDroppedAfterItsSession() throws {
        let script = ConsumerScript()
        try script.join("a")
        try script.advance(44_999)
        try script.beat("a", epoch: 1)
        try script.advance(44_999)
        #expect(try script.consumer.members.count == 1)
        try script.advance(1)
        #expect(try script.consumer.isEmpty)
    }

    @Test func whoDoesNotGiveUpInTimeIsFenced() throws {
        let script = ConsumerScript()
        try script.join("a", rebalance: 20_000)
        try script.join("b")
        try script.beat("a", epoch: 1, owned: parts("t", 0, 1, 2, 3))
        for _ in 0..<2 {
            try script.advance(9_000)
            try script.beat("a", epoch: 1)
            try script.beat("b", epoch: 2)
        }
        try script.advance(1_999)
        #expect(try script.consumer.members.count == 2)
        try script.advance(1)
        #expect(script.refusal { try script.beat("a", epoch: 1) } == .unknownMemberID)
        #expect(script.parts(try script.beat("b", epoch: 2).assignment) == parts("t", 0, 1, 2, 3))
    }

    @Test func afterARestartMembersHaveAWholeSessionAndTimeToGiveUp() throws {
        let script = ConsumerScript()
        try script.join("a", rebalance: 20_000)
        try script.join("b")
        try script.beat("a", epoch: 1, owned: parts("t", 0, 1, 2, 3))
        try script.advance(19_999)
        try script.restart()
        #expect(try script.consumer.nextDeadline == script.now + 20_000)
        try script.advance(19_999)
        try script.beat("a", epoch: 1, owned: try script.assigned("a"))
        #expect(try script.consumer.members.count == 2)
    }

    // MARK: Static members

    @Test func aStaticMemberComesBackToItsPartitions() throws {
        let script = ConsumerScript()
        try script.join("a", instance: "i")
        try script.join("b")
        try script.beat("a", epoch: 1, owned: parts("t", 0, 1, 2, 3), instance: "i")
        try script.beat("a", epoch: 1, owned: try script.assigned("a"), instance: "i")
        let had = try script.assigned("a")
        #expect(script.refusal { try script.join("c", instance: "i") } == .unreleasedInstanceID)
        #expect(try script.beat("a", epoch: -2, instance: "i").memberEpoch == -2)
        let back = try script.join("c", instance: "i")
        #expect(script.parts(back.assignment) == had && back.memberEpoch == 2, "nobody else notices")
        #expect(script.refusal { try script.beat("a", epoch: 2, instance: "i") } == .fencedInstanceID)
        #expect(try script.consumer.members.count == 2)
    }

    @Test func aStaticMemberThatStaysAwayIsDropped() throws {
        let script = ConsumerScript()
        try script.join("a", instance: "i")
        try script.beat("a", epoch: -2, instance: "i")
        try script.advance(45_000)
        #expect(try script.consumer.isEmpty)
        try script.join("c", instance: "i")
    }

    // MARK: Subscriptions and topics

    @Test func topicsThatChangeAreFoundWithTheNextHeartbeat() throws {
        let script = ConsumerScript(topics: [:])
        #expect(script.parts(try script.join("a").assignment) == [])
        script.topics.create("t", partitions: 2)
        let created = try script.beat("a", epoch: 1, owned: [])
        #expect(script.parts(created.assignment) == parts("t", 0, 1) && created.memberEpoch == 2)
        script.topics.grow("t", to: 3)
        #expect(script.parts(try script.beat("a", epoch: 2).assignment) == parts("t", 0, 1, 2))
        script.topics.create("other", partitions: 1)
        #expect(try script.beat("a", epoch: 3).memberEpoch == 3, "that is nothing to this group")
        script.topics.delete("t")
        let gone = try script.beat("a", epoch: 3, owned: [])
        #expect(script.parts(gone.assignment) == [] && gone.memberEpoch == 4)
    }

    @Test func topicsThatChangedWhileTheBrokerWasDownAreFound() throws {
        let script = ConsumerScript()
        try script.join("a")
        // The number alone would look the same.
        script.topics = ScriptTopics()
        script.topics.create("t", partitions: 5)
        try script.restart()
        let told = try script.beat("a", epoch: 1, owned: [])
        #expect(told.memberEpoch == 2 && script.parts(told.assignment) == parts("t", 0, 1, 2, 3, 4))
    }

    @Test func aSubscriptionMayChange() throws {
        let script = ConsumerScript(topics: ["t": 2, "u": 2])
        try script.join("a")
        try script.send(script.request("a", epoch: 1, topics: ["u"], owned: parts("t", 0, 1)))
        let next = try script.beat("a", epoch: 1, owned: [])
        #expect(script.parts(next.assignment) == parts("u", 0, 1) && next.memberEpoch == 2)
        #expect(try script.consumer.subscribedTopics == ["u"])
    }

    @Test func theAssignorOfMostMembersIsUsed() throws {
        let script = ConsumerScript(topics: ["t": 3, "u": 3])
        try script.join("a", topics: ["t", "u"], assignor: "range")
        #expect(try script.consumer.assignor == .range)
        try script.join("b", topics: ["t", "u"])
        #expect(try script.target("a") == parts("t", 0, 1) + parts("u", 0, 1))
        try script.join("c", topics: ["t"], assignor: "uniform")
        #expect(try script.consumer.assignor == .uniform, "the first of the setting, among equals")
    }

    // MARK: Patterns

    @Test func aPatternMatchesTopicsOfNowAndLater() throws {
        let script = ConsumerScript(topics: ["logs-a": 1, "logs-b": 1, "x-logs-a": 1])
        let joined = try script.join("a", topics: nil, pattern: "logs-.*")
        #expect(script.parts(joined.assignment) == [GroupPart("logs-a", 0), GroupPart("logs-b", 0)])
        script.topics.create("logs-c", partitions: 1)
        script.topics.delete("logs-a")
        let resolved = try script.topics.resolve("logs-.*")
        try script.step { (group, effects) throws(GroupError) in
            try group?.withConsumer(ConsumerScript.id) { consumer throws(GroupError) in
                consumer.patternsResolved(["logs-.*": resolved], topics: script.topics, &effects)
            }
        }
        let told = try script.beat("a", epoch: 1, owned: [GroupPart("logs-b", 0)])
        #expect(script.parts(told.assignment) == [GroupPart("logs-b", 0), GroupPart("logs-c", 0)])
        // Another member, names and a pattern: everything together.
        try script.join("b", topics: ["x-logs-a"], pattern: "logs-b")
        #expect(try script.consumer.patterns.keys.sorted() == ["logs-.*", "logs-b"])
        try script.beat("b", epoch: -1)
        #expect(try script.consumer.patterns.keys.sorted() == ["logs-.*"], "what nobody uses is forgotten")
        try script.send(script.request("a", epoch: 2, topics: ["x-logs-a"], pattern: "", owned: []))
        #expect(try script.consumer.patterns.isEmpty && script.consumer.subscribedTopics == ["x-logs-a"])
    }

    // MARK: The end

    @Test func tombstonesLeaveNothing() throws {
        let script = ConsumerScript()
        try script.join("a", pattern: "t.*")
        try script.beat("a", epoch: -1)
        try script.step { (group, effects) throws(GroupError) in
            effects.records = group?.membership.tombstones(id: ConsumerScript.id) ?? []
            group = nil
        }
        #expect(try script.replayed() == nil)
    }
}
