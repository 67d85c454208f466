// A connection without a socket: its event loop runs when the test says so, its timers on the test's clock.
//
// Thread rule: Sendable; work may be queued from any thread and runs on the thread that calls `drain` or `advance`.

import Broker
import Synchronization

final class FakeConnection: ClientConnection {
    let localAddress = NetworkAddress(host: "broker.test", port: 19_092)
    let remoteAddress = NetworkAddress(host: "192.0.2.7", port: 40_001)

    private struct Timer {
        let id: Int
        let due: Int
        let work: @Sendable () -> Void
    }

    private struct State {
        var queue: [@Sendable () -> Void] = []
        var timers: [Timer] = []
        var nextID = 0
        var now = 0
    }

    private let state = Mutex(State())

    private struct Scheduled: ScheduledWork {
        let connection: FakeConnection
        let id: Int
        func cancel() { connection.state.withLock { $0.timers.removeAll { $0.id == id } } }
    }

    func execute(_ work: @escaping @Sendable () -> Void) { state.withLock { $0.queue.append(work) } }

    func schedule(afterMilliseconds delay: Int, _ work: @escaping @Sendable () -> Void) -> any ScheduledWork {
        let id = state.withLock { state in
            state.nextID += 1
            state.timers.append(Timer(id: state.nextID, due: state.now + delay, work: work))
            return state.nextID
        }
        return Scheduled(connection: self, id: id)
    }

    /// Runs what is queued, and what that queues.
    ///
    /// - Returns: how many pieces of work ran.
    @discardableResult
    func drain() -> Int {
        var count = 0
        while let work = state.withLock({ $0.queue.isEmpty ? nil : $0.queue.removeFirst() }) {
            work()
            count += 1
        }
        return count
    }

    /// Lets time pass for this connection's timers.
    func advance(milliseconds: Int) {
        let due = state.withLock { state in
            state.now += milliseconds
            let due = state.timers.filter { $0.due <= state.now }
            state.timers.removeAll { $0.due <= state.now }
            return due
        }
        for timer in due.sorted(by: { $0.due < $1.due }) { timer.work() }
        drain()
    }

    var timerCount: Int { state.withLock { $0.timers.count } }
    var queuedCount: Int { state.withLock { $0.queue.count } }

    /// Drops everything, as a loop that has ended does.
    func discard() {
        state.withLock { state in
            state.queue = []
            state.timers = []
        }
    }
}
