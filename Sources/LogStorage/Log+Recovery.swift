// Opening a log: cheaply after a clean stop, carefully after any other.
//
// Crash rule: a clean start trusts the files and reads nothing before the first use. An unclean start walks the segments
// behind the recovery point, checks every checksum there, and cuts off the unreadable tail; before it cuts, the new
// leader epoch is durable. What is damaged before the recovery point is reported and stays where it is.

import Glibc
import KafkaRecords

/// How the last run ended, for one log.
package enum LogStart: Equatable, Sendable {
    /// The clean-stop marker was there. `logStartOffset` is what its checkpoint says, nil without an entry.
    case clean(logStartOffset: Int64?)
    /// What lies before `recoveryPoint` was flushed; nil means nothing is known to be.
    case unclean(recoveryPoint: Int64?, logStartOffset: Int64?)
}

/// What recovery has found and done.
package struct RecoveryReport: Equatable, Sendable {
    package var scannedBytes: Int64 = 0
    /// Bytes of unreadable tail that were cut off (zeros of a preallocated tail do not count).
    package var truncatedBytes: Int64 = 0
    /// Bytes that were only in the commit journal.
    package var restoredBytes: Int64 = 0
    /// A sentence for each damaged place that was left as it is.
    package var damage: [String] = []

    package init() {}

    /// Nothing that a person has to know.
    package var isEmpty: Bool { truncatedBytes == 0 && restoredBytes == 0 && damage.isEmpty }
}

extension Log {
    /// Makes the directory of a new partition and its name durable.
    ///
    /// - Parameter syncsParent: false when the caller makes many and calls `DataDirectory.syncNames` once.
    package static func create(
        directory path: String, fileSystem: any FileSystem, syncsParent: Bool = true
    ) throws(StorageError) {
        try fileSystem.createDirectory(path, exclusively: true)
        // Not synced: without it the epoch is 0 from offset 0, which is what it says.
        let epochs = try File(path + "/" + LeaderEpochs.fileName, .replace, fileSystem)
        try epochs.write(LeaderEpochs().encoded, at: 0)
        if syncsParent { try fileSystem.syncDirectory(parentDirectory(of: path)) }
    }

    /// Opens the log in an existing directory.
    ///
    /// After a clean stop this is one directory listing; everything else waits for the first use.
    ///
    /// - Parameter journaled: what the commit journal has of it, after an unclean stop.
    package static func open(
        directory path: String, name: TopicPartitionName, config: LogConfig, fileSystem: any FileSystem,
        time: any TimeSource, start: LogStart, journaled: [JournaledRange] = [], pool: HandlePool = .unlimited
    ) throws(StorageError) -> (log: Log, report: RecoveryReport) {
        let directory = LogDirectory(path: path, fileSystem: fileSystem, pool: pool)
        var bases: [Int64] = []
        var snapshots: [Int64] = []
        var names = try fileSystem.names(in: path)
        if try settleLeftovers(in: directory, names: names) { names = try fileSystem.names(in: path) }
        for file in names {
            guard let (kind, offset) = FileKind.parse(file) else { continue }
            if kind == .log { bases.append(offset) }
            if kind == .producerSnapshot { snapshots.append(offset) }
        }
        var segments: [Segment] = []
        for base in bases.sorted() { segments.append(Segment(directory: directory, baseOffset: base)) }
        let startOffset =
            switch start {
            case .clean(let offset), .unclean(_, let offset): max(offset ?? 0, segments.first?.baseOffset ?? 0)
            }
        if segments.isEmpty {
            segments = [
                try Segment(new: directory, baseOffset: startOffset, now: time.wallMilliseconds, creatingFile: false)
            ]
        }
        let log = Log(
            name: name, config: config, directory: directory, time: time, segments: segments,
            snapshotOffsets: snapshots.sorted(), logStartOffset: startOffset)
        var report = RecoveryReport()
        log.hasFailedFlushMark = names.contains(failedFlushName)
        if case .unclean(let recoveryPoint, _) = start { report = try log.recover(from: recoveryPoint ?? 0, journaled) }
        return (log, report)
    }

    /// First use after a clean start.
    func load() throws(StorageError) {
        if isLoaded { return }
        try removeSegmentsBeforeLogStart()
        nextOffset = active.isOnlyInMemory ? active.baseOffset : try active.loadTail(config: config)
        flushedOffset = nextOffset
        try finishLoading(isUnclean: false)
    }

