import KafkaProtocol
import LogStorage
import Logging
import Synchronization

/// The topics of this broker: looks them up, creates, changes and deletes them.
///
/// Crash rule: see `TopicCatalogue`; what a caller is told has happened is durable.
/// Thread rule: `current` from any thread at any time; changes are made one after the other and block on the disk, so they
/// belong on the broker's background queue.
package final class TopicRegistry: Sendable {
    private let settings: BrokerSettings
    private let logger: Logger
    private let store: PartitionStore
    private let spare: SpareFile
    private let checkpoints: LogCheckpoints
    /// Held for the whole of a change, disk writes included.
    private let catalogue: Mutex<StoredCatalogue>
    /// Held for a moment only.
    private let topics: Mutex<TopicDirectory>
    /// Whether the commit journal of the last run has to stay as it is: it holds batches of a log that could not be opened.
    let mustKeepJournal: Bool
    private let publishedGroupOverrides: Mutex<[String: [String: String]]>

    /// Who is told of changes.
    private let observer = Mutex<(@Sendable (Change) -> Void)?>(nil)

    /// What has become of topics.
    package enum Change: Sendable {
        case created(String)
        case grown(String)
        case deleted(String)
    }

    package var current: TopicDirectory { topics.withLock { $0 } }

    /// Has every change told once it is durable, by the thread that makes it and without a lock.
    package func observe(_ observer: @escaping @Sendable (Change) -> Void) {
        self.observer.withLock { $0 = observer }
    }

    private func tell(_ change: Change) { observer.withLock { $0 }?(change) }

    /// Settings of the broker that were changed while it ran.
    package var brokerOverrides: [String: String] { catalogue.withLock { $0.content.brokerOverrides } }

    /// Settings of single groups, by group id. Does not wait for changes under way: every heartbeat asks.
    package var groupOverrides: [String: [String: String]] { publishedGroupOverrides.withLock { $0 } }

    /// Opens what the data directory holds.
    package init(
        directory: DataDirectory, settings: BrokerSettings, disk: DiskSpace, pool: HandlePool, time: any TimeSource,
        logger: Logger
    ) throws(StorageError) {
        self.settings = settings
        self.logger = logger
        store = PartitionStore(directory: directory, disk: disk, pool: pool, time: time, logger: logger)
        spare = try SpareFile(directory: directory)
        checkpoints = try LogCheckpoints(reading: directory)
        let (found, opened, mustKeepJournal) = try TopicLoader(
            store: store, checkpoints: checkpoints, settings: settings, logger: logger
        ).load()
        catalogue = Mutex(StoredCatalogue(found, in: directory, spare: spare, logger: logger))
        publishedGroupOverrides = Mutex(found.groupOverrides)
        topics = Mutex(opened)
        self.mustKeepJournal = mustKeepJournal
        keepSpareSpace()
    }

    /// Seldom has the spare space to grow with the catalogue.
    private static let spareStepBytes: Int64 = 64 << 10

    /// Sees to it that a topic can still be deleted when the disk has no room for another catalogue. To be called now and then.
    package func keepSpareSpace() {
        guard store.disk.hasRoom(for: .records) else { return }
        let path = store.directory.path + "/" + TopicCatalogue.fileName
        let size = store.directory.fileSystem.status(path).status.size
        do throws(StorageError) {
            try spare.keep(bytes: (size / Self.spareStepBytes + 1) * Self.spareStepBytes)
        } catch {
            logger.warning("no space could be set aside for the deletion of topics: \(error.message)")
        }
    }

    // MARK: Settings

    private func topicConfig(_ overrides: [String: String], _ catalogue: StoredCatalogue) -> TopicConfig {
        TopicConfig(overrides: overrides, broker: settings, dynamicBroker: catalogue.content.brokerOverrides)
    }

    /// Replaces the settings of a topic.
    package func setOverrides(_ overrides: [String: String], topic name: String) throws(TopicError) {
        try catalogue.withLock { catalogue throws(TopicError) in
            guard let topic = current.byName[name] else { throw TopicError(.unknownTopicOrPartition) }
            try catalogue.change { $0.topics[name]?.overrides = overrides }
            reconfigure(topic, overrides, catalogue)
        }
    }

    /// Replaces the broker's dynamic settings.
    package func setBrokerOverrides(_ overrides: [String: String]) throws(TopicError) {
        try catalogue.withLock { catalogue throws(TopicError) in
            try catalogue.change { $0.brokerOverrides = overrides }
            for topic in current.all { reconfigure(topic, topic.config.overrides, catalogue) }
        }
    }

    /// So many groups may have settings of their own: they are kept although their group need not exist.
    private static let configuredGroupsMax = 10_000

    /// Replaces the settings of a group; empty ones are forgotten.
    package func setOverrides(_ overrides: [String: String], group id: String) throws(TopicError) {
        try catalogue.withLock { catalogue throws(TopicError) in
            guard
                overrides.isEmpty || catalogue.content.groupOverrides[id] != nil
                    || catalogue.content.groupOverrides.count < Self.configuredGroupsMax
            else {
                throw TopicError(
                    .policyViolation,
                    "\(Self.configuredGroupsMax) groups have settings of their own; that is the limit.")
            }
            try catalogue.change { $0.groupOverrides[id] = overrides.isEmpty ? nil : overrides }
            publishedGroupOverrides.withLock { $0 = catalogue.content.groupOverrides }
        }
    }

    private func reconfigure(_ topic: Topic, _ overrides: [String: String], _ catalogue: StoredCatalogue) {
        let config = topicConfig(overrides, catalogue)
        for partition in topic.partitions { partition.apply(config.log) }
        publish(topic, config: config, partitions: topic.partitions)
    }

    private func publish(_ topic: Topic, config: TopicConfig, partitions: [Partition]) {
        let changed = Topic(
            id: topic.id, name: topic.name, replicationFactor: topic.replicationFactor, config: config,
            partitions: partitions)
        topics.withLock { $0.insert(changed) }
    }

    // MARK: Creation

    /// Says what speaks against a new topic; nothing is changed.
    package func check(_ new: NewTopic) throws(TopicError) {
        try new.check(beside: current, settings)
    }

    package func create(_ new: NewTopic) throws(TopicError) -> Topic {
        let topic = try makeDurable(new)
        tell(.created(topic.name))
        return topic
    }

    private func makeDurable(_ new: NewTopic) throws(TopicError) -> Topic {
        try catalogue.withLock { catalogue throws(TopicError) in
            try check(new)
            let entry = TopicCatalogue.Entry(
                id: Uuid.random(), name: new.name, partitionCount: new.partitionCount,
                replicationFactor: new.replicationFactor, overrides: new.overrides)
            // Directories first: a topic whose line is durable can be written to at once. Those of a creation that is cut
            // short have no line and are removed at the next start.
            let names = (0..<new.partitionCount).map { TopicPartitionName(topic: new.name, partition: $0) }
            let config = topicConfig(new.overrides, catalogue)
            let partitions = try add(names, id: entry.id, config: config, to: &catalogue) {
                $0.topics[new.name] = entry
            }
            let topic = Topic(
                id: entry.id, name: new.name, replicationFactor: new.replicationFactor, config: config,
                partitions: partitions)
            topics.withLock { $0.insert(topic) }
            return topic
        }
    }

    /// Makes new partitions durable, then the change of the catalogue that makes them exist; nothing stays if it fails.
    private func add(
        _ names: [TopicPartitionName], id: Uuid, config: TopicConfig, to catalogue: inout StoredCatalogue,
        _ change: (inout TopicCatalogue) -> Void
    ) throws(TopicError) -> [Partition] {
        do throws(StorageError) { try store.checkSpace(for: names) } catch { throw TopicError(error) }
        do throws(TopicError) {
            do throws(StorageError) {
                try checkpoints.forget(names)
                try store.create(names, id: id)
            } catch {
                throw TopicError(error)
            }
            try catalogue.change(change)
        } catch {
            for name in names { store.discard(store.path(name)) }
            throw error
        }
        return names.map { store.open($0, id: id, config: config, start: .clean(logStartOffset: nil)) }
    }

    /// Gives a topic more partitions.
    package func grow(topic name: String, to count: Int32, validateOnly: Bool) throws(TopicError) {
        try growDurably(name, to: count, validateOnly: validateOnly)
        if !validateOnly { tell(.grown(name)) }
    }

    private func growDurably(_ name: String, to count: Int32, validateOnly: Bool) throws(TopicError) {
        try catalogue.withLock { catalogue throws(TopicError) in
            let current = current
            guard let topic = current.byName[name] else {
                throw TopicError(.unknownTopicOrPartition, "The topic '\(name)' does not exist.")
            }
            let held = Int32(topic.partitions.count)
            guard count > held else {
                let problem =
                    count == held
                    ? "Topic already has \(held) partition(s)."
                    : "The topic \(name) currently has \(held) partition(s); \(count) would not be an increase."
                throw TopicError(.invalidPartitions, problem)
            }
            try current.checkRoom(forPartitions: Int(count - held), settings)
            guard !validateOnly else { return }
            let names = (held..<count).map { TopicPartitionName(topic: name, partition: $0) }
            let added = try add(names, id: topic.id, config: topic.config, to: &catalogue) {
                $0.topics[name]?.partitionCount = count
            }
            publish(topic, config: topic.config, partitions: topic.partitions + added)
        }
    }

    // MARK: Deletion

    package func delete(_ topic: Topic) throws(TopicError) {
        try deleteDurably(topic)
        tell(.deleted(topic.name))
    }

    private func deleteDurably(_ topic: Topic) throws(TopicError) {
        try catalogue.withLock { catalogue throws(TopicError) in
            guard let topic = current.byID[topic.id] else { throw TopicError(.unknownTopicOrPartition) }
            try catalogue.change(makesRoom: true) { $0.topics[topic.name] = nil }
            topics.withLock { $0.remove(topic) }
            for partition in topic.partitions {
                partition.markDeleted()
                do throws(StorageError) {
                    // Renamed before anything else may use the name again; replies on their way keep the mapped files.
                    store.discard(try store.renameForDeletion(partition.name))
                } catch {
                    logger.error("\(partition.name) is deleted, but: \(error.message)")
                    // A name may need room, too. What is left of it now would go at the next start.
                    if error.code == .noSpace { store.discard(store.path(partition.name)) }
                }
            }
        }
    }

    // MARK: Checkpoints

    /// Makes the log start offsets durable, so that DeleteRecords outlives a crash.
    package func checkpointLogStartOffsets() throws(StorageError) {
        try checkpoints.writeLogStartOffsets { current }
    }

    /// Notes how far each log is durable, so that the next start need not scan what lies before.
    package func checkpointRecoveryPoints() throws(StorageError) {
        try checkpoints.writeRecoveryPoints { current }
    }

    /// Up to where the next start takes a log for flushed, as the disk has it.
    func recoveryPoint(of partition: Partition) -> Int64? { checkpoints.recoveryPoint(of: partition.name) }

    /// Up to where a log was cleaned; nil if it never was.
    package func cleanedOffset(of partition: Partition) -> Int64? { checkpoints.cleanedOffset(of: partition.name) }

    /// Notes how far a log was cleaned, so that it does not count as dirty after the next start.
    package func checkpointCleanedOffset(_ offset: Int64, of partition: Partition) throws(StorageError) {
        try checkpoints.writeCleanedOffset(offset, of: partition, in: current)
    }

    /// For a log that was not used since a clean start, its end is what the checkpoint says.
    func figures(of partition: Partition) -> Partition.Figures {
        var figures = partition.figures
        if figures.logEndOffset == nil, !figures.isOffline {
            figures.logEndOffset = checkpoints.recoveryPoint(of: partition.name) ?? figures.logStartOffset
        }
        return figures
    }

    /// Closes every log. The clean-stop marker is written only if all of them could be.
    package func close() {
        var failed = false
        for topic in current.all {
            for partition in topic.partitions {
                do throws(StorageError) {
                    try partition.close()
                } catch {
                    failed = true
                    logger.error("\(partition.name) was not closed: \(error.message)")
                }
            }
        }
        do throws(StorageError) {
            try checkpointLogStartOffsets()
            try checkpointRecoveryPoints()
            if !failed { try markCleanStop() }
        } catch {
            logger.error("the next start will have to recover: \(error.message)")
        }
        store.directory.close()
    }

    /// The files hold everything now, so what the commit journal has is old.
    private func markCleanStop() throws(StorageError) {
        if try CommitJournal.exists(in: store.directory) { try JournaledBatches.discard(in: store.directory) }
        try store.directory.markCleanStop()
    }
}
