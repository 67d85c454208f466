import LogStorage
import Logging

/// What is done to the logs without anybody asking for it, and when: compaction, retention, flushes by time, a look at the disk.
///
/// Thread rule: any thread. Work that may take long has a thread of its own; a broker that is stopped or dropped cancels it
/// and, when stopped, waits for it: within a window of copying or one sync.
package final class Maintenance: Sendable {
    private let settings: BrokerSettings
    private let compaction: Compaction
    private let retention: Retention
    private let timedFlush: TimedFlush
    private let topics: TopicRegistry
    private let disk: DiskSpace
    private let cleanerThread = MaintenanceThread(name: "log-cleaner")
    private let retentionThread = MaintenanceThread(name: "log-retention")

    /// How often the thread looks whether anything is due.
    private static let tickMilliseconds: Int64 = 1_000

    init(
        topics: TopicRegistry, groupCommit: GroupCommit, disk: DiskSpace, settings: BrokerSettings,
        time: any TimeSource, logger: Logger
    ) {
        self.settings = settings
        self.topics = topics
        self.disk = disk
        let thread = cleanerThread
        compaction = Compaction(
            topics: topics, groupCommit: groupCommit, settings: settings, time: time, logger: logger,
            isCancelled: { thread.isCancelled || !disk.hasRoom(for: .upkeep) },
            wait: { thread.pause(nanoseconds: $0) })
        timedFlush = TimedFlush(topics: topics, groupCommit: groupCommit)
        let other = retentionThread
        retention = Retention(
            topics: topics, disk: disk, settings: settings, time: time, logger: logger,
            isCancelled: { other.isCancelled })
    }

    func start() {
        let (retention, timedFlush, topics, disk) = (retention, timedFlush, topics, disk)
        let interval = Int64(settings.integer("log.retention.check.interval.ms"))
        retentionThread.start(pauseMilliseconds: min(interval, Self.tickMilliseconds)) {
            disk.look()
            topics.keepSpareSpace()
            timedFlush.runRound()
            retention.runIfDue()
        }
        guard settings.boolean("log.cleaner.enable") else { return }
        let compaction = compaction
        cleanerThread.start(pauseMilliseconds: Int64(settings.integer("log.cleaner.backoff.ms"))) {
            compaction.runRound()
        }
    }

    /// Ends what runs, and returns when it has ended. To be called before the logs are closed.
    func stop() {
        cleanerThread.cancel()
        retentionThread.stop()
        cleanerThread.stop()
    }

    /// As `stop`, without waiting.
    func cancel() {
        cleanerThread.cancel()
        retentionThread.cancel()
    }

    /// Looks how full the disk is, and sets space aside if there is some again.
    package func lookAtDisk() {
        disk.look()
        topics.keepSpareSpace()
    }

    /// What was done since the start.
    struct Figures: Sendable {
        let cleanings: Int
        let cleanedBytesRead: Int
        let cleanedBytesWritten: Int
        let uncleanablePartitions: Int
        let expiredSegments: Int
    }

    var figures: Figures {
        let cleaner = compaction.figures
        return Figures(
            cleanings: cleaner.cleanings, cleanedBytesRead: cleaner.bytesRead,
            cleanedBytesWritten: cleaner.bytesWritten,
            uncleanablePartitions: cleaner.uncleanable, expiredSegments: retention.expiredSegments)
    }

    /// Starts the flushes that are due by `flush.ms`.
    package func runTimedFlush() { timedFlush.runRound() }

    /// One round of retention on the calling thread.
    ///
    /// - Returns: how many segments have expired.
    @discardableResult
    package func runRetention() -> Int { retention.runRound() }

    /// One round of the cleaner on the calling thread, whether or not it runs by itself.
    ///
    /// - Returns: how many cleanings have come to their end.
    @discardableResult
    package func runCompaction() -> Int { compaction.runRound() }
}
