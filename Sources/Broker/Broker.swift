import Dispatch
import KafkaProtocol
import LogStorage
import Logging
import Synchronization

/// The broker: topics on disk and the answers to requests about them. It knows no sockets.
///
/// A request runs on the event loop that read it, from its first byte to its reply, unless it changes the catalogue or
/// searches a log, which happens on the background queue, or needs of a log what is not in memory (`ColdReads`).
/// Thread rule: any thread. Lock order: see `Partition`.
package final class Broker: RequestHandler {
    package let settings: BrokerSettings
    package let topics: TopicRegistry
    let directory: DataDirectory
    package let handles: HandlePool
    let fetchSessions: FetchSessions
    let parkedFetches = ParkedFetches()
    let coldReads: ColdReads
    let requestErrors = RequestErrors()
    let startedNanoseconds: Int64
    let groupCommit: GroupCommit
    /// Whether `acks=all` means durable (`flush.policy`).
    let flushesBeforeAcknowledging: Bool
    /// `partitions.max`.
    let partitionsMax: Int
    let producerIDs: ProducerIDs
    package let maintenance: Maintenance
    package let groups: GroupCoordinator
    let time: any TimeSource
    let logger: Logger
    /// Work that blocks on the disk: changes of the catalogue, searches by time, checkpoints.
    private let background: DispatchQueue
    private let advertised: NetworkAddress?
    private let isStopped = Atomic(false)

    /// Opens the data directory and recovers what an unclean stop left.
    ///
    /// - Throws: `StorageError` with a sentence if the directory cannot be used.
    package init(
        settings: BrokerSettings, fileSystem: any FileSystem = PosixFileSystem(), time: any TimeSource = SystemTime(),
        limits: ProcessLimits = .current(), logger: Logger
    ) throws {
        try GroupLimits.check(settings)
        self.settings = settings
        self.time = time
        self.logger = logger
        startedNanoseconds = time.monotonicNanoseconds
        advertised = try settings.list("advertised.listeners").first.map { try NetworkAddress(listener: $0) }
        let nodeID = Int32(settings.integer("node.id"))
        let meter = SpaceMeter()
        directory = try DataDirectory.open(
            path: settings["log.dirs"].text, fileSystem: MeteredFileSystem(fileSystem, meter), clusterID: nil,
            nodeID: nodeID)
        handles = try HandlePool(
            filesMax: limits.segmentFilesMax(settings), mappingsMax: limits.mappingsMax(settings),
            directory: directory.path, fileSystem: directory.fileSystem)
        let disk = DiskSpace(directory: directory, meter: meter, settings: settings, time: time, logger: logger)
        topics = try TopicRegistry(
            directory: directory, settings: settings, disk: disk, pool: handles, time: time, logger: logger)
        producerIDs = try ProducerIDs(directory: directory, topics: topics, logger: logger)
        let journal = try JournaledRounds(
            directory, bytes: settings.integer("commit.journal.bytes"), mustKeep: topics.mustKeepJournal, logger: logger
        )
        groupCommit = try GroupCommit(directory: directory, journal: journal, logger: logger)
        flushesBeforeAcknowledging = settings["flush.policy"].text == "ack"
        partitionsMax = settings.integer("partitions.max")
        let background = DispatchQueue(label: "martlet.background")
        self.background = background
        groups = GroupCoordinator(
            topics: topics, settings: settings, groupCommit: groupCommit, time: time, logger: logger,
            inBackground: { background.async(execute: $0) })
        fetchSessions = FetchSessions(
            slotsMax: settings.integer("max.incremental.fetch.session.cache.slots"),
            bytesMax: settings.integer("fetch.session.cache.max.bytes"), time: time)
        maintenance = Maintenance(
            topics: topics, groupCommit: groupCommit, disk: disk, settings: settings, time: time, logger: logger)
        coldReads = ColdReads(threadsMax: settings.integer("num.io.threads"))
        groups.load()
        topics.observe { [weak groups] change in
            if case .deleted(let name) = change { groups?.topicsDeleted([name]) }
            groups?.topicsChanged()
        }
        scheduleCheckpoint()
        maintenance.start()
    }

    deinit {
        maintenance.cancel()
        coldReads.cancel()
    }

    package var nodeID: Int32 { directory.nodeID }
    package var clusterID: String { directory.clusterID }

    /// The address that a client is told to use: what is configured, else what it used itself.
    func address(for connection: any ClientConnection) -> NetworkAddress { advertised ?? connection.localAddress }

    /// Flushes and closes everything; nothing may be asked of the broker afterwards.
    package func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        groups.stop()
        maintenance.stop()
        coldReads.stop()
        // One sync for all of them, instead of one for each as it is closed.
        groupCommit.stop(flushing: topics.current.all.flatMap(\.partitions))
        background.sync { topics.close() }
    }

    /// Members that wait for their group need not keep the connections open.
    package func beginStop() { groups.stop() }

    // MARK: Requests

    package func beginBurst() { groupCommit.beginBurst() }
    package func endBurst() { groupCommit.endBurst() }

    package func handle(
        _ frame: RawSpan, from connection: any ClientConnection, complete: @escaping @Sendable (Reply) -> Void
    ) -> Outcome {
        var reader = WireReader(frame)
        do throws(WireError) {
            var header = try RequestHeader(fixedPartFrom: &reader)
            guard let handler = HandlerTable.handler(forKey: header.apiKey) else {
                return .close(reason: "it asked for API key \(header.apiKey), which this broker does not serve")
            }
            guard handler.versions.contains(header.apiVersion) else {
                return refuseVersion(of: handler, header, from: connection, complete: complete)
            }
            try header.readRest(from: &reader, flexible: handler.isFlexible(header.apiVersion))
            let context = RequestContext(
                header: header, apiKey: handler.key, connection: connection, broker: self, complete: complete)
            return try handler.run(&reader, frame, context)
        } catch {
            return .close(reason: "a request could not be read: \(error)")
        }
    }

    /// A version that is not served: of ApiVersions it is answered, so that the client can choose a lower one (KIP-511);
    /// of others it means that the client did not ask what is served, and its stream cannot be read on.
    private func refuseVersion(
        of handler: Handler, _ header: RequestHeader, from connection: any ClientConnection,
        complete: @escaping @Sendable (Reply) -> Void
    ) -> Outcome {
        guard handler.key == .apiVersions else {
            return .close(
                reason: "it asked for version \(header.apiVersion) of \(handler.key.name); served are "
                    + "\(handler.versions.lowerBound) to \(handler.versions.upperBound)")
        }
        var header = header
        header.apiVersion = 0
        let context = RequestContext(
            header: header, apiKey: .apiVersions, connection: connection, broker: self, complete: complete)
        return .reply(context.reply(ApiVersionsHandler.response(error: .unsupportedVersion)))
    }

    package func connectionClosed(_ connection: any ClientConnection) {
        parkedFetches.connectionClosed(connection)
        coldReads.connectionClosed(connection)
    }

    /// Runs work that may block on the disk.
    func inBackground(_ work: @escaping @Sendable () -> Void) {
        background.async(execute: work)
    }

    // MARK: Checkpoints

    /// As Kafka's default of `log.flush.offset.checkpoint.interval.ms`.
    private static let checkpointIntervalSeconds = 60

    private func scheduleCheckpoint() {
        background.asyncAfter(deadline: .now() + .seconds(Self.checkpointIntervalSeconds)) { [weak self] in
            guard let self, !self.isStopped.load(ordering: .acquiring) else { return }
            self.checkpoint()
            self.scheduleCheckpoint()
        }
    }

    /// Flushes what is dirty and notes how far each log is durable, which bounds what the next start has to scan.
    private func checkpoint() {
        let partitions = topics.current.all.flatMap(\.partitions)
        // Where that fails, the partition is offline, which is logged, and its recovery point stays.
        groupCommit.flushFiles(of: partitions) { [weak self] in
            guard let self else { return }
            self.inBackground {
                guard !self.isStopped.load(ordering: .acquiring) else { return }
                do throws(StorageError) {
                    try self.topics.checkpointRecoveryPoints()
                } catch {
                    self.logger.warning("the recovery checkpoint was not written: \(error.message)")
                }
            }
        }
    }
}