    private func finishLoading(isUnclean: Bool) throws(StorageError) {
        if nextOffset < logStartOffset { try restartAtLogStart() }
        try loadAge()
        try loadProducers(isUnclean: isUnclean)
        isLoaded = true
    }

    /// The checkpointed start lies behind everything that is left: the log goes on there, empty.
    private func restartAtLogStart() throws(StorageError) {
        for segment in segments { try segment.remove() }
        segments = [
            try Segment(new: directory, baseOffset: logStartOffset, now: time.wallMilliseconds, creatingFile: false)
        ]
        nextOffset = logStartOffset
        flushedOffset = logStartOffset
    }

    /// The age of a segment from an earlier run: what the roll wrote beside it, or what the creation of the log wrote, is
    /// as old. Times of records are no measure: they may be backfilled or in the future.
    func loadAge() throws(StorageError) {
        if active.createdMilliseconds != nil { return }
        let now = time.wallMilliseconds
        let witness = directory.path(active.baseOffset, .producerSnapshot)
        let status = try directory.fileSystem.statusIfPresent(witness)
        if let status {
            active.createdMilliseconds = min(now, status.modifiedMilliseconds)
            return
        }
        let epochs = try directory.fileSystem.statusIfPresent(epochsPath)
        active.createdMilliseconds = min(now, epochs?.modifiedMilliseconds ?? now)
    }

    // MARK: Unclean start

    private func recover(
        from recoveryPoint: Int64, _ journaled: [JournaledRange]
    ) throws(StorageError) -> RecoveryReport {
        var report = RecoveryReport()
        try removeSegmentsBeforeLogStart()
        // From the segment that was flushed last, even if the recovery point is the base of the next one: a roll that was
        // cut short has left zeros behind it, or has not.
        var index = segmentIndex(containing: max(recoveryPoint - 1, 0))
        nextOffset = segments[index].baseOffset
        while index < segments.count {
            let segment = segments[index]
            if segment.isOnlyInMemory { break }
            let isLast = index == segments.count - 1
            let segmentEnd = isLast ? Int64.max : segments[index + 1].baseOffset
            let before = report
            var end = try scan(segment, until: segmentEnd, recoveryPoint: recoveryPoint, report: &report)
            let restored = end.nextOffset < recoveryPoint ? 0 : try restore(segment, behind: end, from: journaled)
            if restored > 0 {
                report = before
                report.restoredBytes += restored
                end = try scan(segment, until: segmentEnd, recoveryPoint: recoveryPoint, report: &report)
            }
            let journalStart = journaled.firstPosition(in: segment.baseOffset) ?? end.position
            let untrusted = hasFailedFlushMark ? end.unflushedStart : min(journalStart, end.position)
            try writeAgain(segment, untrusted..<end.position)
            if let lost = journaled.firstOffset(of: segment.baseOffset, behind: end.position),
                lost >= max(recoveryPoint, end.nextOffset)
            {
                report.damage.append(
                    "The commit journal has records of \(segment.path) from offset \(lost) on, and neither has what comes before "
                        + "them, from offset \(end.nextOffset) on. They were not put back.")
            }
            nextOffset = end.nextOffset
            if let file = try unsyncedFile(of: segment) { unflushedFiles.append(file) }
            if end.isCut {
                try cut(behind: index, at: end.position, report: &report)
                break
            }
            if !isLast { segment.closeFile() }
            index += 1
        }
        if let last = unflushedFiles.last, last === active.writtenFile { unflushedFiles.removeLast() }
        flushedOffset = min(recoveryPoint, nextOffset)
        // Names made by the last run may not be durable.
        if !directory.pool.hasSyncedFileSystem { directoryGeneration += 1 }
        try continueBehindDamage(recoveryPoint, &report)
        try finishLoading(isUnclean: true)
        return report
    }

    /// Writes what the commit journal has behind the end of a segment: all that was made durable there since the files were.
    ///
    /// - Returns: how many bytes there were.
    private func restore(
        _ segment: Segment, behind end: ScanEnd, from journaled: [JournaledRange]
    ) throws(StorageError) -> Int64 {
        let pieces = journaled.continuation(
            of: segment.baseOffset, at: end.position, nextOffset: end.nextOffset)
        for piece in pieces { try segment.restore(piece.bytes, at: piece.position) }
        return pieces.reduce(0) { $0 + Int64($1.bytes.count) }
    }

    private static let writeAgainPieceBytes = 1 << 20

