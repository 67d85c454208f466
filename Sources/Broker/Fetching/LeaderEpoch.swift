import KafkaProtocol

/// The check of the leader epoch that a client states (KIP-320).
enum LeaderEpoch {
    static func objection(to stated: Int32, actual: Int32) -> ErrorCode? {
        if stated < 0 || stated == actual { return nil }
        return stated < actual ? .fencedLeaderEpoch : .unknownLeaderEpoch
    }
}
