import Dispatch
import LogStorage
import Logging
import Synchronization

/// Makes appended batches durable for everybody who waits for it, with as few syncs as possible.
///
/// Whoever comes while a round is under way shares the next one; when nobody is waiting a round starts at once, so an idle
/// broker adds no delay. Only requests that were read together are all executed first: they share one round, and a
/// pipelining producer's flushes halve. A round goes to the commit journal where it can (`JournaledRounds`), and otherwise to the
/// files (`FileFlush`).
///
/// Crash rule: a waiter is told "durable" only after the sync that covers its batches has returned without an error; after
/// a failed sync the partition is offline and the sync is not retried as if the pages were still dirty.
/// Thread rule: `wait` from any thread; rounds and completions run on the queue.
final class GroupCommit: Sendable {
    /// Partitions that could not be made durable, with the reason.
    typealias Completion = @Sendable (_ failures: [ObjectIdentifier: StorageError]) -> Void

    private struct Waiter: Sendable {
        let partitions: [Partition]
        let completion: Completion
    }

    private struct State {
        var waiters: [Waiter] = []
        var isRunning = false

        /// True if the caller has to start the rounds.
        mutating func begin() -> Bool {
            guard !isRunning, !waiters.isEmpty else { return false }
            isRunning = true
            return true
        }
    }

    private let state = Mutex(State())
    /// How many event loops are executing requests that they read together.
    private let burstCount = Atomic(0)
    private let queue = DispatchQueue(label: "martlet.group-commit")
    private let files: FileFlush
    private let journal: JournaledRounds
    private let counters = Counters()

    /// Thread rule: the queue counts, anybody reads.
    private struct Counters: ~Copyable, Sendable {
        let rounds = Atomic(0)
        let nanoseconds = Atomic(0)
    }

    init(directory: DataDirectory, journal: JournaledRounds, logger: Logger) throws(StorageError) {
        files = try FileFlush(directory, .prompt, logger: logger)
        self.journal = journal
    }

    /// Rounds so far, how many of them went to the journal, their time, and partitions whose flush has failed.
    var figures: (rounds: Int, journaled: Int, nanoseconds: Int, failures: Int) {
        (
            counters.rounds.load(ordering: .relaxed), journal.count, counters.nanoseconds.load(ordering: .relaxed),
            files.failureCount + journal.flushFailureCount
        )
    }

    /// Whether the next start may find batches in the commit journal.
    var hasJournal: Bool { journal.mayHoldBatches }

    /// Whether a round is under way.
    var isRunning: Bool { state.withLock { $0.isRunning } }

    /// Calls back once everything that these partitions hold now is durable, or could not be made so.
    func wait(for partitions: [Partition], _ completion: @escaping Completion) {
        let mustStart = state.withLock { state in
            state.waiters.append(Waiter(partitions: partitions, completion: completion))
            // Who reads a count above 0 here is seen by that burst's end, which counts down before it takes the lock.
            guard burstCount.load(ordering: .sequentiallyConsistent) == 0 else { return false }
            return state.begin()
        }
        if mustStart { queue.async { self.run() } }
    }

    /// From here to `endBurst` a round that could start waits for more to share it.
    func beginBurst() { burstCount.add(1, ordering: .sequentiallyConsistent) }

    /// Any loop's end starts the round: others that are still busy only miss it.
    func endBurst() {
        burstCount.subtract(1, ordering: .sequentiallyConsistent)
        if state.withLock({ $0.begin() }) { queue.async { self.run() } }
    }

    private func run() {
        while true {
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                state.isRunning = !state.waiters.isEmpty
                return state.waiters
            }
            guard !waiters.isEmpty else { return }
            var distinct: [ObjectIdentifier: Partition] = [:]
            for waiter in waiters {
                for partition in waiter.partitions { distinct[ObjectIdentifier(partition)] = partition }
            }
            let start = DispatchTime.now().uptimeNanoseconds
            let failures = flush(distinct.values)
            counters.rounds.add(1, ordering: .relaxed)
            counters.nanoseconds.add(Int(DispatchTime.now().uptimeNanoseconds - start), ordering: .relaxed)
            for waiter in waiters { waiter.completion(failures) }
        }
    }

    // MARK: Files

    /// Syncs the files of partitions while rounds go on, and calls back. What fails is offline afterwards.
    func flushFiles(of partitions: [Partition], _ completion: @escaping @Sendable () -> Void) {
        journal.flushFiles(of: partitions, completion)
    }

    /// As above, returning when it is done.
    func flushFiles(of partitions: [Partition]) { journal.flushFiles(of: partitions) }

    /// Flushes the files of partitions for the last time, when nobody executes requests any more.
    func stop(flushing partitions: [Partition]) {
        journal.stop()
        flushFiles(of: partitions)
    }

    // MARK: Rounds

    /// One round, on the queue.
    private func flush(_ partitions: some Sequence<Partition>) -> [ObjectIdentifier: StorageError] {
        let (flushes, failures) = PendingFlush.begin(partitions, acceptsJournal: true)
        let forJournal = flushes.filter { $0.target.journalRange != nil }
        var forFiles = flushes.filter { $0.target.journalRange == nil }
        if forJournal.isEmpty || files.syncsAll(for: forFiles) || !journal.write(forJournal) { forFiles = flushes }
        return failures.merging(files.run(forFiles)) { $1 }
    }
}
