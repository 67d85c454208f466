import LogStorage
import Logging

/// What is done to the logs without anybody asking for it, and when: compaction.
///
/// Thread rule: any thread. Work that may take long has a thread of its own; a broker that is stopped or dropped cancels it
/// and, when stopped, waits for it: within a window of copying or one sync.
package final class Maintenance: Sendable {
    private let settings: BrokerSettings
    private let compaction: Compaction
    private let cleanerThread = MaintenanceThread(name: "log-cleaner")

    init(topics: TopicRegistry, settings: BrokerSettings, time: any TimeSource, logger: Logger) {
        self.settings = settings
        let thread = cleanerThread
        compaction = Compaction(
            topics: topics, settings: settings, time: time, logger: logger, isCancelled: { thread.isCancelled },
            wait: { thread.pause(nanoseconds: $0) })
    }

    func start() {
        guard settings.boolean("log.cleaner.enable") else { return }
        let compaction = compaction
        cleanerThread.start(pauseMilliseconds: Int64(settings.integer("log.cleaner.backoff.ms"))) {
            compaction.runRound()
        }
    }

    /// Ends what runs, and returns when it has ended. To be called before the logs are closed.
    func stop() {
        cleanerThread.stop()
    }

    /// As `stop`, without waiting.
    func cancel() {
        cleanerThread.cancel()
    }

    /// One round of the cleaner on the calling thread, whether or not it runs by itself.
    ///
    /// - Returns: how many cleanings have come to their end.
    @discardableResult
    package func runCompaction() -> Int { compaction.runRound() }
}
