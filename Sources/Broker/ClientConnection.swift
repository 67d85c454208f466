/// What the broker needs to know of the connection that a request came from; the server implements it.
///
/// Threads: any; `execute` and `schedule` run their work on the connection's own event loop, one piece at a time.
package protocol ClientConnection: AnyObject, Sendable {
    /// The address the client connected to: what Metadata answers when nothing is advertised.
    var localAddress: NetworkAddress { get }
    var remoteAddress: NetworkAddress { get }

    func execute(_ work: @escaping @Sendable () -> Void)
    func schedule(afterMilliseconds delay: Int, _ work: @escaping @Sendable () -> Void) -> any ScheduledWork
}

/// Work that may still be called off.
package protocol ScheduledWork: Sendable {
    func cancel()
}
