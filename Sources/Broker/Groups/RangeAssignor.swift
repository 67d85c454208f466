import KafkaProtocol

/// Deals each topic out in ranges, in the same order of members: topics with as many partitions as each other are
/// co-partitioned, which joins of streams need.
///
/// Static members come first, by instance id, then the others by member id; the first ones get one more where it does not come
/// out even. What members had before does not matter.
enum RangeAssignor {
    static func assign(_ problem: AssignmentProblem) -> [String: PartitionAssignment] {
        var subscribers: [Uuid: [String]] = [:]
        for memberID in inOrder(problem) {
            for topic in problem.members[memberID]?.topics ?? [] { subscribers[topic, default: []].append(memberID) }
        }
        var assigned = problem.members.mapValues { _ in PartitionAssignment() }
        for (topic, memberIDs) in subscribers {
            let count = Int(problem.partitionCounts[topic] ?? 0)
            let (share, extra) = count.quotientAndRemainder(dividingBy: memberIDs.count)
            var next = 0
            for (position, memberID) in memberIDs.enumerated() {
                let end = next + share + (position < extra ? 1 : 0)
                for partition in next..<end { assigned[memberID]?.insert(topic, Int32(partition)) }
                next = end
            }
        }
        return assigned
    }

    private static func inOrder(_ problem: AssignmentProblem) -> [String] {
        problem.members.sorted { left, right in
            switch (left.value.instanceID, right.value.instanceID) {
            case (let left?, let right?): left < right
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): left.key < right.key
            }
        }.map(\.key)
    }
}
