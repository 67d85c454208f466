// One random schedule: a broker, a group, members that behave as clients do, and what has to hold whatever happens.

import Dispatch
import Glibc
import KafkaProtocol
import TestSupport
import Testing

@testable import Broker

/// A consumer as a client library runs it; it remembers what the broker has told it and does the next thing.
private struct SimulatedMember {
    enum State {
        /// Not in the group, or sent back: it joins next.
        case outside
        case joining(PendingReply<JoinGroupRequest>)
        case joined(JoinGroupResponse)
        case syncing(PendingReply<SyncGroupRequest>)
        case consuming
        /// Killed, fenced, or gone: it says nothing any more.
        case silent
    }

    let number: Int
    let instance: String?
    var state = State.outside
    var id = ""
    var generation: Int32 = -1
    var partitions: [UInt8] = []

    var isSilent: Bool {
        if case .silent = state { return true }
        return false
    }

    var isConsuming: Bool {
        if case .consuming = state { return true }
        return false
    }

    mutating func sendBack(_ code: ErrorCode) {
        partitions = []
        switch code {
        case .unknownMemberID:
            (id, state) = ("", .outside)
        case .fencedInstanceID:
            state = .silent
        default:
            state = .outside
        }
    }
}

struct GroupSchedule {
    private static let group = "g"
    private static let topic = "t"
    private static let partitionCount: Int32 = 6
    private static let membersMax = 5
    private static let sendsBack: Set<ErrorCode> = [
        .unknownMemberID, .fencedInstanceID, .illegalGeneration, .rebalanceInProgress, .coordinatorNotAvailable,
    ]

    private let test: TestBroker
    private var random: SeededGenerator
    private var members: [SimulatedMember] = []
    private var started = 0
    /// What was acknowledged last for each partition.
    private var acknowledged: [Int32: Int64] = [:]
    private var nextOffset: Int64 = 0
    /// Who got a partition in a generation: a member id, or the name of a static member, which outlives its id.
    private var owners: [String: String] = [:]
    private(set) var problems: [String] = []

    init(_ test: TestBroker, seed: UInt64) throws {
        self.test = test
        random = SeededGenerator(drawing: seed)
        try test.createTopic(Self.topic, partitions: Self.partitionCount)
        try test.findCoordinator()
    }

    mutating func run(steps: Int) throws {
        for _ in 0..<steps {
            try step()
            if !problems.isEmpty { return }
        }
        test.faults.clear()
        try makePeace()
        try checkOffsets("in the end")
    }

