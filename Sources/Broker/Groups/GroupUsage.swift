// What all groups together hold, against the limits on it: whatever a client can make grow has one.
//
// Offsets are not counted, nor what the broker assigns: there is at most one of either for each group and partition, and both are
// limited. What patterns match is: every member may have a pattern of its own.
// Thread rule: Sendable. Groups of different shards are counted at the same time, so a limit may be passed by what a few
// requests bring.

import KafkaProtocol
import Synchronization

final class GroupUsage: Sendable {
    /// What one step adds, or takes away.
    struct Growth {
        let groups: Int
        let bytes: Int
    }

    private let groupsMax: Int
    private let bytesMax: Int
    private let groups = Atomic(0)
    private let bytes = Atomic(0)

    init(_ limits: GroupLimits) {
        groupsMax = limits.groupsMax
        bytesMax = limits.memberBytesMax
    }

    /// Compares a group with what was noted of it before; nil stands for a group that does not exist.
    ///
    /// - Parameter measuring: whether members may have changed, who have to be looked at one by one.
    static func growth(of group: inout Group?, from noted: Int?, measuring: Bool) -> Growth {
        let bytes = group.map { measuring ? $0.membership.byteCount : noted ?? 0 } ?? 0
        group?.notedBytes = bytes
        return Growth(groups: (group == nil ? 0 : 1) - (noted == nil ? 0 : 1), bytes: bytes - (noted ?? 0))
    }

    /// Refuses what would be too much. What shrinks is never refused.
    func check(_ growth: Growth) throws(GroupError) {
        if growth.groups > 0, groups.load(ordering: .relaxed) + growth.groups > groupsMax {
            throw GroupError(
                .policyViolation,
                "This broker has \(groupsMax) groups, which is its limit (group.coordinator.groups.max).")
        }
        if growth.bytes > 0, bytes.load(ordering: .relaxed) + growth.bytes > bytesMax {
            throw GroupError(
                .policyViolation,
                "The members of all groups would take more than \(bytesMax) bytes (group.coordinator.member.max.bytes)."
            )
        }
    }

    func note(_ growth: Growth) {
        groups.add(growth.groups, ordering: .relaxed)
        bytes.add(growth.bytes, ordering: .relaxed)
    }
}

extension Group.Membership {
    /// About what the members take in memory.
    fileprivate var byteCount: Int {
        switch self {
        case .classic(let group):
            group.members.values.reduce(group.pendingMembers.count * ClassicMember.overheadBytes) { $0 + $1.byteCount }
        case .consumer(let group):
            group.members.values.reduce(group.patternByteCount) { $0 + $1.byteCount }
        }
    }
}

extension ClassicMember {
    fileprivate static let overheadBytes = 300

    fileprivate var byteCount: Int {
        protocols.reduce(Self.overheadBytes + id.utf8.count + assignment.count) {
            $0 + $1.name.utf8.count + $1.metadata.count
        }
    }
}

extension ConsumerGroup {
    private static let matchBytes = 64

    /// About what the topics that its members' patterns match take.
    fileprivate var patternByteCount: Int {
        patterns.reduce(0) { $0 + $1.key.utf8.count + Self.matchBytes * $1.value.count }
    }
}

extension ConsumerMember {
    private static let overheadBytes = 600
    /// Of a string or an array in it, besides its elements.
    private static let elementBytes = 32

    fileprivate var byteCount: Int {
        let names =
            [id, instanceID, rackID, client.id, subscribedPattern, assignorName].compactMap(\.self) + subscribedTopics
        let own = names.reduce(Self.overheadBytes) { $0 + $1.utf8.count + Self.elementBytes }
        return (classic?.supportedProtocols ?? []).reduce(own) {
            $0 + $1.name.utf8.count + $1.metadata.count + 2 * Self.elementBytes
        }
    }
}
