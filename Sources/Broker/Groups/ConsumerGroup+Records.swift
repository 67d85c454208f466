// A consumer group in its records: every change of what is stored goes through `apply`, of a step and of a replay alike.

import KafkaProtocol

extension ConsumerGroup {
    /// Changes the group by a record, and has it stored.
    mutating func store(_ record: GroupRecord, _ effects: inout GroupEffects) {
        if effects.undo == nil { effects.undo = self }
        effects.movesDeadlines = true
        effects.records.append(record)
        apply(record)
    }

    /// Changes the group by a record of it. Of records that contradict each other, which a compacted log may show on the way,
    /// the later one holds.
    mutating func apply(_ record: GroupRecord) {
        switch record {
        case .offsetCommit, .groupMetadata: break
        case .consumerGroupMetadata(_, let value): epoch = value?.epoch ?? 0
        case .consumerGroupPartitionMetadata(_, let value):
            topics = Dictionary(
                (value?.topics ?? []).map {
                    ($0.topicName, GroupTopic(id: $0.topicID, partitionCount: $0.numPartitions))
                }, uniquingKeysWith: { _, last in last })
        case .consumerGroupMemberMetadata(let key, let value): apply(key.memberID, value)
        case .consumerGroupTargetAssignmentMetadata(_, let value): assignmentEpoch = value?.assignmentEpoch ?? 0
        case .consumerGroupTargetAssignmentMember(let key, let value):
            targets[key.memberID] = value.map { value in
                PartitionAssignment(value.topicPartitions.map { ($0.topicID, $0.partitions) })
            }
        case .consumerGroupCurrentMemberAssignment(let key, let value): apply(key.memberID, value)
        case .consumerGroupRegularExpression(let key, let value):
            patterns[key.regularExpression] = value.map { Set($0.topics) }
        }
    }

    private mutating func apply(_ memberID: String, _ value: ConsumerGroupMemberMetadataValue?) {
        if let instanceID = members[memberID]?.instanceID, staticMembers[instanceID] == memberID {
            staticMembers[instanceID] = nil
        }
        guard let value else {
            if let gone = members.removeValue(forKey: memberID) { release(gone) }
            return
        }
        members[memberID, default: ConsumerMember(id: memberID)].take(value)
        if let instanceID = value.instanceID { staticMembers[instanceID] = memberID }
    }

    private mutating func apply(_ memberID: String, _ value: ConsumerGroupCurrentMemberAssignmentValue?) {
        if let before = members[memberID] { release(before) }
        guard let value else {
            members[memberID]?.epoch = ConsumerMember.leftEpoch
            members[memberID]?.previousEpoch = ConsumerMember.leftEpoch
            members[memberID]?.assigned = PartitionAssignment()
            members[memberID]?.pendingRevocation = PartitionAssignment()
            return
        }
        members[memberID, default: ConsumerMember(id: memberID)].take(value)
        if let after = members[memberID] { claim(after) }
    }

    private mutating func release(_ member: ConsumerMember) {
        for partitions in [member.assigned, member.pendingRevocation] {
            for (topic, partitions) in partitions.byTopic {
                guard var topicOwners = owners.removeValue(forKey: topic) else { continue }
                for partition in partitions where topicOwners[partition] == member.id { topicOwners[partition] = nil }
                if !topicOwners.isEmpty { owners[topic] = topicOwners }
            }
        }
    }

    private mutating func claim(_ member: ConsumerMember) {
        for partitions in [member.assigned, member.pendingRevocation] {
            for (topic, partitions) in partitions.byTopic {
                for partition in partitions { owners[topic, default: [:]][partition] = member.id }
            }
        }
    }

    // MARK: After a restart

    /// Makes what follows from the records anew: each member has a whole session to be heard of, and a whole rebalance
    /// timeout to give up what it owes.
    mutating func restored(now: Int64) {
        owners = [:]
        for member in members.values { claim(member) }
        for memberID in members.keys {
            touch(memberID, now: now)
            armRevocation(memberID, now: now)
        }
        seenTopicsVersion = nil
    }

    // MARK: Making records

    func memberRecord(_ member: ConsumerMember) -> GroupRecord {
        .consumerGroupMemberMetadata(
            ConsumerGroupMemberMetadataKey(groupID: id, memberID: member.id), member.metadataValue)
    }

    func currentRecord(_ member: ConsumerMember) -> GroupRecord {
        .consumerGroupCurrentMemberAssignment(
            ConsumerGroupCurrentMemberAssignmentKey(groupID: id, memberID: member.id), member.currentValue)
    }

    func targetRecord(_ memberID: String, _ target: PartitionAssignment) -> GroupRecord {
        .consumerGroupTargetAssignmentMember(
            ConsumerGroupTargetAssignmentMemberKey(groupID: id, memberID: memberID),
            ConsumerGroupTargetAssignmentMemberValue(
                topicPartitions: target.sorted.map { .init(topicID: $0.topic, partitions: $0.partitions) }))
    }

    func epochRecord(_ epoch: Int32) -> GroupRecord {
        .consumerGroupMetadata(ConsumerGroupMetadataKey(groupID: id), ConsumerGroupMetadataValue(epoch: epoch))
    }

    func assignmentEpochRecord(_ epoch: Int32) -> GroupRecord {
        .consumerGroupTargetAssignmentMetadata(
            ConsumerGroupTargetAssignmentMetadataKey(groupID: id),
            ConsumerGroupTargetAssignmentMetadataValue(assignmentEpoch: epoch))
    }

    func topicsRecord(_ topics: [String: GroupTopic]) -> GroupRecord {
        let sorted = topics.sorted { $0.key < $1.key }
        return .consumerGroupPartitionMetadata(
            ConsumerGroupPartitionMetadataKey(groupID: id),
            ConsumerGroupPartitionMetadataValue(
                topics: sorted.map {
                    .init(topicID: $0.value.id, topicName: $0.key, numPartitions: $0.value.partitionCount)
                }))
    }

    func patternRecord(_ pattern: String, _ resolved: ResolvedPattern?) -> GroupRecord {
        .consumerGroupRegularExpression(
            ConsumerGroupRegularExpressionKey(groupID: id, regularExpression: pattern),
            resolved.map {
                ConsumerGroupRegularExpressionValue(
                    topics: $0.topics.sorted(), metadataVersion: Int64(clamping: $0.topicsVersion))
            })
    }

    /// Kafka's order: what the member has, what it should have, the member itself.
    func memberTombstones(_ memberID: String) -> [GroupRecord] {
        [
            .consumerGroupCurrentMemberAssignment(
                ConsumerGroupCurrentMemberAssignmentKey(groupID: id, memberID: memberID), nil),
            .consumerGroupTargetAssignmentMember(
                ConsumerGroupTargetAssignmentMemberKey(groupID: id, memberID: memberID), nil),
            .consumerGroupMemberMetadata(ConsumerGroupMemberMetadataKey(groupID: id, memberID: memberID), nil),
        ]
    }

    /// The records that end the group.
    var tombstones: [GroupRecord] {
        let memberIDs = Set(members.keys).union(targets.keys).sorted()
        return memberIDs.flatMap(memberTombstones)
            + patterns.keys.sorted().map { patternRecord($0, nil) }
            + [
                .consumerGroupTargetAssignmentMetadata(ConsumerGroupTargetAssignmentMetadataKey(groupID: id), nil),
                .consumerGroupPartitionMetadata(ConsumerGroupPartitionMetadataKey(groupID: id), nil),
                .consumerGroupMetadata(ConsumerGroupMetadataKey(groupID: id), nil),
            ]
    }
}
