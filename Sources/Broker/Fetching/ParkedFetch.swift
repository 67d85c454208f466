import Synchronization

/// A fetch that could not be answered at once: it found too little and waits for appends to its partitions or for its time to
/// be up, or what it wants is not in memory and is read from the disk first.
///
/// An append wakes only the fetches parked at that partition, and a burst of appends wakes a fetch once: the reading is
/// done again on the fetch's own event loop. Where that would have to wait for the disk, a thread of `ColdReads` reads instead,
/// and the loop goes on with what it found; meanwhile the fetch is not woken, and `max_wait` does not cut the reading off.
///
/// Thread rule: `wake` from any thread; all else on the connection's loop, except for the readings from the disk.
final class ParkedFetch: Sendable {
    private struct State {
        var isDone = false
        var isWakeScheduled = false
        /// A thread reads from the disk. At most one at a time.
        var isReading = false
        /// Whatever the next reading finds is the answer.
        var isTimeUp = false
        var timeout: (any ScheduledWork)?
    }

    private let plan: FetchPlan
    private let connection: any ClientConnection
    private let answer: @Sendable (FetchPlan.Outcome) -> Void
    private let registry: ParkedFetches
    private let coldReads: ColdReads
    private let state = Mutex(State())

    private init(
        _ plan: FetchPlan, connection: any ClientConnection, registry: ParkedFetches, coldReads: ColdReads,
        answer: @escaping @Sendable (FetchPlan.Outcome) -> Void
    ) {
        self.plan = plan
        self.connection = connection
        self.registry = registry
        self.coldReads = coldReads
        self.answer = answer
    }

    /// Parks a fetch whose first reading gave `seen`; nil if that would have had to wait for the disk.
    static func park(
        _ plan: FetchPlan, seen: FetchPlan.Outcome?, connection: any ClientConnection, registry: ParkedFetches,
        coldReads: ColdReads, answer: @escaping @Sendable (FetchPlan.Outcome) -> Void
    ) {
        let fetch = ParkedFetch(
            plan, connection: connection, registry: registry, coldReads: coldReads, answer: answer)
        registry.add(fetch, of: connection)
        let timeout = connection.schedule(afterMilliseconds: max(0, plan.maxWaitMilliseconds)) { fetch.timeIsUp() }
        fetch.state.withLock { $0.timeout = timeout }
        if let seen { fetch.waitForMore(than: seen) } else { fetch.readFromDisk() }
    }

    private func waitForMore(than seen: FetchPlan.Outcome) {
        var hasMoved = false
        for (target, result) in zip(plan.targets, seen.results) {
            guard let partition = target.partition, let end = result.bounds?.logEndOffset else { continue }
            if !partition.park(self, ifEndIs: end) { hasMoved = true }
        }
        if hasMoved { wake() }
    }

    func wake() {
        let mustSchedule = state.withLock { state in
            defer { state.isWakeScheduled = true }
            return !state.isDone && !state.isWakeScheduled
        }
        if mustSchedule { connection.execute { self.retry() } }
    }

    private func retry() {
        // Cleared before reading: an append from now on schedules another look.
        state.withLock { $0.isWakeScheduled = false }
        readAgain()
    }

    private func timeIsUp() {
        state.withLock { $0.isTimeUp = true }
        readAgain()
    }

    private func readAgain() {
        let mayRead = state.withLock { !$0.isDone && !$0.isReading }
        guard mayRead else { return }
        if let outcome = plan.readIfResident() { settle(outcome) } else { readFromDisk() }
    }

    private func settle(_ outcome: FetchPlan.Outcome) {
        if plan.isSatisfied(by: outcome) || state.withLock({ $0.isTimeUp }) { return finish(outcome) }
        // A partition that moved while the fetch was being parked does not have it yet, and what was appended or deleted during a
        // reading from the disk has not woken it.
        if !state.withLock({ $0.isDone }) { waitForMore(than: outcome) }
    }

    private func readFromDisk() {
        state.withLock { $0.isReading = true }
        coldReads.run(for: connection) {
            if self.state.withLock({ $0.isDone }) { return }
            let outcome = self.plan.read()
            self.connection.execute { self.diskHasAnswered(outcome) }
        }
    }

    private func diskHasAnswered(_ outcome: FetchPlan.Outcome) {
        let isDone = state.withLock { state in
            state.isReading = false
            return state.isDone
        }
        if isDone { return }
        settle(outcome)
    }

    private func finish(_ outcome: FetchPlan.Outcome) {
        if end() { answer(outcome) }
    }

    /// Gives up without an answer, when the connection is gone.
    func abandon() { _ = end() }

    /// Whether this call ended it; it ends once.
    private func end() -> Bool {
        let (isFirst, timeout) = state.withLock { state in
            defer { state.isDone = true }
            return (!state.isDone, state.timeout)
        }
        guard isFirst else { return false }
        timeout?.cancel()
        for target in plan.targets { target.partition?.unpark(self) }
        registry.remove(self, of: connection)
        return true
    }
}

/// The parked fetches of each connection, so that those of a closed one can be given up.
final class ParkedFetches: Sendable {
    private let byConnection = Mutex<[ObjectIdentifier: [ObjectIdentifier: ParkedFetch]]>([:])

    func add(_ fetch: ParkedFetch, of connection: any ClientConnection) {
        byConnection.withLock { $0[ObjectIdentifier(connection), default: [:]][ObjectIdentifier(fetch)] = fetch }
    }

    func remove(_ fetch: ParkedFetch, of connection: any ClientConnection) {
        let key = ObjectIdentifier(connection)
        byConnection.withLock { all in
            all[key]?[ObjectIdentifier(fetch)] = nil
            if all[key]?.isEmpty == true { all[key] = nil }
        }
    }

    func connectionClosed(_ connection: any ClientConnection) {
        let abandoned = byConnection.withLock { $0.removeValue(forKey: ObjectIdentifier(connection)) }
        for fetch in (abandoned ?? [:]).values { fetch.abandon() }
    }

    var count: Int { byConnection.withLock { $0.values.reduce(0) { $0 + $1.count } } }
}