    private mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45: try someMember { try $0.act(&$1) }
        case 45..<57: try someMember { try $0.beat(&$1) }
        case 57..<69: try someMember { try $0.commit(&$1) }
        case 69..<79: try pass(milliseconds: Int64.random(in: 1...900, using: &random))
        case 79..<87: start()
        case 87..<90: try someMember { try $0.leave(&$1) }
        case 90..<93: someMember { _, member in member.state = .silent }
        case 93..<95: try fillDisk()
        case 95..<97: try restart()
        default: try checkOffsets("on the way")
        }
    }

    private mutating func someMember(_ body: (inout Self, inout SimulatedMember) throws -> Void) rethrows {
        let talking = members.indices.filter { !members[$0].isSilent }
        guard let index = talking.randomElement(using: &random) else { return }
        try change(index, body)
    }

    private mutating func change(
        _ index: Int, _ body: (inout Self, inout SimulatedMember) throws -> Void
    ) rethrows {
        var member = members[index]
        try body(&self, &member)
        members[index] = member
    }

    // MARK: What members do

    /// Half of them are static; a static one may be started while its predecessor still runs, which is fenced then.
    private mutating func start() {
        guard members.count(where: { !$0.isSilent }) < Self.membersMax else { return }
        started += 1
        let instance = Bool.random(using: &random) ? "i\(Int.random(in: 0..<3, using: &random))" : nil
        members.append(SimulatedMember(number: started, instance: instance))
    }

    private mutating func act(_ member: inout SimulatedMember) throws {
        switch member.state {
        case .outside:
            var request = TestBroker.joinRequest(
                Self.group, member.id, instance: member.instance, session: 2_000, rebalance: 4_000)
            request.protocols[0].metadata = [UInt8(truncatingIfNeeded: member.number)]
            member.state = .joining(test.start(request))
        case .joining(let pending):
            guard pending.isAnswered else { return }
            let response = try pending.answer().response
            take(response, &member)
        case .joined(let response):
            let request = SyncGroupRequest(
                groupID: Self.group, generationID: response.generationID, memberID: member.id,
                groupInstanceID: member.instance, protocolType: "consumer", protocolName: response.protocolName,
                assignments: response.skipAssignment ? [] : assign(response.members.map(\.memberID)))
            member.state = .syncing(test.start(request))
        case .syncing(let pending):
            guard pending.isAnswered else { return }
            let response = try pending.answer().response
            guard response.errorCode == .none else { return sendBack(&member, response.errorCode, "SyncGroup") }
            member.partitions = response.assignment
            member.state = .consuming
            for partition in member.partitions {
                let key = "partition \(partition) in generation \(member.generation)"
                let name = member.instance ?? member.id
                if let owner = owners.updateValue(name, forKey: key), owner != name {
                    problems.append("\(key) belongs to \(owner) and \(name)")
                }
            }
        case .consuming:
            try beat(&member)
        case .silent: break
        }
    }

    private mutating func take(_ response: JoinGroupResponse, _ member: inout SimulatedMember) {
        switch response.errorCode {
        case .none:
            (member.id, member.generation) = (response.memberID, response.generationID)
            member.state = .joined(response)
        case .memberIDRequired:
            (member.id, member.state) = (response.memberID, .outside)
        default:
            sendBack(&member, response.errorCode, "JoinGroup")
        }
    }

    private mutating func sendBack(_ member: inout SimulatedMember, _ code: ErrorCode, _ what: String) {
        if !Self.sendsBack.contains(code) { problems.append("\(what) is refused with \(code)") }
        member.sendBack(code)
    }

    /// The leader's part; partitions are dealt out one by one.
    private func assign(_ ids: [String]) -> [SyncGroupRequest.SyncGroupRequestAssignment] {
        ids.enumerated().map { index, id in
            let part = (0..<UInt8(Self.partitionCount)).filter { Int($0) % ids.count == index }
            return .init(memberID: id, assignment: part)
        }
    }

    private mutating func beat(_ member: inout SimulatedMember) throws {
        guard member.isConsuming else { return }
        let code = try test.heartbeat(Self.group, member.id, member.generation, instance: member.instance)
        if code != .none { sendBack(&member, code, "Heartbeat") }
    }

    private mutating func commit(_ member: inout SimulatedMember) throws {
        guard member.isConsuming, !member.partitions.isEmpty else { return }
        nextOffset += 1
        let offsets = Dictionary(uniqueKeysWithValues: member.partitions.map { (Int32($0), nextOffset) })
        let codes = try test.commit(
            Self.group, Self.topic, offsets, member: member.id, generation: member.generation, instance: member.instance
        )
        let refusals = Set(codes).subtracting([.none])
        if refusals.isEmpty {
            acknowledged.merge(offsets) { $1 }
        } else if let code = refusals.first, code != .coordinatorNotAvailable {
            sendBack(&member, code, "OffsetCommit")
        }
    }

    private mutating func leave(_ member: inout SimulatedMember) throws {
        guard member.isConsuming else { return }
        _ = try test.leave(Self.group, member.id)
        member.state = .silent
    }

    // MARK: What happens to the broker

    private func pass(milliseconds: Int64) throws {
        try drain()
        test.pass(milliseconds: milliseconds)
    }

    /// Waits for what the broker does on queues of its own, so that the clock does not run away from it.
    private func drain() throws {
        let done = DispatchSemaphore(value: 0)
        test.broker.inBackground { done.signal() }
        try #require(done.wait(timeout: .now() + .seconds(20)) == .success)
        test.broker.groupCommit.wait(for: []) { _ in done.signal() }
        try #require(done.wait(timeout: .now() + .seconds(20)) == .success)
    }

    private func fillDisk() throws {
        test.faults.clear()
        if try test.describe(Self.group).groupState != "Dead" {
            test.faults.inject(.init(.write, .fail(errno: ENOSPC), pathSuffix: ".log", times: 2))
        }
    }

    /// Whoever waits loses its connection and tries again.
    private mutating func restart() throws {
        test.faults.clear()
        if Bool.random(using: &random) { try test.restart() } else { try test.restartAfterKill() }
        for index in members.indices {
            switch members[index].state {
            case .joining, .syncing: members[index].state = .outside
            default: break
            }
        }
        try checkOffsets("after a restart")
    }

    // MARK: What has to hold

    private mutating func checkOffsets(_ when: String) throws {
        let found = try test.offsets(Self.group)[Self.topic] ?? [:]
        if found != acknowledged { problems.append("\(when) \(found) is committed, not \(acknowledged)") }
    }

    /// Nothing happens any more: within sessions and timeouts the group is stable and everything has its owner.
    private mutating func makePeace() throws {
        if members.allSatisfy(\.isSilent) { start() }
        if members.allSatisfy(\.isSilent) { problems.append("nobody could be started") }
        var last = "?"
        for _ in 0..<200 {
            for index in members.indices where !members[index].isSilent {
                for _ in 0..<2 { try change(index) { try $0.act(&$1) } }
            }
            try drain()
            last = try describe()
            if last.isEmpty { return }
            try pass(milliseconds: 100)
        }
        problems.append("the group does not become stable: \(last)")
    }

    /// What is missing to a stable group; empty if nothing is.
    private func describe() throws -> String {
        let talking = members.filter { !$0.isSilent }
        let group = try test.describe(Self.group)
        if group.groupState != "Stable" { return group.groupState }
        if Set(group.members.map(\.memberID)) != Set(talking.map(\.id)) {
            return "members are \(group.members.map(\.memberID)), not \(talking.map(\.id))"
        }
        if !talking.allSatisfy(\.isConsuming) { return "not all consume" }
        let owned = talking.flatMap(\.partitions).sorted()
        return owned == Array(0..<UInt8(Self.partitionCount)) ? "" : "owned are \(owned)"
    }
}
