import KafkaProtocol
import LogStorage

/// DescribeProducers 0: the idempotent producers that a partition remembers (KIP-664).
enum DescribeProducersHandler {
    static func handle(_ request: DescribeProducersRequest, _ context: RequestContext) -> DescribeProducersResponse {
        let topics = context.broker.topics.current
        return DescribeProducersResponse(
            topics: request.topics.map { wanted in
                let topic = topics.byName[wanted.name]
                return .init(
                    name: wanted.name, partitions: wanted.partitionIndexes.map { describe($0, topic?.partition($0)) })
            })
    }

    private static func describe(
        _ index: Int32, _ partition: Partition?
    ) -> DescribeProducersResponse.PartitionResponse {
        guard let partition else {
            return .init(
                partitionIndex: index, errorCode: .unknownTopicOrPartition,
                errorMessage: "This server does not host this topic-partition.")
        }
        do throws(StorageError) {
            return .init(
                partitionIndex: index,
                activeProducers: try partition.producers().map {
                    .init(
                        producerID: $0.producerID, producerEpoch: Int32($0.producerEpoch),
                        lastSequence: $0.lastSequence,
                        lastTimestamp: $0.lastTimestamp, coordinatorEpoch: $0.coordinatorEpoch,
                        currentTxnStartOffset: $0.currentTransactionStartOffset)
                })
        } catch {
            return .init(partitionIndex: index, errorCode: ErrorCode(error), errorMessage: error.message)
        }
    }
}
