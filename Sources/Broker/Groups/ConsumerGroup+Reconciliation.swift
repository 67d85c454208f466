// A member's way from what it has to what it is to have: revoke first, then take what is free.

import KafkaProtocol

extension ConsumerGroup {
    /// Takes a member as far towards its target as is possible now.
    ///
    /// - Parameter owned: the partitions that the member says it has; nil if it says nothing, and may have all it was given.
    mutating func reconcile(
        _ memberID: String, owned: PartitionAssignment?, now: Int64, _ effects: inout GroupEffects
    ) throws(GroupError) {
        let before = try member(memberID)
        guard !before.isReconciled(to: assignmentEpoch) else { return }
        let after = try next(before, owned: owned)
        guard after != before else { return }
        store(currentRecord(after), &effects)
        armRevocation(memberID, now: now)
    }

    /// A member that has to give partitions up has its rebalance timeout for it. Classic members have their own deadlines.
    mutating func armRevocation(_ memberID: String, now: Int64) {
        guard let member = members[memberID], !member.isClassic else { return }
        let isRevoking = member.state == .unrevoked && member.epoch != ConsumerMember.awayEpoch
        members[memberID]?.deadlines.revocation = isRevoking ? now + Int64(max(member.rebalanceTimeout, 0)) : nil
    }

    private func next(_ member: ConsumerMember, owned: PartitionAssignment?) throws(GroupError) -> ConsumerMember {
        switch member.state {
        case .stable, .unreleased: return next(member, from: member.epoch, owned)
        case .unrevoked:
            if owns(member.pendingRevocation, owned) { return member }
            // With the revocation done it has reached its epoch; the target may be further.
            return next(member, from: member.epoch &+ 1, owned)
        case .unknown:
            guard owned?.isEmpty == true else {
                throw GroupError(
                    .fencedMemberEpoch,
                    "The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin."
                )
            }
            return next(member, from: assignmentEpoch, owned)
        }
    }

    /// Whether the member may still have some of these partitions.
    private func owns(_ partitions: PartitionAssignment, _ owned: PartitionAssignment?) -> Bool {
        guard let owned else { return true }
        return owned.intersects(partitions)
    }

    private func next(_ member: ConsumerMember, from epoch: Int32, _ owned: PartitionAssignment?) -> ConsumerMember {
        let target = targets[member.id] ?? PartitionAssignment()
        let kept = member.assigned.filter { target.contains($0, $1) }
        let revoked = member.assigned.filter { !target.contains($0, $1) }
        var next = member
        if !revoked.isEmpty, owns(revoked, owned) {
            next.state = .unrevoked
            // While it revokes, it stays in its epoch, with which it may commit. The previous epoch stays, too: of a member
            // whose responses get lost, several steps may be answered in vain.
            if epoch != member.epoch { next.moveTo(epoch: epoch) }
            next.assigned = kept
            next.pendingRevocation = revoked
            return next
        }
        let missing = target.filter { !member.assigned.contains($0, $1) }
        let free = missing.filter { topic, partition in
            let owner = owners[topic]?[partition]
            return owner == nil || owner == member.id
        }
        next.state = free.count == missing.count ? .stable : .unreleased
        if assignmentEpoch != member.epoch { next.moveTo(epoch: assignmentEpoch) }
        next.assigned = kept
        next.assigned.formUnion(free)
        next.pendingRevocation = PartitionAssignment()
        return next
    }

    /// Whether a member that waits for partitions would get none if it asked now.
    func isWaiting(_ member: ConsumerMember) -> Bool {
        guard member.state == .unreleased else { return false }
        let missing = (targets[member.id] ?? PartitionAssignment()).filter { !member.assigned.contains($0, $1) }
        return !missing.filter { topic, partition in
            let owner = owners[topic]?[partition]
            return owner != nil && owner != member.id
        }.isEmpty
    }
}
