// A group, its topics and its clients as a script: what is said to the group, in order, and what it answers.
//
// After every step the records so far are replayed, encoded and decoded, and have to make the group that there is; and no
// partition may be with two members.

import KafkaProtocol
import Testing

@testable import Broker

struct ScriptTopics: GroupTopics {
    private(set) var version: UInt64 = 0
    private(set) var byName: [String: GroupTopic] = [:]
    private var nextID: UInt64 = 1

    func groupTopic(named name: String) -> GroupTopic? { byName[name] }
    func name(ofTopic id: Uuid) -> String? { byName.first { $0.value.id == id }?.key }

    mutating func create(_ name: String, partitions: Int32) {
        byName[name] = GroupTopic(id: Uuid(high: 7, low: nextID), partitionCount: partitions)
        nextID += 1
        version += 1
    }

    mutating func grow(_ name: String, to partitions: Int32) {
        byName[name] = byName[name].map { GroupTopic(id: $0.id, partitionCount: partitions) }
        version += 1
    }

    mutating func delete(_ name: String) {
        byName[name] = nil
        version += 1
    }

    func resolve(_ text: String) throws(TopicPatternError) -> ResolvedPattern {
        let pattern = try TopicPattern(text)
        return ResolvedPattern(
            pattern: text, topics: Set(byName.keys.filter { pattern.matches($0) }), topicsVersion: version)
    }
}

final class ConsumerScript {
    static let id = "g"
    static let client = GroupClient(id: "client", host: "/127.0.0.1")

    var limits = GroupLimits()
    var topics = ScriptTopics()
    var group: Group?
    var now: Int64 = 1_000
    private(set) var records: [GroupRecord] = []
    private(set) var answers: [ReplyToken: GroupEffects.Answer] = [:]
    private var nextToken: ReplyToken = 0
    /// What was replayed so far.
    private var replay: GroupReplay?
    private var replayedCount = 0

    init(topics: [String: Int32] = ["t": 4]) {
        for (name, count) in topics.sorted(by: { $0.key < $1.key }) { self.topics.create(name, partitions: count) }
    }

    var consumer: ConsumerGroup {
        get throws {
            guard case .consumer(let consumer)? = group?.membership else {
                throw ReplyProblem("the group is none of the consumer protocol")
            }
            return consumer
        }
    }

    var classic: ClassicGroup {
        get throws {
            guard case .classic(let classic)? = group?.membership else {
                throw ReplyProblem("the group is none of the classic protocol")
            }
            return classic
        }
    }

    // MARK: Steps

    /// One step, as the coordinator takes it: what throws has changed nothing.
    @discardableResult
    func step<Value>(
        _ body: (inout Group?, inout GroupEffects) throws(GroupError) -> Value
    ) throws -> Value {
        var changed = group
        var effects = GroupEffects()
        let value = try body(&changed, &effects)
        group = changed
        records += effects.records
        for (token, answer) in effects.answers {
            #expect(answers[token] == nil, "every request is answered once")
            answers[token] = answer
        }
        try check()
        return value
    }

