import KafkaProtocol

/// What groups need to know of a topic.
struct GroupTopic: Equatable, Sendable {
    let id: Uuid
    let partitionCount: Int32
}

/// The topics of the broker at one moment, as groups see them.
protocol GroupTopics {
    /// Another number whenever a topic was created, changed or deleted.
    var version: UInt64 { get }

    func groupTopic(named name: String) -> GroupTopic?
    func name(ofTopic id: Uuid) -> String?
}

extension TopicDirectory: GroupTopics {
    func groupTopic(named name: String) -> GroupTopic? {
        byName[name].map { GroupTopic(id: $0.id, partitionCount: Int32($0.partitions.count)) }
    }

    func name(ofTopic id: Uuid) -> String? { byID[id]?.name }
}
