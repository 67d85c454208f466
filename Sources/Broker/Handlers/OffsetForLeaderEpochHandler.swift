import KafkaProtocol
import LogStorage

/// OffsetForLeaderEpoch 0 to 4: where a leader epoch ended, by which a client notices that a log was cut (KIP-320).
enum OffsetForLeaderEpochHandler {
    static func handle(
        _ request: OffsetForLeaderEpochRequest, _ context: RequestContext, _ access: DiskAccess
    ) throws(StorageError) -> OffsetForLeaderEpochResponse {
        let topics = context.broker.topics.current
        return OffsetForLeaderEpochResponse(
            topics: try request.topics.map { wanted throws(StorageError) in
                let topic = topics.byName[wanted.topic]
                return .init(
                    topic: wanted.topic,
                    partitions: try wanted.partitions.map { wanted throws(StorageError) in
                        try lookUp(wanted, topic?.partition(wanted.partition), access)
                    })
            })
    }

    private static func lookUp(
        _ wanted: OffsetForLeaderEpochRequest.OffsetForLeaderPartition, _ partition: Partition?, _ access: DiskAccess
    ) throws(StorageError) -> OffsetForLeaderEpochResponse.EpochEndOffset {
        var answer = OffsetForLeaderEpochResponse.EpochEndOffset(partition: wanted.partition)
        guard let partition else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        do throws(StorageError) {
            if access == .waiting { try partition.prepareLookup(of: .max) }
            let actual = try partition.bounds(access).leaderEpoch
            if let error = LeaderEpoch.objection(to: wanted.currentLeaderEpoch, actual: actual) {
                answer.errorCode = error
                return answer
            }
            let end = try partition.endOffset(forLeaderEpoch: wanted.leaderEpoch)
            answer.leaderEpoch = end.epoch
            answer.endOffset = end.endOffset
        } catch {
            if error.code == .wouldWait { throw error }
            answer.errorCode = ErrorCode(error)
        }
        return answer
    }
}