    /// Writes batches over themselves that no flush has covered, where one has failed, and what the commit journal has. After a failed
    /// sync the kernel takes pages for clean that are not on the disk, and a start that follows it reads them as if nothing had
    /// happened: only what is written again is sure to be synced, or complained about. A producer that sends them once more is told
    /// that they are there.
    private func writeAgain(_ segment: Segment, _ range: Range<Int>) throws(StorageError) {
        var position = range.lowerBound
        while position < range.upperBound {
            let end = min(position + Self.writeAgainPieceBytes, range.upperBound)
            let mapping = try segment.mapping(capacity: 0)
            let piece = mapping.span(position..<end).withUnsafeBytes { [UInt8]($0) }
            try segment.file().write(piece, at: Int64(position))
            position = end
        }
    }

    /// Whether the disk has room for what a hundred logs reserve at once. Where it cannot tell, nothing is kept from others.
    private var mayKeepReserved: Bool {
        let (result, space) = directory.fileSystem.space(directory.path)
        return result == 0 && space.usableBytes > 100 * Int64(config.preallocationMaxBytes)
    }

    /// What the last run has written may be in the page cache only. Nothing is to be synced of a file that was not touched since
    /// the whole file system was.
    private func unsyncedFile(of segment: Segment) throws(StorageError) -> SegmentFile? {
        if segment.writtenFile == nil, directory.pool.hasSyncedFileSystem { return nil }
        let file = try segment.file()
        file.noteUnsynced()
        return file
    }

    private struct ScanEnd {
        var position: Int
        var nextOffset: Int64
        /// Where the first batch begins that no flush had covered; the end if there is none.
        var unflushedStart: Int
        /// Something unreadable follows that no flush had covered.
        var isCut: Bool
    }

    /// Walks one segment, indexes it again, and checks the checksums of what was not flushed.
    private func scan(
        _ segment: Segment, until endOffset: Int64, recoveryPoint: Int64, report: inout RecoveryReport
    ) throws(StorageError) -> ScanEnd {
        let capacity = endOffset == Int64.max ? config.segmentBytes : 0
        let resumeAt = try segment.resumeIndexes(before: recoveryPoint, capacity: capacity)
        let size = try segment.size
        var walk = try segment.walk(from: resumeAt, capacity: capacity, endOffset: endOffset)
        var unflushedStart: Int?
        while walk.position < size {
            do {
                let unflushed = walk.nextOffset >= recoveryPoint
                guard let step = try walk.next(verifyingChecksum: unflushed) else { break }
                if unflushed {
                    report.scannedBytes += Int64(step.header.sizeInBytes)
                    unflushedStart = unflushedStart ?? step.position
                }
                segment.index(step.header, at: step.position, interval: config.indexIntervalBytes)
            } catch {
                if walk.onlyZerosFollow && (walk.nextOffset >= recoveryPoint || endOffset != Int64.max) {
                    // A preallocated tail: the next appends go on in it. A segment that was about to be sealed gives it back,
                    // and so does every one on a disk that is short of space, where others need it more.
                    if endOffset == Int64.max, mayKeepReserved {
                        segment.settle(size: walk.position)
                        break
                    }
                    if endOffset == Int64.max || walk.nextOffset == endOffset {
                        try segment.truncate(to: walk.position)
                        break
                    }
                }
                if walk.nextOffset >= recoveryPoint {
                    return ScanEnd(
                        position: walk.position, nextOffset: walk.nextOffset,
                        unflushedStart: unflushedStart ?? walk.position, isCut: true)
                }
                let damaged = walk.position
                let next = walk.resynchronize() ? walk.position : size
                report.damage.append(
                    "\(segment.path) is damaged from byte \(damaged) to \(next) (offset \(walk.nextOffset) on), before the "
                        + "last flush: \(error). It was left as it is; the rest stays readable.")
                if next == size { break }
            }
        }
        // The end of a segment can be missing without a trace, when the file's new size was not durable but the name of the
        // next segment was. Only compaction leaves such gaps on purpose.
        let isTorn =
            endOffset != Int64.max && walk.nextOffset < endOffset && walk.nextOffset >= recoveryPoint
            && !config.isCompacted
        return ScanEnd(
            position: walk.position, nextOffset: walk.nextOffset, unflushedStart: unflushedStart ?? walk.position,
            isCut: isTorn)
    }

