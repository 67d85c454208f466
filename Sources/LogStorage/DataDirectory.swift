// The directory that one broker owns: identity, lock, clean-stop marker, checkpoints, and a directory for each partition.
//
// Layout: `.lock`, `meta.properties`, `.kafka_cleanshutdown` (only between a clean stop and the next start),
// `commit-journal`, `recovery-point-offset-checkpoint`, `log-start-offset-checkpoint` and its copy
// `log-start-offsets.crc32c`, `cleaner-offset-checkpoint`, `<topic>-<partition>/`.
// Crash rule: the marker is removed durably before anything else happens, so a crash is never taken for a clean stop.
// Every file but the journal is replaced atomically.
// Thread rule: Sendable; writers of the same checkpoint take turns (the caller sees to it).

import Glibc
import Synchronization

package final class DataDirectory: Sendable {
    static let lockName = ".lock"
    static let cleanStopName = ".kafka_cleanshutdown"
    static let recoveryPointsName = "recovery-point-offset-checkpoint"
    static let logStartOffsetsName = "log-start-offset-checkpoint"
    static let checkedStartsName = "log-start-offsets.crc32c"
    static let cleanedOffsetsName = "cleaner-offset-checkpoint"
    static let probeName = ".martlet-probe"

    package let path: String
    package let fileSystem: any FileSystem
    package let identity: MetaProperties
    /// Whether the last run has stopped cleanly (or there was none).
    package let wasCleanStop: Bool
    private let lock: Mutex<File?>

    /// Creates or opens the directory, locks it and takes its clean-stop marker.
    ///
    /// - Parameters:
    ///   - clusterID: for a new directory; nil makes a random one. An existing directory must have the same.
    ///   - nodeID: must be the one that an existing directory has.
    /// - Throws: `.locked` when another process has it, `.permissionDenied` and `.readOnly` when it cannot be written,
    ///   `.invalid` when it belongs to another cluster or node.
    package static func open(
        path: String, fileSystem: any FileSystem = PosixFileSystem(), clusterID: String? = nil, nodeID: Int32 = 1
    ) throws(StorageError) -> DataDirectory {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        try fileSystem.createDirectories(path)
        let lock = try takeLock(path, fileSystem)
        try probe(path, fileSystem)
        let (identity, isNew) = try identity(path, fileSystem, clusterID: clusterID, nodeID: nodeID)
        let marker = path + "/" + cleanStopName
        let hasMarker = try fileSystem.statusIfPresent(marker) != nil
        if hasMarker {
            try fileSystem.removeFile(marker)
            try fileSystem.syncDirectory(path)
        }
        // A directory without identity but with partitions was copied together by hand: look at it with care.
        let hasPartitions = try fileSystem.names(in: path).contains { TopicPartitionName(directoryName: $0) != nil }
        let isEmpty = isNew && !hasPartitions
        return DataDirectory(
            path: path, fileSystem: fileSystem, identity: identity, wasCleanStop: hasMarker || isEmpty, lock: lock)
    }

    /// Locks a directory of which anything may be damaged, and changes nothing: the clean-stop marker stays.
    ///
    /// - Throws: `.notFound` when there is no such directory, `.locked` while a broker runs on it.
    package static func openForRepair(
        path: String, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(StorageError) -> DataDirectory {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard try fileSystem.statusIfPresent(path)?.isDirectory == true else {
            throw StorageError(.notFound, "There is no directory \(path).")
        }
        let lock: File
        do { lock = try takeLock(path, fileSystem) } catch  where error.code == .locked {
            throw StorageError(
                .locked, "A broker is running on \(path). Stop it first; nothing was changed.", errno: error.errno)
        }
        let bytes = try AtomicFile.read(path: path + "/" + MetaProperties.fileName, fileSystem: fileSystem)
        let identity = bytes.flatMap { MetaProperties.decode($0) }
        return DataDirectory(
            path: path, fileSystem: fileSystem,
            identity: identity ?? MetaProperties(clusterID: "", nodeID: 0, directoryID: ""),
            wasCleanStop: try fileSystem.statusIfPresent(path + "/" + cleanStopName) != nil, lock: lock)
    }

    private init(
        path: String, fileSystem: any FileSystem, identity: MetaProperties, wasCleanStop: Bool, lock: File
    ) {
        self.path = path
        self.fileSystem = fileSystem
        self.identity = identity
        self.wasCleanStop = wasCleanStop
        self.lock = Mutex(lock)
    }

    package var clusterID: String { identity.clusterID }
    package var nodeID: Int32 { identity.nodeID }
    package var directoryID: String { identity.directoryID }

    private static func takeLock(_ path: String, _ fileSystem: any FileSystem) throws(StorageError) -> File {
        let file = try File(path + "/" + lockName, .create, fileSystem)
        let result = fileSystem.lock(file.descriptor)
        if result == -EWOULDBLOCK {
            throw StorageError(
                .locked,
                "Another process is using the data directory \(path). Stop it, or choose another --data-dir.",
                errno: EWOULDBLOCK)
        }
        if result < 0 { throw .system(-result, "lock", file.path) }
        return file
    }

    /// A directory that cannot be written is better refused now than at the first produce.
    private static func probe(_ path: String, _ fileSystem: any FileSystem) throws(StorageError) {
        let name = path + "/" + probeName
        do { try File(name, .replace, fileSystem).write([1], at: 0) } catch  where error.code == .noSpace {
            // A full disk is no reason not to start: reads go on, appends are refused.
        }
        try fileSystem.removeFile(name)
    }

    private static func identity(
        _ path: String, _ fileSystem: any FileSystem, clusterID: String?, nodeID: Int32
    ) throws(StorageError) -> (MetaProperties, isNew: Bool) {
        let file = path + "/" + MetaProperties.fileName
        guard let bytes = try AtomicFile.read(path: file, fileSystem: fileSystem) else {
            let new = MetaProperties(
                clusterID: clusterID ?? Identifier.random().description, nodeID: nodeID,
                directoryID: Identifier.random().description)
            try AtomicFile.replace(path: file, with: new.encoded, fileSystem: fileSystem)
            return (new, true)
        }
        guard let found = MetaProperties.decode(bytes) else {
            throw StorageError(.corrupt, "\(file) is damaged: it must have version=1, cluster.id and node.id.")
        }
        guard found.nodeID == nodeID, clusterID == nil || clusterID == found.clusterID else {
            throw StorageError(
                .invalid,
                "The data directory \(path) belongs to node \(found.nodeID) of cluster \(found.clusterID), not to node "
                    + "\(nodeID)\(clusterID.map { " of cluster \($0)" } ?? ""). Correct the settings or choose another --data-dir."
            )
        }
        return (found, false)
    }

    // MARK: Partitions

    package func partitionPath(topic: String, partition: Int32) -> String {
        path + "/" + TopicPartitionName(topic: topic, partition: partition).directoryName
    }

    /// The partitions that have a directory, sorted; those on their way out not included.
    package func partitionDirectories() throws(StorageError) -> [TopicPartitionName] {
        try fileSystem.names(in: path).filter { !DeletedDirectory.isOne($0) }
            .compactMap { TopicPartitionName(directoryName: $0) }.sorted()
    }

    /// Paths of deleted partitions whose removal a stop has interrupted.
    package func leftoverDeletions() throws(StorageError) -> [String] {
        try fileSystem.names(in: path).filter { DeletedDirectory.isOne($0) }.map { path + "/" + $0 }.sorted()
    }

    /// Makes the names of created, renamed and removed partition directories durable, many at once.
    package func syncNames() throws(StorageError) { try fileSystem.syncDirectory(path) }

    // MARK: Checkpoints

    package func readRecoveryPoints() throws(StorageError) -> OffsetCheckpoint { try read(Self.recoveryPointsName) }

    package func writeRecoveryPoints(_ checkpoint: OffsetCheckpoint) throws(StorageError) {
        try replace(Self.recoveryPointsName, checkpoint)
    }

    /// Of two copies the smaller: Kafka's format has no checksum, and a start that a flipped bit has moved forward would
    /// cost the records before it. Ours has one; where Kafka itself has written since, it may know less or more.
    package func readLogStartOffsets() throws(StorageError) -> OffsetCheckpoint {
        let foreign = try readIfWhole(Self.logStartOffsetsName)
        let own = try AtomicFile.read(path: path + "/" + Self.checkedStartsName, fileSystem: fileSystem)
            .flatMap { OffsetCheckpoint.decodeChecked($0) }
        guard let own, let foreign else { return own ?? foreign ?? OffsetCheckpoint() }
        var smaller = OffsetCheckpoint()
        for (name, offset) in own.offsets { smaller.offsets[name] = foreign.offsets[name].map { min($0, offset) } }
        return smaller
    }

    package func writeLogStartOffsets(_ checkpoint: OffsetCheckpoint) throws(StorageError) {
        try AtomicFile.replace(
            path: path + "/" + Self.checkedStartsName, with: checkpoint.encodedChecked, fileSystem: fileSystem)
        try replace(Self.logStartOffsetsName, checkpoint)
    }

    /// Up to where each compacted log was cleaned.
    package func readCleanedOffsets() throws(StorageError) -> OffsetCheckpoint { try read(Self.cleanedOffsetsName) }

    package func writeCleanedOffsets(_ checkpoint: OffsetCheckpoint) throws(StorageError) {
        try replace(Self.cleanedOffsetsName, checkpoint)
    }

    /// Empty when missing or damaged: recovery then scans more, deleted records may come back, clean logs count as dirty.
    private func read(_ name: String) throws(StorageError) -> OffsetCheckpoint {
        try readIfWhole(name) ?? OffsetCheckpoint()
    }

    private func readIfWhole(_ name: String) throws(StorageError) -> OffsetCheckpoint? {
        try AtomicFile.read(path: path + "/" + name, fileSystem: fileSystem).flatMap { OffsetCheckpoint.decode($0) }
    }

    private func replace(_ name: String, _ checkpoint: OffsetCheckpoint) throws(StorageError) {
        try AtomicFile.replace(path: path + "/" + name, with: checkpoint.encoded, fileSystem: fileSystem)
    }

    // MARK: Stop

    /// The last act of a clean stop, after every log was closed and the checkpoints were written.
    package func markCleanStop() throws(StorageError) {
        try AtomicFile.replace(
            path: path + "/" + Self.cleanStopName, with: Array(#"{"version":0,"brokerEpoch":-1}"#.utf8),
            fileSystem: fileSystem)
    }

    /// Everything written to the file system so far onto stable storage.
    package func syncFileSystem() throws(StorageError) {
        guard let file = lock.withLock({ $0 }) else {
            throw StorageError(.invalid, "The data directory \(path) is closed.")
        }
        try file.syncFileSystem()
    }

    /// The directory, opened once more: who syncs the file system through it is told of an error although somebody else was told
    /// before.
    package func reopened() throws(StorageError) -> File { try File(directory: path, fileSystem) }

    /// How large the file system of the directory is and how much of it is left.
    package func space() throws(StorageError) -> FileSystemSpace {
        let (result, space) = fileSystem.space(path)
        if result < 0 { throw .system(-result, "ask for the free space of", path) }
        return space
    }

    /// Gives the lock back.
    package func close() { lock.withLock { $0 = nil } }
}
