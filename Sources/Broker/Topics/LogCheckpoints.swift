import LogStorage
import Synchronization

/// What the checkpoint files say of logs, and what is written to them: log starts, recovery points, how far logs are cleaned.
///
/// What they say stays true of logs that were not used since the start, and of those alone.
/// Crash rule: each file is replaced atomically; what could not be written is not taken for written.
/// Thread rule: any thread; writers take turns and block on the disk.
final class LogCheckpoints: Sendable {
    private typealias Offsets = [TopicPartitionName: Int64]

    private struct Written {
        var logStartOffsets: Offsets
        var recoveryPoints: Offsets
        var cleanedOffsets: Offsets
    }

    private let directory: DataDirectory
    /// As the files are.
    private let written: Mutex<Written>

    init(reading directory: DataDirectory) throws(StorageError) {
        self.directory = directory
        written = Mutex(
            Written(
                logStartOffsets: try directory.readLogStartOffsets().offsets,
                recoveryPoints: try directory.readRecoveryPoints().offsets,
                cleanedOffsets: try directory.readCleanedOffsets().offsets))
    }

    func logStartOffset(of name: TopicPartitionName) -> Int64? { written.withLock { $0.logStartOffsets[name] } }

    func recoveryPoint(of name: TopicPartitionName) -> Int64? { written.withLock { $0.recoveryPoints[name] } }

    /// Up to where a log was cleaned; nil if it never was.
    func cleanedOffset(of name: TopicPartitionName) -> Int64? { written.withLock { $0.cleanedOffsets[name] } }

    // MARK: Writing

    /// - Parameter topics: the current ones. Asked for when it is this writer's turn: a topic that was deleted before the names
    ///   of its partitions were forgotten must not come back with what was true of it.
    func writeLogStartOffsets(of topics: () -> TopicDirectory) throws(StorageError) {
        try written.withLock { written throws(StorageError) in
            let offsets = Self.offsets(of: topics()) { $0.logStartOffset ?? written.logStartOffsets[$0.name] }
            guard offsets != written.logStartOffsets else { return }
            try directory.writeLogStartOffsets(OffsetCheckpoint(offsets: offsets))
            written.logStartOffsets = offsets
        }
    }

    /// - Parameter topics: see `writeLogStartOffsets`.
    func writeRecoveryPoints(of topics: () -> TopicDirectory) throws(StorageError) {
        try written.withLock { written throws(StorageError) in
            let offsets = Self.offsets(of: topics()) { $0.recoveryPoint ?? written.recoveryPoints[$0.name] }
            guard offsets != written.recoveryPoints else { return }
            try directory.writeRecoveryPoints(OffsetCheckpoint(offsets: offsets))
            written.recoveryPoints = offsets
        }
    }

    func writeCleanedOffset(
        _ offset: Int64, of partition: Partition, in topics: TopicDirectory
    ) throws(StorageError) {
        try written.withLock { written throws(StorageError) in
            // Its name may be another's by now, whose creation has made sure that nothing is said about it.
            if partition.isDeleted { return }
            var offsets = written.cleanedOffsets.filter { topics.byName[$0.key.topic] != nil }
            offsets[partition.name] = offset
            try directory.writeCleanedOffsets(OffsetCheckpoint(offsets: offsets))
            written.cleanedOffsets = offsets
        }
    }

    private static func offsets(of topics: TopicDirectory, _ offset: (Partition) -> Int64?) -> Offsets {
        var offsets: Offsets = [:]
        for topic in topics.all {
            for partition in topic.partitions { offsets[partition.name] = offset(partition) }
        }
        return offsets
    }

    /// Forgets what deleted partitions left: it must not be taken for that of new ones of the same name.
    func forget(_ names: [TopicPartitionName]) throws(StorageError) {
        try written.withLock { written throws(StorageError) in
            try Self.forget(names, in: &written.logStartOffsets) { (offsets) throws(StorageError) in
                try directory.writeLogStartOffsets(offsets)
            }
            try Self.forget(names, in: &written.recoveryPoints) { (offsets) throws(StorageError) in
                try directory.writeRecoveryPoints(offsets)
            }
            try Self.forget(names, in: &written.cleanedOffsets) { (offsets) throws(StorageError) in
                try directory.writeCleanedOffsets(offsets)
            }
        }
    }

    /// What could not be written is not forgotten: the next creation has to try again.
    private static func forget(
        _ names: [TopicPartitionName], in written: inout Offsets,
        _ write: (OffsetCheckpoint) throws(StorageError) -> Void
    ) throws(StorageError) {
        guard names.contains(where: { written[$0] != nil }) else { return }
        var offsets = written
        for name in names { offsets[name] = nil }
        try write(OffsetCheckpoint(offsets: offsets))
        written = offsets
    }
}
