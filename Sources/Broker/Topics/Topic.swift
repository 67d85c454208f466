import KafkaProtocol
import LogStorage

/// One topic as requests see it. A change of settings or partitions makes a new value that shares the partitions.
package struct Topic: Sendable {
    package let id: Uuid
    package let name: String
    package let replicationFactor: Int16
    package let config: TopicConfig
    /// By index.
    package let partitions: [Partition]

    package var isInternal: Bool { TopicName.isInternal(name) }

    package func partition(_ index: Int32) -> Partition? {
        index >= 0 && Int(index) < partitions.count ? partitions[Int(index)] : nil
    }
}

/// All topics at one moment.
package struct TopicDirectory: Sendable {
    package private(set) var byName: [String: Topic] = [:]
    package private(set) var byID: [Uuid: Topic] = [:]

    /// One more with every change.
    package private(set) var version: UInt64 = 0

    package var all: Dictionary<String, Topic>.Values { byName.values }

    package func find(name: String, id: Uuid) -> Topic? { id == .zero ? byName[name] : byID[id] }

    /// Says what speaks against so many partitions more.
    func checkRoom(forPartitions count: Int, _ settings: BrokerSettings) throws(TopicError) {
        let limit = settings.integer("partitions.max")
        let held = all.reduce(0) { $0 + $1.partitions.count }
        guard held + count <= limit else {
            throw TopicError(
                .policyViolation,
                "\(count) more partitions are above the limit of \(limit) partitions of this broker (partitions.max).")
        }
    }

    mutating func insert(_ topic: Topic) {
        byName[topic.name] = topic
        byID[topic.id] = topic
        version += 1
    }

    mutating func remove(_ topic: Topic) {
        byName[topic.name] = nil
        byID[topic.id] = nil
        version += 1
    }
}
