import LogStorage

/// Flushes partitions of topics with `flush.ms` that were not flushed for so long.
///
/// Thread rule: any thread; returns without waiting for the disk. A flush that fails takes its partition offline and is logged.
final class TimedFlush: Sendable {
    private let topics: TopicRegistry
    private let groupCommit: GroupCommit

    init(topics: TopicRegistry, groupCommit: GroupCommit) {
        self.topics = topics
        self.groupCommit = groupCommit
    }

    func runRound() {
        var due: [Partition] = []
        for topic in topics.current.all where topic.config.log.flushMilliseconds < .max {
            due += topic.partitions.filter(isDue)
        }
        if !due.isEmpty { groupCommit.wait(for: due) { _ in } }
    }

    /// One that is offline, or closing, has nothing to flush any more.
    private func isDue(_ partition: Partition) -> Bool {
        do throws(StorageError) {
            return try partition.withLog { $0.hasReachedFlushTime }
        } catch {
            return false
        }
    }
}
