import KafkaProtocol
import Testing

@testable import KafkaClient

/// The state machine without a network: each test is a script of answers.
@Suite struct GroupMembershipTests {
    private func member() -> GroupMembership { GroupMembership(group: "g", topics: ["events"]) }

    private func joined(
        _ membership: inout GroupMembership, leader: String = "me", others: [String] = []
    ) throws {
        let metadata = ConsumerProtocol.encodeSubscription(["events"])
        _ = try membership.received(JoinGroupResponse(errorCode: .memberIDRequired, memberID: "me"))
        let members =
            leader == "me"
            ? (["me"] + others).map { JoinGroupResponse.JoinGroupResponseMember(memberID: $0, metadata: metadata) } : []
        _ = try membership.received(
            JoinGroupResponse(generationID: 5, protocolName: "range", leader: leader, memberID: "me", members: members))
    }

    private func stable(_ membership: inout GroupMembership) throws {
        try joined(&membership)
        membership.assign(partitionCounts: ["events": 2])
        _ = try membership.received(
            SyncGroupResponse(assignment: ConsumerProtocol.encodeAssignment([TopicPartition("events", 1)])))
    }

    @Test func theFirstJoinGetsAnID() throws {
        var membership = member()
        #expect(membership.joinRequest.memberID == "")
        #expect(membership.leaveRequest == nil)
        let verdict = try membership.received(JoinGroupResponse(errorCode: .memberIDRequired, memberID: "me"))
        #expect(verdict == .goOn)
        #expect(membership.phase == .joining)
        #expect(membership.joinRequest.memberID == "me")
        #expect(membership.leaveRequest?.members.map(\.memberID) == ["me"])
        let offered = try #require(membership.joinRequest.protocols.first)
        #expect(offered.name == "range")
        #expect(ConsumerProtocol.decodeSubscription(offered.metadata) == ["events"])
    }

    @Test func aLeaderAssignsForAll() throws {
        var membership = member()
        try joined(&membership, others: ["other"])
        #expect(membership.isLeader && membership.generation == 5)
        membership.assign(partitionCounts: ["events": 3])
        guard case .syncing(let assignments) = membership.phase else {
            Issue.record("not syncing")
            return
        }
        #expect(assignments["me"]?.map(\.partition) == [0, 1])
        #expect(assignments["other"]?.map(\.partition) == [2])
        let request = membership.syncRequest(assignments)
        #expect(request.generationID == 5 && request.assignments.map(\.memberID) == ["me", "other"])
    }

    @Test func aFollowerIsGivenItsPart() throws {
        var membership = member()
        try joined(&membership, leader: "other")
        #expect(membership.phase == .syncing([:]))
        let bytes = ConsumerProtocol.encodeAssignment([TopicPartition("events", 2), TopicPartition("else", 0)])
        _ = try membership.received(SyncGroupResponse(assignment: bytes))
        #expect(membership.phase == .stable([TopicPartition("events", 2)]))
    }

    @Test func aRebalanceKeepsTheID() throws {
        var membership = member()
        try stable(&membership)
        let verdict = try membership.receivedHeartbeat(.rebalanceInProgress, generation: 5)
        #expect(verdict == .goOn)
        #expect(membership.phase == .joining && membership.memberID == "me" && membership.generation == 5)
    }

    @Test func aForgottenMemberStartsAnew() throws {
        var membership = member()
        try stable(&membership)
        #expect(try membership.receivedHeartbeat(.unknownMemberID, generation: 5) == .pause)
        #expect(membership.phase == .joining && membership.memberID == "" && membership.generation == -1)
    }

    @Test func anOldGenerationIsGivenUp() throws {
        var membership = member()
        try stable(&membership)
        #expect(try membership.receivedCommit(.illegalGeneration) == .goOn)
        #expect(membership.phase == .joining && membership.memberID == "me" && membership.generation == -1)
    }

    @Test func anAnswerAboutAnEarlierGenerationSaysNothing() throws {
        var membership = member()
        try stable(&membership)
        #expect(try membership.receivedHeartbeat(.unknownMemberID, generation: 4) == .goOn)
        #expect(membership.isStable)
    }

