import Glibc
import KafkaProtocol
import KafkaRecords
import TestSupport
import Testing

@testable import Broker

/// Committed offsets: every version, error codes, deletion, what disks do.
@Suite struct GroupOffsetTests {
    // MARK: Every version

    @Test(arguments: OffsetCommitRequest.versions)
    func commit(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t", partitions: 3)
            let codes = try test.commit("g", "t", [0: 5, 2: 7, 3: 9], metadata: "m", version: version)
            #expect(codes == [.none, .none, .unknownTopicOrPartition])
            #expect(try test.offsets("g") == ["t": [0: 5, 2: 7]])
            let unknown = try test.commit("g", "none", [0: 1], version: version)
            #expect(unknown == [version >= 10 ? .unknownTopicID : .unknownTopicOrPartition])
            let stranger = try test.commit("g", "t", [0: 1], member: "m", generation: 3, version: version)
            #expect(stranger == [.unknownMemberID])
            let none = try test.commit("none", "t", [0: 1], member: "m", generation: 3, version: version)
            #expect(none == [version >= 9 ? .groupIDNotFound : .illegalGeneration])
            #expect(try test.groupIDs() == ["g"])
            // Topic and partition come back as they were named.
            let request = test.commitRequest("g", "t", [1: 4], version: version)
            let topic = try #require(try test.send(request, version: version).topics.first)
            #expect(topic.name == request.topics[0].name && topic.topicID == request.topics[0].topicID)
            #expect(topic.partitions.map(\.partitionIndex) == [1])
        }
    }

    @Test(arguments: OffsetFetchRequest.versions)
    func fetch(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            let id = try test.createTopic("t", partitions: 2).id
            var commit = test.commitRequest("g", "t", [0: 5], metadata: "as it was ✓")
            commit.topics[0].partitions[0].committedLeaderEpoch = 0
            #expect(try test.send(commit).topics[0].partitions[0].errorCode == .none)

            let ask = {
                (group: String, indexes: [Int32]?) throws -> [OffsetFetchResponse.OffsetFetchResponsePartitions] in
                if version >= 8 {
                    let topics = indexes.map {
                        [
                            OffsetFetchRequest.OffsetFetchRequestTopics(
                                name: version >= 10 ? "" : "t", topicID: version >= 10 ? id : .zero,
                                partitionIndexes: $0)
                        ]
                    }
                    let answer = try test.send(
                        OffsetFetchRequest(groups: [.init(groupID: group, topics: topics)]), version: version)
                    return answer.groups[0].topics.flatMap(\.partitions)
                }
                let topics = indexes.map {
                    [OffsetFetchRequest.OffsetFetchRequestTopic(name: "t", partitionIndexes: $0)]
                }
                let answer = try test.send(OffsetFetchRequest(groupID: group, topics: topics), version: version)
                return answer.topics.flatMap(\.partitions).map {
                    .init(
                        partitionIndex: $0.partitionIndex, committedOffset: $0.committedOffset,
                        committedLeaderEpoch: $0.committedLeaderEpoch, metadata: $0.metadata, errorCode: $0.errorCode)
                }
            }
            let found = try ask("g", [0, 1])
            #expect(found.map(\.committedOffset) == [5, -1] && found.map(\.metadata) == ["as it was ✓", ""])
            #expect(found.map(\.errorCode) == [.none, .none])
            #expect(found[0].committedLeaderEpoch == (version >= 5 ? 0 : -1))
            #expect(try ask("none", [0]).map(\.committedOffset) == [-1])
            if version >= 2 {
                #expect(try ask("g", nil).map(\.committedOffset) == [5])
                #expect(try ask("none", nil).isEmpty)
            }
            #expect(try test.groupIDs() == ["g"], "asking makes no group")
        }
    }

    @Test func severalGroupsInOneFetch() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            for index in 0..<10 { try test.commit("g\(index)", "t", [0: Int64(index)]) }
            let request = OffsetFetchRequest(groups: (0..<10).map { .init(groupID: "g\($0)", topics: nil) })
            let groups = try test.send(request, version: 9).groups
            #expect(groups.map(\.groupID) == (0..<10).map { "g\($0)" })
            #expect(groups.map { $0.topics[0].partitions[0].committedOffset } == Array(0..<10))
            #expect(try test.send(OffsetFetchRequest(groups: []), version: 9).groups.isEmpty)
        }
    }

    @Test func anUnknownTopicIDInAFetch() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let topics = [
                OffsetFetchRequest.OffsetFetchRequestTopics(topicID: Uuid(high: 1, low: 1), partitionIndexes: [0])
            ]
            let answer = try test.send(OffsetFetchRequest(groups: [.init(groupID: "g", topics: topics)]), version: 10)
            #expect(answer.groups[0].topics[0].partitions[0].errorCode == .unknownTopicID)
        }
    }

    @Test func theEmptyGroupStoresOffsets() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            #expect(try test.commit("", "t", [0: 3]) == [.none])
            #expect(try test.offsets("") == ["t": [0: 3]])
        }
    }

    // MARK: Members

    @Test func membersCommitWithTheirGeneration() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            let member = try test.stableGroup("g")[0]
            let commit = { (member: String, generation: Int32) in
                try test.commit("g", "t", [0: 9], member: member, generation: generation)
            }
            #expect(try commit(member, 1) == [.none])
            #expect(try commit(member, 0) == [.illegalGeneration])
            #expect(try commit(member, 2) == [.illegalGeneration])
            #expect(try commit("nobody", 1) == [.unknownMemberID])
            #expect(try commit("", -1) == [.unknownMemberID])
            _ = try test.leave("g", member)
            #expect(try commit("", -1) == [.none])
            #expect(try test.commit("g", "t", [0: 9], member: member, generation: 2) == [.unknownMemberID])
        }
    }

    @Test func aCommitKeepsAMemberAlive() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            let member = try test.stableGroup("g")[0]
            for offset in 0..<4 {
                test.pass(milliseconds: 9_000)
                #expect(try test.commit("g", "t", [0: Int64(offset)], member: member, generation: 1) == [.none])
            }
        }
    }

    @Test func metadataThatIsTooLargeConcernsItsPartitionOnly() throws {
        try withBroker(TestBroker.groupSettings.merging(["offset.metadata.max.bytes": "10"]) { $1 }) { test in
            try test.createTopic("t", partitions: 3)
            var request = test.commitRequest("g", "t", [0: 1, 1: 1, 2: 1], metadata: "0123456789")
            request.topics[0].partitions[1].committedMetadata = "01234567890"
            let codes = try test.send(request).topics[0].partitions.map(\.errorCode)
            #expect(codes == [.none, .offsetMetadataTooLarge, .none])
            #expect(try test.offsets("g") == ["t": [0: 1, 2: 1]])
        }
    }

    @Test func aCommitThatStoresNothingMakesNoGroup() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            for number in 0..<5 {
                #expect(try test.commit("g\(number)", "t", [9: 1]) == [.unknownTopicOrPartition])
            }
            #expect(try test.groupIDs() == [])
        }
    }

    // MARK: Deletion

    @Test(arguments: DeleteGroupsRequest.versions)
    func deleteGroups(version: Int16) throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            try test.commit("simple", "t", [0: 1])
            let member = try test.stableGroup("used")[0]
            let request = DeleteGroupsRequest(groupsNames: ["simple", "none", "used"])
            let results = try test.send(request, version: version).results
            #expect(results.map(\.groupID) == request.groupsNames)
            #expect(results.map(\.errorCode) == [.none, .groupIDNotFound, .nonEmptyGroup])
            #expect(try test.groupIDs() == ["used"] && test.offsets("simple") == [:])
            _ = try test.leave("used", member)
            #expect(
                try test.send(request, version: version).results.map(\.errorCode) == [
                    .groupIDNotFound, .groupIDNotFound, .none,
                ])
            #expect(try test.send(DeleteGroupsRequest(), version: version).results.isEmpty)
            try test.restartAfterKill()
            #expect(try test.groupIDs() == [])
        }
    }

    /// A name so long that the tombstones of some offsets do not fit into one segment, which can be no smaller than 1 MiB.
    private static let longName = String(repeating: "g", count: 30_000)

    private func withManyOffsets(_ body: (TestBroker) throws -> Void) throws {
        var settings = TestBroker.groupSettings
        settings["offsets.topic.segment.bytes"] = "1048576"
        try withBroker(settings) { test in
            try test.createTopic("t", partitions: 60)
            for first in stride(from: Int32(0), to: 60, by: 10) {
                let offsets = (first..<first + 10).map { ($0, Int64($0)) }
                try test.commit(Self.longName, "t", Dictionary(uniqueKeysWithValues: offsets))
            }
            #expect(try test.offsets(Self.longName)["t"]?.count == 60)
            try body(test)
        }
    }

    @Test func whatDoesNotFitIntoOneBatchIsDeletedInSeveral() throws {
        try withManyOffsets { test in
            let request = DeleteGroupsRequest(groupsNames: [Self.longName])
            #expect(try test.send(request).results.map(\.errorCode) == [.none])
            #expect(try test.groupIDs() == [])
            try test.restartAfterKill()
            #expect(try test.groupIDs() == [] && test.offsets(Self.longName) == [:])
        }
    }

    /// The group is then what its records say, and can be deleted again.
    @Test func aDeletionThatIsCutShortLeavesTheRest() throws {
        try withManyOffsets { test in
            let request = DeleteGroupsRequest(groupsNames: [Self.longName])
            test.faults.inject(.init(.write, .fail(errno: EIO), pathSuffix: ".log", skipping: 1, times: 1))
            #expect(try test.send(request).results.map(\.errorCode) == [.coordinatorNotAvailable])
            let left = try #require(try test.offsets(Self.longName)["t"])
            #expect((1..<60).contains(left.count) && left.allSatisfy { $0.value == Int64($0.key) })
            try test.restartAfterKill()
            #expect(try test.offsets(Self.longName) == ["t": left])
            #expect(try test.send(request).results.map(\.errorCode) == [.none])
            #expect(try test.groupIDs() == [])
        }
    }

    @Test func offsetsOfADeletedTopicGoInSeveralBatches() throws {
        try withManyOffsets { test in
            #expect(try test.deleteTopic("t") == .none)
            #expect(try test.offsets(Self.longName) == [:])
            try test.restartAfterKill()
            #expect(try test.offsets(Self.longName) == [:])
        }
    }

    private func delete(
        _ test: TestBroker, _ group: String, _ topic: String, _ partitions: [Int32]
    ) throws -> (ErrorCode, [ErrorCode]) {
        let response = try test.send(
            OffsetDeleteRequest(
                groupID: group, topics: [.init(name: topic, partitions: partitions.map { .init(partitionIndex: $0) })]))
        return (response.errorCode, response.topics.flatMap(\.partitions).map(\.errorCode))
    }

    @Test func offsetsAreDeleted() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t", partitions: 2)
            try test.createTopic("other")
            try test.commit("g", "t", [0: 1, 1: 2])
            #expect(try delete(test, "g", "t", [0, 5]) == (.none, [.none, .unknownTopicOrPartition]))
            #expect(try delete(test, "g", "other", [0]) == (.none, [.none]), "there is nothing to delete")
            #expect(try delete(test, "none", "t", [0]) == (.groupIDNotFound, []))
            #expect(try delete(test, "", "t", [0]) == (.invalidGroupID, []))
            #expect(try test.offsets("g") == ["t": [1: 2]])
            try test.restartAfterKill()
            #expect(try test.offsets("g") == ["t": [1: 2]])
        }
    }

    @Test func offsetsOfSubscribedTopicsAreNotDeleted() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            try test.createTopic("other")
            let member = try test.stableGroup("g", topics: ["t"])[0]
            for topic in ["t", "other"] { try test.commit("g", topic, [0: 1], member: member, generation: 1) }
            #expect(try delete(test, "g", "t", [0]) == (.none, [.groupSubscribedToTopic]))
            #expect(try delete(test, "g", "other", [0]) == (.none, [.none]))
            #expect(try test.offsets("g") == ["t": [0: 1]])
        }
    }

    @Test func offsetsOfAGroupOfAnotherKindAreNotDeletedWhileItHasMembers() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            try test.findCoordinator()
            var request = TestBroker.joinRequest("g")
            request.protocolType = "connect"
            _ = test.start(request, version: 3)
            #expect(try delete(test, "g", "t", [0]) == (.nonEmptyGroup, []))
        }
    }

    @Test func theOffsetsOfADeletedTopicAreForgotten() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            try test.createTopic("other")
            for index in 0..<5 {
                for topic in ["t", "other"] { try test.commit("g\(index)", topic, [0: 5]) }
            }
            #expect(try test.deleteTopic("t") == .none)
            for index in 0..<5 { #expect(try test.offsets("g\(index)") == ["other": [0: 5]]) }
            // One of the same name begins anew, after a restart as well.
            try test.createTopic("t")
            try test.restartAfterKill()
            for index in 0..<5 { #expect(try test.offsets("g\(index)") == ["other": [0: 5]]) }
        }
    }

    // MARK: Disks

    @Test(arguments: [ENOSPC, EIO])
    func aCommitThatCannotBeStoredHasNotHappened(errno: Int32) throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            try test.commit("g", "t", [0: 1])
            test.faults.inject(.init(.write, .fail(errno: errno), pathSuffix: ".log"))
            #expect(try test.commit("g", "t", [0: 2]) == [.coordinatorNotAvailable])
            #expect(try test.commit("new", "t", [0: 2]) == [.coordinatorNotAvailable])
            #expect(try test.offsets("g") == ["t": [0: 1]] && test.groupIDs() == ["g"])
            test.faults.clear()
            if errno == ENOSPC {
                #expect(try test.commit("g", "t", [0: 3]) == [.none])
                try test.restartAfterKill()
                #expect(try test.offsets("g") == ["t": [0: 3]])
            }
        }
    }

    @Test func aGenerationThatCannotBeStoredHasNotHappened() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let joining = try (0..<2).map { _ in try test.beginJoin("g") }
            for _ in 0..<3 { test.pass(milliseconds: 100) }
            let leader = try joining[0].reply.answer().response.leader
            let follower = try #require(joining.map(\.id).first { $0 != leader })
            let waiting = test.start(
                SyncGroupRequest(
                    groupID: "g", generationID: 1, memberID: follower, protocolType: "consumer", protocolName: "range"))
            let assignments = [SyncGroupRequest.SyncGroupRequestAssignment(memberID: follower, assignment: [8])]
            test.faults.inject(.init(.write, .fail(errno: ENOSPC), pathSuffix: ".log"))
            #expect(try test.sync("g", leader, 1, assignments).errorCode == .coordinatorNotAvailable)
            #expect(try test.describe("g").groupState == "CompletingRebalance")
            #expect(!waiting.isAnswered)
            test.faults.clear()
            // The leader tries again, as clients do, and everybody gets its part.
            #expect(try test.send(TestBroker.joinRequest("g", leader)).members.count == 2)
            #expect(try test.sync("g", leader, 1, assignments).errorCode == .none)
            #expect(try waiting.answer().response.assignment == [8] && waiting.replyCount == 1)
        }
    }

    @Test func membersThatAreGoneAreGoneAlthoughItCannotBeStored() throws {
        try withBroker(TestBroker.groupSettings) { test in
            let member = try test.stableGroup("g")[0]
            test.faults.inject(.init(.write, .fail(errno: ENOSPC), pathSuffix: ".log"))
            test.pass(milliseconds: 10_000)
            #expect(try test.describe("g").groupState == "Empty")
            test.faults.clear()
            // After a restart it is found silent once more.
            try test.restartAfterKill()
            #expect(try test.heartbeat("g", member, 1) == .none)
            test.pass(milliseconds: 10_000)
            #expect(try test.describe("g").groupState == "Empty")
        }
    }

    @Test func aFlushThatFailsIsNoAcknowledgement() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            try test.commit("g", "t", [0: 1])
            test.faults.inject(.init(.flush, .fail(errno: EIO)))
            #expect(try test.commit("g", "t", [0: 2]) == [.coordinatorNotAvailable])
            test.faults.clear()
            // The partition is offline until a restart; nothing is retried as if it had been written.
            #expect(try test.commit("g", "t", [0: 3]) == [.coordinatorNotAvailable])
            try test.restartAfterKill()
            let found = try #require(test.offsets("g")["t"]?[0])
            #expect(found == 1 || found == 2)
        }
    }

    private func partitionOf(_ group: String) -> Int { GroupCoordinator.partition(of: group, count: 2) }

    @Test func damageCostsOnlyWhatItHits() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            let groups = (0..<40).map { "g\($0)" }.filter { partitionOf($0) == 0 }
            for group in groups { try test.commit(group, "t", [0: 1]) }
            try test.restart()
            test.kill()
            // A bit of the records of the third commit.
            let path = "\(test.path)/\(OffsetsTopic.name)-0/00000000000000000000.log"
            let bytes = try readFile(path)
            var starts = [0]
            while let last = starts.last, let header = try? BatchHeader(parsing: bytes.span.bytes, at: last) {
                starts.append(last + header.sizeInBytes)
            }
            try overwrite(path, at: starts[3] - 3, with: [bytes[starts[3] - 3] ^ 0x10])
            try test.reopen()
            for (index, group) in groups.enumerated() {
                #expect(try test.offsets(group) == (index == 2 ? [:] : ["t": [0: 1]]), "\(group)")
            }
            // What is committed from now on is found by the next start.
            try test.commit(groups[2], "t", [0: 7])
            try test.restartAfterKill()
            #expect(try test.offsets(groups[2]) == ["t": [0: 7]])
        }
    }

    @Test func whatLiesBehindADamagedHeaderIsFound() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t", partitions: 1)
            let groups = (0..<400).map { "group-with-a-longer-name-\($0)" }.filter { partitionOf($0) == 0 }
            for group in groups { try test.commit(group, "t", [0: 1]) }
            try test.restart()
            test.kill()
            let path = "\(test.path)/\(OffsetsTopic.name)-0/00000000000000000000.log"
            let bytes = try readFile(path)
            let second = try BatchHeader(parsing: bytes.span.bytes, at: 0).sizeInBytes
            // Its length: nobody knows where the third begins, but the index knows later ones.
            try overwrite(path, at: second + 8, with: [0x7F])
            try test.reopen()
            #expect(try test.offsets(groups[0]) == ["t": [0: 1]])
            let lost = try groups.filter { try test.offsets($0).isEmpty }
            #expect(
                lost.contains(groups[1]) && lost.count < groups.count / 2, "\(lost.count) of \(groups.count) are lost")
            #expect(try test.offsets(groups[groups.count - 1]) == ["t": [0: 1]])
        }
    }

    @Test func groupsThatCannotBeReadAreNotServedAsIfTheyWereEmpty() throws {
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t")
            let groups = ["g0", "g1", "g2", "g3"]
            for group in groups { try test.commit(group, "t", [0: 1]) }
            try test.restart()
            test.kill()
            let lost = "\(OffsetsTopic.name)-0/00000000000000000000.log"
            test.faults.inject(.init(.map, .fail(errno: EIO), pathSuffix: lost))
            test.faults.inject(.init(.read, .fail(errno: EIO), pathSuffix: lost))
            try test.reopen()
            for group in groups {
                let answer = try test.send(OffsetFetchRequest(groups: [.init(groupID: group, topics: nil)]), version: 9)
                if partitionOf(group) == 0 {
                    #expect(answer.groups[0].errorCode == .notCoordinator)
                    #expect(try test.send(TestBroker.joinRequest(group)).errorCode == .notCoordinator)
                    #expect(try test.commit(group, "t", [0: 2]) == [.notCoordinator])
                    #expect(try test.describe(group).errorCode == .notCoordinator)
                } else {
                    #expect(try test.offsets(group) == ["t": [0: 1]])
                }
            }
            #expect(groups.contains { partitionOf($0) == 0 } && groups.contains { partitionOf($0) == 1 })
            test.faults.clear()
            try test.restartAfterKill()
            for group in groups { #expect(try test.offsets(group) == ["t": [0: 1]]) }
        }
    }

    // MARK: Size

    @Test func aHundredThousandOffsetsAreLoaded() throws {
        let partitions: Int32 = 1_000
        try withBroker(TestBroker.groupSettings) { test in
            try test.createTopic("t", partitions: partitions)
            let offsets = Dictionary(uniqueKeysWithValues: (0..<partitions).map { ($0, Int64($0)) })
            for group in 0..<100 { try test.commit("g\(group)", "t", offsets) }
            try test.restart()
            let clock = ContinuousClock()
            let took = try clock.measure {
                try test.restartAfterKill()
                #expect(try test.offsets("g99")["t"] == offsets)
            }
            print("100,000 committed offsets were loaded in \(took)")
            #expect(try test.groupIDs().count == 100)
        }
    }
}
