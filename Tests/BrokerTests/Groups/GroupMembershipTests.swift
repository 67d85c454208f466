import KafkaProtocol
import TestSupport
import Testing

@testable import Broker

/// Groups in requests and replies: every version on a real group, error codes, restarts.
@Suite struct GroupMembershipTests {
    // MARK: Every version

    @Test(arguments: JoinGroupRequest.versions)
    func joinGroup(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.findCoordinator()
            var request = TestBroker.joinRequest("g")
            if version >= 4 {
                let first = try test.send(request, version: version)
                #expect(first.errorCode == .memberIDRequired && first.memberID.hasPrefix("test-"))
                #expect(first.protocolName == (version >= 7 ? nil : ""), "null only where it may be")
                request.memberID = first.memberID
            }
            let pending = test.start(request, version: version)
            #expect(!pending.isAnswered)
            test.pass(milliseconds: 100)
            let response = try pending.answer().response
            #expect(response.errorCode == .none && response.generationID == 1 && response.leader == response.memberID)
            #expect(response.protocolName == "range" && response.protocolType == (version >= 7 ? "consumer" : nil))
            #expect(response.members.map(\.metadata) == request.protocols.map(\.metadata))
            let refused = try test.send(TestBroker.joinRequest("g", "nobody"), version: version)
            #expect(refused.errorCode == .unknownMemberID && refused.protocolName == (version >= 7 ? nil : ""))
        }
    }

    @Test(arguments: SyncGroupRequest.versions)
    func syncGroup(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            let (member, pending) = try test.beginJoin("g")
            test.pass(milliseconds: 100)
            _ = try pending.answer()
            var request = SyncGroupRequest(
                groupID: "g", generationID: 1, memberID: member, protocolType: "consumer", protocolName: "range",
                assignments: [.init(memberID: member, assignment: [1, 2, 3])])
            let response = try test.send(request, version: version)
            #expect(response.errorCode == .none && response.assignment == [1, 2, 3])
            #expect(response.protocolName == (version >= 5 ? "range" : nil))
            request.generationID = 7
            #expect(try test.send(request, version: version).errorCode == .illegalGeneration)
            request.groupID = "other"
            #expect(try test.send(request, version: version).errorCode == .unknownMemberID)
            request.groupID = ""
            #expect(try test.send(request, version: version).errorCode == .invalidGroupID)
        }
    }

    @Test func sinceVersion5ASyncNamesTheProtocol() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let member = try test.stableGroup("g")[0]
            let request = SyncGroupRequest(groupID: "g", generationID: 1, memberID: member)
            #expect(try test.send(request, version: 4).errorCode == .none)
            #expect(try test.send(request, version: 5).errorCode == .inconsistentGroupProtocol)
        }
    }

    @Test(arguments: HeartbeatRequest.versions)
    func heartbeat(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            let member = try test.stableGroup("g")[0]
            let send = { (group: String, member: String, generation: Int32) in
                try test.send(
                    HeartbeatRequest(groupID: group, generationID: generation, memberID: member), version: version
                ).errorCode
            }
            #expect(try send("g", member, 1) == .none)
            #expect(try send("g", member, 2) == .illegalGeneration)
            #expect(try send("g", "nobody", 1) == .unknownMemberID)
            #expect(try send("other", member, 1) == .unknownMemberID)
            #expect(try send("", member, 1) == .invalidGroupID)
        }
    }

    @Test(arguments: LeaveGroupRequest.versions)
    func leaveGroup(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            let member = try test.stableGroup("g")[0]
            let send = { (group: String, member: String) -> ErrorCode? in
                let request =
                    version >= 3
                    ? LeaveGroupRequest(groupID: group, members: [.init(memberID: member)])
                    : LeaveGroupRequest(groupID: group, memberID: member)
                let response = try test.send(request, version: version)
                return response.errorCode != .none
                    ? response.errorCode : response.members.first?.errorCode ?? ErrorCode.none
            }
            #expect(try send("g", "nobody") == .unknownMemberID)
            #expect(try send("other", member) == .unknownMemberID)
            #expect(try send("", member) == .invalidGroupID)
            #expect(try send("g", member) == ErrorCode.none)
            #expect(try test.describe("g").groupState == "Empty")
        }
    }

    @Test(arguments: DescribeGroupsRequest.versions)
    func describeGroups(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            let member = try test.stableGroup("g")[0]
            let groups = try test.send(DescribeGroupsRequest(groups: ["g", "none"]), version: version).groups
            let found = try #require(groups.first)
            #expect(found.groupState == "Stable" && found.protocolType == "consumer" && found.protocolData == "range")
            let described = try #require(found.members.first)
            #expect(
                described.memberID == member && described.clientID == "test" && described.clientHost == "/192.0.2.7")
            #expect(described.memberAssignment == [0] && !described.memberMetadata.isEmpty)
            #expect(groups[1].groupState == "Dead" && groups[1].members.isEmpty)
            #expect(groups[1].errorCode == (version >= 6 ? .groupIDNotFound : .none))
        }
    }

    @Test func whatMembersDoNotAgreeOnYetIsNotTold() throws {
        try withBroker(TestBroker.groupSettings) { test in
            _ = try test.beginJoin("g")
            let found = try test.describe("g")
            #expect(found.groupState == "PreparingRebalance" && found.protocolData.isEmpty && found.members.count == 1)
            #expect(found.members[0].memberMetadata.isEmpty && found.members[0].memberAssignment.isEmpty)
            test.pass(milliseconds: 100)
            #expect(try test.describe("g").groupState == "CompletingRebalance")
        }
    }

    @Test(arguments: ListGroupsRequest.versions)
    func listGroups(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            _ = try test.stableGroup("stable")
            _ = try test.beginJoin("joining")
            try test.commit("simple", "t", [0: 1])
            let groups = try test.send(ListGroupsRequest(), version: version).groups
            #expect(groups.map(\.groupID) == ["joining", "simple", "stable"])
            #expect(groups.map(\.protocolType) == ["consumer", "", "consumer"])
            if version >= 4 { #expect(groups.map(\.groupState) == ["PreparingRebalance", "Empty", "Stable"]) }
            if version >= 5 { #expect(groups.map(\.groupType) == ["classic", "classic", "classic"]) }
        }
    }

    @Test func listsAreFiltered() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            _ = try test.stableGroup("stable")
            try test.commit("simple", "t", [0: 1])
            let list = { (states: [String], types: [String]) in
                try test.send(ListGroupsRequest(statesFilter: states, typesFilter: types)).groups.map(\.groupID)
            }
            #expect(try list(["Stable"], []) == ["stable"])
            #expect(try list(["STABLE", "empty"], []) == ["simple", "stable"])
            #expect(try list(["Dead"], []) == [])
            #expect(try list([], ["Classic"]) == ["simple", "stable"])
            #expect(try list(["Empty"], ["classic"]) == ["simple"])
            #expect(try list([], ["share"]) == [])
        }
    }

    // MARK: What is refused

    @Test func joinsThatMakeNoSenseAreRefused() throws {
        try withBroker(TestBroker.groupSettings) { test in
            func expect(_ code: ErrorCode, _ change: (inout JoinGroupRequest) -> Void) throws {
                var request = TestBroker.joinRequest("g")
                change(&request)
                let response = try test.send(request)
                #expect(response.errorCode == code, "\(request)")
            }
            try expect(.invalidGroupID) { $0.groupID = "" }
            try expect(.invalidSessionTimeout) { $0.sessionTimeoutMs = 5_999 }
            try expect(.invalidSessionTimeout) { $0.sessionTimeoutMs = 1_800_001 }
            try expect(.memberIDRequired) { $0.sessionTimeoutMs = 6_000 }
            try expect(.memberIDRequired) { $0.sessionTimeoutMs = 1_800_000 }
            try expect(.invalidConfig) { $0.groupInstanceID = "a/b" }
            try expect(.invalidConfig) { $0.groupInstanceID = "" }
            try expect(.invalidConfig) { $0.groupInstanceID = String(repeating: "i", count: 250) }
            try expect(.inconsistentGroupProtocol) { $0.protocols = [] }
            try expect(.unknownMemberID) { $0.memberID = "nobody" }
            try expect(.unknownMemberID) { ($0.groupID, $0.memberID) = ("none", "nobody") }
            #expect(try test.groupIDs() == ["g"], "who is not let in makes no group")
        }
    }

    @Test func namesThatNoRecordCanHoldAreRefused() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            let long = String(repeating: "x", count: 32_768)
            #expect(try test.send(TestBroker.joinRequest(long)).errorCode == .invalidGroupID)
            #expect(try test.commit(long, "t", [0: 1]) == [.invalidGroupID])
            #expect(try test.heartbeat(long, "m", 1) == .invalidGroupID)
            #expect(
                try test.send(DeleteGroupsRequest(groupsNames: [long])).results.map(\.errorCode) == [.invalidGroupID])
            #expect(try test.describe(long).groupState == "Dead")
            #expect(
                try test.send(TestBroker.joinRequest("g", protocols: [long])).errorCode == .inconsistentGroupProtocol)
            var request = TestBroker.joinRequest("g")
            request.protocolType = long
            #expect(try test.send(request).errorCode == .inconsistentGroupProtocol)
            let longest = String(repeating: "x", count: 32_767)
            #expect(try test.commit(longest, "t", [0: 1]) == [.none])
            try test.restartAfterKill()
            #expect(try test.offsets(longest) == ["t": [0: 1]])
        }
    }

    @Test func aMemberOfAClientWithALongNameIsStored() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.findCoordinator()
            let name = String(repeating: "ä", count: 16_000)
            let pending = test.start(TestBroker.joinRequest("g"), version: 3, clientID: name)
            test.pass(milliseconds: 100)
            let member = try pending.answer().response.memberID
            #expect(member.utf8.count < 32_767)
            let assignment = SyncGroupRequest.SyncGroupRequestAssignment(memberID: member, assignment: [5])
            #expect(try test.sync("g", member, 1, [assignment]).errorCode == .none)
            try test.restartAfterKill()
            #expect(try test.heartbeat("g", member, 1) == .none)
        }
    }

    @Test func twoStaticMembersUnderOneName() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.findCoordinator()
            let request = TestBroker.joinRequest("g", instance: "i")
            let first = test.start(request)
            test.pass(milliseconds: 100)
            let old = try first.answer().response.memberID
            #expect(try test.sync("g", old, 1).errorCode == .none)
            let new = try test.send(request)
            #expect(new.errorCode == .none && new.generationID == 1)
            #expect(try test.heartbeat("g", old, 1, instance: "i") == .fencedInstanceID)
            #expect(try test.heartbeat("g", new.memberID, 1, instance: "i") == .none)
            try test.createTopic("t")
            #expect(try test.commit("g", "t", [0: 1], member: old, generation: 1, instance: "i") == [.fencedInstanceID])
            #expect(try test.commit("g", "t", [0: 1], member: new.memberID, generation: 1, instance: "i") == [.none])
            try test.restartAfterKill()
            #expect(try test.heartbeat("g", old, 1, instance: "i") == .fencedInstanceID)
            #expect(try test.heartbeat("g", new.memberID, 1, instance: "i") == .none)
        }
    }

    @Test func groupSize() throws {
        try withBroker(TestBroker.groupSettings.merging(["group.max.size": "1"]) { $1 }) { test in
            _ = try test.stableGroup("g")
            #expect(try test.send(TestBroker.joinRequest("g")).errorCode == .groupMaxSizeReached)
        }
    }

    @Test func theNumberOfProtocolsIsLimited() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let names = (0...100).map { "protocol-\($0)" }
            let most = try test.send(TestBroker.joinRequest("g", protocols: Array(names.dropLast())))
            #expect(most.errorCode == .memberIDRequired)
            let more = try test.send(TestBroker.joinRequest("g", protocols: names))
            #expect(more.errorCode == .inconsistentGroupProtocol)
        }
    }

    @Test func theNumberOfGroupsIsLimited() throws {
        let settings = ["group.coordinator.groups.max": "2", "offsets.topic.num.partitions": "1"]
        try withBroker(TestBroker.groupSettings.merging(settings) { $1 }) { test in
            try test.createTopic("t")
            #expect(try test.commit("a", "t", [0: 1]) == [.none])
            #expect(try test.send(TestBroker.joinRequest("b")).errorCode == .memberIDRequired)
            #expect(try test.commit("c", "t", [0: 1]) == [.policyViolation])
            #expect(try test.send(TestBroker.joinRequest("c")).errorCode == .policyViolation)
            #expect(try test.groupIDs() == ["a", "b"])
            // Those that are there go on, and one that ends makes room, after a restart as well.
            #expect(try test.commit("a", "t", [0: 2]) == [.none])
            #expect(try test.send(DeleteGroupsRequest(groupsNames: ["b"])).results.map(\.errorCode) == [.none])
            #expect(try test.commit("c", "t", [0: 1]) == [.none])
            try test.restartAfterKill()
            #expect(try test.commit("d", "t", [0: 1]) == [.policyViolation])
            #expect(try test.send(DeleteGroupsRequest(groupsNames: ["a"])).results.map(\.errorCode) == [.none])
            #expect(try test.commit("d", "t", [0: 1]) == [.none])
        }
    }

    @Test func theMemoryOfMembersIsLimited() throws {
        let limit = ["group.coordinator.member.max.bytes": "100000"]
        try withBroker(TestBroker.groupSettings.merging(limit) { $1 }) { test in
            try test.findCoordinator()
            var large = TestBroker.joinRequest("large")
            large.protocols[0].metadata = Array(repeating: 1, count: 60_000)
            let first = test.start(large, version: 3)
            large.groupID = "second"
            #expect(try test.send(large, version: 3).errorCode == .policyViolation)
            #expect(try test.groupIDs() == ["large"])
            for _ in 0..<2 { test.pass(milliseconds: 100) }
            let member = try first.answer().response.memberID
            let assignment = { (bytes: Int) in
                [
                    SyncGroupRequest.SyncGroupRequestAssignment(
                        memberID: member, assignment: Array(repeating: 2, count: bytes))
                ]
            }
            #expect(try test.sync("large", member, 1, assignment(60_000)).errorCode == .policyViolation)
            #expect(try test.sync("large", member, 1, assignment(100)).errorCode == .none)
            // Whoever leaves makes room.
            _ = try test.leave("large", member)
            let second = test.start(large, version: 3)
            for _ in 0..<2 { test.pass(milliseconds: 100) }
            #expect(try second.answer().response.errorCode == .none)
        }
    }

    // MARK: Time

    @Test func aSilentMemberIsDropped() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let members = try test.stableGroup("g", members: 2)
            test.pass(milliseconds: 9_999)
            #expect(try test.heartbeat("g", members[0], 1) == .none)
            test.pass(milliseconds: 1)
            #expect(try test.heartbeat("g", members[0], 1) == .rebalanceInProgress)
            #expect(try test.heartbeat("g", members[1], 1) == .unknownMemberID)
        }
    }

    @Test func anIdleGroupIsForgottenAfterTenMinutes() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let members = try test.stableGroup("g")
            test.pass(milliseconds: 9_000)
            _ = try test.leave("g", members[0])
            // The session that was waited for is over long before.
            test.pass(milliseconds: 599_999)
            #expect(try test.groupIDs() == ["g"])
            test.pass(milliseconds: 1)
            #expect(try test.groupIDs() == [])
            try test.restartAfterKill()
            #expect(try test.groupIDs() == [])
        }
    }

    @Test func aGroupWithOffsetsIsNotForgotten() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            let members = try test.stableGroup("g")
            #expect(try test.commit("g", "t", [0: 5], member: members[0], generation: 1) == [.none])
            _ = try test.leave("g", members[0])
            test.pass(milliseconds: 100_000_000)
            #expect(try test.groupIDs() == ["g"] && test.offsets("g") == ["t": [0: 5]])
            // Until its last offset is gone.
            #expect(try test.deleteTopic("t") == .none)
            test.pass(milliseconds: 600_000)
            #expect(try test.groupIDs() == [])
        }
    }

    // MARK: Restarts

    @Test(arguments: [true, false])
    func aGroupGoesOnAfterARestart(isClean: Bool) throws {
        try withBroker(TestBroker.groupSettings) { test in
            let members = try test.stableGroup("g", members: 3)
            try isClean ? test.restart() : test.restartAfterKill()
            for (index, member) in members.enumerated() {
                #expect(try test.heartbeat("g", member, 1) == .none)
                #expect(try test.sync("g", member, 1).assignment == [UInt8(index)])
            }
            #expect(try test.describe("g").members.map(\.memberID).sorted() == members.sorted())
        }
    }

    @Test func aRebalanceThatARestartInterruptsStartsOver() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let members = try test.stableGroup("g", members: 2)
            let (_, new) = try test.beginJoin("g")
            let again = test.start(TestBroker.joinRequest("g", members[0]))
            #expect(!new.isAnswered && !again.isAnswered)
            try test.restartAfterKill()
            #expect(try test.heartbeat("g", members[0], 1) == .none)
            let joins = members.map { test.start(TestBroker.joinRequest("g", $0)) }
            #expect(try joins.map { try $0.answer().response.generationID } == [2, 2])
        }
    }

    @Test func whoWaitsIsAnsweredWhenTheBrokerStops() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let (_, waiting) = try test.beginJoin("g")
            test.broker.beginStop()
            #expect(try waiting.answer().response.errorCode == .coordinatorNotAvailable && waiting.replyCount == 1)
        }
    }

    // MARK: Where groups are

    /// Java: Math.abs(hashCode) % 50, and 0 for the smallest number, which has no absolute value.
    @Test(arguments: ["g": 3, "my-group": 12, "orders": 31, "": 0, "polygenelubricants": 0, "grüße": 23])
    func aGroupIsInThePartitionWhereKafkaHasIt(group: String, partition: Int) {
        #expect(GroupCoordinator.partition(of: group, count: 50) == partition)
    }

    // MARK: The topic

    @Test func theOffsetsTopicBelongsToTheBroker() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let name = OffsetsTopic.name
            let creation = CreateTopicsRequest(topics: [.init(name: name, numPartitions: 1, replicationFactor: 1)])
            #expect(try test.send(creation).topics.first?.errorCode == .invalidRequest)
            _ = try test.stableGroup("g")
            #expect(try test.deleteTopic(name) == .invalidRequest)
            let growth = CreatePartitionsRequest(topics: [.init(name: name, count: 60)])
            #expect(try test.send(growth).results.first?.errorCode == .invalidTopicException)
            let batch = try test.produce(name, BatchFixtures.batch(records: [("k", "v")]), partition: 0)
            #expect(batch.errorCode == .invalidTopicException)
            let records = DeleteRecordsRequest(topics: [
                .init(name: name, partitions: [.init(partitionIndex: 0, offset: -1)])
            ])
            #expect(
                try test.send(records).topics.first?.partitions.first?.errorCode == .invalidTopicException)
            let metadata = try test.send(MetadataRequest(topics: [.init(name: name)]))
            #expect(metadata.topics.first?.isInternal == true && metadata.topics.first?.partitions.count == 2)
        }
    }

    // MARK: FindCoordinator

    @Test(arguments: FindCoordinatorRequest.versions)
    func findCoordinator(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            var request = FindCoordinatorRequest()
            if version >= 4 { request.coordinatorKeys = ["a", "b"] } else { request.key = "a" }
            let response = try test.send(request, version: version)
            if version >= 4 {
                #expect(response.coordinators.map(\.key) == ["a", "b"])
                for each in response.coordinators {
                    #expect(each.errorCode == .none && each.host == "broker.test" && each.port == 19_092)
                }
            } else {
                #expect(response.errorCode == .none && response.nodeID == 1 && response.host == "broker.test")
            }
            #expect(test.broker.topics.current.byName[OffsetsTopic.name]?.partitions.count == 2)
            guard version >= 1 else { return }
            request.keyType = 1
            let transactional = try test.send(request, version: version)
            #expect(
                (version >= 4 ? transactional.coordinators[0].errorCode : transactional.errorCode)
                    == .invalidRequest)
        }
    }
}
