import KafkaProtocol
import KafkaRecords
import LogStorage
import Synchronization

/// One partition: its log behind a lock, and the fetches that wait for it to grow.
///
/// Thread rule: any thread; the lock is held for bookkeeping and for the `pwritev` of an append, never for reading records,
/// for a flush, or while anybody is called back. Lock order: topic registry, then fetch session, then partition; a parked
/// fetch is never called under a partition's lock.
package final class Partition: Sendable, CleanableLog, TimeSearch {
    package let name: TopicPartitionName
    package let topicID: Uuid
    private let disk: DiskSpace
    private let state: Mutex<State>
    private let fetchedBytes = Atomic(0)

    fileprivate struct State: ~Copyable {
        /// nil while the partition is offline.
        var log: Log?
        var offlineReason: StorageError?
        var parkedFetches: [ObjectIdentifier: ParkedFetch] = [:]
        /// Set once the topic is deleted: what waits is answered, what comes is refused.
        var isDeleted = false
        /// Set by a clean stop: what would be appended now is not covered by its marker.
        var isClosed = false
        /// Since the start.
        var appendedRecords = 0
        var appendedBytes = 0
        /// A sentence for each damaged place that was found.
        var damage: Set<String> = []
        var truncatedBytes = 0
    }

    /// What a reader needs to know of the log at one moment.
    package struct Bounds: Sendable {
        package let logStartOffset: Int64
        package let logEndOffset: Int64
        package let leaderEpoch: Int32

        /// Everything up to the log's end is visible: with one node nothing else has to confirm it.
        package var highWatermark: Int64 { logEndOffset }
    }

    /// - Parameter found: what recovery has found.
    init(
        name: TopicPartitionName, topicID: Uuid, log: sending Log, found: RecoveryReport = RecoveryReport(),
        disk: DiskSpace
    ) {
        self.name = name
        self.topicID = topicID
        self.disk = disk
        state = Mutex(State(log: log, damage: Set(found.damage), truncatedBytes: Int(found.truncatedBytes)))
    }

    /// A partition whose log could not be opened: every use of it says why.
    init(name: TopicPartitionName, topicID: Uuid, offline reason: StorageError, disk: DiskSpace) {
        self.name = name
        self.topicID = topicID
        self.disk = disk
        state = Mutex(State(log: nil, offlineReason: reason))
    }

    // MARK: Writing

    /// What became of a produced batch.
    package enum AppendResult: Sendable {
        case appended(AppendedBatch)
        /// The producer sent this batch before; it was stored then.
        case duplicate(baseOffset: Int64, timestamp: Int64, logStartOffset: Int64)
        case rejected(ProducerRejection, message: String)
    }

    /// Appends one validated batch and wakes the fetches that wait for it.
    ///
    /// - Parameter purpose: what it is worth if the disk is almost full. What is there already is acknowledged all the same.
    package func append(
        _ batch: RawSpan, header: BatchHeader, for purpose: DiskSpace.Purpose
    ) throws(StorageError) -> AppendResult {
        let (result, woken) = try state.withLock { state throws(StorageError) -> (AppendResult, [ParkedFetch]) in
            let log = try state.usableLog(name)
            if state.isClosed { throw StorageError(.offline, "The broker is stopping.") }
            if header.producerID >= 0 {
                switch try log.checkProducer(header) {
                case .append: break
                case .duplicate(let baseOffset, _, let timestamp):
                    let start = log.logStartOffset
                    return (.duplicate(baseOffset: baseOffset, timestamp: timestamp, logStartOffset: start), [])
                case .rejected(let reason, let message): return (.rejected(reason, message: message), [])
                }
            }
            try disk.admit(purpose)
            let appended = try log.append(batch, header: header)
            state.appendedRecords += Int(appended.lastOffset - appended.baseOffset) + 1
            state.appendedBytes += batch.byteCount
            return (.appended(appended), Array(state.parkedFetches.values))
        }
        for fetch in woken { fetch.wake() }
        return result
    }

    /// Whether `flush.messages` asks for a flush now.
    var mustFlush: Bool { state.withLock { $0.log?.hasReachedFlushMessages ?? false } }

    package func deleteRecords(before offset: Int64) throws(StorageError) -> Int64 {
        let start = try advanceStart(to: offset)
        try removeDeletedSegments()
        return start
    }

    /// Moves the log start up to `offset`, to the end with -1; the files stay until `removeDeletedSegments`.
    func advanceStart(to offset: Int64) throws(StorageError) -> Int64 {
        try locked { log throws(StorageError) in
            try log.advanceStart(to: offset == -1 ? try log.logEndOffset : offset)
            return log.logStartOffset
        }
    }

    /// Removes the files that lie before the log start, which has to be durable.
    func removeDeletedSegments() throws(StorageError) {
        try locked { log throws(StorageError) in try log.removeSegmentsBeforeLogStart() }
    }

    package func apply(_ config: LogConfig) {
        state.withLock { $0.log?.config = config }
    }

    /// For what is done to the log without anybody asking for it; not after `close`.
    package func withLog<Value: Sendable>(
        _ body: (Log) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        try state.withLock { state throws(StorageError) in
            if state.isClosed { throw StorageError(.offline, "The broker is stopping.") }
            return try body(state.usableLog(name))
        }
    }

    // MARK: Reading

    /// - Throws: `.wouldWait` where `access` does not let it wait for the disk, here as in what follows.
    package func bounds(_ access: DiskAccess = .waiting) throws(StorageError) -> Bounds {
        try locked { log throws(StorageError) in
            if access == .resident { try log.requireLoaded() }
            return try Self.bounds(of: log)
        }
    }

    /// Reads into memory what finding an offset looks into, and the loading of the log before it, without holding the lock
    /// meanwhile. For the loading alone any offset will do; `.max` reads least.
    func prepareLookup(of offset: Int64) throws(StorageError) {
        try locked { log throws(StorageError) in log.lookupFiles(for: offset) }.readIn()
    }

    private static func bounds(of log: Log) throws(StorageError) -> Bounds {
        Bounds(
            logStartOffset: log.logStartOffset, logEndOffset: try log.logEndOffset, leaderEpoch: try log.leaderEpoch)
    }

    package struct ReadResult: Sendable {
        package let slice: LogSlice?
        package let bounds: Bounds
        /// What is worth being read ahead for whoever reads on behind the slice.
        package var readAhead: ReadAhead?
    }

    /// Reads whole batches from the one that holds `offset` on. Records are touched only after the lock is released.
    ///
    /// - Returns: no slice at the log's end, or if the first batch does not fit and need not be sent.
    /// - Throws: `.wouldWait` where `access` does not let it wait for the disk.
    package func read(
        from offset: Int64, maxBytes: Int, atLeastOneBatch: Bool, access: DiskAccess = .waiting
    ) throws(StorageError) -> ReadResult {
        let wantsNothing = maxBytes <= 0 && !atLeastOneBatch
        var next = offset
        while true {
            if access == .waiting && !wantsNothing { try prepareLookup(of: next) }
            let (location, bounds) = try locked { log throws(StorageError) in
                if access == .resident { try log.requireLoaded() }
                if wantsNothing { try log.requireInRange(next) }
                let location = wantsNothing ? nil : try log.locate(next, maxBytes: maxBytes, access: access)
                return (location, try Self.bounds(of: log))
            }
            guard let location else { return ReadResult(slice: nil, bounds: bounds) }
            if let slice = try location.slice(
                from: next, maxBytes: maxBytes, atLeastOneBatch: atLeastOneBatch, access: access)
            {
                return ReadResult(slice: slice, bounds: bounds, readAhead: location.nextReadAhead(behind: slice))
            }
            // That nothing fits does not mean that nothing is there: what was skipped would be lost for the client.
            if !atLeastOneBatch, try location.holdsMore(from: next, access: access) {
                return ReadResult(slice: nil, bounds: bounds)
            }
            // The rest of this segment holds nothing (compaction leaves such gaps): go on in the next one.
            guard let following = location.nextSegmentOffset, following > next else {
                return ReadResult(slice: nil, bounds: bounds)
            }
            next = following
        }
    }

    /// For searches by time, which wait for the disk, and not under the lock.
    package func timeLocation(
        inSegmentOf offset: Int64, notBefore timestamp: Int64
    ) throws(StorageError) -> TimeLocation {
        try prepareLookup(of: offset)
        return try locked { log throws(StorageError) in
            try log.timeLocation(inSegmentOf: offset, notBefore: timestamp)
        }
    }

    package func leaderEpoch(_ access: DiskAccess = .waiting) throws(StorageError) -> Int32 {
        try locked { log throws(StorageError) in
            if access == .resident { try log.requireEpochs() }
            return try log.leaderEpoch
        }
    }

    /// The oldest offset that may be read. Known without touching the log's files, and also while it is offline.
    package var logStartOffset: Int64? { state.withLock { $0.log?.logStartOffset } }

    package func leaderEpoch(at offset: Int64) throws(StorageError) -> Int32 {
        try locked { log throws(StorageError) in try log.leaderEpoch(at: offset) }
    }

    package func endOffset(forLeaderEpoch epoch: Int32) throws(StorageError) -> (epoch: Int32, endOffset: Int64) {
        try locked { log throws(StorageError) in try log.endOffset(forLeaderEpoch: epoch) }
    }

    package func producers(_ access: DiskAccess = .waiting) throws(StorageError) -> [ProducerSummary] {
        try locked { log throws(StorageError) in
            if access == .resident { try log.requireLoaded(withEpochs: false) }
            return try log.producers
        }
    }

    package func sizeInBytes() throws(StorageError) -> Int64 {
        try locked { log throws(StorageError) in try log.sizeInBytes }
    }

    /// Runs `body` with the log. What it returns must not be the log.
    private func locked<Value: Sendable>(
        _ body: (Log) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        try state.withLock { state throws(StorageError) in
            try body(state.usableLog(name))
        }
    }

    // MARK: Waiting

    /// Registers a fetch to be woken by the next append.
    ///
    /// - Returns: false if the log's end is no longer where the fetch saw it; it has to look again instead.
    func park(_ fetch: ParkedFetch, ifEndIs endOffset: Int64) -> Bool {
        state.withLock { state in
            guard !state.isDeleted, state.currentEnd == endOffset else { return false }
            state.parkedFetches[ObjectIdentifier(fetch)] = fetch
            return true
        }
    }

    func unpark(_ fetch: ParkedFetch) {
        _ = state.withLock { $0.parkedFetches.removeValue(forKey: ObjectIdentifier(fetch)) }
    }

    // MARK: Figures

    /// What metrics tell of a partition.
    struct Figures: Sendable {
        var isOffline = false
        var damagedPlaces = 0
        var truncatedBytes = 0
        var appendedRecords = 0
        var appendedBytes = 0
        var fetchedBytes = 0
        var logStartOffset: Int64?
        var logEndOffset: Int64?
        var sizeInBytes: Int64?
        var segmentCount: Int64?
    }

    /// Without loading the log; its end is nil while it was not used since a clean start.
    var figures: Figures {
        var figures = state.withLock { state in
            var figures = Figures(
                isOffline: state.log?.offlineError != nil || state.log == nil, damagedPlaces: state.damage.count,
                truncatedBytes: state.truncatedBytes, appendedRecords: state.appendedRecords,
                appendedBytes: state.appendedBytes, logStartOffset: state.log?.logStartOffset)
            let log = state.log?.figures
            figures.logEndOffset = log?.endOffset
            figures.sizeInBytes = log?.sizeInBytes
            figures.segmentCount = log.map { Int64($0.segmentCount) }
            return figures
        }
        figures.fetchedBytes = fetchedBytes.load(ordering: .relaxed)
        return figures
    }

    /// Bytes that leave in a reply.
    func noteFetched(_ count: Int) { fetchedBytes.add(count, ordering: .relaxed) }

    /// So many places are told apart in one partition.
    private static let damageMax = 1_000

    /// Damage that somebody has come across.
    func noteDamage(_ sentence: String) {
        state.withLock { if $0.damage.count < Self.damageMax { $0.damage.insert(sentence) } }
    }

    // MARK: Flushing and the end

    /// What has to be synced so that everything appended so far is durable; nil if it is already.
    ///
    /// - Parameter acceptsJournal: as of `Log.beginFlush`.
    /// - Throws: if the log is offline: what it holds since its last flush can no longer be made durable.
    func beginFlush(acceptsJournal: Bool) throws(StorageError) -> FlushTarget? {
        try locked { log throws(StorageError) in
            if let reason = log.offlineError { throw reason }
            return log.beginFlush(acceptsJournal: acceptsJournal)
        }
    }

    func completeFlush(_ target: FlushTarget) {
        state.withLock { $0.log?.completeFlush(target) }
    }

    func completeJournal(_ target: FlushTarget) {
        state.withLock { $0.log?.completeJournal(target) }
    }

    func failFlush(_ target: FlushTarget, _ error: StorageError) {
        let mark = state.withLock { $0.log?.failFlush(target, error) }
        mark?()
    }

    /// The end up to which everything is durable; nil if the log was not used since the last checkpoint was read.
    var recoveryPoint: Int64? { state.withLock { $0.log?.recoveryPoint } }

    func close() throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            state.isClosed = true
            if state.isDeleted { return }
            // A marker of a clean stop would say of what the disk has refused that it is there, and of a log that could not be
            // opened that it was recovered.
            let log = try state.usableLog(name)
            if let reason = log.offlineError { throw reason }
            try log.close()
        }
    }

    var isDeleted: Bool { state.withLock { $0.isDeleted } }

    /// Refuses everything from now on and answers what waits.
    func markDeleted() {
        let woken = state.withLock { state in
            state.isDeleted = true
            let woken = Array(state.parkedFetches.values)
            state.parkedFetches = [:]
            return woken
        }
        for fetch in woken { fetch.wake() }
    }
}

extension Partition.State {
    fileprivate func usableLog(_ name: TopicPartitionName) throws(StorageError) -> Log {
        if isDeleted { throw StorageError(.notFound, "\(name.topic)-\(name.partition) was deleted.") }
        if let log { return log }
        guard let offlineReason else { preconditionFailure("a partition without a log has a reason for it") }
        throw offlineReason
    }

    /// nil if the log cannot tell, which the fetch then finds out by reading.
    fileprivate var currentEnd: Int64? {
        do { return try log?.logEndOffset } catch { return nil }
    }
}
