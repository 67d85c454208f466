import KafkaProtocol
import LogStorage

/// OffsetForLeaderEpoch 0 to 4: where a leader epoch ended, by which a client notices that a log was cut (KIP-320).
enum OffsetForLeaderEpochHandler {
    static func handle(
        _ request: OffsetForLeaderEpochRequest, _ context: RequestContext
    ) -> OffsetForLeaderEpochResponse {
        let topics = context.broker.topics.current
        return OffsetForLeaderEpochResponse(
            topics: request.topics.map { wanted in
                let topic = topics.byName[wanted.topic]
                return .init(
                    topic: wanted.topic,
                    partitions: wanted.partitions.map { lookUp($0, topic?.partition($0.partition)) })
            })
    }

    private static func lookUp(
        _ wanted: OffsetForLeaderEpochRequest.OffsetForLeaderPartition, _ partition: Partition?
    ) -> OffsetForLeaderEpochResponse.EpochEndOffset {
        var answer = OffsetForLeaderEpochResponse.EpochEndOffset(partition: wanted.partition)
        guard let partition else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        do throws(StorageError) {
            let actual = try partition.bounds().leaderEpoch
            if let error = LeaderEpoch.objection(to: wanted.currentLeaderEpoch, actual: actual) {
                answer.errorCode = error
                return answer
            }
            let end = try partition.endOffset(forLeaderEpoch: wanted.leaderEpoch)
            answer.leaderEpoch = end.epoch
            answer.endOffset = end.endOffset
        } catch {
            answer.errorCode = ErrorCode(error)
        }
        return answer
    }
}