    /// Cuts off everything from a position of a segment on; clients learn of it by the new leader epoch (KIP-320).
    private func cut(behind index: Int, at position: Int, report: inout RecoveryReport) throws(StorageError) {
        var epochs = try epochs()
        epochs.assign(epochs.latest + 1, startOffset: nextOffset)
        try replaceEpochs(epochs)
        loadedEpochs = epochs
        // Newest first: a kill in between leaves a log without a gap. Durable before the unreadable bytes go, which tell a
        // start after a power cut that nothing behind them counts.
        while segments.count > index + 1 {
            let doomed = segments.removeLast()
            report.truncatedBytes += Int64(try doomed.size)
            try doomed.remove()
        }
        try directory.fileSystem.syncDirectory(directory.path)
        let segment = segments[index]
        report.truncatedBytes += Int64(try segment.size - position)
        try segment.truncate(to: position)
        // Or what was cut off could come back behind what is appended now.
        try segment.file().sync()
    }

    /// A disk too full for a new file has room for new bytes in the old one, which belong to one sector. Should they get lost
    /// with the power, the tail is still there, and the next recovery finds both again.
    private func replaceEpochs(_ epochs: LeaderEpochs) throws(StorageError) {
        let fileSystem = directory.fileSystem
        do throws(StorageError) {
            try AtomicFile.replace(path: epochsPath, with: epochs.encoded, fileSystem: fileSystem)
        } catch {
            guard error.code == .noSpace, epochs.encoded.count <= Self.sectorBytes else { throw error }
            let file = try File(epochsPath, .readWrite, fileSystem)
            try file.write(epochs.encoded, at: 0)
            try file.truncate(to: Int64(epochs.encoded.count))
            try file.sync()
        }
    }

    private static let sectorBytes = 512

    /// When the end of the last segment is damaged although it was flushed, its offsets are not given out again: the
    /// damaged file stays for inspection, and the log goes on in a new segment.
    private func continueBehindDamage(_ recoveryPoint: Int64, _ report: inout RecoveryReport) throws(StorageError) {
        guard nextOffset < recoveryPoint else { return }
        if report.damage.isEmpty {
            report.damage.append(
                "\(active.path) ends at offset \(nextOffset) although everything before \(recoveryPoint) was flushed. The "
                    + "log goes on at \(recoveryPoint).")
        }
        if try active.size > 0 {
            let file = try active.file()
            file.noteUnsynced()
            unflushedFiles.append(file)
            try active.seal()
            active.closeFile()
        } else {
            // Nothing to inspect: the file is gone, or empty.
            try active.remove()
            segments.removeLast()
        }
        segments.append(
            try Segment(new: directory, baseOffset: recoveryPoint, now: time.wallMilliseconds, creatingFile: true))
        directoryGeneration += 1
        if segments.count == 1 { logStartOffset = max(logStartOffset, recoveryPoint) }
        nextOffset = recoveryPoint
    }

    // MARK: Epochs

    var epochsPath: String { directory.path + "/" + LeaderEpochs.fileName }

    /// From the checkpoint; from the batches when that is damaged. Damage among these costs what is in it, not the epochs behind.
    func readEpochs() throws(StorageError) -> LeaderEpochs {
        guard let bytes = try AtomicFile.read(path: epochsPath, fileSystem: directory.fileSystem) else {
            return LeaderEpochs()
        }
        if let epochs = LeaderEpochs.decode(bytes) { return epochs }
        var epochs = LeaderEpochs()
        for segment in segments where !segment.isOnlyInMemory {
            var walk = try segment.walk()
            while let step = walk.nextWhole() {
                guard step.header.partitionLeaderEpoch > epochs.latest else { continue }
                epochs.assign(step.header.partitionLeaderEpoch, startOffset: step.header.baseOffset)
            }
        }
        return epochs
    }

    // MARK: Deletion

    /// Gives the directory of a deleted topic's partition the name that Kafka gives it, durably, so that the topic can
    /// be created again at once.
    ///
    /// - Parameter uniqueID: 32 hexadecimal digits.
    /// - Returns: the new path, for `remove`.
    package static func renameForDeletion(
        directory path: String, uniqueID: String, fileSystem: any FileSystem
    ) throws(StorageError) -> String {
        let parent = parentDirectory(of: path)
        let name = String(
            path[path.index(path.startIndex, offsetBy: parent == "." ? 0 : parent.count)...].drop { $0 == "/" })
        let target = parent + "/" + DeletedDirectory.name(for: name, uniqueID: uniqueID)
        try fileSystem.renameFile(path, to: target)
        try fileSystem.syncDirectory(parent)
        return target
    }

    /// Removes a directory with everything in it. Mapped slices stay readable.
    package static func remove(directory path: String, fileSystem: any FileSystem) throws(StorageError) {
        try fileSystem.removeTree(path)
    }
}
