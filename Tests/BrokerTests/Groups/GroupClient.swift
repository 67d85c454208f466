// Consumers that speak to the groups of a broker in requests; the clock is the test's.

import Broker
import KafkaProtocol
import Testing

@testable import Broker

extension TestBroker {
    static let groupSettings = ["offsets.topic.num.partitions": "2", "group.initial.rebalance.delay.ms": "100"]

    /// Makes the offsets topic, as the question does with which every consumer begins.
    func findCoordinator() throws { _ = try send(FindCoordinatorRequest(coordinatorKeys: ["g"])) }

    // MARK: Members

    static func joinRequest(
        _ group: String, _ memberID: String = "", instance: String? = nil, protocols: [String] = ["range"],
        topics: [String] = [], session: Int32 = 10_000, rebalance: Int32 = 30_000
    ) -> JoinGroupRequest {
        let metadata = ConsumerProtocolSubscription(topics: topics).encodedBehindVersion(0)
        return JoinGroupRequest(
            groupID: group, sessionTimeoutMs: session, rebalanceTimeoutMs: rebalance, memberID: memberID,
            groupInstanceID: instance, protocolType: "consumer",
            protocols: protocols.map { .init(name: $0, metadata: metadata) })
    }

    /// Asks for an id and begins to join with it.
    func beginJoin(
        _ group: String, topics: [String] = [], session: Int32 = 10_000
    ) throws -> (id: String, reply: PendingReply<JoinGroupRequest>) {
        let first = try send(Self.joinRequest(group, topics: topics, session: session))
        try #require(first.errorCode == .memberIDRequired)
        return (first.memberID, start(Self.joinRequest(group, first.memberID, topics: topics, session: session)))
    }

    /// A stable group whose first member leads; every member's assignment is its number.
    func stableGroup(_ group: String, members count: Int = 1, topics: [String] = []) throws -> [String] {
        let joining = try (0..<count).map { _ in try beginJoin(group, topics: topics) }
        var waited = 0
        while !joining[0].reply.isAnswered {
            waited += 1
            try #require(waited < 100, "the group gets its generation")
            pass(milliseconds: 100)
        }
        let responses = try joining.map { try $0.reply.answer().response }
        let leader = responses[0].leader
        let assignments = joining.enumerated().map {
            SyncGroupRequest.SyncGroupRequestAssignment(memberID: $0.element.id, assignment: [UInt8($0.offset)])
        }
        for member in joining.map(\.id).sorted(by: { left, _ in left == leader }) {
            let response = try sync(group, member, responses[0].generationID, member == leader ? assignments : [])
            try #require(response.errorCode == .none)
        }
        return joining.map(\.id)
    }

    func sync(
        _ group: String, _ member: String, _ generation: Int32,
        _ assignments: [SyncGroupRequest.SyncGroupRequestAssignment] = []
    ) throws -> SyncGroupResponse {
        try send(
            SyncGroupRequest(
                groupID: group, generationID: generation, memberID: member, protocolType: "consumer",
                protocolName: "range", assignments: assignments))
    }

    func heartbeat(_ group: String, _ member: String, _ generation: Int32, instance: String? = nil) throws -> ErrorCode
    {
        try send(
            HeartbeatRequest(
                groupID: group, generationID: generation, memberID: member, groupInstanceID: instance)
        ).errorCode
    }

    func leave(_ group: String, _ members: String...) throws -> LeaveGroupResponse {
        try send(LeaveGroupRequest(groupID: group, members: members.map { .init(memberID: $0) }))
    }

    func describe(_ group: String, version: Int16 = 6) throws -> DescribeGroupsResponse.DescribedGroup {
        try #require(try send(DescribeGroupsRequest(groups: [group]), version: version).groups.first)
    }

    /// Lets time pass for the groups.
    func pass(milliseconds: Int64) {
        clock.advance(milliseconds: milliseconds)
        broker.groups.expireDue()
    }

    // MARK: Offsets

    func commitRequest(
        _ group: String, _ topic: String, _ offsets: [Int32: Int64], metadata: String? = "", member: String = "",
        generation: Int32 = -1, instance: String? = nil, version: Int16 = 10
    ) -> OffsetCommitRequest {
        let id = version >= 10 ? broker.topics.current.byName[topic]?.id ?? Uuid(high: 5, low: 6) : .zero
        return OffsetCommitRequest(
            groupID: group, generationIDOrMemberEpoch: generation, memberID: member, groupInstanceID: instance,
            topics: [
                .init(
                    name: version >= 10 ? "" : topic, topicID: id,
                    partitions: offsets.sorted { $0.key < $1.key }.map {
                        .init(partitionIndex: $0.key, committedOffset: $0.value, committedMetadata: metadata)
                    })
            ])
    }

    /// The error codes of the partitions, in their order.
    @discardableResult
    func commit(
        _ group: String, _ topic: String, _ offsets: [Int32: Int64], metadata: String? = "", member: String = "",
        generation: Int32 = -1, instance: String? = nil, version: Int16 = 10
    ) throws -> [ErrorCode] {
        let request = commitRequest(
            group, topic, offsets, metadata: metadata, member: member, generation: generation, instance: instance,
            version: version)
        return try send(request, version: version).topics.flatMap(\.partitions).map(\.errorCode)
    }

    /// Everything that a group has committed: offsets by topic and partition.
    func offsets(_ group: String) throws -> [String: [Int32: Int64]] {
        let answer = try #require(
            try send(OffsetFetchRequest(groups: [.init(groupID: group, topics: nil)]), version: 9).groups.first)
        try #require(answer.errorCode == .none, "\(answer)")
        return answer.topics.reduce(into: [:]) { all, topic in
            for partition in topic.partitions {
                all[topic.name, default: [:]][partition.partitionIndex] = partition.committedOffset
            }
        }
    }

    func groupIDs() throws -> [String] { try send(ListGroupsRequest()).groups.map(\.groupID) }
}
