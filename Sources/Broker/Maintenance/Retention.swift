import LogStorage
import Logging
import Synchronization

/// Lets go of what has expired in the logs or is too much for `log.disk.budget.bytes`, and ends segments that have been active
/// for too long although nobody appends.
///
/// The new log starts of all partitions are made durable together, before any file is touched. On a disk too full for
/// that the files go all the same (`Log+Retention` says why that is safe). When the disk becomes short of space a round begins at
/// once, and no file stays for its delay.
/// Thread rule: any thread; rounds take turns.
final class Retention: Sendable {
    private struct Doomed {
        let files: DeletedFiles
        let dueNanoseconds: Int64
    }

    private struct State {
        var nextRoundNanoseconds: Int64
        var doomed: [Doomed] = []
        /// The last complaint about a log, so that the same one is not made in every round.
        var complaints: [TopicPartitionName: String] = [:]
        var wasShort = false
        /// Not before so much was written can the budget be exceeded.
        var nextBudgetBytes = Int64.min
        var isOverBudget = false
    }

    private let topics: TopicRegistry
    private let disk: DiskSpace
    /// nil: no limit.
    private let budgetBytes: Int64?
    private let time: any TimeSource
    private let logger: Logger
    private let intervalNanoseconds: Int64
    private let isCancelled: @Sendable () -> Bool
    private let state: Mutex<State>
    private let expiredCounter = Atomic(0)

    /// Segments that have gone since the start.
    var expiredSegments: Int { expiredCounter.load(ordering: .relaxed) }

    init(
        topics: TopicRegistry, disk: DiskSpace, settings: BrokerSettings, time: any TimeSource, logger: Logger,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.topics = topics
        self.disk = disk
        let budget = Int64(settings.integer("log.disk.budget.bytes"))
        budgetBytes = budget < 0 ? nil : budget
        self.time = time
        self.logger = logger
        self.isCancelled = isCancelled
        intervalNanoseconds = Int64(settings.integer("log.retention.check.interval.ms")) * 1_000_000
        state = Mutex(State(nextRoundNanoseconds: time.monotonicNanoseconds + intervalNanoseconds))
    }

    /// Does what is due: a round, a look at the budget, the removal of files.
    func runIfDue() {
        state.withLock { state in
            let now = time.monotonicNanoseconds
            let isShort = disk.isShort
            if now >= state.nextRoundNanoseconds || isShort && !state.wasShort {
                state.nextRoundNanoseconds = now + intervalNanoseconds
                runRound(&state)
            }
            state.wasShort = isShort
            keepToBudget(&state)
            removeDue(&state)
        }
    }

    /// Looks through every log, on the calling thread.
    ///
    /// - Returns: how many segments have expired.
    @discardableResult
    func runRound() -> Int {
        state.withLock { state in
            defer { removeDue(&state) }
            return runRound(&state) + keepToBudget(&state)
        }
    }

    @discardableResult
    private func runRound(_ state: inout State) -> Int {
        var expired: [Partition] = []
        for topic in topics.current.all {
            for partition in topic.partitions where !isCancelled() {
                let isAny = attempt(partition, &state) { log throws(StorageError) in try log.expire() }
                if isAny == true { expired.append(partition) }
            }
        }
        return setAside(in: expired, because: "have expired", isUrgent: false, &state)
    }

    /// Lets go of the oldest sealed segments of all logs if they have become too much. To be called often: it mostly looks at a
    /// counter.
    ///
    /// - Returns: how many segments had to go.
    @discardableResult
    private func keepToBudget(_ state: inout State) -> Int {
        let written = disk.writtenBytes
        guard let budgetBytes, written >= state.nextBudgetBytes else { return 0 }
        var budget = DiskBudget()
        for topic in topics.current.all {
            for partition in topic.partitions where !isCancelled() {
                let found = attempt(partition, &state) { log throws(StorageError) in
                    (ages: try log.segmentAges(), mayGo: log.config.isDeletable && log.offlineError == nil)
                }
                if let found { budget.add(found.ages, of: partition, mayGo: found.mayGo && !topic.isInternal) }
            }
        }
        let (starts, excess) = budget.trimmed(to: budgetBytes)
        state.nextBudgetBytes = written + max(0, -excess)
        if excess > 0, !state.isOverBudget {
            logger.warning(
                "all logs have \(budget.totalBytes) bytes, and no segment may go for log.disk.budget.bytes=\(budgetBytes): what is left are active segments, internal topics and topics that are only compacted"
            )
        }
        state.isOverBudget = excess > 0
        var trimmed: [Partition] = []
        for (partition, offset) in starts where !isCancelled() {
            if attempt(partition, &state, { $0.expire(before: offset) }) == true { trimmed.append(partition) }
        }
        return setAside(in: trimmed, because: "had to go for log.disk.budget.bytes", isUrgent: true, &state)
    }

    /// What follows once the log starts have moved.
    private func setAside(
        in expired: [Partition], because reason: String, isUrgent: Bool, _ state: inout State
    ) -> Int {
        guard !expired.isEmpty, !isCancelled() else { return 0 }
        var isUrgent = isUrgent
        do throws(StorageError) { try topics.checkpointLogStartOffsets() } catch {
            logger.warning("that segments have expired could not be noted: \(error.message)")
            guard error.code == .noSpace else { return 0 }
            isUrgent = true
        }
        let now = time.monotonicNanoseconds
        var count = 0
        for partition in expired {
            let found = attempt(partition, &state) { log throws(StorageError) in
                (files: try log.setAsideExpired(), start: log.logStartOffset)
            }
            guard let (files, start) = found, !files.paths.isEmpty else { continue }
            count += files.paths.count
            expiredCounter.add(files.paths.count, ordering: .relaxed)
            logger.info(
                "\(partition.name) starts at offset \(start) now: \(files.paths.count) segments \(reason)")
            let (delay, overflow) = files.delayMilliseconds.multipliedReportingOverflow(by: 1_000_000)
            let (due, isNever) = now.addingReportingOverflow(isUrgent ? 0 : delay)
            state.doomed.append(Doomed(files: files, dueNanoseconds: overflow || isNever ? .max : due))
        }
        return count
    }

    private func removeDue(_ state: inout State) {
        let now = time.monotonicNanoseconds
        let count = state.doomed.count
        let isShort = disk.isShort
        state.doomed.removeAll { doomed in
            guard doomed.dueNanoseconds <= now || isShort else { return false }
            do throws(StorageError) { try doomed.files.remove() } catch {
                logger.warning("files of expired segments stay until the next start: \(error.message)")
            }
            return true
        }
        // There may be room now.
        if isShort, state.doomed.count < count { disk.look() }
    }

    /// nil if the log could not do it, which is said once.
    private func attempt<Value: Sendable>(
        _ partition: Partition, _ state: inout State, _ body: (Log) throws(StorageError) -> Value
    ) -> Value? {
        do throws(StorageError) {
            let value = try partition.withLog(body)
            state.complaints[partition.name] = nil
            return value
        } catch {
            // Deleted or offline: whoever uses it is told.
            if error.code == .offline || partition.isDeleted { return nil }
            let previous = state.complaints.updateValue(error.message, forKey: partition.name)
            if previous != error.message {
                logger.warning("\(partition.name) could not be looked through for what has to go: \(error.message)")
            }
            return nil
        }
    }
}
