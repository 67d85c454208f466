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
    /// Over all topics.
    private var partitionCount = 0
    /// Of the topics' names, by what no two of them may share.
    private var namesByCollisionKey: [String: String] = [:]

    package var all: Dictionary<String, Topic>.Values { byName.values }

    package func find(name: String, id: Uuid) -> Topic? { id == .zero ? byName[name] : byID[id] }

    /// Says what speaks against so many partitions more.
    func checkRoom(forPartitions count: Int, _ settings: BrokerSettings) throws(TopicError) {
        let limit = settings.integer("partitions.max")
        guard partitionCount + count <= limit else {
            throw TopicError(
                .policyViolation,
                "\(count) more partitions are above the limit of \(limit) partitions of this broker (partitions.max).")
        }
    }

    /// The topic whose name differs in nothing but dots and underscores.
    func nameColliding(with name: String) -> String? { namesByCollisionKey[TopicName.collisionKey(name)] }

    /// Takes a new topic, or one in the place of what it was before.
    mutating func insert(_ topic: Topic) {
        partitionCount += topic.partitions.count - (byName[topic.name]?.partitions.count ?? 0)
        namesByCollisionKey[TopicName.collisionKey(topic.name)] = topic.name
        byName[topic.name] = topic
        byID[topic.id] = topic
        version += 1
    }

    mutating func remove(_ topic: Topic) {
        partitionCount -= byName[topic.name]?.partitions.count ?? 0
        namesByCollisionKey[TopicName.collisionKey(topic.name)] = nil
        byName[topic.name] = nil
        byID[topic.id] = nil
        version += 1
    }
}
