import KafkaProtocol
import LogStorage

/// Why a request about a topic is refused: the protocol's code and a sentence.
package struct TopicError: Error, Equatable, Sendable {
    package let code: ErrorCode
    package let message: String?
    /// The disk is full, of which there is a line in the log already.
    let isForWantOfSpace: Bool

    package init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
        isForWantOfSpace = false
    }

    init(_ error: StorageError) {
        code = .kafkaStorageError
        message = error.message
        isForWantOfSpace = error.code == .noSpace
    }
}
