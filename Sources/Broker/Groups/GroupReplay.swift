import KafkaProtocol

/// Builds groups from the records of a partition, in their order.
struct GroupReplay {
    private var classic: [String: GroupMetadataValue] = [:]
    private var offsets: [String: CommittedOffsets] = [:]

    mutating func apply(_ record: GroupRecord) {
        switch record {
        case .offsetCommit(let key, let value):
            offsets[key.group, default: CommittedOffsets()].apply(key, value)
            if offsets[key.group]?.isEmpty == true { offsets[key.group] = nil }
        case .groupMetadata(let key, let value):
            classic[key.group] = value
        default: break
        }
    }

    func groups(limits: GroupLimits, now: Int64) -> [String: Group] {
        var groups: [String: Group] = [:]
        for (id, value) in classic {
            groups[id] = Group(membership: .classic(ClassicGroup(id: id, limits: limits, restoring: value, now: now)))
        }
        for (id, offsets) in offsets {
            // Offsets alone are those of simple consumers.
            groups[id, default: Group(membership: .classic(ClassicGroup(id: id, limits: limits)))].offsets = offsets
        }
        return groups
    }
}
