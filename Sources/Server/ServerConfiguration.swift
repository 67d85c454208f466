// What a server listens on, and the limit on everything a client can make it hold.
//
// Thread rule: a value.

import Broker

package struct ServerConfiguration: Sendable {
    /// Where to listen. Hosts are IP addresses, `0.0.0.0` and `::` included, or names; port 0 lets the system choose.
    package var listeners: [NetworkAddress]
    /// Threads that serve connections; nil = one a core.
    package var eventLoopCount: Int?
    /// Connections that wait to be accepted (the kernel cuts this down to `net.core.somaxconn`).
    package var backlogConnections = 1_024

    /// Largest request without its four bytes of size (`socket.request.max.bytes`).
    package var requestMaxBytes = 100 * 1_024 * 1_024
    /// Bytes that partly received requests of all connections may hold together (`queued.max.request.bytes`). The first
    /// 64 KiB of a request are not counted. Whoever wants more waits; only the request that began first may exceed the
    /// budget, or requests could wait for each other for ever: the bound is this plus `requestMaxBytes`.
    package var requestMemoryMaxBytes = 512 * 1_024 * 1_024

    /// Bytes of replies that all connections together have not taken (`queued.max.reply.bytes`); see `ReplyMemory`.
    package var replyMemoryMaxBytes = 512 * 1_024 * 1_024

    /// Open connections (`max.connections`).
    package var connectionsMax = 100_000
    /// Open connections from one address (`max.connections.per.ip`).
    package var connectionsPerAddressMax = Int(Int32.max)
    /// A connection without requests for so long is closed (`connections.max.idle.ms`).
    package var connectionsMaxIdleMilliseconds = 10 * 60 * 1_000

    /// Requests of one connection that are not answered yet; reading pauses there.
    package var inFlightRequestsMax = 100
    /// Bytes of replies that one connection has not taken yet, and of those that wait for an earlier one; reading pauses
    /// there.
    package var queuedReplyMaxBytes = 8 * 1_024 * 1_024
    /// A client that takes no byte of its replies, or sends no byte of a large request that holds memory, is closed
    /// after this.
    package var stallTimeoutMilliseconds = 60 * 1_000
    /// How long a stop waits for replies to be finished and taken.
    package var drainTimeoutMilliseconds = 10 * 1_000

    package init(listeners: [NetworkAddress]) {
        self.listeners = listeners
    }
}
