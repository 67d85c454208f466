import Dispatch
import LogStorage
import Logging
import Synchronization

/// Makes appended batches durable for everybody who waits for it, with as few syncs as possible.
///
/// Whoever comes while a round is under way shares the next one; when nobody is waiting a round starts at once, so an idle
/// broker adds no delay. Only requests that were read together are all executed first: they share one round, and a
/// pipelining producer's flushes halve. A round with one or two dirty files syncs them; a wider one syncs the file system in one call,
/// which was measured to be up to fifteen times cheaper.
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
        var syncfsHasFailed = false

        /// True if the caller has to start the rounds.
        mutating func begin() -> Bool {
            guard !isRunning, !waiters.isEmpty else { return false }
            isRunning = true
            return true
        }
    }

    /// From this many dirty files on, one `syncfs` is cheaper than a sync of each.
    private static let wideRoundFiles = 3

    private let directory: DataDirectory
    private let logger: Logger
    private let state = Mutex(State())
    /// How many event loops are executing requests that they read together.
    private let burstCount = Atomic(0)
    private let queue = DispatchQueue(label: "martlet.group-commit")
    private let counters = Counters()

    /// Thread rule: the queue counts, anybody reads.
    private struct Counters: ~Copyable, Sendable {
        let rounds = Atomic(0)
        let nanoseconds = Atomic(0)
        let failures = Atomic(0)
    }

    init(directory: DataDirectory, logger: Logger) {
        self.directory = directory
        self.logger = logger
    }

    /// Rounds so far, their time, and partitions whose flush has failed.
    var figures: (rounds: Int, nanoseconds: Int, failures: Int) {
        (
            counters.rounds.load(ordering: .relaxed), counters.nanoseconds.load(ordering: .relaxed),
            counters.failures.load(ordering: .relaxed)
        )
    }

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
            let failures = flush(Array(distinct.values))
            counters.rounds.add(1, ordering: .relaxed)
            counters.nanoseconds.add(Int(DispatchTime.now().uptimeNanoseconds - start), ordering: .relaxed)
            for waiter in waiters { waiter.completion(failures) }
        }
    }

    /// A round for these partitions that waits for nobody who is executing requests: for a stop, when nobody is.
    func flushNow(_ partitions: [Partition]) {
        _ = queue.sync { flush(partitions) }
    }

    /// One round, on the calling thread.
    private func flush(_ partitions: [Partition]) -> [ObjectIdentifier: StorageError] {
        var failures: [ObjectIdentifier: StorageError] = [:]
        var targets: [(partition: Partition, target: FlushTarget)] = []
        for partition in partitions {
            do throws(StorageError) {
                if let target = try partition.beginFlush() { targets.append((partition, target)) }
            } catch {
                failures[ObjectIdentifier(partition)] = error
            }
        }
        let fileCount = targets.reduce(0) { $0 + $1.target.fileCount }
        let shared = fileCount >= Self.wideRoundFiles && !syncfsHasFailed ? syncFileSystem() : nil
        for (partition, target) in targets {
            do throws(StorageError) {
                switch shared {
                case .success: try target.confirmSync()
                case .failure(let error): throw error
                case nil: try target.sync()
                }
                partition.completeFlush(target)
            } catch {
                failures[ObjectIdentifier(partition)] = error
                // Its files may be gone already, and nobody can use it any more.
                if partition.isDeleted { continue }
                partition.failFlush(target, error)
                counters.failures.add(1, ordering: .relaxed)
                logger.error(
                    "\(partition.name.topic)-\(partition.name.partition) is offline, its flush failed: \(error.message)"
                )
            }
        }
        return failures
    }

    /// The kernel tells each descriptor once of an error, whoever's bytes were lost: the next `syncfs` would say nothing of
    /// partitions that were not in the round that was told. Their own files still do, so from then on each is synced.
    private func syncFileSystem() -> Result<Void, StorageError> {
        do throws(StorageError) {
            return .success(try directory.syncFileSystem())
        } catch {
            state.withLock { $0.syncfsHasFailed = true }
            return .failure(error)
        }
    }

    private var syncfsHasFailed: Bool { state.withLock { $0.syncfsHasFailed } }
}
