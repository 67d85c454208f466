import KafkaProtocol

/// One committed offset, as OffsetCommit brought it.
struct CommittedOffset: Equatable, Sendable {
    let offset: Int64
    /// -1 if the consumer did not say.
    let leaderEpoch: Int32
    /// Whatever the consumer wants to remember; comes back unchanged.
    let metadata: String
    /// Milliseconds since 1970.
    let commitTimestamp: Int64

    init(_ value: OffsetCommitValue) {
        offset = value.offset
        leaderEpoch = value.leaderEpoch
        metadata = value.metadata
        commitTimestamp = value.commitTimestamp
    }
}

/// The committed offsets of one group, by topic and partition. Changed only by records, those of a commit and those that are
/// read back at start.
struct CommittedOffsets: Equatable, Sendable {
    private(set) var byTopic: [String: [Int32: CommittedOffset]] = [:]

    var isEmpty: Bool { byTopic.isEmpty }
    var count: Int { byTopic.values.reduce(0) { $0 + $1.count } }

    subscript(topic: String, partition: Int32) -> CommittedOffset? { byTopic[topic]?[partition] }

    mutating func apply(_ key: OffsetCommitKey, _ value: OffsetCommitValue?) {
        if let value {
            byTopic[key.topic, default: [:]][key.partition] = CommittedOffset(value)
        } else {
            byTopic[key.topic]?[key.partition] = nil
            if byTopic[key.topic]?.isEmpty == true { byTopic[key.topic] = nil }
        }
    }

    /// The records that delete the offsets of these topics; of all topics for nil.
    func tombstones(group: String, topics: Set<String>? = nil) -> [GroupRecord] {
        byTopic.flatMap { topic, partitions -> [GroupRecord] in
            guard topics?.contains(topic) ?? true else { return [] }
            return partitions.keys.map {
                .offsetCommit(OffsetCommitKey(group: group, topic: topic, partition: $0), nil)
            }
        }
    }
}
