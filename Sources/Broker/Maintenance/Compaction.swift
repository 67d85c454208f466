import KafkaProtocol
import LogStorage
import Logging
import Synchronization

/// Keeps the logs of compacted topics clean: one after the other, the one that gains most first.
///
/// A log is cleaned when the share of its bytes that were never cleaned is above its `min.cleanable.dirty.ratio`, or when
/// `max.compaction.lag.ms` has passed. A log that cannot be cleaned is left alone until the next start, with one line in
/// the broker's log; nothing is lost, it only grows.
/// Thread rule: any thread; rounds take turns, and one may take long.
final class Compaction: Sendable {
    /// A partition, and not another one that later has its name.
    private struct Key: Hashable {
        let topicID: Uuid
        let partition: Int32

        init(_ partition: Partition) {
            topicID = partition.topicID
            self.partition = partition.name.partition
        }
    }

    private struct State {
        var cleaner: LogCleaner
        var uncleanable: Set<Key> = []
        /// The last complaint about a log, so that the same one is not made in every round.
        var complaints: [Key: String] = [:]
    }

    private struct Candidate {
        let partition: Partition
        let cleanedOffset: Int64?
        let dirtiness: Dirtiness
    }

    private let topics: TopicRegistry
    private let groupCommit: GroupCommit
    private let logger: Logger
    private let isCancelled: @Sendable () -> Bool
    private let state: Mutex<State>
    private let counters = Counters()

    /// Thread rule: a cleaning counts, anybody reads.
    private struct Counters: ~Copyable, Sendable {
        let cleanings = Atomic(0)
        let bytesRead = Atomic(0)
        let bytesWritten = Atomic(0)
        let uncleanable = Atomic(0)
    }

    /// Since the start; does not wait for a cleaning.
    var figures: (cleanings: Int, bytesRead: Int, bytesWritten: Int, uncleanable: Int) {
        (
            counters.cleanings.load(ordering: .relaxed), counters.bytesRead.load(ordering: .relaxed),
            counters.bytesWritten.load(ordering: .relaxed), counters.uncleanable.load(ordering: .relaxed)
        )
    }

    init(
        topics: TopicRegistry, groupCommit: GroupCommit, settings: BrokerSettings, time: any TimeSource, logger: Logger,
        isCancelled: @escaping @Sendable () -> Bool, wait: @escaping @Sendable (Int64) -> Void
    ) {
        self.topics = topics
        self.groupCommit = groupCommit
        self.logger = logger
        self.isCancelled = isCancelled
        let speed = settings.double("log.cleaner.io.max.bytes.per.second")
        var cleaner = LogCleaner(
            pace: CleaningPace(
                bytesPerSecond: speed < Double(Int64.max) ? speed : .infinity, time: time, isCancelled: isCancelled,
                wait: wait))
        cleaner.mapBytesMax = settings.integer("log.cleaner.dedupe.buffer.size")
        cleaner.mapLoadFactor = min(0.99, max(0.01, settings.double("log.cleaner.io.buffer.load.factor")))
        state = Mutex(State(cleaner: cleaner))
    }

    /// Cleans every log that is worth it, on the calling thread.
    ///
    /// - Returns: how many cleanings have come to their end.
    @discardableResult
    func runRound() -> Int {
        state.withLock { state in
            var passedOver = state.uncleanable
            var done = 0
            while !isCancelled(), let candidate = dirtiest(except: passedOver) {
                if clean(candidate, &state) {
                    done += 1
                } else {
                    passedOver.insert(Key(candidate.partition))
                }
            }
            return done
        }
    }

    private func dirtiest(except passedOver: Set<Key>) -> Candidate? {
        var dirtiest: Candidate?
        for topic in topics.current.all where topic.config.isCompacted {
            for partition in topic.partitions where !passedOver.contains(Key(partition)) {
                let cleanedOffset = topics.cleanedOffset(of: partition)
                let found: Dirtiness?
                do throws(StorageError) {
                    found = try partition.withLog { log throws(StorageError) in
                        try log.dirtiness(cleanedOffset: cleanedOffset)
                    }
                } catch {
                    // Offline, or deleted meanwhile: said once where it happened, not in every round.
                    logger.debug("\(partition.name) is not cleaned: \(error.message)")
                    continue
                }
                guard let dirtiness = found, dirtiness.isWorthCleaning,
                    dirtiness.ratio > dirtiest?.dirtiness.ratio ?? -1
                else { continue }
                dirtiest = Candidate(partition: partition, cleanedOffset: cleanedOffset, dirtiness: dirtiness)
            }
        }
        return dirtiest
    }

    /// True if the log may be looked at again in this round.
    private func clean(_ candidate: Candidate, _ state: inout State) -> Bool {
        let partition = candidate.partition
        let name = partition.name
        do throws(CleaningError) {
            let recoveryPoint = checkpoint(partition)
            guard
                let report = try state.cleaner.clean(
                    partition, cleanedOffset: candidate.cleanedOffset, recoveryPoint: recoveryPoint)
            else { return false }
            state.complaints[Key(partition)] = nil
            counters.cleanings.add(1, ordering: .relaxed)
            counters.bytesRead.add(Int(report.bytesRead), ordering: .relaxed)
            counters.bytesWritten.add(Int(report.bytesWritten), ordering: .relaxed)
            logger.info(
                "cleaned \(name) up to offset \(report.cleanedOffset): \(report.segmentsReplaced) segments became \(report.segmentsWritten), read \(report.bytesRead) bytes, wrote \(report.bytesWritten)"
            )
            return note(report, of: partition) && report.cleanedOffset > candidate.cleanedOffset ?? -1
        } catch {
            switch error {
            case .cancelled, .superseded: break
            case .uncleanable(let reason):
                state.uncleanable.insert(Key(partition))
                counters.uncleanable.add(1, ordering: .relaxed)
                if reason.code == .corrupt { partition.noteDamage(reason.message) }
                logger.error(
                    "\(name) is not cleaned any more until the next start: \(reason.message) Nothing is lost, but it grows."
                )
            case .failed(let reason):
                let previous = state.complaints.updateValue(reason.message, forKey: Key(partition))
                if previous != reason.message { logger.warning("\(name) could not be cleaned: \(reason.message)") }
            }
            return false
        }
    }

    /// Flushes the files of a log and has the next start know of it: as far as that goes it does not ask the commit journal, which
    /// knows nothing of cleaned segments.
    private func checkpoint(_ partition: Partition) -> Int64 {
        guard groupCommit.hasJournal else { return .max }
        groupCommit.flushFiles(of: [partition])
        do throws(StorageError) {
            try topics.checkpointRecoveryPoints()
        } catch {
            logger.warning("\(partition.name) is not cleaned behind the last recovery checkpoint: \(error.message)")
        }
        return topics.recoveryPoint(of: partition) ?? 0
    }

    /// False if the checkpoint could not be written: after a restart the log only counts as dirtier than it is.
    private func note(_ report: CleaningReport, of partition: Partition) -> Bool {
        do throws(StorageError) {
            try topics.checkpointCleanedOffset(report.cleanedOffset, of: partition)
            return true
        } catch {
            logger.warning("that \(partition.name) was cleaned could not be noted: \(error.message)")
            return false
        }
    }
}
