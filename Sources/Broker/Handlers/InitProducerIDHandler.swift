import KafkaProtocol
import LogStorage

/// InitProducerId 0 to 5: a new producer id with epoch 0, also for a producer that states an old one: without a
/// transactional id nothing ties the two together (KIP-360).
///
/// Transactions are not implemented: a transactional id is refused with an error that clients take as final.
enum InitProducerIDHandler {
    static func handle(_ request: InitProducerIDRequest, _ context: RequestContext) -> InitProducerIDResponse {
        if let transactionalID = request.transactionalID {
            return failure(transactionalID.isEmpty ? .invalidRequest : .unsupportedVersion)
        }
        do throws(StorageError) {
            return InitProducerIDResponse(producerID: try context.broker.producerIDs.allocate(), producerEpoch: 0)
        } catch {
            // That the disk is full is said once, not for every producer that tries.
            if error.code != .noSpace {
                context.broker.logger.error("no producer id can be handed out: \(error.message)")
            }
            return failure(.kafkaStorageError)
        }
    }

    private static func failure(_ code: ErrorCode) -> InitProducerIDResponse {
        InitProducerIDResponse(errorCode: code, producerID: -1, producerEpoch: -1)
    }
}
