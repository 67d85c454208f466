import KafkaProtocol
import LogStorage
import Logging
import Synchronization

/// Why a request about a topic is refused: the protocol's code and a sentence.
package struct TopicError: Error, Equatable, Sendable {
    package let code: ErrorCode
    package let message: String?
    /// The disk is full, of which there is a line in the log already.
    let isForWantOfSpace: Bool

    package init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
        isForWantOfSpace = false
    }

    init(_ error: StorageError) {
        code = .kafkaStorageError
        message = error.message
        isForWantOfSpace = error.code == .noSpace
    }
}

extension Uuid {
    init(_ identifier: Identifier) {
        self.init(high: identifier.high, low: identifier.low)
    }
}

/// The topics of this broker: looks them up, creates, changes and deletes them.
///
/// Crash rule: see `TopicCatalogue`; what a caller is told has happened is durable.
/// Thread rule: `current` from any thread at any time; changes are made one after the other and block on the disk, so they
/// belong on the broker's background queue.
package final class TopicRegistry: Sendable {
    private let directory: DataDirectory
    private let settings: BrokerSettings
    private let fileSystem: any FileSystem
    private let disk: DiskSpace
    private let pool: HandlePool
    private let time: any TimeSource
    private let logger: Logger
    /// Held for the whole of a change, disk writes included.
    private let catalogue: Mutex<TopicCatalogue>
    /// What the checkpoint files say: still true of logs that were not used since.
    private let checkpoints = Mutex(Checkpoints())
    /// Held for a moment only.
    private let topics: Mutex<TopicDirectory>
    private let publishedGroupOverrides: Mutex<[String: [String: String]]>

    /// Who is told of changes.
    private let observer = Mutex<(@Sendable (Change) -> Void)?>(nil)

    /// What has become of topics.
    package enum Change: Sendable {
        case created(String)
        case grown(String)
        case deleted(String)
    }

    private struct Checkpoints {
        var logStartOffsets: [TopicPartitionName: Int64] = [:]
        var recoveryPoints: [TopicPartitionName: Int64] = [:]
        var cleanedOffsets: [TopicPartitionName: Int64] = [:]
    }

    package var current: TopicDirectory { topics.withLock { $0 } }

    /// Has every change told once it is durable, by the thread that makes it and without a lock.
    package func observe(_ observer: @escaping @Sendable (Change) -> Void) {
        self.observer.withLock { $0 = observer }
    }

    private func tell(_ change: Change) { observer.withLock { $0 }?(change) }

    /// Settings of the broker that were changed while it ran.
    package var brokerOverrides: [String: String] { catalogue.withLock { $0.brokerOverrides } }

    /// Settings of single groups, by group id. Does not wait for changes under way: every heartbeat asks.
    package var groupOverrides: [String: [String: String]] { publishedGroupOverrides.withLock { $0 } }

    // MARK: Start

    package init(
        directory: DataDirectory, settings: BrokerSettings, disk: DiskSpace, pool: HandlePool, time: any TimeSource,
        logger: Logger
    ) throws(StorageError) {
        let fileSystem = directory.fileSystem
        self.directory = directory
        self.settings = settings
        self.fileSystem = fileSystem
        self.disk = disk
        self.pool = pool
        self.time = time
        self.logger = logger
        let found: TopicCatalogue
        if let stored = try TopicCatalogue.read(directory: directory.path, fileSystem: fileSystem) {
            found = stored
        } else {
            found = try Self.adopt(
                directory, partitionsMax: settings.integer("partitions.max"), fileSystem: fileSystem)
            try found.write(directory: directory.path, fileSystem: fileSystem)
        }
        catalogue = Mutex(found)
        publishedGroupOverrides = Mutex(found.groupOverrides)
        topics = Mutex(TopicDirectory())
        try removeLeftovers(of: found)
        try openAll(found)
    }

    /// Makes a catalogue from the partition directories: of a Kafka data directory, or of one whose catalogue was lost.
    /// Directories that only look like one (`backup-20260101`) would make a topic of millions of partitions.
    private static func adopt(
        _ directory: DataDirectory, partitionsMax: Int, fileSystem: any FileSystem
    ) throws(StorageError) -> TopicCatalogue {
        var catalogue = TopicCatalogue()
        for found in try directory.partitionDirectories() where TopicName.objection(to: found.topic) == nil {
            guard found.partition < partitionsMax else { continue }
            let path = directory.partitionPath(topic: found.topic, partition: found.partition)
            let stored = try PartitionMetadata.read(directory: path, fileSystem: fileSystem)
            let id = stored.map(Uuid.init) ?? Uuid.random()
            var entry =
                catalogue.topics[found.topic]
                ?? TopicCatalogue.Entry(id: id, name: found.topic, partitionCount: 0, replicationFactor: 1)
            entry.partitionCount = max(entry.partitionCount, found.partition + 1)
            catalogue.topics[found.topic] = entry
        }
        return catalogue
    }

    /// Removes what a deletion or creation that was cut short left behind.
    private func removeLeftovers(of catalogue: TopicCatalogue) throws(StorageError) {
        for path in try directory.leftoverDeletions() {
            try Log.remove(directory: path, fileSystem: fileSystem)
        }
        guard !directory.wasCleanStop else { return }
        for found in try directory.partitionDirectories() {
            let path = directory.partitionPath(topic: found.topic, partition: found.partition)
            if let entry = catalogue.topics[found.topic], found.partition < entry.partitionCount {
                // Creation and deletion take turns with the catalogue, so another id is damage, and no reason to delete.
                if let stored = try storedID(path), stored != entry.id {
                    logger.warning("\(path) says that it is of topic \(stored), the catalogue says \(entry.id)")
                }
                continue
            }
            logger.notice(
                "removing \(found.topic)-\(found.partition): its topic was deleted, or its creation was not finished")
            let renamed = try renameForDeletion(path)
            try Log.remove(directory: renamed, fileSystem: fileSystem)
        }
    }

    /// The topic id in a partition's directory; nil if there is none. A damaged one harms only itself: the catalogue knows.
    private func storedID(_ path: String) throws(StorageError) -> Uuid? {
        do throws(StorageError) {
            return try PartitionMetadata.read(directory: path, fileSystem: fileSystem).map(Uuid.init)
        } catch {
            guard error.code == .corrupt else { throw error }
            logger.warning("\(error.message) The catalogue's is taken.")
            return nil
        }
    }

    private func renameForDeletion(_ path: String) throws(StorageError) -> String {
        try Log.renameForDeletion(
            directory: path, uniqueID: Identifier.random().hexadecimal, fileSystem: fileSystem)
    }

    private func openAll(_ catalogue: TopicCatalogue) throws(StorageError) {
        let present = Set(try directory.partitionDirectories())
        let starts = try directory.readLogStartOffsets().offsets
        let recoveryPoints = try directory.readRecoveryPoints().offsets
        let cleanedOffsets = try directory.readCleanedOffsets().offsets
        checkpoints.withLock {
            $0 = Checkpoints(
                logStartOffsets: starts, recoveryPoints: recoveryPoints, cleanedOffsets: cleanedOffsets)
        }
        var opened = TopicDirectory()
        for entry in catalogue.topics.values {
            let config = topicConfig(entry.overrides, catalogue)
            let names = (0..<entry.partitionCount).map { TopicPartitionName(topic: entry.name, partition: $0) }
            try createDirectories(names.filter { !present.contains($0) }, id: entry.id)
            var partitions: [Partition] = []
            for name in names {
                let start: LogStart =
                    directory.wasCleanStop || !present.contains(name)
                    ? .clean(logStartOffset: starts[name])
                    : .unclean(recoveryPoint: recoveryPoints[name], logStartOffset: starts[name])
                partitions.append(open(name, id: entry.id, config: config, start: start))
            }
            opened.insert(
                Topic(
                    id: entry.id, name: entry.name, replicationFactor: entry.replicationFactor, config: config,
                    partitions: partitions))
        }
        topics.withLock { $0 = opened }
    }

    /// Makes the directories of new partitions, all durable when it returns.
    private func createDirectories(_ names: [TopicPartitionName], id: Uuid) throws(StorageError) {
        for name in names {
            let path = directory.partitionPath(topic: name.topic, partition: name.partition)
            try Log.create(directory: path, fileSystem: fileSystem, syncsParent: false)
            try PartitionMetadata.write(
                directory: path, topicID: Identifier(high: id.high, low: id.low), fileSystem: fileSystem, durably: false
            )
        }
        if !names.isEmpty { try directory.syncFileSystem() }
    }

    /// Opens a log; one that cannot be opened takes only its own partition offline.
    private func open(_ name: TopicPartitionName, id: Uuid, config: TopicConfig, start: LogStart) -> Partition {
        do throws(StorageError) {
            let path = directory.partitionPath(topic: name.topic, partition: name.partition)
            let (log, report) = try Log.open(
                directory: path, name: name, config: config.log, fileSystem: fileSystem, time: time, start: start,
                pool: pool)
            if !report.isEmpty { logger.warning("recovered \(name.topic)-\(name.partition): \(report)") }
            return Partition(name: name, topicID: id, log: log, found: report, disk: disk)
        } catch {
            logger.error("\(name.topic)-\(name.partition) is offline: \(error.message)")
            return Partition(name: name, topicID: id, offline: error, disk: disk)
        }
    }

    // MARK: Settings

    private func topicConfig(_ overrides: [String: String], _ catalogue: TopicCatalogue) -> TopicConfig {
        TopicConfig(overrides: overrides, broker: settings, dynamicBroker: catalogue.brokerOverrides)
    }

    /// Makes a change to the catalogue durable before it takes effect.
    private func commit(
        _ catalogue: inout TopicCatalogue, _ change: (inout TopicCatalogue) throws(TopicError) -> Void
    ) throws(TopicError) {
        var changed = catalogue
        try change(&changed)
        do throws(StorageError) {
            try changed.write(directory: directory.path, fileSystem: fileSystem)
        } catch {
            restore(catalogue)
            throw TopicError(error)
        }
        catalogue = changed
    }

    /// Puts the old catalogue back after a change that failed half-way: the new one may have its name already, and a topic
    /// that could not be deleted must not be gone after the next start. Mostly it has not, and there is nothing to do.
    private func restore(_ catalogue: TopicCatalogue) {
        do throws(StorageError) {
            if try TopicCatalogue.read(directory: directory.path, fileSystem: fileSystem) == catalogue { return }
            try catalogue.write(directory: directory.path, fileSystem: fileSystem)
        } catch {
            logger.error("the catalogue could not be written: \(error.message)")
        }
    }

    /// Replaces the settings of a topic.
    package func setOverrides(_ overrides: [String: String], topic name: String) throws(TopicError) {
        try catalogue.withLock { catalogue throws(TopicError) in
            guard let topic = current.byName[name] else { throw TopicError(.unknownTopicOrPartition) }
            try commit(&catalogue) { $0.topics[name]?.overrides = overrides }
            reconfigure(topic, overrides, catalogue)
        }
    }

    /// Replaces the broker's dynamic settings.
    package func setBrokerOverrides(_ overrides: [String: String]) throws(TopicError) {
        try catalogue.withLock { catalogue throws(TopicError) in
            try commit(&catalogue) { $0.brokerOverrides = overrides }
            for topic in current.all { reconfigure(topic, topic.config.overrides, catalogue) }
        }
    }

    /// So many groups may have settings of their own: they are kept although their group need not exist.
    private static let configuredGroupsMax = 10_000

    /// Replaces the settings of a group; empty ones are forgotten.
    package func setOverrides(_ overrides: [String: String], group id: String) throws(TopicError) {
        try catalogue.withLock { catalogue throws(TopicError) in
            guard
                overrides.isEmpty || catalogue.groupOverrides[id] != nil
                    || catalogue.groupOverrides.count < Self.configuredGroupsMax
            else {
                throw TopicError(
                    .policyViolation,
                    "\(Self.configuredGroupsMax) groups have settings of their own; that is the limit.")
            }
            try commit(&catalogue) { $0.groupOverrides[id] = overrides.isEmpty ? nil : overrides }
            publishedGroupOverrides.withLock { $0 = catalogue.groupOverrides }
        }
    }

    private func reconfigure(_ topic: Topic, _ overrides: [String: String], _ catalogue: TopicCatalogue) {
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

    /// What is asked for when a topic is created; the numbers are already resolved.
    package struct NewTopic: Sendable {
        package let name: String
        package let partitionCount: Int32
        package let replicationFactor: Int16
        package let overrides: [String: String]

        package init(name: String, partitionCount: Int32, replicationFactor: Int16, overrides: [String: String] = [:]) {
            self.name = name
            self.partitionCount = partitionCount
            self.replicationFactor = replicationFactor
            self.overrides = overrides
        }
    }

    /// Says what speaks against a new topic; nothing is changed.
    package func check(_ new: NewTopic) throws(TopicError) {
        let current = current
        if let objection = TopicName.objection(to: new.name) {
            throw TopicError(.invalidTopicException, "Topic name is invalid: \(objection)")
        }
        if current.byName[new.name] != nil {
            throw TopicError(.topicAlreadyExists, "Topic '\(new.name)' already exists.")
        }
        let key = TopicName.collisionKey(new.name)
        if let other = current.byName.keys.first(where: { TopicName.collisionKey($0) == key }) {
            throw TopicError(.invalidTopicException, "Topic '\(new.name)' collides with existing topic: \(other)")
        }
        guard new.partitionCount > 0 else {
            throw TopicError(.invalidPartitions, "Number of partitions was set to an invalid non-positive value.")
        }
        try checkPartitionLimit(adding: Int(new.partitionCount), current)
        let factorMax = settings.integer("replication.factor.accept.max")
        guard new.replicationFactor > 0 else {
            throw TopicError(
                .invalidReplicationFactor, "Replication factor must be larger than 0, or -1 to use the default value.")
        }
        guard Int(new.replicationFactor) <= factorMax else {
            throw TopicError(
                .invalidReplicationFactor,
                "Unable to replicate the partition \(new.replicationFactor) time(s): this broker is one node and accepts "
                    + "replication factors up to \(factorMax) (replication.factor.accept.max).")
        }
        for (name, value) in new.overrides { try Self.checkOverride(name, value) }
    }

    private func checkPartitionLimit(adding count: Int, _ current: TopicDirectory) throws(TopicError) {
        let limit = settings.integer("partitions.max")
        let held = current.all.reduce(0) { $0 + $1.partitions.count }
        guard held + count <= limit else {
            throw TopicError(
                .policyViolation,
                "\(count) more partitions are above the limit of \(limit) partitions of this broker (partitions.max).")
        }
    }

    package static func checkOverride(_ name: String, _ value: String) throws(TopicError) {
        guard let entry = TopicSettingTable.entry(named: name) else {
            throw TopicError(.invalidConfig, "Unknown topic config name: \(name)")
        }
        if let objection = entry.definition.objection(to: value) { throw TopicError(.invalidConfig, objection) }
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
        _ names: [TopicPartitionName], id: Uuid, config: TopicConfig, to catalogue: inout TopicCatalogue,
        _ change: (inout TopicCatalogue) -> Void
    ) throws(TopicError) -> [Partition] {
        try checkSpace(for: names)
        do throws(TopicError) {
            do throws(StorageError) {
                try forgetCheckpoints(of: names)
                try createDirectories(names, id: id)
            } catch {
                throw TopicError(error)
            }
            try commit(&catalogue) { change(&$0) }
        } catch {
            for name in names {
                discardDirectory(directory.partitionPath(topic: name.topic, partition: name.partition))
            }
            throw error
        }
        return names.map { open($0, id: id, config: config, start: .clean(logStartOffset: nil)) }
    }

    /// A directory and two small files.
    private static let partitionCostBytes: Int64 = 3 * 4_096

    private func checkSpace(for names: [TopicPartitionName]) throws(TopicError) {
        let isInternal = names.contains { TopicName.isInternal($0.topic) }
        do throws(StorageError) {
            try disk.admit(isInternal ? .groups : .records, bytes: Int64(names.count) * Self.partitionCostBytes)
        } catch {
            throw TopicError(error)
        }
    }

    private func discardDirectory(_ path: String) {
        do throws(StorageError) {
            try Log.remove(directory: path, fileSystem: fileSystem)
        } catch {
            logger.warning("\(path) could not be removed and stays until the next start: \(error.message)")
        }
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
            try checkPartitionLimit(adding: Int(count - held), current)
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
            try commit(&catalogue) { $0.topics[topic.name] = nil }
            topics.withLock { $0.remove(topic) }
            for partition in topic.partitions {
                partition.markDeleted()
                do throws(StorageError) {
                    let path = directory.partitionPath(topic: topic.name, partition: partition.name.partition)
                    // Renamed before anything else may use the name again; replies on their way keep the mapped files.
                    discardDirectory(try renameForDeletion(path))
                } catch {
                    logger.error("\(topic.name)-\(partition.name.partition) is deleted, but: \(error.message)")
                }
            }
        }
    }

    // MARK: Checkpoints

    /// Makes the log start offsets durable, so that DeleteRecords outlives a crash.
    package func checkpointLogStartOffsets() throws(StorageError) {
        try checkpoints.withLock { written throws(StorageError) in
            let offsets = offsets { $0.logStartOffset ?? written.logStartOffsets[$0.name] }
            guard offsets != written.logStartOffsets else { return }
            try directory.writeLogStartOffsets(OffsetCheckpoint(offsets: offsets))
            written.logStartOffsets = offsets
        }
    }

    /// Notes how far each log is durable, so that the next start need not scan what lies before.
    package func checkpointRecoveryPoints() throws(StorageError) {
        try checkpoints.withLock { written throws(StorageError) in
            let offsets = offsets { $0.recoveryPoint ?? written.recoveryPoints[$0.name] }
            guard offsets != written.recoveryPoints else { return }
            try directory.writeRecoveryPoints(OffsetCheckpoint(offsets: offsets))
            written.recoveryPoints = offsets
        }
    }

    /// Up to where a log was cleaned; nil if it never was.
    package func cleanedOffset(of partition: Partition) -> Int64? {
        checkpoints.withLock { $0.cleanedOffsets[partition.name] }
    }

    /// Notes how far a log was cleaned, so that it does not count as dirty after the next start.
    package func checkpointCleanedOffset(_ offset: Int64, of partition: Partition) throws(StorageError) {
        let current = current
        try checkpoints.withLock { written throws(StorageError) in
            // Its name may be another's by now, whose creation has made sure that nothing is said about it.
            if partition.isDeleted { return }
            var offsets = written.cleanedOffsets.filter { current.byName[$0.key.topic] != nil }
            offsets[partition.name] = offset
            try directory.writeCleanedOffsets(OffsetCheckpoint(offsets: offsets))
            written.cleanedOffsets = offsets
        }
    }

    /// For a log that was not used since a clean start, its end is what the checkpoint says.
    func figures(of partition: Partition) -> Partition.Figures {
        var figures = partition.figures
        if figures.logEndOffset == nil, !figures.isOffline {
            figures.logEndOffset = checkpoints.withLock { $0.recoveryPoints[partition.name] } ?? figures.logStartOffset
        }
        return figures
    }

    private func offsets(_ offset: (Partition) -> Int64?) -> [TopicPartitionName: Int64] {
        var offsets: [TopicPartitionName: Int64] = [:]
        for topic in current.all {
            for partition in topic.partitions { offsets[partition.name] = offset(partition) }
        }
        return offsets
    }

    /// Forgets what deleted partitions left in the checkpoints: it must not be taken for that of new ones of the same name.
    private func forgetCheckpoints(of names: [TopicPartitionName]) throws(StorageError) {
        try checkpoints.withLock { written throws(StorageError) in
            try forget(names, in: &written.logStartOffsets) { (offsets) throws(StorageError) in
                try directory.writeLogStartOffsets(offsets)
            }
            try forget(names, in: &written.recoveryPoints) { (offsets) throws(StorageError) in
                try directory.writeRecoveryPoints(offsets)
            }
            try forget(names, in: &written.cleanedOffsets) { (offsets) throws(StorageError) in
                try directory.writeCleanedOffsets(offsets)
            }
        }
    }

    /// What could not be written is not forgotten: the next creation has to try again.
    private func forget(
        _ names: [TopicPartitionName], in written: inout [TopicPartitionName: Int64],
        _ write: (OffsetCheckpoint) throws(StorageError) -> Void
    ) throws(StorageError) {
        guard names.contains(where: { written[$0] != nil }) else { return }
        var offsets = written
        for name in names { offsets[name] = nil }
        try write(OffsetCheckpoint(offsets: offsets))
        written = offsets
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
                    logger.error("\(partition.name.topic)-\(partition.name.partition) was not closed: \(error.message)")
                }
            }
        }
        do throws(StorageError) {
            try checkpointLogStartOffsets()
            try checkpointRecoveryPoints()
            if !failed { try directory.markCleanStop() }
        } catch {
            logger.error("the next start will have to recover: \(error.message)")
        }
        directory.close()
    }
}
