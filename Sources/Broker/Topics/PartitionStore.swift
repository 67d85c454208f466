import KafkaProtocol
import LogStorage
import Logging

/// The directories of partitions in the data directory: makes, opens and removes them. What exists is for the catalogue to say.
///
/// Thread rule: any thread; blocks on the disk. Whoever creates and deletes sees to it that names are not used twice at once.
struct PartitionStore: Sendable {
    let directory: DataDirectory
    let disk: DiskSpace
    let pool: HandlePool
    let time: any TimeSource
    let logger: Logger

    private var fileSystem: any FileSystem { directory.fileSystem }

    func path(_ name: TopicPartitionName) -> String {
        directory.partitionPath(topic: name.topic, partition: name.partition)
    }

    // MARK: Creation

    /// A directory and two small files.
    private static let partitionCostBytes: Int64 = 3 * 4_096

    /// - Throws: `.noSpace` where the disk is too full for so many partitions more.
    func checkSpace(for names: [TopicPartitionName]) throws(StorageError) {
        let isInternal = names.contains { TopicName.isInternal($0.topic) }
        try disk.admit(isInternal ? .groups : .records, bytes: Int64(names.count) * Self.partitionCostBytes)
    }

    /// Makes the directories of new partitions, all durable when it returns.
    func create(_ names: [TopicPartitionName], id: Uuid) throws(StorageError) {
        for name in names {
            let path = path(name)
            try Log.create(directory: path, fileSystem: fileSystem, syncsParent: false)
            try PartitionMetadata.write(
                directory: path, topicID: Identifier(id), fileSystem: fileSystem, durably: false)
        }
        if !names.isEmpty { try directory.syncFileSystem() }
    }

    // MARK: Opening

    /// The topic id in a partition's directory; nil if there is none.
    ///
    /// - Throws: `.corrupt` if it is damaged.
    func topicID(of name: TopicPartitionName) throws(StorageError) -> Uuid? {
        try PartitionMetadata.read(directory: path(name), fileSystem: fileSystem).map(Uuid.init)
    }

    /// Opens a log; one that cannot be opened takes only its own partition offline.
    func open(
        _ name: TopicPartitionName, id: Uuid, config: TopicConfig, start: LogStart, journaled: [JournaledRange] = []
    ) -> Partition {
        do throws(StorageError) {
            let (log, report) = try Log.open(
                directory: path(name), name: name, config: config.log, fileSystem: fileSystem, time: time,
                start: start, journaled: journaled, pool: pool)
            if !report.isEmpty { logger.warning("recovered \(name): \(report)") }
            return Partition(name: name, topicID: id, log: log, found: report, disk: disk)
        } catch {
            logger.error("\(name) is offline: \(error.message)")
            return Partition(name: name, topicID: id, offline: error, disk: disk)
        }
    }

    // MARK: Removal

    /// Takes a partition's name away, so that another may use it: what is left of it is at the path that is returned.
    func renameForDeletion(_ name: TopicPartitionName) throws(StorageError) -> String {
        try Log.renameForDeletion(
            directory: path(name), uniqueID: Identifier.random().hexadecimal, fileSystem: fileSystem)
    }

    func remove(_ path: String) throws(StorageError) {
        try Log.remove(directory: path, fileSystem: fileSystem)
    }

    /// As `remove`, where the next start does what cannot be done now.
    func discard(_ path: String) {
        do throws(StorageError) {
            try remove(path)
        } catch {
            logger.warning("\(path) could not be removed and stays until the next start: \(error.message)")
        }
    }
}
