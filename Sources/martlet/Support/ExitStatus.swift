// ExitStatus: what the process's exit code says.

import ArgumentParser
import KafkaClient

enum ExitStatus: Int32 {
    case done = 0
    /// The broker refused, or the command failed for a reason of its own.
    case failed = 1
    case usage = 2
    /// No usable connection to a Kafka broker.
    case cannotConnect = 3
    case timedOut = 4

    init(_ error: any Error) {
        switch error {
        case let error as CommandFailure: self = error.status
        case let error as ClientError: self = ExitStatus(error.code)
        case is CleanExit: self = .done
        default:
            switch Martlet.exitCode(for: error) {
            case .success: self = .done
            case .validationFailure: self = .usage
            default: self = .failed
            }
        }
    }

    private init(_ code: ClientError.Code) {
        switch code {
        case .cannotConnect, .nameNotResolved, .notKafka, .connectionClosed: self = .cannotConnect
        case .timedOut, .refused(.requestTimedOut): self = .timedOut
        case .invalidAddress: self = .usage
        case .unsupportedVersion, .malformedAnswer, .refused, .invalidRecords: self = .failed
        }
    }
}

/// An error of a command itself.
struct CommandFailure: Error, Equatable {
    var status: ExitStatus = .failed
    let message: String

    init(_ message: String, status: ExitStatus = .failed) {
        self.message = message
        self.status = status
    }
}
