// ServerFixture: a server on a free port with a fake broker, and a thread of its own for the blocking client.

import Broker
import Logging
import NIOPosix
import Server
import Synchronization

struct ServerFixture: Sendable {
    let server: KafkaServer
    let broker: FakeBroker
    let log: LogCollector

    var address: NetworkAddress { server.boundAddresses[0] }

    func client(receiveBufferBytes: Int? = nil) throws -> TestClient {
        try TestClient(address, receiveBufferBytes: receiveBufferBytes)
    }
}

extension ServerConfiguration {
    /// A free port, two loops, and no long goodbyes.
    static func test(_ configure: (inout ServerConfiguration) -> Void = { _ in }) -> ServerConfiguration {
        var configuration = ServerConfiguration(listeners: [NetworkAddress(host: "127.0.0.1", port: 0)])
        configuration.eventLoopCount = 2
        configuration.drainTimeoutMilliseconds = 200
        configure(&configuration)
        return configuration
    }
}

/// Starts a server, runs the script, stops the server.
@discardableResult
func withServer<Result: Sendable>(
    _ configuration: ServerConfiguration = .test(),
    _ script: @escaping @Sendable (ServerFixture) throws -> Result
) async throws -> Result {
    let log = LogCollector()
    let broker = FakeBroker()
    let server = try await KafkaServer.start(configuration, handler: broker, logger: log.logger)
    let fixture = ServerFixture(server: server, broker: broker, log: log)
    do {
        let result = try await offThePool { try script(fixture) }
        await server.stop()
        return result
    } catch {
        await server.stop()
        throw error
    }
}

/// Runs blocking work on a thread of its own: the threads of Swift's pool are few, and the server's stop needs one.
func offThePool<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    do {
        let result = try await pool.runIfActive(body)
        try await pool.shutdownGracefully()
        return result
    } catch {
        try await pool.shutdownGracefully()
        throw error
    }
}

/// Collects what is logged.
final class LogCollector: Sendable {
    private let collected = Mutex<[String]>([])

    var messages: [String] { collected.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(collector: self) }
    }

    private struct Handler: LogHandler {
        let collector: LogCollector
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            collector.collected.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }
}
