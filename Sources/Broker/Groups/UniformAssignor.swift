// Shares partitions out evenly, and leaves as many as it can where they were.
//
// Where all subscribe to the same topics, the numbers of partitions that members get differ by one at most, and no more
// partitions move than that takes. Where subscriptions differ, no move of one partition to another of its subscribers would
// make the numbers more even.

import HeapModule
import KafkaProtocol

struct UniformAssignor {
    private struct Partition: Hashable {
        let topic: Uuid
        let index: Int32
    }

    private let problem: AssignmentProblem
    /// In a fixed order, so that equal problems have equal answers; the rest speaks of members by their place in it.
    private let memberIDs: [String]
    private var held: [[Partition]]
    private var free: [Partition] = []

    init(_ problem: AssignmentProblem) {
        self.problem = problem
        memberIDs = problem.members.keys.sorted()
        held = memberIDs.map { _ in [] }
    }

    consuming func assign() -> [String: PartitionAssignment] {
        keepWhatIsValid()
        if problem.isHomogeneous { shareEqually() } else { shareAmongSubscribers() }
        var assigned: [String: PartitionAssignment] = [:]
        for (member, memberID) in memberIDs.enumerated() {
            var assignment = PartitionAssignment()
            for partition in held[member] { assignment.insert(partition.topic, partition.index) }
            assigned[memberID] = assignment
        }
        return assigned
    }

    private func member(_ index: Int) -> AssignmentProblem.Member {
        guard let member = problem.members[memberIDs[index]] else { preconditionFailure("the ids are the members'") }
        return member
    }

    /// Leaves everybody what it may keep; the rest is free. Of two that claim a partition, the first has it.
    private mutating func keepWhatIsValid() {
        var taken: Set<Partition> = []
        var subscribed: Set<Uuid> = []
        for index in memberIDs.indices {
            let member = member(index)
            let subscription = Set(member.topics)
            subscribed.formUnion(subscription)
            for (topic, partitions) in member.current.sorted {
                for partition in partitions where problem.isValid(topic, partition, subscription: subscription) {
                    let candidate = Partition(topic: topic, index: partition)
                    if taken.insert(candidate).inserted { held[index].append(candidate) }
                }
            }
        }
        for topic in subscribed.sorted() {
            for index in 0..<(problem.partitionCounts[topic] ?? 0) {
                let partition = Partition(topic: topic, index: index)
                if !taken.contains(partition) { free.append(partition) }
            }
        }
    }

    // MARK: Everybody subscribes to the same

    private mutating func shareEqually() {
        guard !held.isEmpty else { return }
        let count = free.count + held.reduce(0) { $0 + $1.count }
        let (share, extra) = count.quotientAndRemainder(dividingBy: held.count)
        // Who has most keeps one more, so that as little as possible moves.
        let byLoad = held.indices.sorted {
            held[$0].count == held[$1].count ? $0 < $1 : held[$0].count > held[$1].count
        }
        var quotas = held.map { _ in share }
        for member in byLoad.prefix(extra) { quotas[member] += 1 }
        for member in byLoad where held[member].count > quotas[member] {
            free += held[member][quotas[member]...]
            held[member].removeLast(held[member].count - quotas[member])
        }
        var next = 0
        for member in held.indices {
            let missing = quotas[member] - held[member].count
            held[member] += free[next..<next + missing]
            next += missing
        }
    }

    // MARK: Subscriptions differ

    /// A member in a heap of the least loaded.
    private struct Load: Comparable {
        let count: Int
        let member: Int

        static func < (left: Load, right: Load) -> Bool { (left.count, left.member) < (right.count, right.member) }
    }

    private mutating func shareAmongSubscribers() {
        var subscribers: [Uuid: [Int]] = [:]
        for index in memberIDs.indices {
            for topic in member(index).topics { subscribers[topic, default: []].append(index) }
        }
        let freeByTopic = Dictionary(grouping: free, by: \.topic)
        // Topics with few subscribers first: the others can make up for what those get.
        let topics = subscribers.keys.sorted {
            let (left, right) = (subscribers[$0]?.count ?? 0, subscribers[$1]?.count ?? 0)
            return left == right ? $0 < $1 : left < right
        }
        for topic in topics { deal(freeByTopic[topic] ?? [], to: subscribers[topic] ?? []) }
        level(topics, subscribers)
    }

    private mutating func deal(_ partitions: [Partition], to members: [Int]) {
        var loads = Heap(members.map { Load(count: held[$0].count, member: $0) })
        for partition in partitions {
            guard let least = loads.popMin() else { return }
            held[least.member].append(partition)
            loads.insert(Load(count: least.count + 1, member: least.member))
        }
    }

    /// Moves partitions from who has many to who has few, topic by topic, until no move makes a difference. Each move makes
    /// the sum of squares smaller, so that it ends.
    private mutating func level(_ topics: [Uuid], _ subscribers: [Uuid: [Int]]) {
        var byTopic: [[Uuid: [Int32]]] = held.map { partitions in
            Dictionary(grouping: partitions, by: \.topic).mapValues { $0.map(\.index) }
        }
        var counts = held.map(\.count)
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for topic in topics {
                if levelTopic(topic, subscribers[topic] ?? [], &byTopic, &counts) { hasMoved = true }
            }
        }
        held = byTopic.map { topics in
            topics.flatMap { topic, indexes in indexes.map { Partition(topic: topic, index: $0) } }
        }
    }

    private func levelTopic(
        _ topic: Uuid, _ members: [Int], _ byTopic: inout [[Uuid: [Int32]]], _ counts: inout [Int]
    ) -> Bool {
        var receivers = Heap(members.map { Load(count: counts[$0], member: $0) })
        var givers = Heap(
            members.filter { byTopic[$0][topic]?.isEmpty == false }.map { Load(count: counts[$0], member: $0) })
        var hasMoved = false
        while let most = givers.max {
            // An entry may be older than its member's last move.
            guard most.count == counts[most.member], byTopic[most.member][topic]?.isEmpty == false else {
                givers.removeMax()
                continue
            }
            guard let least = receivers.min else { break }
            guard least.count == counts[least.member] else {
                receivers.replaceMin(with: Load(count: counts[least.member], member: least.member))
                continue
            }
            guard most.count - least.count > 1, let moved = byTopic[most.member][topic]?.popLast() else { break }
            byTopic[least.member][topic, default: []].append(moved)
            hasMoved = true
            counts[most.member] -= 1
            counts[least.member] += 1
            givers.replaceMax(with: Load(count: counts[most.member], member: most.member))
            givers.insert(Load(count: counts[least.member], member: least.member))
            receivers.replaceMin(with: Load(count: counts[least.member], member: least.member))
        }
        return hasMoved
    }
}
