import Broker
import KafkaProtocol
import Testing

/// Consumer groups through requests, with the disk and restarts.
@Suite struct ConsumerGroupHandlerTests {
    private func join(
        _ member: String, topics: [String]? = ["t"], pattern: String? = nil, group: String = "g"
    ) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest(
            groupID: group, memberID: member, memberEpoch: 0, rebalanceTimeoutMs: 60_000, subscribedTopicNames: topics,
            subscribedTopicRegex: pattern, topicPartitions: [])
    }

    private func beat(
        _ member: String, _ epoch: Int32, owned: [ConsumerGroupHeartbeatRequest.TopicPartitions]? = nil
    ) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest(groupID: "g", memberID: member, memberEpoch: epoch, topicPartitions: owned)
    }

    private func describe(_ test: TestBroker, _ id: String = "g") throws -> ConsumerGroupDescribeResponse.DescribedGroup
    {
        try #require(try test.send(ConsumerGroupDescribeRequest(groupIDs: [id])).groups.first)
    }

    private func partitions(_ response: ConsumerGroupHeartbeatResponse) -> [Int32]? {
        response.assignment?.topicPartitions.flatMap(\.partitions)
    }

    @Test func aMemberJoinsIsDescribedAndLeaves() throws {
        try withBroker { test in
            try test.createTopic("t", partitions: 2)
            let joined = try test.send(join("a"))
            #expect(joined.errorCode == .none && joined.memberEpoch == 1 && partitions(joined) == [0, 1])
            let group = try describe(test)
            #expect(group.groupState == "Stable" && group.groupEpoch == 1 && group.assignmentEpoch == 1)
            #expect(group.assignorName == "uniform" && group.members.count == 1)
            #expect(group.members[0].subscribedTopicNames == ["t"] && group.members[0].memberType == 1)
            #expect(group.members[0].assignment.topicPartitions.map(\.topicName) == ["t"])
            #expect(group.members[0].assignment == group.members[0].targetAssignment)
            let listed = try test.send(ListGroupsRequest(typesFilter: ["Consumer"])).groups
            #expect(
                listed.map(\.groupID) == ["g"] && listed[0].groupType == "consumer" && listed[0].groupState == "Stable")
            #expect(try test.send(ListGroupsRequest(typesFilter: ["classic"])).groups.isEmpty)
            let classic = try test.send(DescribeGroupsRequest(groups: ["g"]))
            #expect(classic.groups[0].errorCode == .groupIDNotFound && classic.groups[0].groupState == "Dead")
            #expect(classic.groups[0].errorMessage == "Group g is not a classic group.")
            #expect(try test.send(DeleteGroupsRequest(groupsNames: ["g"])).results[0].errorCode == .nonEmptyGroup)
            #expect(try test.send(beat("a", -1)).memberEpoch == -1)
            #expect(try describe(test).groupState == "Empty")
            #expect(try test.send(DeleteGroupsRequest(groupsNames: ["g"])).results[0].errorCode == .none)
            #expect(try describe(test).errorCode == .groupIDNotFound)
            try test.restartAfterKill()
            #expect(try describe(test).errorCode == .groupIDNotFound)
        }
    }

    @Test func theMemoryOfMembersIsLimited() throws {
        try withBroker(TestBroker.groupSettings.merging(["group.coordinator.member.max.bytes": "100000"]) { $1 }) {
            test in
            try test.createTopic("t")
            let many = ["t"] + (0..<600).map { "\(String(repeating: "x", count: 100))-\($0)" }
            #expect(try test.send(join("a", topics: many)).errorCode == .none)
            #expect(try test.send(join("b", topics: many)).errorCode == .policyViolation)
            #expect(try describe(test).members.map(\.memberID) == ["a"], "the refused member is not there")
            #expect(try test.send(beat("a", 1)).errorCode == .none, "who is there goes on")
            try test.restartAfterKill()
            #expect(try test.send(join("b", topics: many)).errorCode == .policyViolation)
            // Whoever leaves makes room.
            #expect(try test.send(beat("a", -1)).errorCode == .none)
            #expect(try test.send(join("b", topics: many)).errorCode == .none)
        }
    }

    @Test func version0GivesTheMemberItsID() throws {
        try withBroker { test in
            try test.createTopic("t")
            let joined = try test.send(join(""), version: 0)
            #expect(joined.errorCode == .none && joined.memberID?.isEmpty == false)
            let refused = try test.send(join(""), version: 1)
            #expect(refused.errorCode == .invalidRequest && refused.errorMessage == "MemberId can't be empty.")
        }
    }

    @Test func refusalsSayWhy() throws {
        try withBroker { test in
            try test.createTopic("t")
            let missing = try test.send(beat("a", 3))
            #expect(missing.errorCode == .groupIDNotFound && missing.errorMessage == "Consumer group g not found.")
            _ = try test.send(join("a"))
            #expect(try test.send(beat("b", 3)).errorMessage == "Member b is not a member of group g.")
            let fenced = try test.send(beat("a", 3))
            #expect(
                fenced.errorCode == .fencedMemberEpoch
                    && fenced.errorMessage?.contains("greater member epoch (3)") == true)
            let pattern = try test.send(join("b", topics: nil, pattern: "a("))
            #expect(pattern.errorCode == .invalidRegularExpression)
            #expect(
                pattern.errorMessage
                    == "SubscribedTopicRegex `a(` is not a valid regular expression: missing closing ).")
            #expect(try describe(test, "").errorCode == .invalidGroupID)
        }
    }

    @Test func membersAndEpochsOutliveTheBroker() throws {
        try withBroker { test in
            try test.createTopic("t", partitions: 2)
            _ = try test.send(join("a"))
            _ = try test.send(join("b"))
            let before = try describe(test)
            for restart in [test.restartAfterKill, test.restart] {
                try restart()
                #expect(try describe(test) == before)
            }
            #expect(try test.send(beat("b", 2)).errorCode == .none)
            test.clock.advance(milliseconds: 46_000)
            test.broker.groups.expireDue()
            #expect(try describe(test).groupState == "Empty")
        }
    }

    @Test func topicsThatAreCreatedGrowAndGoAreNoticed() throws {
        try withBroker { test in
            let joined = try test.send(join("a", topics: ["t"], pattern: "p-.*"))
            #expect(joined.memberEpoch == 1 && partitions(joined) == [])
            try test.createTopic("t", partitions: 2)
            #expect(partitions(try test.send(beat("a", 1))) == [0, 1])
            // What patterns match is found out on a queue of its own.
            try test.createTopic("p-x")
            var epoch: Int32 = 2
            var told: [Int32] = []
            for _ in 0..<100_000 where told.count < 3 {
                let response = try test.send(beat("a", epoch))
                epoch = response.memberEpoch
                told = partitions(response) ?? told
            }
            #expect(told.count == 3)
            #expect(try describe(test).members[0].subscribedTopicRegex == "p-.*")
            _ = try test.send(
                OffsetCommitRequest(
                    groupID: "g", generationIDOrMemberEpoch: epoch, memberID: "a",
                    topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, committedOffset: 7)])]), version: 9)
            #expect(try committed(test, "t") == 7)
            #expect(try test.deleteTopic("t") == .none)
            #expect(try committed(test, "t") == -1, "with the topic its offsets are gone")
            try test.createTopic("t")
            try test.restartAfterKill()
            #expect(try committed(test, "t") == -1)
            let owned = try #require(try test.send(beat("a", epoch, owned: [])).assignment)
            #expect(owned.topicPartitions.count == 2)
        }
    }

    private func committed(_ test: TestBroker, _ topic: String) throws -> Int64 {
        let response = try test.send(
            OffsetFetchRequest(groups: [.init(groupID: "g", topics: [.init(name: topic, partitionIndexes: [0])])]),
            version: 9)
        return try #require(response.groups.first?.topics.first?.partitions.first).committedOffset
    }

    @Test func commitsNeedTheEpochOfTheMember() throws {
        try withBroker { test in
            try test.createTopic("t")
            func commit(_ member: String, _ epoch: Int32, version: Int16 = 9) throws -> ErrorCode {
                let response = try test.send(
                    OffsetCommitRequest(
                        groupID: "g", generationIDOrMemberEpoch: epoch, memberID: member,
                        topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, committedOffset: 1)])]),
                    version: version)
                return response.topics[0].partitions[0].errorCode
            }
            #expect(try commit("a", 1) == .groupIDNotFound)
            #expect(try commit("a", 1, version: 8) == .illegalGeneration)
            _ = try test.send(join("a"))
            #expect(try commit("a", 1) == .none)
            #expect(try commit("a", 1, version: 8) == .unsupportedVersion)
            #expect(try commit("a", 2) == .staleMemberEpoch)
            #expect(try commit("b", 1) == .unknownMemberID)
            #expect(try commit("", -1) == .unknownMemberID)
            func fetch(_ member: String?, _ epoch: Int32) throws -> ErrorCode {
                let response = try test.send(
                    OffsetFetchRequest(groups: [.init(groupID: "g", memberID: member, memberEpoch: epoch, topics: nil)]
                    ),
                    version: 9)
                return response.groups[0].errorCode
            }
            #expect(try fetch("a", 1) == .none && fetch(nil, -1) == .none)
            #expect(try fetch("a", 2) == .staleMemberEpoch && fetch("b", 1) == .unknownMemberID)
            let deleted = try test.send(
                OffsetDeleteRequest(groupID: "g", topics: [.init(name: "t", partitions: [.init(partitionIndex: 0)])]))
            #expect(deleted.topics[0].partitions[0].errorCode == .groupSubscribedToTopic)
        }
    }

    @Test func aStepThatCannotBeStoredHasNotHappened() throws {
        try withBroker { test in
            try test.createTopic("t", partitions: 2)
            _ = try test.send(join("a"))
            _ = try test.send(join("b"))
            let before = try describe(test)
            test.faults.inject(.init(.write, .fail(errno: 28)))
            // It would have to store that it gives a partition up.
            let refused = try test.send(beat("a", 1, owned: []))
            #expect(refused.errorCode == .coordinatorNotAvailable)
            #expect(try describe(test) == before)
            test.faults.clear()
            #expect(try test.send(beat("a", 1, owned: [])).errorCode == .none)
        }
    }

    @Test func settingsThatDoNotFitTogetherAreRefused() throws {
        for settings in [
            ["group.consumer.session.timeout.ms": "1000"],
            ["group.consumer.heartbeat.interval.ms": "20000"],
            [
                "group.consumer.session.timeout.ms": "5000", "group.consumer.min.session.timeout.ms": "5000",
                "group.consumer.heartbeat.interval.ms": "5000",
            ],
        ] {
            #expect(throws: SettingsError.self) { _ = try TestBroker(settings) }
        }
    }
}
