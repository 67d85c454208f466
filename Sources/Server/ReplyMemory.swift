// One budget over all connections for the bytes of replies that were made and not taken.
//
// Counted are bytes that the broker holds: what lies in mapped segments is the page cache's. A reply counts from when another
// thread has made it, or when it has to wait for an earlier one; once passed on, bytes count in steps of 16 KiB until the
// socket has taken them, so whoever takes small replies at once costs nothing here.
// What was made is there, so nobody can be told to wait: where the budget is exceeded, whoever holds most loses the
// connection, and then the next one, until the rest fits. Hence the bound is the budget, the replies that are being made, and
// less than 16 KiB for each connection.
//
// Thread rule: Sendable. The mutex of an account is the innermost one; that of shedding is held while the connections are
// looked through.

import Synchronization

final class ReplyMemory: Sendable {
    /// What is passed on is counted in steps of so many bytes.
    static let stepBytes = 16 << 10
    /// Smaller replies that wait for others are not counted: so many may be in flight that they cannot be much.
    static let waitingMinBytes = 1 << 10

    private let maxBytes: Int
    private let used = Atomic(0)
    private let shedding = Mutex(())

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    var usedBytes: Int { used.load(ordering: .relaxed) }

    /// What one connection holds.
    final class Account: Sendable {
        private struct State {
            var heldBytes = 0
            /// Whatever it still holds is about to go.
            var isClosed = false
        }

        private let memory: ReplyMemory
        private let state = Mutex(State())

        init(_ memory: ReplyMemory) { self.memory = memory }

        var heldBytes: Int { state.withLock { $0.heldBytes } }

        /// Counts bytes; false if that is more than the budget has.
        func claim(_ bytes: Int) -> Bool {
            state.withLock { state in
                if state.isClosed { return true }
                state.heldBytes += bytes
                return memory.used.add(bytes, ordering: .relaxed).newValue <= memory.maxBytes
            }
        }

        func release(_ bytes: Int) {
            state.withLock { state in
                if state.isClosed { return }
                state.heldBytes -= bytes
                memory.used.subtract(bytes, ordering: .relaxed)
            }
        }

        /// Counts nothing any more; the bytes it held.
        @discardableResult
        func close() -> Int {
            state.withLock { state in
                state.isClosed = true
                memory.used.subtract(state.heldBytes, ordering: .relaxed)
                defer { state.heldBytes = 0 }
                return state.heldBytes
            }
        }
    }

    /// Has connections closed until the rest fits, those first that hold most.
    func shed(among registry: ConnectionRegistry, _ close: (Connection, _ heldBytes: Int) -> Void) {
        shedding.withLock { _ in
            // Somebody else may have made room.
            guard usedBytes > maxBytes else { return }
            let all = registry.all.map { ($0, $0.replyMemory.heldBytes) }.sorted { $0.1 > $1.1 }
            for (connection, _) in all where usedBytes > maxBytes {
                let held = connection.replyMemory.close()
                if held > 0 { close(connection, held) }
            }
        }
    }
}
