import KafkaProtocol

/// A set of partitions, by topic id. A topic without partitions is not in it.
struct PartitionAssignment: Equatable, Sendable {
    private(set) var byTopic: [Uuid: Set<Int32>] = [:]

    init() {}

    init(_ lists: some Sequence<(Uuid, [Int32])>) {
        for (topic, partitions) in lists where !partitions.isEmpty {
            byTopic[topic, default: []].formUnion(partitions)
        }
    }

    var isEmpty: Bool { byTopic.isEmpty }
    var count: Int { byTopic.values.reduce(0) { $0 + $1.count } }

    /// In a fixed order, as records and responses list them.
    var sorted: [(topic: Uuid, partitions: [Int32])] {
        byTopic.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
    }

    func contains(_ topic: Uuid, _ partition: Int32) -> Bool { byTopic[topic]?.contains(partition) ?? false }

    func isSubset(of other: PartitionAssignment) -> Bool {
        byTopic.allSatisfy { topic, partitions in other.byTopic[topic].map(partitions.isSubset(of:)) ?? false }
    }

    func intersects(_ other: PartitionAssignment) -> Bool {
        byTopic.contains { topic, partitions in
            other.byTopic[topic].map { !partitions.isDisjoint(with: $0) } ?? false
        }
    }

    func filter(_ isIncluded: (Uuid, Int32) -> Bool) -> PartitionAssignment {
        var kept = PartitionAssignment()
        for (topic, partitions) in byTopic {
            let remaining = partitions.filter { isIncluded(topic, $0) }
            if !remaining.isEmpty { kept.byTopic[topic] = remaining }
        }
        return kept
    }

    mutating func insert(_ topic: Uuid, _ partition: Int32) {
        byTopic[topic, default: []].insert(partition)
    }

    mutating func formUnion(_ other: PartitionAssignment) {
        byTopic.merge(other.byTopic) { $0.union($1) }
    }
}
