// ClientError: what went wrong between this client and a broker: a stable code to act on, a sentence that says what to do.

import KafkaProtocol

/// Everything that the client throws.
package struct ClientError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// Nobody accepts connections at the address, or no route leads there.
        case cannotConnect
        /// The host name has no address.
        case nameNotResolved
        /// The address is not of the form HOST:PORT.
        case invalidAddress
        /// Something answers at the address, but not in the Kafka protocol, or only behind TLS.
        case notKafka
        /// The broker closed the connection, or it broke.
        case connectionClosed
        /// No answer in time.
        case timedOut
        /// The broker and this client have no version of an API in common.
        case unsupportedVersion
        /// An answer is not what the protocol says.
        case malformedAnswer
        /// The broker answered with an error of the protocol.
        case refused(ErrorCode)
        /// Records cannot be encoded or decoded.
        case invalidRecords
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// Whether the same request may succeed later without any change.
    package var isRetriable: Bool {
        if case .refused(let code) = code { return code.isRetriable }
        return false
    }

    /// The broker's own error: what was tried, the error's name, and the broker's words if it gave any.
    package static func refused(_ what: String, _ code: ErrorCode, _ words: String? = nil) -> ClientError {
        let words = words.flatMap { $0.isEmpty ? nil : $0 }
        return ClientError(.refused(code), "\(what): \(code)" + (words.map { ": \($0)" } ?? ""))
    }

    static func malformed(_ apiKey: ApiKey, _ address: BrokerAddress, _ error: WireError) -> ClientError {
        ClientError(
            .malformedAnswer, "\(address) sent a \(apiKey.name) response that cannot be read: \(error)")
    }

    static func timedOut(_ apiKey: ApiKey, _ address: BrokerAddress, _ milliseconds: Int) -> ClientError {
        ClientError(
            .timedOut,
            "\(address) did not answer \(apiKey.name) within \(Self.seconds(milliseconds)); "
                + "is the broker overloaded or stopped, or is this not a Kafka broker?")
    }

    static func seconds(_ milliseconds: Int) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }
}
