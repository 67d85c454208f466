// TopicPartition: a partition by the name of its topic and its number.

package struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let topic: String
    package let partition: Int32

    package init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    package var description: String { "\(topic)-\(partition)" }

    package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

extension Sequence<TopicPartition> {
    /// Topics in the order of their names with their partitions in ascending order: requests name a topic once.
    package func grouped() -> [(topic: String, partitions: [Int32])] {
        Dictionary(grouping: self, by: \.topic).sorted { $0.key < $1.key }.map { topic, members in
            (topic, members.map(\.partition).sorted())
        }
    }
}
