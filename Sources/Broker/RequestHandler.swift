/// What answers requests: the broker; in the server's tests a fake.
package protocol RequestHandler: Sendable {
    /// Executes one request. Called on the connection's event loop, the requests of a connection in order of arrival.
    ///
    /// - Parameters:
    ///   - frame: the request without the four bytes of its size; borrowed for this call only.
    ///   - complete: takes the reply of a request whose outcome is `.pending`: at most once, from any thread, also before
    ///     this call has returned.
    func handle(
        _ frame: RawSpan, from connection: any ClientConnection, complete: @escaping @Sendable (Reply) -> Void
    ) -> Outcome

    /// Brackets requests that were read together, on their event loop: what each of them wants done once may be done once for
    /// all of them at the end. Nothing blocks or awaits in between.
    func beginBurst()
    func endBurst()

    /// The server takes no more requests and waits for those in flight: what could wait for long is answered now.
    func beginStop()

    /// Forgets what waits for this connection.
    func connectionClosed(_ connection: any ClientConnection)
}
