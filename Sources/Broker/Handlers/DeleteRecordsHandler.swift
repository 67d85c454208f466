import KafkaProtocol
import LogStorage

/// DeleteRecords 0 to 2: moves the log start forward; -1 means up to the high watermark (KIP-107).
enum DeleteRecordsHandler {
    private typealias Answer = DeleteRecordsResponse.DeleteRecordsPartitionResult
    private static let highWatermark: Int64 = -1

    static func handle(_ request: DeleteRecordsRequest, _ context: RequestContext) -> DeleteRecordsResponse {
        let topics = context.broker.topics.current
        var response = DeleteRecordsResponse()
        for wanted in request.topics {
            let topic = topics.byName[wanted.name]
            let answers = wanted.partitions.map { delete($0, topic) }
            response.topics.append(.init(name: wanted.name, partitions: answers))
        }
        let isAnyMoved = response.topics.contains { $0.partitions.contains { $0.errorCode == .none } }
        return isAnyMoved ? makeDurable(response, context.broker) : response
    }

    private static func delete(_ wanted: DeleteRecordsRequest.DeleteRecordsPartition, _ topic: Topic?) -> Answer {
        guard let topic, let partition = topic.partition(wanted.partitionIndex) else {
            return failure(wanted.partitionIndex, .unknownTopicOrPartition)
        }
        guard !topic.isInternal else { return failure(wanted.partitionIndex, .invalidTopicException) }
        // As Kafka: records of a topic that is only compacted are deleted by tombstones.
        guard topic.config.isDeletable else { return failure(wanted.partitionIndex, .policyViolation) }
        guard wanted.offset >= highWatermark else { return failure(wanted.partitionIndex, .offsetOutOfRange) }
        do throws(StorageError) {
            let start = try partition.advanceStart(to: wanted.offset)
            return Answer(partitionIndex: wanted.partitionIndex, lowWatermark: start)
        } catch {
            return failure(wanted.partitionIndex, ErrorCode(error))
        }
    }

    private static func makeDurable(_ response: DeleteRecordsResponse, _ broker: Broker) -> DeleteRecordsResponse {
        do throws(StorageError) {
            do throws(StorageError) { try broker.topics.checkpointLogStartOffsets() } catch {
                guard error.code == .noSpace else { throw error }
                // The files make the room. Until the start is durable, the log starts at the oldest that is left.
                removeFiles(response, broker)
                try broker.topics.checkpointLogStartOffsets()
            }
            removeFiles(response, broker)
            return response
        } catch {
            var response = response
            for topic in response.topics.indices {
                response.topics[topic].partitions = response.topics[topic].partitions.map {
                    failure($0.partitionIndex, .kafkaStorageError)
                }
            }
            return response
        }
    }

    /// Only when the start is durable, if that can be: a power cut should not find the old start without the files.
    private static func removeFiles(_ response: DeleteRecordsResponse, _ broker: Broker) {
        for topic in response.topics {
            for answer in topic.partitions where answer.errorCode == .none {
                let partition = broker.topics.current.byName[topic.name]?.partition(answer.partitionIndex)
                do throws(StorageError) { try partition?.removeDeletedSegments() } catch {
                    broker.logger.warning("deleted segments stay until the next start: \(error.message)")
                }
            }
        }
    }

    private static func failure(_ index: Int32, _ code: ErrorCode) -> Answer {
        Answer(partitionIndex: index, lowWatermark: -1, errorCode: code)
    }
}
