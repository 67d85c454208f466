import KafkaProtocol
import LogStorage

extension ErrorCode {
    /// The code a client is given for a failure of the log.
    init(_ error: StorageError) {
        self =
            switch error.code {
            case .offsetOutOfRange: .offsetOutOfRange
            case .notFound: .unknownTopicOrPartition
            case .batchTooLarge: .recordListTooLarge
            default: .kafkaStorageError
            }
    }
}
