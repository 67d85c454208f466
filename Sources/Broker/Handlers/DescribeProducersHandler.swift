import KafkaProtocol
import LogStorage

/// DescribeProducers 0: the idempotent producers that a partition remembers (KIP-664).
enum DescribeProducersHandler {
    static func handle(
        _ request: DescribeProducersRequest, _ context: RequestContext, _ access: DiskAccess
    ) throws(StorageError) -> DescribeProducersResponse {
        let topics = context.broker.topics.current
        return DescribeProducersResponse(
            topics: try request.topics.distinct(by: \.name).map { wanted throws(StorageError) in
                let topic = topics.byName[wanted.name]
                return .init(
                    name: wanted.name,
                    partitions: try wanted.partitionIndexes.distinct(by: \.self).map { index throws(StorageError) in
                        try describe(index, topic?.partition(index), access)
                    })
            })
    }

    private static func describe(
        _ index: Int32, _ partition: Partition?, _ access: DiskAccess
    ) throws(StorageError) -> DescribeProducersResponse.PartitionResponse {
        guard let partition else {
            return .init(
                partitionIndex: index, errorCode: .unknownTopicOrPartition,
                errorMessage: "This server does not host this topic-partition.")
        }
        do throws(StorageError) {
            if access == .waiting { try partition.prepareLookup(of: .max) }
            return .init(
                partitionIndex: index,
                activeProducers: try partition.producers(access).map {
                    .init(
                        producerID: $0.producerID, producerEpoch: Int32($0.producerEpoch),
                        lastSequence: $0.lastSequence,
                        lastTimestamp: $0.lastTimestamp, coordinatorEpoch: $0.coordinatorEpoch,
                        currentTxnStartOffset: $0.currentTransactionStartOffset)
                })
        } catch {
            if error.code == .wouldWait { throw error }
            return .init(partitionIndex: index, errorCode: ErrorCode(error), errorMessage: error.message)
        }
    }
}
