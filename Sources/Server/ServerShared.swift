// What all connections of a server share, and the messages that clients can cause.
//
// Thread rule: Sendable, immutable; the parts guard themselves.

import Broker
import Logging
import NIOCore

final class ServerShared: Sendable {
    let configuration: ServerConfiguration
    let handler: any RequestHandler
    let logger: Logger
    let registry: ConnectionRegistry
    let requestMemory: RequestMemory
    let replyMemory: ReplyMemory
    /// By event loop.
    let counters: [ObjectIdentifier: RequestCounters]
    private let refusals = LogLimiter()
    // One for each kind, so that a noisy client of one kind does not hide another.
    private let httpRequests = LogLimiter()
    private let tlsHandshakes = LogLimiter()
    private let wrongSizes = LogLimiter()
    private let closings = LogLimiter()
    private let stalls = LogLimiter()
    private let shedConnections = LogLimiter()
    private let acceptErrors = LogLimiter()

    init(
        configuration: ServerConfiguration, handler: any RequestHandler, logger: Logger,
        loops: some Sequence<any EventLoop>
    ) {
        self.configuration = configuration
        counters = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0), RequestCounters()) })
        self.handler = handler
        self.logger = logger
        registry = ConnectionRegistry(
            connectionsMax: configuration.connectionsMax,
            connectionsPerAddressMax: configuration.connectionsPerAddressMax)
        requestMemory = RequestMemory(maxBytes: configuration.requestMemoryMaxBytes)
        replyMemory = ReplyMemory(maxBytes: configuration.replyMemoryMaxBytes)
    }

    /// Replies have become more than may be held: closes whoever holds most.
    func shedReplies() {
        replyMemory.shed(among: registry) { connection, heldBytes in
            shedConnections.admit { suffix in
                logger.warning(
                    """
                    Closing the connection of \(connection.remoteAddress): it has not taken \(heldBytes) bytes of replies, the \
                    most of all, and together they are more than queued.max.reply.bytes \
                    (\(configuration.replyMemoryMaxBytes))\(suffix)
                    """)
            }
            connection.eventLoop.execute { connection.handler.value?.closeNow() }
        }
    }

    func logRefusal(_ refusal: ConnectionRegistry.Refusal, _ connection: Connection) {
        let limit: String
        switch refusal {
        case .stopping: return
        case .connectionsMax: limit = "max.connections (\(configuration.connectionsMax))"
        case .connectionsPerAddressMax:
            limit = "max.connections.per.ip (\(configuration.connectionsPerAddressMax))"
        }
        refusals.admit { suffix in
            logger.warning("Refused a connection from \(connection.remoteAddress): \(limit) is reached\(suffix)")
        }
    }

    /// A connection that is closed because of what its client asked for.
    func logClosing(_ connection: Connection, reason: String) {
        closings.admit { suffix in
            logger.warning("Closing the connection of \(connection.remoteAddress): \(reason)\(suffix)")
        }
    }

    func logMalformation(_ malformation: FrameReader.Malformation, _ connection: Connection) {
        let reason: String
        var limiter = wrongSizes
        switch malformation {
        case .foreign(let foreign):
            reason = foreign.advice
            limiter = foreign == .http ? httpRequests : tlsHandshakes
        case .size(let size) where size > configuration.requestMaxBytes:
            reason =
                "it announced a request of \(size) bytes, more than socket.request.max.bytes "
                + "(\(configuration.requestMaxBytes)), or it does not speak the Kafka protocol"
        case .size(let size):
            reason = "it announced a request of \(size) bytes; it does not speak the Kafka protocol"
        }
        limiter.admit { suffix in
            logger.warning(
                """
                Closing the connection of \(connection.remoteAddress) to port \(connection.localAddress.port): \
                \(reason)\(suffix)
                """)
        }
    }

    func logStall(_ verdict: StallWatch.Verdict, unsentBytes: Int, _ connection: Connection) {
        let seconds = Double(configuration.stallTimeoutMilliseconds) / 1_000
        let reason =
            verdict == .slowReader
            ? "it has not read any byte of its replies (\(unsentBytes) bytes wait)"
            : "it has not sent any byte of a large request that it began"
        stalls.admit { suffix in
            logger.warning(
                "Closing the connection of \(connection.remoteAddress): \(reason) for \(seconds) s\(suffix)")
        }
    }

    func logAcceptError(_ error: any Error) {
        acceptErrors.admit { suffix in
            logger.error(
                """
                Cannot accept connections for now: \(error); if files or sockets have run out, raise the limit of open \
                files (`ulimit -n`, LimitNOFILE=)\(suffix)
                """)
        }
    }
}
