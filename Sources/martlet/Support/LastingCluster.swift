// LastingCluster: the connection of a command that goes on when its broker restarts: dropped when it fails, made anew when
// it is needed.
//
// Threads: Sendable. `connected` and `drop` are for one task at a time; `close` may come from anywhere, and ends what waits
// for an answer. The lock guards only the state and is never held while something is waited for.

import KafkaClient
import Synchronization

final class LastingCluster: Sendable {
    private struct State {
        var cluster: KafkaCluster?
        var isClosed = false
    }

    private let client: ClientOptions
    private let state = Mutex(State())

    init(_ client: ClientOptions) { self.client = client }

    func connected() async throws(ClientError) -> KafkaCluster {
        if let known = state.withLock({ $0.cluster }) { return known }
        let made = try await client.connect()
        let isClosed = state.withLock { state in
            if !state.isClosed { state.cluster = made }
            return state.isClosed
        }
        // Its user is on the way out: what it sends now fails.
        if isClosed { await made.close() }
        return made
    }

    /// After a failure.
    func drop() async {
        let cluster = state.withLock { state in
            defer { state.cluster = nil }
            return state.cluster
        }
        await cluster?.close()
    }

    func close() async {
        state.withLock { $0.isClosed = true }
        await drop()
    }
}
