import KafkaProtocol
import KafkaRecords
import LogStorage

/// Repairs a data directory, or one partition of it, whose broker is stopped: `martlet log check --repair`.
///
/// Logs are the truth; whatever else is damaged is made again from them, and where that cannot say everything the step says
/// what is lost. Damaged bytes are kept (`RepairSession`).
/// Crash rule: each file is replaced atomically and on its own; a repair that was cut short is run again.
/// Thread rule: the directory's lock keeps everybody else out.
package struct DirectoryRepair {
    private let session: RepairSession
    private var directory: DataDirectory { session.directory }
    private var fileSystem: any FileSystem { session.fileSystem }

    private var ends: [TopicPartitionName: Int64] = [:]
    private var rewritten: Set<TopicPartitionName> = []
    private var largestProducerID = LargestProducerID()
    private let journaled: JournaledBatches

    /// - Parameter path: a data directory, or the directory of one partition in it.
    package static func run(
        path: String, isDryRun: Bool, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(StorageError) -> RepairSession {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let name = path.split(separator: "/").last.flatMap { TopicPartitionName(directoryName: String($0)) }
        if let name, isPartition(path, fileSystem) {
            let parent = String(path.dropLast(name.directoryName.utf8.count + 1))
            let root = parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parent
            var repair = try DirectoryRepair(
                session: RepairSession(
                    try .openForRepair(path: root, fileSystem: fileSystem), isDryRun: isDryRun))
            defer { repair.directory.close() }
            try repair.repairPartition(name)
            try repair.session.repairCheckpoints(ends: repair.ends, rewritten: repair.rewritten)
            return repair.session
        }
        var repair = try DirectoryRepair(
            session: RepairSession(try .openForRepair(path: path, fileSystem: fileSystem), isDryRun: isDryRun))
        defer { repair.directory.close() }
        try repair.runAll()
        return repair.session
    }

    private init(session: RepairSession) throws(StorageError) {
        self.session = session
        let directory = session.directory
        journaled = directory.wasCleanStop ? JournaledBatches() : try JournaledBatches.read(in: directory)
    }

    private static func isPartition(_ path: String, _ fileSystem: any FileSystem) -> Bool {
        fileSystem.list(path).names.contains { FileKind.parse($0) != nil || $0 == "partition.metadata" }
    }

    private mutating func runAll() throws(StorageError) {
        let names = try directory.partitionDirectories().filter {
            TopicName.objection(to: $0.topic) == nil && $0.partition < Self.partitionsMax
        }
        let catalogue = try repairCatalogue(names)
        for name in names {
            try repairMetadata(of: name, catalogue)
            try repairPartition(name)
        }
        try session.repairCheckpoints(ends: ends, rewritten: rewritten)
        try repairProducerIDs()
        try repairIdentity()
    }

    /// Directories that only look like one (`backup-20260101`) are no partitions.
    private static let partitionsMax: Int32 = 1_000_000

    private mutating func repairPartition(_ name: TopicPartitionName) throws(StorageError) {
        let path = directory.partitionPath(topic: name.topic, partition: name.partition)
        let recoveryPoint = try directory.readRecoveryPoints().offsets[name]
        let ranges = try storedID(name).map { journaled[.init(topicID: $0, partition: name.partition)] }
        let outcome = try PartitionRepair.run(
            path, recoveryPoint: recoveryPoint, journaled: ranges ?? [], in: session)
        ends[name] = outcome.endOffset
        if outcome.isRewritten { rewritten.insert(name) }
        largestProducerID.note(outcome.largestProducerID)
    }

    // MARK: Catalogue

    /// - Returns: the catalogue that holds afterwards; nil without one, when a start makes it from the directories.
    private func repairCatalogue(_ names: [TopicPartitionName]) throws(StorageError) -> TopicCatalogue? {
        let path = directory.path + "/" + TopicCatalogue.fileName
        let stored = try AtomicFile.read(path: path, fileSystem: fileSystem, limitBytes: TopicCatalogue.maxSizeBytes)
        guard let bytes = stored else { return nil }
        if let catalogue = TopicCatalogue(decoding: bytes) { return catalogue }
        let kept = try session.keep(file: path)
        let catalogue: TopicCatalogue
        if let corrected = TopicCatalogue(correcting: bytes) {
            catalogue = corrected
            session.note(
                .rebuilt, path, "One bit of \(path) had flipped; its checksum says which. Nothing is lost.",
                keptAs: kept)
        } else {
            catalogue = try rebuiltCatalogue(names)
            session.note(
                .replaced, path,
                "\(path) is damaged and made again from the directories of partitions. Lost are the settings of topics, groups and "
                    + "the broker, and partitions without a directory. So that nothing is deleted by mistake, the topics keep "
                    + "their records without a limit (retention.ms=-1, retention.bytes=-1) and are not compacted, except for "
                    + "\(OffsetsTopic.name): set them again with `martlet topic alter`; the kept file may still show what they were.",
                keptAs: kept)
        }
        try session.perform { () throws(StorageError) in
            try catalogue.write(directory: directory.path, fileSystem: fileSystem)
        }
        return catalogue
    }

    private func rebuiltCatalogue(_ names: [TopicPartitionName]) throws(StorageError) -> TopicCatalogue {
        var catalogue = TopicCatalogue()
        for (topic, partitions) in Dictionary(grouping: names, by: \.topic) {
            var id: Identifier?
            for name in partitions where id == nil { id = try storedID(name) }
            let overrides =
                topic == OffsetsTopic.name
                ? OffsetsTopic.overrides(BrokerSettings())
                : ["retention.ms": "-1", "retention.bytes": "-1"]
            catalogue.topics[topic] = TopicCatalogue.Entry(
                id: id.map { Uuid($0) } ?? .random(), name: topic,
                partitionCount: (partitions.map(\.partition).max() ?? 0) + 1, replicationFactor: 1, overrides: overrides
            )
        }
        return catalogue
    }

    /// The topic id in a partition's directory; nil if there is none that can be read.
    private func storedID(_ name: TopicPartitionName) throws(StorageError) -> Identifier? {
        let path = directory.partitionPath(topic: name.topic, partition: name.partition)
        do throws(StorageError) {
            return try PartitionMetadata.read(directory: path, fileSystem: fileSystem)
        } catch {
            if error.code == .corrupt { return nil }
            throw error
        }
    }

    private func repairMetadata(of name: TopicPartitionName, _ catalogue: TopicCatalogue?) throws(StorageError) {
        let path = directory.partitionPath(topic: name.topic, partition: name.partition)
        let file = path + "/partition.metadata"
        let known = catalogue?.topics[name.topic]?.id
        do throws(StorageError) {
            let stored = try PartitionMetadata.read(directory: path, fileSystem: fileSystem)
            guard let stored, let known, Uuid(stored) != known else { return }
        } catch {
            guard error.code == .corrupt else { throw error }
        }
        let kept = try session.keep(file: file)
        let id = known ?? .random()
        session.note(
            known == nil ? .replaced : .rebuilt, file,
            known == nil
                ? "\(file) holds no topic id, and nothing else knows it: the topic gets a new one."
                : "\(file) does not hold the id of its topic, which the catalogue knows.",
            keptAs: kept)
        try session.perform { () throws(StorageError) in
            try PartitionMetadata.write(directory: path, topicID: Identifier(id), fileSystem: fileSystem)
        }
    }

    // MARK: Numbers

    private func repairProducerIDs() throws(StorageError) {
        let path = directory.path + "/" + ProducerIDs.fileName
        let bytes = try AtomicFile.read(path: path, fileSystem: fileSystem)
        // Where it is missing, the next producer would have to wait until all logs are looked into.
        let reserved = bytes == nil ? 0 : bytes.flatMap { ProducerIDs.decode($0) } ?? -1
        if reserved > largestProducerID.value { return }
        let next = largestProducerID.firstUnused
        let kept = bytes == nil ? nil : try session.keep(file: path)
        session.note(
            .replaced, path,
            "\(path) is \(bytes == nil ? "missing" : "damaged"). New producers get ids from \(next) on: above all that any batch "
                + "carries, and \(LargestProducerID.skipped) more for producers that have not written yet.",
            keptAs: kept)
        try session.perform { () throws(StorageError) in
            try AtomicFile.replace(path: path, with: ProducerIDs.encode(next), fileSystem: fileSystem)
        }
    }

    private func repairIdentity() throws(StorageError) {
        let path = directory.path + "/" + MetaProperties.fileName
        guard let bytes = try AtomicFile.read(path: path, fileSystem: fileSystem), MetaProperties.decode(bytes) == nil
        else { return }
        let kept = try session.keep(file: path)
        let (identity, guesses) = MetaProperties.salvaged(from: bytes)
        session.note(
            .replaced, path,
            "\(path) is damaged and made again: \(guesses.joined(separator: ", ")). The file has no checksum: compare it with what "
                + "you know of the broker.",
            keptAs: kept)
        try session.perform { () throws(StorageError) in
            try AtomicFile.replace(path: path, with: identity.encoded, fileSystem: fileSystem)
        }
    }
}
