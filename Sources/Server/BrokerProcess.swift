// A whole broker: settings, log, broker and server, from start to clean stop. What `martlet serve` runs.
//
// Crash rule: `stop` answers what is in flight, then flushes and closes every log and writes the clean-stop marker; a process
// that ends in any other way recovers at its next start.
// Thread rule: Sendable; `stop` may be called several times.

import Broker
import Logging

package final class BrokerProcess: Sendable {
    private let broker: Broker
    private let server: KafkaServer

    package let dataDirectory: String
    package var boundAddresses: [NetworkAddress] { server.boundAddresses }

    private init(broker: Broker, server: KafkaServer, dataDirectory: String) {
        self.broker = broker
        self.server = server
        self.dataDirectory = dataDirectory
    }

    /// Opens the data directory, recovers if need be, and serves.
    ///
    /// - Throws: `SettingsError`, `StorageError` or `ServerError`, each a sentence that says what to do.
    package static func start(_ settings: BrokerSettings, logger: Logger) async throws -> BrokerProcess {
        for name in settings.unknownNames { logger.warning("There is no setting \(name); it is ignored.") }
        let limits = ProcessLimits.current()
        var configuration = try ServerConfiguration(settings)
        configuration.connectionsMax = limits.connectionsMax(settings)
        if configuration.connectionsMax < settings.integer("max.connections") {
            logger.notice(
                """
                \(limits.openFiles) files and sockets may be open (`ulimit -n`, LimitNOFILE=): at most \
                \(configuration.connectionsMax) connections are taken, not max.connections \
                (\(settings.integer("max.connections")))
                """)
        }
        let broker = try Broker(settings: settings, limits: limits, logger: logger)
        do {
            let server = try await KafkaServer.start(configuration, handler: broker, logger: logger)
            return BrokerProcess(broker: broker, server: server, dataDirectory: settings["log.dirs"].text)
        } catch {
            broker.stop()
            throw error
        }
    }

    /// Answers what is in flight, then closes everything so that the next start has nothing to recover.
    package func stop() async {
        await server.stop()
        broker.stop()
    }
}

extension ServerConfiguration {
    /// The server's part of the settings.
    package init(_ settings: BrokerSettings) throws(SettingsError) {
        var listeners: [NetworkAddress] = []
        for text in settings.list("listeners") { listeners.append(try NetworkAddress(listener: text)) }
        guard !listeners.isEmpty else { throw SettingsError("listeners is empty; write PLAINTEXT://0.0.0.0:9092.") }
        self.init(listeners: listeners)
        let threads = settings.integer("num.network.threads")
        eventLoopCount = threads == 0 ? nil : threads
        requestMaxBytes = settings.integer("socket.request.max.bytes")
        requestMemoryMaxBytes = settings.integer("queued.max.request.bytes")
        connectionsMax = settings.integer("max.connections")
        connectionsPerAddressMax = settings.integer("max.connections.per.ip")
        connectionsMaxIdleMilliseconds = settings.integer("connections.max.idle.ms")
        inFlightRequestsMax = settings.integer("connection.in.flight.requests.max")
        queuedReplyMaxBytes = settings.integer("connection.queued.reply.max.bytes")
        stallTimeoutMilliseconds = settings.integer("connection.write.stall.max.ms")
        drainTimeoutMilliseconds = settings.integer("controlled.shutdown.drain.ms")
    }
}
