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
    /// nil unless `metrics.listener` is set.
    private let metrics: MetricsServer?

    package let dataDirectory: String
    package var boundAddresses: [NetworkAddress] { server.boundAddresses }

    private init(broker: Broker, server: KafkaServer, metrics: MetricsServer?, dataDirectory: String) {
        self.broker = broker
        self.server = server
        self.metrics = metrics
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
            do {
                let metrics = try await startMetrics(settings, broker, server, logger)
                return BrokerProcess(
                    broker: broker, server: server, metrics: metrics, dataDirectory: settings["log.dirs"].text)
            } catch {
                await server.stop()
                throw error
            }
        } catch {
            broker.stop()
            throw error
        }
    }

    private static func startMetrics(
        _ settings: BrokerSettings, _ broker: Broker, _ server: KafkaServer, _ logger: Logger
    ) async throws -> MetricsServer? {
        let listener = settings["metrics.listener"].text
        guard !listener.isEmpty else { return nil }
        // A text that names no host means this machine alone: the answer tells the names of topics and groups.
        let stated = try NetworkAddress(listener: listener)
        let address = listener.hasPrefix(":") ? NetworkAddress(host: "127.0.0.1", port: stated.port) : stated
        return try await MetricsServer.start(on: address, logger: logger) { [broker, server] in
            BrokerMetrics.text(of: broker, connections: server.figures)
        }
    }

    /// Answers what is in flight, then closes everything so that the next start has nothing to recover.
    package func stop() async {
        await metrics?.stop()
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
        replyMemoryMaxBytes = settings.integer("queued.max.reply.bytes")
        connectionsMax = settings.integer("max.connections")
        connectionsPerAddressMax = settings.integer("max.connections.per.ip")
        connectionsMaxIdleMilliseconds = settings.integer("connections.max.idle.ms")
        inFlightRequestsMax = settings.integer("connection.in.flight.requests.max")
        queuedReplyMaxBytes = settings.integer("connection.queued.reply.max.bytes")
        stallTimeoutMilliseconds = settings.integer("connection.write.stall.max.ms")
        drainTimeoutMilliseconds = settings.integer("controlled.shutdown.drain.ms")
    }
}
