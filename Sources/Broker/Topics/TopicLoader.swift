import KafkaProtocol
import LogStorage
import Logging

/// Finds out at a start what topics there are, brings the directories of their partitions in line, and opens them.
struct TopicLoader: Sendable {
    let store: PartitionStore
    let checkpoints: LogCheckpoints
    let settings: BrokerSettings
    let logger: Logger

    private var directory: DataDirectory { store.directory }
    private var fileSystem: any FileSystem { directory.fileSystem }

    func load() throws(StorageError) -> (catalogue: TopicCatalogue, topics: TopicDirectory, mustKeepJournal: Bool) {
        let catalogue: TopicCatalogue
        if let stored = try TopicCatalogue.read(directory: directory.path, fileSystem: fileSystem) {
            catalogue = stored
        } else {
            catalogue = try adopt()
            try catalogue.write(directory: directory.path, fileSystem: fileSystem)
        }
        try removeLeftovers(of: catalogue)
        let journaled = directory.wasCleanStop ? JournaledBatches() : try JournaledBatches.read(in: directory)
        let topics = try open(catalogue, journaled)
        return (catalogue, topics, try mustKeep(journaled, for: topics))
    }

    /// Makes a catalogue from the partition directories: of a Kafka data directory, or of one whose catalogue was lost.
    /// Directories that only look like one (`backup-20260101`) would make a topic of millions of partitions.
    private func adopt() throws(StorageError) -> TopicCatalogue {
        let partitionsMax = settings.integer("partitions.max")
        var catalogue = TopicCatalogue()
        for found in try directory.partitionDirectories() where TopicName.objection(to: found.topic) == nil {
            guard found.partition < partitionsMax else { continue }
            let id = try store.topicID(of: found) ?? Uuid.random()
            var entry =
                catalogue.topics[found.topic]
                ?? TopicCatalogue.Entry(
                    id: id, name: found.topic, partitionCount: 0, replicationFactor: 1,
                    overrides: adoptedOverrides(of: found.topic))
            entry.partitionCount = max(entry.partitionCount, found.partition + 1)
            catalogue.topics[found.topic] = entry
        }
        return catalogue
    }

    /// What internal topics hold is state: with the retention of others it would be gone after a week.
    private func adoptedOverrides(of topic: String) -> [String: String] {
        if topic == OffsetsTopic.name { return OffsetsTopic.overrides(settings) }
        return TopicName.isInternal(topic) ? ["cleanup.policy": "compact"] : [:]
    }

    // MARK: Leftovers

    /// Removes what a deletion or creation that was cut short left behind.
    private func removeLeftovers(of catalogue: TopicCatalogue) throws(StorageError) {
        for path in try directory.leftoverDeletions() { try store.remove(path) }
        guard !directory.wasCleanStop else { return }
        for found in try directory.partitionDirectories() {
            if let entry = catalogue.topics[found.topic], found.partition < entry.partitionCount {
                // Creation and deletion take turns with the catalogue, so another id is damage, and no reason to delete.
                if let stored = try wholeTopicID(of: found), stored != entry.id {
                    logger.warning(
                        "\(store.path(found)) says that it is of topic \(stored), the catalogue says \(entry.id)")
                }
                continue
            }
            logger.notice("removing \(found): its topic was deleted, or its creation was not finished")
            try store.remove(try store.renameForDeletion(found))
        }
    }

    /// As `PartitionStore.topicID`. A damaged one harms only itself: the catalogue knows.
    private func wholeTopicID(of name: TopicPartitionName) throws(StorageError) -> Uuid? {
        do throws(StorageError) {
            return try store.topicID(of: name)
        } catch {
            guard error.code == .corrupt else { throw error }
            logger.warning("\(error.message) The catalogue's is taken.")
            return nil
        }
    }

    // MARK: Opening

    private func open(
        _ catalogue: TopicCatalogue, _ journaled: JournaledBatches
    ) throws(StorageError) -> TopicDirectory {
        let present = Set(try directory.partitionDirectories())
        let found = catalogue.topics.values.map { entry in
            let config = TopicConfig(
                overrides: entry.overrides, broker: settings, dynamicBroker: catalogue.brokerOverrides)
            return (entry: entry, config: config)
        }
        var logs: [(name: TopicPartitionName, id: Uuid, config: TopicConfig)] = []
        for (entry, config) in found {
            let names = (0..<entry.partitionCount).map { TopicPartitionName(topic: entry.name, partition: $0) }
            try store.create(names.filter { !present.contains($0) }, id: entry.id)
            logs += names.map { ($0, entry.id, config) }
        }
        var partitions = logs.mapInParallel { name, id, config in
            store.open(
                name, id: id, config: config, start: start(of: name, isNew: !present.contains(name)),
                journaled: journaled[.init(topicID: Identifier(id), partition: name.partition)])
        }[...]
        var topics = TopicDirectory()
        for (entry, config) in found {
            let own = partitions.prefix(Int(entry.partitionCount))
            partitions = partitions.dropFirst(own.count)
            topics.insert(
                Topic(
                    id: entry.id, name: entry.name, replicationFactor: entry.replicationFactor, config: config,
                    partitions: Array(own)))
        }
        return topics
    }

    private func start(of name: TopicPartitionName, isNew: Bool) -> LogStart {
        let logStartOffset = checkpoints.logStartOffset(of: name)
        if directory.wasCleanStop || isNew { return .clean(logStartOffset: logStartOffset) }
        return .unclean(recoveryPoint: checkpoints.recoveryPoint(of: name), logStartOffset: logStartOffset)
    }

    /// Whether the commit journal has batches of a log that could not be opened. If not, the files are made to hold, durably, what
    /// the logs have taken from it or had already, and it is forgotten.
    private func mustKeep(_ journaled: JournaledBatches, for topics: TopicDirectory) throws(StorageError) -> Bool {
        if journaled.isEmpty { return false }
        for topic in topics.all {
            for partition in topic.partitions where partition.logStartOffset == nil {
                let key = JournaledBatches.Partition(
                    topicID: Identifier(topic.id), partition: partition.name.partition)
                guard journaled.partitions.contains(key) else { continue }
                logger.error(
                    "the commit journal is kept, and not used until the next start: it has records of \(partition.name), which could not be opened"
                )
                return true
            }
        }
        try directory.syncFileSystem()
        try JournaledBatches.discard(in: directory)
        return false
    }
}
