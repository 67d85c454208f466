import DequeModule
import Dispatch
import Glibc
import LogStorage
import Synchronization

/// Threads that read from the disk what fetches want and the page cache does not have, so that no event loop waits for it. They
/// also load logs and leader epochs for other requests (`RequestContext.answer`).
///
/// As many reads are under way as there are threads; they are started when they are needed, up to the limit. The rest waits in
/// order, and connections take turns: one that asks for much does not hold up the others. What waits is bounded by the requests
/// that connections may have in flight, and is forgotten when its connection closes.
///
/// Thread rule: any thread; the work runs on the threads of the pool, without a lock. `stop` returns when they have ended,
/// within one read.
final class ColdReads: Sendable {
    typealias Work = @Sendable () -> Void

    private struct State {
        /// What waits, by connection, and whose turn it is; each connection that waits is in `turns` once.
        var waiting: [ObjectIdentifier: Deque<Work>] = [:]
        var turns: Deque<ObjectIdentifier> = []
        var threads: [pthread_t] = []
        var idleThreads = 0
        var waitingCount = 0
        var isStopping = false
    }

    private let threadsMax: Int
    private let state = Mutex(State())
    /// Signalled once for each piece of work, and for each thread when it is time to end.
    private let arrived = DispatchSemaphore(value: 0)

    init(threadsMax: Int) { self.threadsMax = threadsMax }

    /// Reads that wait for a thread.
    var waitingCount: Int { state.withLock { $0.waitingCount } }

    /// Runs work that may wait for the disk as soon as a thread is free and it is the connection's turn.
    func run(for connection: any ClientConnection, _ work: @escaping Work) {
        state.withLock { enqueue(work, for: ObjectIdentifier(connection), &$0) }
    }

    /// Reads ahead, one range after the other, if a thread has nothing better to do; else it is left out.
    func readAhead(_ ranges: [ReadAhead]) {
        state.withLock { state in
            guard state.turns.isEmpty, state.idleThreads > 0 || state.threads.count < threadsMax else { return }
            enqueue(ranges[...], &state)
        }
    }

    /// The next range is queued when one is read: what others wait for, and the end of the broker, come in between.
    private func enqueue(_ ranges: ArraySlice<ReadAhead>, _ state: inout State) {
        guard let first = ranges.first else { return }
        let work: Work = {
            first.readIn()
            self.state.withLock { self.enqueue(ranges.dropFirst(), &$0) }
        }
        enqueue(work, for: ObjectIdentifier(self), &state)
    }

    /// Forgets what waits for a connection.
    func connectionClosed(_ connection: any ClientConnection) {
        let forgotten = state.withLock { state in
            let forgotten = state.waiting.removeValue(forKey: ObjectIdentifier(connection))
            if let forgotten {
                state.turns.removeAll { $0 == ObjectIdentifier(connection) }
                state.waitingCount -= forgotten.count
            }
            return forgotten
        }
        // The last references to fetches and their partitions may go here; not under the lock.
        withExtendedLifetime(forgotten) {}
    }

    private func enqueue(_ work: @escaping Work, for key: ObjectIdentifier, _ state: inout State) {
        if state.isStopping { return }
        if state.waiting[key] == nil { state.turns.append(key) }
        state.waiting[key, default: []].append(work)
        state.waitingCount += 1
        // Idle threads have been signalled for what waits already.
        if state.waitingCount > state.idleThreads, state.threads.count < threadsMax {
            let thread = NamedThread.start("cold-read") { self.serve() }
            precondition(thread != nil || !state.threads.isEmpty, "a thread can be made")
            if let thread { state.threads.append(thread) }
        }
        arrived.signal()
    }

    private func serve() {
        while true {
            let (work, mustEnd) = state.withLock { ($0.isStopping ? nil : next(&$0), $0.isStopping) }
            if mustEnd { return }
            if let work {
                work()
                continue
            }
            arrived.wait()
            state.withLock { $0.idleThreads -= 1 }
        }
    }

    /// The next piece of work; without one the calling thread counts as idle.
    private func next(_ state: inout State) -> Work? {
        guard let key = state.turns.popFirst() else {
            state.idleThreads += 1
            return nil
        }
        guard let work = state.waiting[key]?.popFirst() else { preconditionFailure("who has a turn has work") }
        state.waitingCount -= 1
        if state.waiting[key]?.isEmpty == true { state.waiting[key] = nil } else { state.turns.append(key) }
        return work
    }

    /// Lets no more work begin.
    func cancel() {
        let (count, forgotten) = state.withLock { state in
            defer { (state.waiting, state.turns, state.waitingCount) = ([:], [], 0) }
            state.isStopping = true
            return (state.threads.count, state.waiting)
        }
        withExtendedLifetime(forgotten) {}
        for _ in 0..<count { arrived.signal() }
    }

    /// Cancels and waits for what is under way.
    func stop() {
        cancel()
        let threads = state.withLock { state in
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { pthread_join(thread, nil) }
    }
}
