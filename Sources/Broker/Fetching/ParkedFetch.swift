import Synchronization

/// A fetch that found too little and waits: for appends to its partitions or for its time to be up.
///
/// An append wakes only the fetches parked at that partition, and a burst of appends wakes a fetch once: the reading is
/// done again on the fetch's own event loop.
///
/// Thread rule: `wake` from any thread; the reading and the answer happen on the connection's loop.
final class ParkedFetch: Sendable {
    private struct State {
        var isDone = false
        var isWakeScheduled = false
        var timeout: (any ScheduledWork)?
    }

    private let plan: FetchPlan
    private let connection: any ClientConnection
    private let answer: @Sendable (FetchPlan.Outcome) -> Void
    private let registry: ParkedFetches
    private let state = Mutex(State())

    private init(
        _ plan: FetchPlan, connection: any ClientConnection, registry: ParkedFetches,
        answer: @escaping @Sendable (FetchPlan.Outcome) -> Void
    ) {
        self.plan = plan
        self.connection = connection
        self.registry = registry
        self.answer = answer
    }

    /// Parks a fetch whose first reading gave `seen`.
    static func park(
        _ plan: FetchPlan, seen: FetchPlan.Outcome, connection: any ClientConnection, registry: ParkedFetches,
        answer: @escaping @Sendable (FetchPlan.Outcome) -> Void
    ) {
        let fetch = ParkedFetch(plan, connection: connection, registry: registry, answer: answer)
        registry.add(fetch, of: connection)
        let timeout = connection.schedule(afterMilliseconds: plan.maxWaitMilliseconds) { fetch.finish(plan.read()) }
        fetch.state.withLock { $0.timeout = timeout }
        var hasMoved = false
        for (target, result) in zip(plan.targets, seen.results) {
            guard let partition = target.partition, let end = result.bounds?.logEndOffset else { continue }
            if !partition.park(fetch, ifEndIs: end) { hasMoved = true }
        }
        if hasMoved { fetch.wake() }
    }

    func wake() {
        let mustSchedule = state.withLock { state in
            defer { state.isWakeScheduled = true }
            return !state.isDone && !state.isWakeScheduled
        }
        if mustSchedule { connection.execute { self.retry() } }
    }

    private func retry() {
        let isDone = state.withLock { state in
            // Cleared before reading: an append from now on schedules another look.
            state.isWakeScheduled = false
            return state.isDone
        }
        guard !isDone else { return }
        let outcome = plan.read()
        if plan.isSatisfied(by: outcome) { finish(outcome) }
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
