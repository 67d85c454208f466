import KafkaProtocol
import TestSupport
import Testing

@testable import Broker

@Suite struct GroupAssignorTests {
    private static func topic(_ number: Int) -> Uuid { Uuid(high: 1, low: UInt64(number)) }

    private func problem(_ random: inout SeededGenerator, isHomogeneous: Bool) -> AssignmentProblem {
        var problem = AssignmentProblem()
        let topicCount = Int.random(in: 0...6, using: &random)
        for number in 0..<topicCount {
            problem.partitionCounts[Self.topic(number)] = Int32.random(in: 0...12, using: &random)
        }
        for number in 0..<Int.random(in: 1...9, using: &random) {
            let topics = problem.partitionCounts.keys.sorted().filter { _ in
                isHomogeneous || Bool.random(using: &random)
            }
            problem.members["m\(number)"] = .init(
                instanceID: Bool.random(using: &random) ? "i\(number)" : nil, topics: topics,
                current: PartitionAssignment())
        }
        return problem
    }

    /// Every partition that somebody wants is with exactly one who wants it.
    private func checkComplete(_ assigned: [String: PartitionAssignment], _ problem: AssignmentProblem) {
        var given: [Uuid: Set<Int32>] = [:]
        for (memberID, assignment) in assigned {
            for (topic, partitions) in assignment.byTopic {
                #expect(problem.members[memberID]?.topics.contains(topic) == true)
                #expect(
                    given[topic, default: []].isDisjoint(with: partitions), "a partition goes to one member")
                given[topic, default: []].formUnion(partitions)
            }
        }
        for (topic, count) in problem.partitionCounts where count > 0 {
            let isWanted = problem.members.values.contains { $0.topics.contains(topic) }
            #expect(given[topic] == (isWanted ? Set(0..<count) : nil))
        }
        #expect(Set(assigned.keys) == Set(problem.members.keys))
    }

    private func checkBalanced(_ assigned: [String: PartitionAssignment], _ problem: AssignmentProblem) {
        for assignment in assigned.values {
            for topic in assignment.byTopic.keys {
                for (otherID, other) in problem.members where other.topics.contains(topic) {
                    let difference = assignment.count - (assigned[otherID]?.count ?? 0)
                    #expect(difference <= 1, "no move makes it more even")
                }
            }
        }
    }

    @Test(arguments: [true, false]) func uniformIsCompleteAndEven(isHomogeneous: Bool) {
        var random = SeededGenerator(seed: 848)
        for _ in 0..<300 {
            var problem = problem(&random, isHomogeneous: isHomogeneous)
            let first = GroupAssignor.uniform.assign(problem)
            checkComplete(first, problem)
            checkBalanced(first, problem)
            // Nothing moves without a reason.
            problem.members = problem.members.map(with: first)
            #expect(GroupAssignor.uniform.assign(problem) == first)
            // One comes, one goes, a topic grows.
            if let gone = problem.members.keys.sorted().randomElement(using: &random), problem.members.count > 1 {
                problem.members[gone] = nil
            }
            if let topic = problem.partitionCounts.keys.sorted().randomElement(using: &random) {
                problem.partitionCounts[topic, default: 0] += 3
            }
            let second = GroupAssignor.uniform.assign(problem)
            checkComplete(second, problem)
            checkBalanced(second, problem)
        }
    }

    /// With equal subscriptions no more moves than has to.
    @Test func uniformMovesAsLittleAsPossible() {
        var random = SeededGenerator(seed: 849)
        for _ in 0..<300 {
            var problem = problem(&random, isHomogeneous: true)
            problem.members = problem.members.map(with: GroupAssignor.uniform.assign(problem))
            let before = problem.members.mapValues(\.current)
            let topics = problem.members.values.first?.topics ?? []
            problem.members["new"] = .init(instanceID: nil, topics: topics, current: PartitionAssignment())
            let after = GroupAssignor.uniform.assign(problem)
            let moved = after["new"]?.count ?? 0
            for (memberID, had) in before {
                #expect(after[memberID]?.isSubset(of: had) == true, "who was there only gives")
            }
            let total = before.values.reduce(0) { $0 + $1.count }
            #expect(moved <= (total + problem.members.count - 1) / problem.members.count)
        }
    }

    @Test(arguments: [true, false]) func rangeIsCompleteAndInRanges(isHomogeneous: Bool) {
        var random = SeededGenerator(seed: 850)
        for _ in 0..<300 {
            let problem = problem(&random, isHomogeneous: isHomogeneous)
            let assigned = GroupAssignor.range.assign(problem)
            checkComplete(assigned, problem)
            for assignment in assigned.values {
                for (_, partitions) in assignment.sorted {
                    #expect(Int(partitions[partitions.count - 1] - partitions[0]) == partitions.count - 1)
                }
            }
        }
    }

    @Test func rangeCoPartitions() {
        var problem = AssignmentProblem()
        let topics = [Self.topic(1), Self.topic(2)]
        for topic in topics { problem.partitionCounts[topic] = 5 }
        for member in ["b", "a"] {
            problem.members[member] = .init(instanceID: nil, topics: topics, current: PartitionAssignment())
        }
        problem.members["z"] = .init(instanceID: "static", topics: topics, current: PartitionAssignment())
        let assigned = GroupAssignor.range.assign(problem)
        #expect(assigned["z"] == PartitionAssignment(topics.map { ($0, [0, 1]) }), "static members come first")
        #expect(assigned["a"] == PartitionAssignment(topics.map { ($0, [2, 3]) }))
        #expect(assigned["b"] == PartitionAssignment(topics.map { ($0, [4]) }))
    }
}

extension [String: AssignmentProblem.Member] {
    fileprivate func map(with current: [String: PartitionAssignment]) -> Self {
        Dictionary(
            uniqueKeysWithValues: self.map { id, member in
                (id, .init(instanceID: member.instanceID, topics: member.topics, current: current[id] ?? .init()))
            })
    }
}
