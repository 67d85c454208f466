// A group of the classic protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup), as a plain value.
//
// Phases, what leads from one to the next, and what happens then:
//   Empty               no members; commits of simple consumers are taken.
//     first join                -> PreparingRebalance, which waits a moment for more members (initial rebalance delay)
//   PreparingRebalance  members have to join again; heartbeats are answered REBALANCE_IN_PROGRESS.
//     all joined, or time is up -> CompletingRebalance: who has not joined is dropped, the generation is one higher, everybody
//                                  is told it, the leader also the members; Empty if nobody is left
//   CompletingRebalance the leader computes the assignment; SyncGroup of the others waits for it.
//     leader's SyncGroup        -> Stable: the assignment is stored, everybody gets its part
//     join, leave, time is up   -> PreparingRebalance: waiting SyncGroups are answered REBALANCE_IN_PROGRESS
//   Stable              heartbeats keep members alive.
//     join of the leader or with other metadata, leave, session over -> PreparingRebalance
//
// Invariants: Empty has no members, the other phases have some; everybody waiting with a JoinGroup waits in
// PreparingRebalance, with a SyncGroup in CompletingRebalance; every request that comes in is answered at some time.
// No clock, no lock, no I/O: events carry the monotonic time in milliseconds, effects say what to store and whom to answer.
// Source: KIP-62, KIP-394, KIP-345, KIP-559, KIP-814; the behaviour is Kafka's.

import KafkaProtocol
import OrderedCollections

struct ClassicGroup: Equatable, Sendable {
    enum Phase: Equatable, Sendable {
        case empty
        case preparingRebalance(Preparation)
        case completingRebalance
        case stable

        /// As DescribeGroups and ListGroups name it.
        var name: String {
            switch self {
            case .empty: "Empty"
            case .preparingRebalance: "PreparingRebalance"
            case .completingRebalance: "CompletingRebalance"
            case .stable: "Stable"
            }
        }
    }

    /// How long a rebalance waits for members to join.
    struct Preparation: Equatable, Sendable {
        var deadline: Int64
        /// Set while an empty group waits for its first members.
        var initial: Initial?

        struct Initial: Equatable, Sendable {
            /// Time by which the waiting may still be extended.
            var remaining: Int64
            var memberWasAdded = false
        }
    }

    /// The protocol type of consumers, whose metadata the broker can read.
    static let consumerProtocolType = "consumer"

    let id: String
    let limits: GroupLimits
    var phase = Phase.empty
    var generation: Int32 = 0
    /// nil for a group that only stores offsets of simple consumers.
    var protocolType: String?
    var protocolName: String?
    var leaderID: String?
    var members: OrderedDictionary<String, ClassicMember> = [:]
    /// Member ids that were handed out and have not joined (KIP-394), with the time at which they are forgotten.
    var pendingMembers: [String: Int64] = [:]
    /// When members that owe a SyncGroup are dropped.
    var syncDeadline: Int64?

    init(id: String, limits: GroupLimits) {
        self.id = id
        self.limits = limits
    }

    // MARK: Questions

    var isEmpty: Bool { phase == .empty }

    /// Nothing would be lost if the group were forgotten, apart from its offsets.
    var isIdle: Bool { isEmpty && pendingMembers.isEmpty }

    func memberID(ofInstance instanceID: String) -> String? {
        members.values.first { $0.instanceID == instanceID }?.id
    }

    /// Kafka's order of checks: the instance first, then the member.
    func check(memberID: String, instanceID: String?) -> ErrorCode? {
        if let instanceID {
            guard let owner = self.memberID(ofInstance: instanceID) else { return .unknownMemberID }
            if owner != memberID { return .fencedInstanceID }
        }
        return members.index(forKey: memberID) == nil ? .unknownMemberID : nil
    }

    /// Whether a member with these protocols fits in.
    func supports(protocolType: String, protocols: [JoinGroupRequest.JoinGroupRequestProtocol]) -> Bool {
        if members.isEmpty { return !protocolType.isEmpty && !protocols.isEmpty }
        guard protocolType == self.protocolType else { return false }
        return protocols.contains { wanted in members.values.allSatisfy { $0.supports(wanted.name) } }
    }

    var haveAllJoined: Bool {
        pendingMembers.isEmpty && members.values.allSatisfy { $0.waitingJoin != nil }
    }

    var rebalanceTimeout: Int64 { members.values.map(\.rebalanceTimeout).max() ?? 0 }

    /// When `expire` has to be called; nil if nothing is waited for.
    var nextDeadline: Int64? {
        var next = syncDeadline
        if case .preparingRebalance(let preparation) = phase { next = min(next ?? .max, preparation.deadline) }
        for deadline in pendingMembers.values { next = min(next ?? .max, deadline) }
        for member in members.values where !member.isWaiting { next = min(next ?? .max, member.sessionDeadline) }
        return next
    }

    /// Topics that members subscribe to; nil if that cannot be told.
    var subscribedTopics: Set<String>? {
        guard protocolType == Self.consumerProtocolType else { return nil }
        var topics: Set<String> = []
        for member in members.values {
            do throws(WireError) {
                let metadata = member.metadata(of: protocolName)
                topics.formUnion(try ConsumerProtocolSubscription(decodingEmbedded: metadata).topics)
            } catch {
                return nil
            }
        }
        return topics
    }

    // MARK: Commits

    /// Whether offsets may be committed by this member of this generation; both are unset for simple consumers and tools.
    func checkCommit(memberID: String, instanceID: String?, generation: Int32) -> ErrorCode? {
        if generation < 0 && isEmpty { return nil }
        guard generation >= 0 || !memberID.isEmpty || instanceID != nil else { return .unknownMemberID }
        if let objection = check(memberID: memberID, instanceID: instanceID) { return objection }
        if generation != self.generation { return .illegalGeneration }
        return phase == .completingRebalance ? .rebalanceInProgress : nil
    }
}
