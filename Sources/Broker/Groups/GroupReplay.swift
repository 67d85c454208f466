import KafkaProtocol

/// Builds groups from the records of a partition, in their order.
struct GroupReplay {
    private var classic: [String: GroupMetadataValue] = [:]
    private var consumer: [String: ConsumerGroup] = [:]
    private var offsets: [String: CommittedOffsets] = [:]
    private let limits: GroupLimits

    init(limits: GroupLimits) {
        self.limits = limits
    }

    mutating func apply(_ record: GroupRecord) {
        switch record {
        case .offsetCommit(let key, let value):
            offsets[key.group, default: CommittedOffsets()].apply(key, value)
            if offsets[key.group]?.isEmpty == true { offsets[key.group] = nil }
        case .groupMetadata(let key, let value):
            classic[key.group] = value
            // A group that has changed its protocol; its end as a consumer group is only not there if a broker lost it.
            if value != nil { consumer[key.group] = nil }
        case .consumerGroupMetadata(let key, nil):
            // The last of the records that end a group.
            consumer[key.groupID] = nil
        default: applyToConsumerGroup(record)
        }
    }

    private mutating func applyToConsumerGroup(_ record: GroupRecord) {
        // Tombstones of a group that is not there say nothing.
        guard consumer[record.groupID] != nil || !record.isTombstone else { return }
        classic[record.groupID] = nil
        consumer[record.groupID, default: ConsumerGroup(id: record.groupID, limits: limits)].apply(record)
    }

    func groups(now: Int64) -> [String: Group] {
        var groups: [String: Group] = [:]
        for (id, value) in classic {
            groups[id] = Group(membership: .classic(ClassicGroup(id: id, limits: limits, restoring: value, now: now)))
        }
        for (id, var group) in consumer {
            group.restored(now: now)
            groups[id] = Group(membership: .consumer(group))
        }
        for (id, offsets) in offsets {
            // Offsets alone are those of simple consumers.
            groups[id, default: Group(membership: .classic(ClassicGroup(id: id, limits: limits)))].offsets = offsets
        }
        return groups
    }
}
