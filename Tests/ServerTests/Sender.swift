// Sender: sends on a thread of its own, for streams larger than what the sockets hold.

import NIOPosix
import Synchronization

final class Sender {
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let failure = Failure()

    private final class Failure: Sendable {
        let error = Mutex<(any Error)?>(nil)
    }

    init(_ client: TestClient, _ bytes: [UInt8]) throws {
        pool.start()
        pool.submit { [failure] _ in
            do { try client.send(bytes) } catch { failure.error.withLock { $0 = error } }
        }
    }

    /// Waits until everything was sent.
    func finish() throws {
        try pool.syncShutdownGracefully()
        if let error = failure.error.withLock({ $0 }) { throw error }
    }
}
