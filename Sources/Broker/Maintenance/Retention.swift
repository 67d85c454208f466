import LogStorage
import Logging
import Synchronization

/// Lets go of what has expired in the logs, and ends segments that have been active for too long although nobody appends.
///
/// The new log starts of all partitions are made durable together, before any file is touched. On a disk too full for
/// that the files go all the same, and at once: it may be what frees the disk (`Log+Retention` says why that is safe).
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
    }

    private let topics: TopicRegistry
    private let time: any TimeSource
    private let logger: Logger
    private let intervalNanoseconds: Int64
    private let isCancelled: @Sendable () -> Bool
    private let state: Mutex<State>
    private let expiredCounter = Atomic(0)

    /// Segments that have gone since the start.
    var expiredSegments: Int { expiredCounter.load(ordering: .relaxed) }

    init(
        topics: TopicRegistry, settings: BrokerSettings, time: any TimeSource, logger: Logger,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.topics = topics
        self.time = time
        self.logger = logger
        self.isCancelled = isCancelled
        intervalNanoseconds = Int64(settings.integer("log.retention.check.interval.ms")) * 1_000_000
        state = Mutex(State(nextRoundNanoseconds: time.monotonicNanoseconds + intervalNanoseconds))
    }

    /// Does what is due: a round, the removal of files.
    func runIfDue() {
        state.withLock { state in
            let now = time.monotonicNanoseconds
            if now >= state.nextRoundNanoseconds {
                state.nextRoundNanoseconds = now + intervalNanoseconds
                runRound(&state)
            }
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
            return runRound(&state)
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
        guard !expired.isEmpty, !isCancelled() else { return 0 }
        var mustFreeSpace = false
        do throws(StorageError) { try topics.checkpointLogStartOffsets() } catch {
            logger.warning("that segments have expired could not be noted: \(error.message)")
            guard error.code == .noSpace else { return 0 }
            mustFreeSpace = true
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
                "\(name(partition)) starts at offset \(start) now: \(files.paths.count) segments have expired")
            let (delay, overflow) = files.delayMilliseconds.multipliedReportingOverflow(by: 1_000_000)
            let (due, isNever) = now.addingReportingOverflow(mustFreeSpace ? 0 : delay)
            state.doomed.append(Doomed(files: files, dueNanoseconds: overflow || isNever ? .max : due))
        }
        return count
    }

    private func removeDue(_ state: inout State) {
        let now = time.monotonicNanoseconds
        state.doomed.removeAll { doomed in
            guard doomed.dueNanoseconds <= now else { return false }
            do throws(StorageError) { try doomed.files.remove() } catch {
                logger.warning("files of expired segments stay until the next start: \(error.message)")
            }
            return true
        }
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
                logger.warning("\(name(partition)) could not be looked through for what has expired: \(error.message)")
            }
            return nil
        }
    }

    private func name(_ partition: Partition) -> String { "\(partition.name.topic)-\(partition.name.partition)" }
}
