import KafkaProtocol
import LogStorage

/// One fetch: everything that is needed to read again when a partition has grown.
struct FetchPlan: Sendable {
    let targets: [FetchTarget]
    let minBytes: Int
    let maxBytes: Int
    let maxWaitMilliseconds: Int
    /// Whether the client reads committed records only (isolation level 1); it then expects a list of aborted transactions.
    let readsCommitted: Bool

    struct Outcome: Sendable {
        var results: [FetchResult] = []
        var byteCount = 0
        /// An error or a divergence, which the client should hear of at once.
        var isUrgent = false

        /// What will be asked for next, as far as it is worth being read ahead.
        var readAheads: [ReadAhead] { results.compactMap(\.readAhead) }
    }

    /// Reads from all partitions, in order, until the bytes are used up. Only the first batch of the reply may be larger
    /// than what is left (KIP-74). What is not in memory is waited for.
    func read() -> Outcome {
        guard let outcome = read(.waiting) else { preconditionFailure("only what must not wait is refused") }
        return outcome
    }

    /// The same if it need not wait for the disk, nil otherwise. For event loops.
    func readIfResident() -> Outcome? { read(.resident) }

    private func read(_ access: DiskAccess) -> Outcome? {
        var outcome = Outcome()
        outcome.results.reserveCapacity(targets.count)
        for target in targets {
            guard
                let result = target.read(
                    maxBytes: maxBytes - outcome.byteCount, atLeastOneBatch: outcome.byteCount == 0, access: access)
            else { return nil }
            outcome.byteCount += result.byteCount
            if result.error != .none || result.diverging != nil { outcome.isUrgent = true }
            outcome.results.append(result)
        }
        return outcome
    }

    func isSatisfied(by outcome: Outcome) -> Bool {
        outcome.byteCount >= minBytes || outcome.isUrgent || maxWaitMilliseconds <= 0 || targets.isEmpty
    }
}
