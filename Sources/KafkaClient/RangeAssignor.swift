// RangeAssignor: how the leader of a classic group spreads partitions over its members, as the Java client's default does.
//
// Topic by topic: the members that want it, in order of their names, get runs of neighbouring partitions of the same
// length; the first ones get one more if it does not come out even. Threads: a pure function.

package enum RangeAssignor {
    /// Its name among the protocols of JoinGroup.
    package static let name = "range"

    package struct Member: Equatable, Sendable {
        package let id: String
        /// Of a static member (KIP-345): its order outlives its member id.
        package let instanceID: String?
        package let topics: [String]

        package init(id: String, instanceID: String? = nil, topics: [String]) {
            self.id = id
            self.instanceID = instanceID
            self.topics = topics
        }

        /// Static members come first.
        fileprivate func precedes(_ other: Member) -> Bool {
            switch (instanceID, other.instanceID) {
            case (let mine?, let others?): mine < others
            case (nil, nil): id < other.id
            case (let mine, _): mine != nil
            }
        }
    }

    /// Partitions by member id; every member has an entry.
    /// - Parameter partitionCounts: by topic; a topic without one has no partitions to give.
    package static func assign(
        _ members: [Member], partitionCounts: [String: Int32]
    ) -> [String: [TopicPartition]] {
        var assignments = Dictionary(
            members.map { ($0.id, [TopicPartition]()) }, uniquingKeysWith: { first, _ in first })
        let ordered = members.sorted { $0.precedes($1) }
        for topic in Set(members.flatMap(\.topics)).sorted() {
            let takers = ordered.filter { $0.topics.contains(topic) }
            let count = partitionCounts[topic] ?? 0
            let (share, rest) = count.quotientAndRemainder(dividingBy: Int32(takers.count))
            var next: Int32 = 0
            for (index, member) in takers.enumerated() {
                let end = next + share + (index < Int(rest) ? 1 : 0)
                assignments[member.id, default: []] += (next..<end).map { TopicPartition(topic, $0) }
                next = end
            }
        }
        return assignments
    }
}