    private func check() throws {
        guard case .consumer(let live)? = group?.membership else { return }
        #expect(live == live.durable(as: try replayed()), "what is replayed is what is")
        var owners: [Uuid: Set<Int32>] = [:]
        for member in live.members.values {
            for partitions in [member.assigned, member.pendingRevocation] {
                for (topic, partitions) in partitions.byTopic {
                    #expect(
                        owners[topic, default: []].isDisjoint(with: partitions), "a partition is with one member")
                    owners[topic, default: []].formUnion(partitions)
                }
            }
        }
    }

    /// The group that a restart would find.
    func replayed() throws -> Group? {
        var replay = replay ?? GroupReplay(limits: limits)
        for record in records[replayedCount...] {
            let (key, value) = record.encoded()
            let decoded = try GroupRecord(key: key, value: value)
            replay.apply(try #require(decoded))
        }
        self.replay = replay
        replayedCount = records.count
        return replay.groups(now: now)[Self.id]
    }

    func restart() throws { group = try replayed() }

    func advance(_ milliseconds: Int64) throws {
        now += milliseconds
        while let deadline = group?.membership.nextDeadline, deadline <= now {
            try step { (group, effects) throws(GroupError) in
                group?.membership.expire(now: now, topics: topics, &effects)
            }
            guard group?.membership.nextDeadline != deadline else {
                throw ReplyProblem("what was due at \(deadline) is still due")
            }
        }
    }

    // MARK: The consumer protocol

    func request(
        _ member: String, epoch: Int32, topics names: [String]? = nil, pattern: String? = nil, instance: String? = nil,
        owned: [GroupPart]? = nil, rebalance: Int32 = -1, assignor: String? = nil
    ) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest(
            groupID: Self.id, memberID: member, memberEpoch: epoch, instanceID: instance,
            rebalanceTimeoutMs: rebalance, subscribedTopicNames: names, subscribedTopicRegex: pattern,
            serverAssignor: assignor,
            topicPartitions: owned.map { parts in
                Dictionary(grouping: parts, by: \.topic).map { name, parts in
                    .init(topicID: topics.byName[name]?.id ?? .zero, partitions: parts.map(\.partition))
                }
            })
    }

    @discardableResult
    func send(_ request: ConsumerGroupHeartbeatRequest) throws -> ConsumerGroupHeartbeatResponse {
        if let objection = request.objection(version: 1, limits: limits) { throw objection }
        let pattern = try request.subscribedTopicRegex.flatMap { $0.isEmpty ? nil : try topics.resolve($0) }
        let beat = ConsumerHeartbeat(
            request: request, client: Self.client, memberID: request.memberID, pattern: pattern)
        return try step { (group, effects) throws(GroupError) in
            try group.heartbeat(beat, limits: limits, topics: topics, now: now, &effects)
        }
    }

    @discardableResult
    func join(
        _ member: String, topics names: [String]? = ["t"], pattern: String? = nil, instance: String? = nil,
        rebalance: Int32 = 60_000, assignor: String? = nil
    ) throws -> ConsumerGroupHeartbeatResponse {
        try send(
            request(
                member, epoch: 0, topics: names, pattern: pattern, instance: instance, owned: [], rebalance: rebalance,
                assignor: assignor))
    }

    @discardableResult
    func beat(
        _ member: String, epoch: Int32, owned: [GroupPart]? = nil, instance: String? = nil
    ) throws -> ConsumerGroupHeartbeatResponse {
        try send(request(member, epoch: epoch, instance: instance, owned: owned))
    }

    func refusal(_ body: () throws -> Void) -> ErrorCode? {
        do {
            try body()
            return nil
        } catch let error as GroupError {
            return error.code
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    func parts(_ assignment: ConsumerGroupHeartbeatResponse.Assignment?) -> [GroupPart]? {
        assignment?.topicPartitions.flatMap { part in
            part.partitions.map { GroupPart(topics.name(ofTopic: part.topicID) ?? "?", $0) }
        }.sorted()
    }

    /// What a member has, as the group sees it.
    func assigned(_ member: String) throws -> [GroupPart] { parts(try consumer.member(member).assigned) }
    func target(_ member: String) throws -> [GroupPart] { parts(try consumer.targets[member] ?? PartitionAssignment()) }

    private func parts(_ assignment: PartitionAssignment) -> [GroupPart] {
        assignment.sorted.flatMap { topic, partitions in
            partitions.map { GroupPart(topics.name(ofTopic: topic) ?? "?", $0) }
        }.sorted()
    }

    // MARK: The classic protocol

    static func subscription(_ topics: [String], owned: [GroupPart] = []) -> [UInt8] {
        ConsumerProtocolSubscription(
            topics: topics,
            ownedPartitions: Dictionary(grouping: owned, by: \.topic).sorted { $0.key < $1.key }.map {
                .init(topic: $0.key, partitions: $0.value.map(\.partition))
            }
        ).encodedBehindVersion(1)
    }

    func joinClassic(
        _ member: String, instance: String? = nil, owned: [GroupPart] = [], protocols: [String] = ["range"],
        version: Int16 = 9, newID: String = "new"
    ) throws -> ReplyToken {
        nextToken += 1
        let token = nextToken
        let join = ClassicJoin(
            request: JoinGroupRequest(
                groupID: Self.id, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 60_000, memberID: member,
                groupInstanceID: instance, protocolType: "consumer",
                protocols: protocols.map { .init(name: $0, metadata: Self.subscription(["t"], owned: owned)) }),
            version: version, client: Self.client, token: token, newMemberID: newID)
        try step { (group, effects) throws(GroupError) in
            try group.join(join, limits: limits, topics: topics, now: now, &effects)
        }
        return token
    }

    func syncClassic(
        _ member: String, generation: Int32, assignments: [String: [GroupPart]] = [:]
    ) throws -> ReplyToken {
        nextToken += 1
        let token = nextToken
        let request = SyncGroupRequest(
            groupID: Self.id, generationID: generation, memberID: member, protocolType: "consumer",
            protocolName: "range",
            assignments: assignments.sorted { $0.key < $1.key }.map { member, parts in
                .init(memberID: member, assignment: Self.assignment(parts))
            })
        try step { (group, effects) throws(GroupError) in
            try group.sync(request, token: token, topics: topics, now: now, &effects)
        }
        return token
    }

    func beatClassic(_ member: String, generation: Int32) throws -> ErrorCode {
        try step { (group, effects) throws(GroupError) in
            try group.heartbeat(
                HeartbeatRequest(groupID: Self.id, generationID: generation, memberID: member), now: now, &effects)
        }.errorCode
    }

    func leaveClassic(_ member: String, instance: String? = nil) throws -> [ErrorCode] {
        try step { (group, effects) throws(GroupError) in
            try group.leave(
                [.init(memberID: member, groupInstanceID: instance)], groupID: Self.id, topics: topics, now: now,
                &effects)
        }.map(\.errorCode)
    }

    func joined(_ token: ReplyToken) throws -> JoinGroupResponse {
        guard case .join(let response)? = answers[token] else { throw ReplyProblem("no answer to JoinGroup") }
        return response
    }

    func synced(_ token: ReplyToken) throws -> SyncGroupResponse {
        guard case .sync(let response)? = answers[token] else { throw ReplyProblem("no answer to SyncGroup") }
        return response
    }

    func syncedParts(_ token: ReplyToken) throws -> [GroupPart] {
        try Self.parts(embedded: synced(token).assignment)
    }

    static func assignment(_ parts: [GroupPart]) -> [UInt8] {
        ConsumerProtocolAssignment(
            assignedPartitions: Dictionary(grouping: parts, by: \.topic).sorted { $0.key < $1.key }.map {
                .init(topic: $0.key, partitions: $0.value.map(\.partition))
            }
        ).encodedBehindVersion(1)
    }

    static func parts(embedded bytes: [UInt8]) throws -> [GroupPart] {
        try ConsumerProtocolAssignment(decodingEmbedded: bytes).assignedPartitions.flatMap { part in
            part.partitions.map { GroupPart(part.topic, $0) }
        }.sorted()
    }
}

/// A partition by topic name.
struct GroupPart: Hashable, Comparable, Sendable, CustomStringConvertible {
    let topic: String
    let partition: Int32

    init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    var description: String { "\(topic)-\(partition)" }

    static func < (left: GroupPart, right: GroupPart) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

func parts(_ topic: String, _ partitions: Int32...) -> [GroupPart] { partitions.map { GroupPart(topic, $0) } }

extension ConsumerGroup {
    /// A replayed group with what is not stored taken over from this one.
    fileprivate func durable(as replayed: Group?) -> ConsumerGroup? {
        // An empty group that was never stored is none.
        guard let replayed else { return isEmpty && epoch == 0 ? self : nil }
        guard case .consumer(var group) = replayed.membership else { return nil }
        for (id, member) in members { group.members[id]?.deadlines = member.deadlines }
        group.seenTopicsVersion = seenTopicsVersion
        return group
    }
}
