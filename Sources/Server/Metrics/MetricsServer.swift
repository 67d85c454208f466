// The listener for metrics: HTTP on an event loop and thread of its own, so that a slow answer delays nobody but who asked.
//
// Limits: `connectionsMax` connections, 30 seconds without traffic, 8 KiB of headers, no bodies.
// Thread rule: Sendable; `stop` may be called several times.

import Broker
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

package final class MetricsServer: Sendable {
    static let connectionsMax = 16
    private static let idleTime = TimeAmount.seconds(30)
    private static let headersMaxBytes = 8_192
    private static let headersMaxCount = 64

    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let logger: Logger

    package let boundAddress: NetworkAddress

    private init(group: MultiThreadedEventLoopGroup, listener: any Channel, logger: Logger) {
        self.group = group
        self.listener = listener
        self.logger = logger
        boundAddress = NetworkAddress(listener.localAddress)
    }

    /// - Parameter text: makes the answer; called on this server's thread.
    package static func start(
        on address: NetworkAddress, logger: Logger, text: @escaping @Sendable () -> [UInt8]
    ) async throws(ServerError) -> MetricsServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let socketAddress = try SocketAddress.makeAddressResolvingHost(address.host, port: address.port)
            let open = OpenConnections()
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 16)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelInitializer { channel in
                    // Without files left, accepting waits instead of spinning.
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            AcceptBackoffHandler(backoffProvider: AcceptErrorHandler.backoff))
                    }
                }
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try prepare(channel, open, text) }
                }
                .bind(to: socketAddress).get()
            let server = MetricsServer(group: group, listener: listener, logger: logger)
            logger.info("Serving metrics on http://\(server.boundAddress)/metrics")
            return server
        } catch {
            await group.end(logger)
            throw ServerError.cannotListen(on: address, setting: "metrics.listener", error)
        }
    }

    private static func prepare(
        _ channel: any Channel, _ open: OpenConnections, _ text: @escaping @Sendable () -> [UInt8]
    ) throws {
        guard open.admit() else { throw ChannelError.operationUnsupported }
        channel.closeFuture.whenComplete { _ in open.remove() }
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = headersMaxBytes
        limits.maxHeaderListSize = headersMaxBytes
        limits.maxHeaderFieldCount = headersMaxCount
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(IdleStateHandler(allTimeout: idleTime))
        try pipeline.configureHTTPServerPipeline(
            withEncoderConfiguration: HTTPResponseEncoder.Configuration(), withDecoderLimitConfiguration: limits)
        try pipeline.addHandler(MetricsHandler(text: text))
    }

    package func stop() async {
        await listener.endListening()
        await group.end(logger)
    }

    /// Counts the connections.
    private final class OpenConnections: Sendable {
        private let count = Mutex(0)

        func admit() -> Bool {
            count.withLock { count in
                guard count < MetricsServer.connectionsMax else { return false }
                count += 1
                return true
            }
        }

        func remove() { count.withLock { $0 -= 1 } }
    }
}
