import KafkaProtocol

/// Replica assignments that clients state by hand.
enum ReplicaAssignment {
    /// Partitions have to follow each other, and the only broker there is has to be the only replica.
    static func check(
        _ assignments: [(partition: Int32, brokerIDs: [Int32])], firstIndex: Int32, nodeID: Int32
    ) throws(TopicError) {
        for (position, assignment) in assignments.enumerated() {
            guard assignment.partition == firstIndex + Int32(position) else {
                throw TopicError(
                    .invalidReplicaAssignment, "Partitions should be a consecutive 0-based integer sequence.")
            }
            guard assignment.brokerIDs == [nodeID] else {
                throw TopicError(
                    .invalidReplicaAssignment,
                    "Partition \(assignment.partition) is assigned to brokers \(assignment.brokerIDs); the only broker is "
                        + "\(nodeID).")
            }
        }
    }
}