    @Test func anotherCoordinatorDoesNotEndTheMembership() throws {
        var membership = member()
        try stable(&membership)
        #expect(try membership.receivedHeartbeat(.notCoordinator, generation: 5) == .findCoordinator)
        #expect(try membership.receivedHeartbeat(.coordinatorLoadInProgress, generation: 5) == .pause)
        #expect(membership.isStable)
    }

    @Test(arguments: [
        ErrorCode.groupAuthorizationFailed, .inconsistentGroupProtocol, .groupMaxSizeReached, .invalidSessionTimeout,
        .fencedInstanceID, .invalidGroupID,
    ])
    func otherErrorsEndIt(code: ErrorCode) {
        var membership = member()
        #expect(throws: ClientError.self) { try membership.received(JoinGroupResponse(errorCode: code)) }
    }

    @Test func anAssignmentThatCannotBeReadIsAnError() throws {
        var membership = member()
        try joined(&membership, leader: "other")
        #expect(throws: ClientError.self) { try membership.received(SyncGroupResponse(assignment: [1])) }
    }
}

@Suite struct RangeAssignorTests {
    private func shares(_ ids: [String], _ count: Int32) -> [String: [Int32]] {
        RangeAssignor.assign(
            ids.map { RangeAssignor.Member(id: $0, topics: ["t"]) }, partitionCounts: ["t": count]
        ).mapValues { $0.map(\.partition) }
    }

    @Test func neighboursInTheOrderOfNames() {
        #expect(shares(["b", "a", "c"], 7) == ["a": [0, 1, 2], "b": [3, 4], "c": [5, 6]])
        #expect(shares(["b", "a"], 4) == ["a": [0, 1], "b": [2, 3]])
        #expect(shares(["b", "a"], 1) == ["a": [0], "b": []])
        #expect(shares(["a"], 0) == ["a": []])
    }

    @Test func everyTopicIsSpreadByItself() {
        let assignments = RangeAssignor.assign(
            [
                .init(id: "a", topics: ["t", "u"]), .init(id: "b", topics: ["u"]), .init(id: "c", topics: ["gone"]),
            ], partitionCounts: ["t": 2, "u": 3])
        #expect(
            assignments["a"] == [
                TopicPartition("t", 0), TopicPartition("t", 1), TopicPartition("u", 0), TopicPartition("u", 1),
            ])
        #expect(assignments["b"] == [TopicPartition("u", 2)])
        #expect(assignments["c"] == [])
    }

    @Test func staticMembersComeFirst() {
        let assignments = RangeAssignor.assign(
            [
                .init(id: "a", topics: ["t"]), .init(id: "z", instanceID: "i2", topics: ["t"]),
                .init(id: "y", instanceID: "i1", topics: ["t"]),
            ], partitionCounts: ["t": 3])
        #expect(assignments.mapValues { $0.map(\.partition) } == ["y": [0], "z": [1], "a": [2]])
    }
}

@Suite struct ConsumerProtocolTests {
    /// Version 3 of a Java client: owned partitions, a generation and a rack follow what is read.
    @Test func laterVersionsAreRead() {
        var writer = WireWriter()
        writer.writeInt16(3)
        writer.writeList(["a", "b"], false) { $1.writeString($0, false) }
        writer.writeNullableBytes([1, 2], false)
        writer.writeList(["a"], false) { topic, writer in
            writer.writeString(topic, false)
            writer.writeList([Int32(0)], false) { $1.writeInt32($0) }
        }
        writer.writeInt32(7)
        writer.writeNullableString("rack", false)
        #expect(ConsumerProtocol.decodeSubscription(writer.bytes) == ["a", "b"])
    }

    @Test func assignmentsComeBackInOrder() {
        let partitions = [TopicPartition("b", 0), TopicPartition("a", 3), TopicPartition("a", 1)]
        let bytes = ConsumerProtocol.encodeAssignment(partitions)
        #expect(ConsumerProtocol.decodeAssignment(bytes) == partitions.sorted())
        #expect(ConsumerProtocol.decodeAssignment([]) == [])
        for count in 1..<bytes.count - 4 { #expect(ConsumerProtocol.decodeAssignment(Array(bytes[..<count])) == nil) }
    }
}
