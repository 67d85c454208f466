import KafkaProtocol
import LogStorage

/// ListOffsets 1 to 11: earliest (-2), latest (-1), max timestamp (-3), earliest local (-4), the first record at or after a
/// timestamp; the tiered-storage lookups (-5, -6) find nothing, as with Kafka without tiered storage.
///
/// Lookups that read records run on a thread of `ColdReads`. The others are answered at once if the logs are loaded.
enum ListOffsetsHandler {
    private enum Special {
        static let latest: Int64 = -1
        static let earliest: Int64 = -2
        static let maxTimestamp: Int64 = -3
        static let earliestLocal: Int64 = -4
        static let latestTiered: Int64 = -5
        static let earliestPendingUpload: Int64 = -6

        /// The first version that has each of them.
        static func minVersion(of timestamp: Int64) -> Int16? {
            switch timestamp {
            case latest, earliest: 0
            case maxTimestamp: 7
            case earliestLocal: 8
            case latestTiered: 9
            case earliestPendingUpload: 11
            default: nil
            }
        }
    }

    static func handle(_ request: ListOffsetsRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        let mustSearch = request.topics.contains { $0.partitions.contains { readsRecords($0) } }
        guard mustSearch else {
            return context.answer { access throws(StorageError) in try response(request, context, access) }
        }
        context.broker.coldReads.run(for: context.connection) {
            do throws(StorageError) {
                context.complete(context.reply(try response(request, context, .waiting)))
            } catch {
                preconditionFailure("only what must not wait is refused: \(error.message)")
            }
        }
        return .pending
    }

    private static func readsRecords(_ wanted: ListOffsetsRequest.ListOffsetsPartition) -> Bool {
        wanted.timestamp >= 0 || wanted.timestamp == Special.maxTimestamp
    }

    private static func response(
        _ request: ListOffsetsRequest, _ context: RequestContext, _ access: DiskAccess
    ) throws(StorageError) -> ListOffsetsResponse {
        let topics = context.broker.topics.current
        return ListOffsetsResponse(
            topics: try request.topics.distinct(by: \.name).map { wanted throws(StorageError) in
                let topic = topics.byName[wanted.name]
                return .init(
                    name: wanted.name,
                    partitions: try wanted.partitions.distinct(by: \.partitionIndex).map {
                        wanted throws(StorageError) in
                        try lookUp(wanted, topic?.partition(wanted.partitionIndex), context.version, access)
                    })
            })
    }

    private static func lookUp(
        _ wanted: ListOffsetsRequest.ListOffsetsPartition, _ partition: Partition?, _ version: Int16,
        _ access: DiskAccess
    ) throws(StorageError) -> ListOffsetsResponse.ListOffsetsPartitionResponse {
        var answer = ListOffsetsResponse.ListOffsetsPartitionResponse(partitionIndex: wanted.partitionIndex)
        guard let partition else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        do throws(StorageError) {
            // Before anything asks for the log under its lock.
            if access == .waiting { try partition.prepareLookup(of: readsRecords(wanted) ? 0 : .max) }
            let bounds = try partition.bounds(access)
            if let error = LeaderEpoch.objection(to: wanted.currentLeaderEpoch, actual: bounds.leaderEpoch) {
                answer.errorCode = error
            } else if let found = try find(wanted.timestamp, partition, bounds, version) {
                (answer.offset, answer.timestamp, answer.leaderEpoch) = found
            } else if wanted.timestamp < 0, Special.minVersion(of: wanted.timestamp).map({ version < $0 }) ?? true {
                answer.errorCode = .unsupportedVersion
            }
        } catch {
            if error.code == .wouldWait { throw error }
            answer.errorCode = ErrorCode(error)
        }
        return answer
    }

    /// nil if there is no such record.
    private static func find(
        _ timestamp: Int64, _ partition: Partition, _ bounds: Partition.Bounds, _ version: Int16
    ) throws(StorageError) -> (offset: Int64, timestamp: Int64, leaderEpoch: Int32)? {
        if timestamp < 0, Special.minVersion(of: timestamp).map({ version < $0 }) ?? true { return nil }
        switch timestamp {
        case Special.latest:
            return (bounds.highWatermark, -1, bounds.leaderEpoch)
        case Special.earliest, Special.earliestLocal:
            let epoch = try partition.leaderEpoch(at: bounds.logStartOffset)
            return (bounds.logStartOffset, -1, epoch)
        case Special.latestTiered, Special.earliestPendingUpload: return nil
        default:
            let found =
                timestamp == Special.maxTimestamp
                ? try partition.maxTimestampOffset() : try partition.offset(forTimestamp: timestamp)
            return found.map { ($0.offset, $0.timestamp, $0.leaderEpoch) }
        }
    }
}
