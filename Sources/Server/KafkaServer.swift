// The server: listens, gives every connection to an event loop, and stops without losing a reply.
//
// Thread rule: Sendable. `stop` may be called several times; every call returns when the server has stopped.

import Broker
import Logging
import NIOCore
import NIOPosix
import Synchronization

package final class KafkaServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let listeners: [any Channel]
    private let shared: ServerShared
    /// Set by the first call of `stop`.
    private let stopping = Mutex<Task<Void, Never>?>(nil)

    /// The addresses it listens on, in the order of the configuration; ports that were 0 are the real ones.
    package let boundAddresses: [NetworkAddress]

    /// Open connections.
    package var connectionCount: Int { shared.registry.count }
    /// Bytes that partly received large requests hold.
    package var requestMemoryUsedBytes: Int { shared.requestMemory.usedBytes }
    /// Bytes that replies hold which were not taken.
    package var replyMemoryUsedBytes: Int { shared.replyMemory.usedBytes }

    /// What metrics tell of the connections.
    package var figures: BrokerMetrics.Connections {
        BrokerMetrics.Connections(
            count: connectionCount, requestMemoryBytes: requestMemoryUsedBytes, replyMemoryBytes: replyMemoryUsedBytes,
            totals: RequestCounters.Totals(shared.counters.values))
    }

    private init(group: MultiThreadedEventLoopGroup, listeners: [any Channel], shared: ServerShared) {
        self.group = group
        self.listeners = listeners
        self.shared = shared
        boundAddresses = listeners.map { NetworkAddress($0.localAddress) }
    }

    // MARK: Start

    /// Listens on all addresses of the configuration, or on none.
    ///
    /// - Throws: an address that cannot be listened on, as a sentence that says what to do.
    package static func start(
        _ configuration: ServerConfiguration, handler: some RequestHandler, logger: Logger
    ) async throws(ServerError) -> KafkaServer {
        let group = MultiThreadedEventLoopGroup(
            numberOfThreads: configuration.eventLoopCount ?? System.coreCount)
        let shared = ServerShared(
            configuration: configuration, handler: handler, logger: logger, loops: group.makeIterator())
        var listeners: [any Channel] = []
        for address in configuration.listeners {
            do {
                listeners.append(try await listen(on: address, group: group, shared: shared))
            } catch {
                for listener in listeners { await listener.endListening() }
                await group.end(logger)
                throw ServerError.cannotListen(on: address, error)
            }
        }
        let server = KafkaServer(group: group, listeners: listeners, shared: shared)
        logger.info("Listening on \(server.boundAddresses.map(\.description).joined(separator: ", "))")
        return server
    }

    private static func listen(
        on address: NetworkAddress, group: MultiThreadedEventLoopGroup, shared: ServerShared
    ) async throws -> any Channel {
        let socketAddress = try SocketAddress.makeAddressResolvingHost(address.host, port: address.port)
        var bootstrap = bootstrap(group: group, shared: shared)
        // `::` also takes IPv4 clients, unless somebody listens for those separately.
        let hasIPv4 = shared.configuration.listeners.contains { $0.port == address.port && !$0.host.contains(":") }
        if case .v6 = socketAddress, hasIPv4 {
            bootstrap = bootstrap.serverChannelOption(
                ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only), value: 1)
        }
        return try await bootstrap.bind(to: socketAddress).get()
    }

    private static func bootstrap(group: MultiThreadedEventLoopGroup, shared: ServerShared) -> ServerBootstrap {
        let configuration = shared.configuration
        let loops = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map { loop in
                (ObjectIdentifier(loop), (ReceiveBuffer(eventLoop: loop), LoopTurns(eventLoop: loop)))
            })
        let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
            low: ReplyWriter.turnMaxBytes / 2, high: ReplyWriter.turnMaxBytes - 1)
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(clamping: configuration.backlogConnections))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        AcceptBackoffHandler(backoffProvider: AcceptErrorHandler.backoff), AcceptErrorHandler(shared))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: waterMark)
            .childChannelOption(.autoRead, value: false)
            // One: see ReceiveBuffer.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let (receiveBuffer, turns) = loops[ObjectIdentifier(channel.eventLoop)] else {
                        preconditionFailure("a connection lives on a loop of the server's group")
                    }
                    try channel.syncOptions?.setOption(
                        .recvAllocator, value: ReceiveBufferAllocator(receiveBuffer))
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(
                            Connection(channel, shared), shared: shared, receiveBuffer: receiveBuffer,
                            turns: turns))
                }
            }
    }

    // MARK: Stop

    /// Stops accepting, lets the requests in flight finish, sends their replies, closes.
    ///
    /// Takes at most `drainTimeoutMilliseconds` and a moment: what is not finished then is closed.
    package func stop() async {
        let task = stopping.withLock { stopping in
            let task = stopping ?? Task { await self.performStop() }
            stopping = task
            return task
        }
        await task.value
    }

    private func performStop() async {
        for listener in listeners { await listener.endListening() }
        let connections = shared.registry.stopAdmitting()
        shared.handler.beginStop()
        for connection in connections {
            connection.eventLoop.execute { connection.handler.value?.drain() }
        }
        let loop = group.next()
        let timeout = TimeAmount.milliseconds(Int64(shared.configuration.drainTimeoutMilliseconds))
        let force = loop.scheduleTask(in: timeout) { [shared] in
            for connection in shared.registry.stopAdmitting() {
                connection.eventLoop.execute { connection.handler.value?.closeNow() }
            }
        }
        await withCheckedContinuation { isEmpty in shared.registry.whenEmpty { isEmpty.resume() } }
        force.cancel()
        await group.end(shared.logger)
    }
}
