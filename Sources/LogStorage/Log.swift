// One partition's log: segments in offset order, the last one active.
//
// Layout: `LogDirectory` names the files. Invariant: logStartOffset <= recoveryPoint <= logEndOffset, and no segment goes on
// where the next begins (compaction leaves gaps, and segments without any batch).
// Crash rule: a batch is in the log once its write returned; it is durable once a flush that began later has completed.
// A failed append changes nothing. After an unclean stop `Log+Recovery.swift` finds the end again.
// Thread rule: not Sendable; its owner keeps it inside the partition's Mutex. What it hands out for reading
// (`ReadLocation`, `LogSlice`, `FlushTarget`) is used without the lock.

import KafkaRecords

package final class Log: TimeSearch {
    package let name: TopicPartitionName
    /// May change at any time; see `LogConfig`.
    package var config: LogConfig
    /// The first offset that may be read.
    package internal(set) var logStartOffset: Int64
    /// Why the log takes no appends any more: a flush has failed.
    package private(set) var offlineError: StorageError?

    let directory: LogDirectory
    let time: any TimeSource
    /// Never empty; ascending base offsets.
    var segments: [Segment]
    /// Offset of the next record; valid once loaded.
    var nextOffset: Int64 = 0
    /// Everything before it was flushed to the segment files; valid once loaded.
    var flushedOffset: Int64 = 0
    /// Everything before it is durable: in the segment files, or in the commit journal.
    private var journaledOffset: Int64 = 0
    private var durableOffset: Int64 { max(flushedOffset, journaledOffset) }
    /// Up to where the active segment is durable, and up to where its file was synced; nil while that is not known.
    private var durableEnd: SegmentPosition?
    private var syncedEnd: SegmentPosition?
    /// Wall time of the first append that no flush has covered, or of a flush that came after it; nil when all is flushed.
    private var firstUnflushedMilliseconds: Int64?
    var isLoaded = false
    var loadedEpochs: LeaderEpochs?
    var producerStates = ProducerStates()
    var snapshotOffsets: [Int64]
    /// Sealed segments that no completed flush has covered.
    var unflushedFiles: [SegmentFile] = []
    /// Counts created names; those up to `flushedDirectoryGeneration` are durable.
    var directoryGeneration = 0
    var flushedDirectoryGeneration = 0

    init(
        name: TopicPartitionName, config: LogConfig, directory: LogDirectory, time: any TimeSource,
        segments: [Segment], snapshotOffsets: [Int64], logStartOffset: Int64
    ) {
        precondition(!segments.isEmpty, "a log has at least its active segment")
        self.name = name
        self.config = config
        self.directory = directory
        self.time = time
        self.segments = segments
        self.snapshotOffsets = snapshotOffsets
        self.logStartOffset = logStartOffset
    }

    var active: Segment { segments[segments.count - 1] }

    /// The offset that the next record gets. Throws when the active segment cannot be read at its first use.
    package var logEndOffset: Int64 {
        get throws(StorageError) {
            try load()
            return nextOffset
        }
    }

    /// The epoch that appended batches carry (KIP-101).
    package var leaderEpoch: Int32 {
        get throws(StorageError) { try epochs().latest }
    }

    /// Everything before it survives a power cut; nil while the log was not used since a clean start, when what the
    /// checkpoint said still holds.
    package var recoveryPoint: Int64? { isLoaded ? flushedOffset : nil }

    package var segmentCount: Int { segments.count }

    /// Bytes of batches in all segments.
    package var sizeInBytes: Int64 {
        get throws(StorageError) {
            try load()
            var total: Int64 = 0
            for segment in segments { total += Int64(try segment.size) }
            return total
        }
    }

    package var producers: [ProducerSummary] {
        get throws(StorageError) {
            try load()
            return producerStates.summaries
        }
    }

    // MARK: Append

    /// Judges a batch of an idempotent producer; ask before `append`. Batches without a producer id may always be appended.
    package func checkProducer(_ header: BatchHeader) throws(StorageError) -> ProducerCheck {
        guard header.producerID >= 0 else { return .append }
        try load()
        return producerStates.check(header)
    }

    /// Appends one whole, validated batch; only its base offset and leader epoch are replaced, both outside the CRC.
    ///
    /// - Parameters:
    ///   - batch: exactly the bytes of the batch as received.
    ///   - header: parsed from these bytes.
    /// - Throws: `.noSpace`, `.ioError` and the like, with the log as it was; `.batchTooLarge` when the batch is larger
    ///   than a segment may be; `.offline` after a failed flush.
    package func append(_ batch: RawSpan, header: BatchHeader) throws(StorageError) -> AppendedBatch {
        if let offlineError { throw offlineError }
        try load()
        precondition(batch.byteCount == header.sizeInBytes, "append takes exactly one batch")
        guard batch.byteCount <= config.segmentBytes else {
            throw StorageError(
                .batchTooLarge,
                "A batch of \(batch.byteCount) bytes does not fit into a segment of \(config.segmentBytes) bytes "
                    + "(segment.bytes) of \(name).")
        }
        var stored = header
        stored.baseOffset = nextOffset
        stored.partitionLeaderEpoch = try epochs().latest
        let now = time.wallMilliseconds
        if try active.mustRoll(appending: batch.byteCount, lastOffset: stored.lastOffset, now: now, config: config) {
            try roll()
        }
        // Before the write, which may fail after it has made the file: the next batch needs its name as well.
        if active.isOnlyInMemory { directoryGeneration += 1 }
        let position = try active.size
        try write(batch, stored, to: active)
        active.noteAppend(at: now)
        active.fresh.note(position: position, now: now)
        if firstUnflushedMilliseconds == nil { firstUnflushedMilliseconds = now }
        nextOffset = stored.nextOffset
        producerStates.record(stored, now: now, limit: config.producersMax)
        return AppendedBatch(
            baseOffset: stored.baseOffset, lastOffset: stored.lastOffset, logStartOffset: logStartOffset)
    }

    private func write(_ batch: RawSpan, _ stored: BatchHeader, to segment: Segment) throws(StorageError) {
        let config = config
        try batch.withUnsafeBytes { (bytes) throws(StorageError) in
            // 61 bytes on the stack: the received ones with the two fields replaced.
            var header: [61 of UInt8] = .init(repeating: 0)
            var span = header.mutableSpan
            try span.withUnsafeMutableBytes { (patched) throws(StorageError) in
                patched.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<BatchLayout.headerSize]))
                patched.storeBytes(
                    of: stored.baseOffset.bigEndian, toByteOffset: BatchLayout.baseOffset, as: Int64.self)
                patched.storeBytes(
                    of: stored.partitionLeaderEpoch.bigEndian, toByteOffset: BatchLayout.partitionLeaderEpoch,
                    as: Int32.self)
                try segment.append(
                    patchedHeader: UnsafeRawBufferPointer(patched),
                    rest: UnsafeRawBufferPointer(rebasing: bytes[BatchLayout.headerSize...]), header: stored,
                    config: config)
            }
        }
    }

    /// Seals the active segment and starts the next one at the log end.
    func roll() throws(StorageError) {
        let old = active
        precondition(nextOffset > old.baseOffset, "only a segment with batches is rolled")
        // The file first: when there is no room for it, nothing has changed.
        let new = try Segment(
            new: directory, baseOffset: nextOffset, now: time.wallMilliseconds, creatingFile: true)
        directoryGeneration += 1
        let oldFile: SegmentFile
        do {
            oldFile = try old.file()
            try old.seal()
        } catch {
            // An empty segment left behind would be taken for the log's end after a restart.
            try discard(new)
            throw error
        }
        unflushedFiles.append(oldFile)
        old.closeFile()
        segments.append(new)
        producerStates.expire(
            now: time.wallMilliseconds, idleMilliseconds: config.producerExpirationMilliseconds)
        // A cache, too: without it recovery replays from an older one.
        try? takeProducerSnapshot()
    }

    private func discard(_ segment: Segment) throws(StorageError) {
        do { try segment.remove() } catch {
            offlineError = StorageError(
                .offline, "\(name) is offline: a new segment could neither be used nor removed: \(error.message)",
                errno: error.errno)
            throw error
        }
    }

    /// Rolls when the active segment is older than `segment.ms`, for logs that nobody appends to. True when it did.
    package func rollIfOld() throws(StorageError) -> Bool {
        try load()
        guard try active.mustRoll(appending: 0, lastOffset: nextOffset, now: time.wallMilliseconds, config: config)
        else { return false }
        try roll()
        return true
    }

    // MARK: Flush

    /// Whether `flush.messages` has been reached.
    package var hasReachedFlushMessages: Bool { isLoaded && nextOffset - durableOffset >= config.flushMessages }

    /// Whether something was left unflushed for `flush.ms`.
    package var hasReachedFlushTime: Bool {
        guard isLoaded, offlineError == nil, let firstUnflushedMilliseconds else { return false }
        return time.wallMilliseconds - firstUnflushedMilliseconds >= config.flushMilliseconds
    }

    /// What has to be synced now, nil when everything is durable.
    ///
    /// - Parameter acceptsJournal: whether what the commit journal holds counts as durable, and more of it may go there.
    package func beginFlush(acceptsJournal: Bool = false) -> FlushTarget? {
        guard isLoaded, offlineError == nil else { return nil }
        let namesAreDirty = directoryGeneration > flushedDirectoryGeneration
        let doneOffset = acceptsJournal ? durableOffset : flushedOffset
        guard doneOffset < nextOffset || !unflushedFiles.isEmpty || namesAreDirty else { return nil }
        // Whatever is dirty was written, or found by recovery, through these.
        var files = unflushedFiles
        if let file = active.writtenFile { files.append(file) }
        let end = SegmentPosition(segmentBaseOffset: active.baseOffset, position: active.knownEnd)
        let synced = syncedEnd?.segmentBaseOffset == end.segmentBaseOffset ? syncedEnd?.position ?? 0 : 0
        let isTailOnly = acceptsJournal && unflushedFiles.isEmpty && !namesAreDirty
        return FlushTarget(
            endOffset: nextOffset, files: files.map { ($0, $0.unsyncedChanges) }, sealed: unflushedFiles,
            directory: namesAreDirty ? directory : nil, directoryGeneration: directoryGeneration, end: end,
            journalRange: isTailOnly ? undurableTail(to: end) : nil,
            unsyncedTail: min(synced, end.position)..<end.position)
    }

    /// nil if it is not known where it begins, or if the file is durable as it is.
    private func undurableTail(to end: SegmentPosition) -> JournalRange? {
        guard let durableEnd, durableEnd.segmentBaseOffset == end.segmentBaseOffset,
            durableEnd.position < end.position, let file = active.writtenFile, file.unsyncedChanges != nil
        else { return nil }
        return JournalRange(
            file: file, segmentBaseOffset: end.segmentBaseOffset, position: durableEnd.position,
            count: end.position - durableEnd.position)
    }

    /// Call when `sync` returned.
    package func completeFlush(_ target: FlushTarget) {
        flushedOffset = max(flushedOffset, min(target.endOffset, nextOffset))
        noteDurable(target)
        if target.end.isBehind(syncedEnd, in: active.baseOffset) { syncedEnd = target.end }
        flushedDirectoryGeneration = max(flushedDirectoryGeneration, target.directoryGeneration)
        // Only what was sealed before: what was sealed meanwhile has grown since the sync began.
        unflushedFiles.removeAll { file in target.sealed.contains { $0 === file } }
        target.noteSynced()
    }

    /// Call when the commit journal holds the target's range, durably. The files still have to be flushed some time.
    package func completeJournal(_ target: FlushTarget) {
        precondition(target.journalRange != nil, "only a range of batches goes to the journal")
        journaledOffset = max(journaledOffset, min(target.endOffset, nextOffset))
        noteDurable(target)
    }

    private func noteDurable(_ target: FlushTarget) {
        firstUnflushedMilliseconds = durableOffset == nextOffset ? nil : time.wallMilliseconds
        if target.end.isBehind(durableEnd, in: active.baseOffset) { durableEnd = target.end }
    }

    /// Tells the next start that what the page cache has of the log need not be on the disk; there until a clean stop.
    static let failedFlushName = "flush-failed"
    var hasFailedFlushMark = false

    /// Call when `sync` threw: the log takes no appends until it is opened again, because the kernel may have dropped
    /// the pages that it could not write.
    ///
    /// - Returns: what marks the log for the next start; to be called without the lock, for such a disk may take its time.
    @discardableResult
    package func failFlush(_ target: FlushTarget, _ error: StorageError) -> @Sendable () -> Void {
        offlineError = StorageError(
            .offline,
            "\(name) is offline since a flush failed: \(error.message) Restart the broker when the disk is in order.",
            errno: error.errno)
        return { [directory] in
            // As far as such a disk lets it.
            _ = try? File(directory.path + "/" + Self.failedFlushName, .create, directory.fileSystem)
            try? directory.fileSystem.syncDirectory(directory.path)
        }
    }

    /// Flushes, gives back preallocated space, writes the indexes and the producer snapshot. The log is not used again.
    package func close() throws(StorageError) {
        guard isLoaded else { return }
        let target = beginFlush()
        try active.seal()
        if let target {
            do { try target.sync() } catch {
                failFlush(target, error)()
                throw error
            }
            completeFlush(target)
        }
        if hasFailedFlushMark, offlineError == nil {
            try directory.fileSystem.removeFile(directory.path + "/" + Self.failedFlushName)
        }
        // A full disk is no reason for an unclean start: without the snapshot the next one replays more.
        do { try takeProducerSnapshot() } catch  where error.code == .noSpace {}
        active.closeFile()
    }

    // MARK: Epochs

    func epochs() throws(StorageError) -> LeaderEpochs {
        if let loadedEpochs { return loadedEpochs }
        let epochs = try readEpochs()
        loadedEpochs = epochs
        return epochs
    }

    /// The epoch in which the record at an offset was written.
    package func leaderEpoch(at offset: Int64) throws(StorageError) -> Int32 { try epochs().epoch(at: offset) }

    /// OffsetForLeaderEpoch (KIP-320): the largest epoch not above the asked one and its end; (-1, -1) when undefined.
    package func endOffset(forLeaderEpoch epoch: Int32) throws(StorageError) -> (epoch: Int32, endOffset: Int64) {
        try epochs().endOffset(for: epoch, logEndOffset: try logEndOffset)
    }
}

/// Where an appended batch has ended up.
package struct AppendedBatch: Equatable, Sendable {
    package let baseOffset: Int64
    package let lastOffset: Int64
    package let logStartOffset: Int64

    package init(baseOffset: Int64, lastOffset: Int64, logStartOffset: Int64) {
        self.baseOffset = baseOffset
        self.lastOffset = lastOffset
        self.logStartOffset = logStartOffset
    }
}
