// ServerFixture: a server on a free port with a fake broker, and a thread of its own for the blocking client.

import Broker
import NIOPosix
import Server
import TestSupport

struct ServerFixture: Sendable {
    let server: KafkaServer
    let broker: FakeBroker
    let log: LogCollector

    var address: NetworkAddress { server.boundAddresses[0] }

    func client(receiveBufferBytes: Int? = nil) throws -> TestClient {
        try TestClient(address, receiveBufferBytes: receiveBufferBytes)
    }

    /// Waits until a request has been executed, whatever becomes of its reply.
    func awaitExecution(of id: Int32) throws {
        try eventually("request \(id) is executed") { broker.executed.contains(id) }
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
