// One segment of a log: the file of batches and its two indexes.
//
// Layout: `<base offset>.log` holds whole batches back to back from byte 0; the active segment's file may go on with
// preallocated zeros, which never parse as a batch. `OffsetIndex` and `TimeIndex` say how the indexes look.
// Crash rule: bytes behind the last batch that parses are no part of the segment; indexes are rebuilt from it.
// Thread rule: guarded by the partition's lock. Files, sizes, mapping and indexes are opened at their first use, and again
// when the broker needed their place (`HandlePool`).

import Glibc
import KafkaRecords

final class Segment {
    static let firstAllocationBytes = 64 << 10
    static let unindexedIntervalsMax = 8
    static let firstMappingBytes = 1 << 20

    let directory: LogDirectory
    let baseOffset: Int64
    /// Not `.none` only while the cleaner writes the file or swaps it in.
    private(set) var suffix: FileSuffix
    var offsetIndex: OffsetIndex
    var timeIndex: TimeIndex
    /// Bytes of whole batches; nil until first asked for.
    private var knownSize: Int?
    /// Bytes of the file, preallocated zeros included.
    private var allocatedBytes = 0
    /// Where preallocation is tried again after a failure.
    private var preallocatingFrom = 0
    /// Kept while the segment may be written to or still has to be flushed.
    private(set) var writtenFile: SegmentFile?
    private var mappingSlot: MappingSlot?
    private var indexesLoaded = false
    /// End of the batch that the last index entry points at or of the segment's start, whichever is later.
    private var bytesSinceIndexEntry = 0
    /// Largest timestamp and the last offset of the batch that brought it; valid once the indexes are loaded.
    private var largest: (timestamp: Int64, offset: Int64) = (-1, -1)
    /// Wall time from which the segment's age counts.
    var createdMilliseconds: Int64?
    /// Wall time of the last append; nil until first asked for.
    private var knownLastAppend: Int64?
    /// What was appended a moment ago.
    var fresh = FreshTail()
    /// When the index was last found in memory.
    private var indexSeenMilliseconds: Int64?
    /// The file is made by the first append: a partition that was never written to costs none.
    private(set) var isOnlyInMemory = false

    init(directory: LogDirectory, baseOffset: Int64) {
        self.directory = directory
        self.baseOffset = baseOffset
        suffix = .none
        offsetIndex = OffsetIndex(directory: directory, baseOffset: baseOffset)
        timeIndex = TimeIndex(directory: directory, baseOffset: baseOffset)
    }

    /// A new, empty segment. With `creatingFile`, an error leaves nothing behind that a later open would mistake.
    init(
        new directory: LogDirectory, baseOffset: Int64, now: Int64, creatingFile: Bool, suffix: FileSuffix = .none
    ) throws(StorageError) {
        self.directory = directory
        self.baseOffset = baseOffset
        self.suffix = suffix
        offsetIndex = OffsetIndex(directory: directory, baseOffset: baseOffset, suffix: suffix)
        timeIndex = TimeIndex(directory: directory, baseOffset: baseOffset, suffix: suffix)
        knownSize = 0
        indexesLoaded = true
        createdMilliseconds = now
        isOnlyInMemory = true
        if creatingFile { _ = try file() }
    }

    /// One that the cleaner has made: sealed, durable, its indexes under their final names, the segment itself not yet.
    init(swapping cleaned: CleanedSegment, in directory: LogDirectory) {
        self.directory = directory
        baseOffset = cleaned.baseOffset
        suffix = .swap
        offsetIndex = OffsetIndex(directory: directory, baseOffset: cleaned.baseOffset)
        timeIndex = TimeIndex(directory: directory, baseOffset: cleaned.baseOffset)
        knownSize = cleaned.size
        allocatedBytes = cleaned.size
        knownLastAppend = cleaned.lastAppendMilliseconds
    }

    var path: String { directory.path(baseOffset, .log, suffix) }

    /// Bytes of whole batches.
    var size: Int {
        get throws(StorageError) {
            if let knownSize { return knownSize }
            guard let status = try directory.fileSystem.statusIfPresent(path) else {
                throw StorageError(.notFound, "\(path) is gone although nothing has deleted it.")
            }
            guard status.size <= Int64(Int32.max) else {
                throw StorageError(.corrupt, "\(path) is \(status.size) bytes long; segments have less than 2 GiB.")
            }
            allocatedBytes = Int(status.size)
            knownSize = allocatedBytes
            if knownLastAppend == nil { knownLastAppend = status.modifiedMilliseconds }
            return allocatedBytes
        }
    }

    /// As `size`, of the active segment of a log that is loaded.
    var knownEnd: Int {
        guard let knownSize else { preconditionFailure("loading a log finds the end of its active segment") }
        return knownSize
    }

    /// Wall time of the last append, nil when there was none. Retention and compaction lags count from it, not from what
    /// the records say: those may be backfilled or in the future. The file's time of modification keeps it.
    func lastAppendMilliseconds() throws(StorageError) -> Int64? {
        if isOnlyInMemory { return nil }
        if let knownLastAppend { return knownLastAppend }
        guard let status = try directory.fileSystem.statusIfPresent(path) else { return nil }
        knownLastAppend = status.modifiedMilliseconds
        return knownLastAppend
    }

    func noteAppend(at milliseconds: Int64) { knownLastAppend = milliseconds }

    /// Takes over what somebody has written into the file, whole batches from byte 0.
    func adopt(size: Int) {
        knownSize = size
        allocatedBytes = size
    }

    /// Gives the file its final name.
    func completeSwap() throws(StorageError) {
        precondition(suffix == .swap, "only a swapped segment gets its final name")
        try directory.fileSystem.renameFile(path, to: directory.path(baseOffset, .log))
        suffix = .none
    }

    /// The file for writing, opened when needed.
    func file() throws(StorageError) -> SegmentFile {
        if let writtenFile { return writtenFile }
        if isOnlyInMemory {
            // Indexes of an earlier life would be taken for this segment's.
            try directory.fileSystem.removeFile(offsetIndex.file.path)
            try directory.fileSystem.removeFile(timeIndex.file.path)
        }
        let file = try SegmentFile(path, isOnlyInMemory ? .replace : .readWrite, directory)
        isOnlyInMemory = false
        writtenFile = file
        return file
    }

    /// A mapping that covers at least the current size; `capacity` is what the segment may grow to. A small segment is mapped
    /// with some room only, and again when that is used up: mappings far from each other need page tables of their own.
    func mapping(capacity: Int) throws(StorageError) -> SegmentMapping {
        let size = try size
        if let mapping = mappingSlot?.mapping, mapping.capacity >= size, !mapping.hasLostPages { return mapping }
        let file = try File(path, .readOnly, directory.fileSystem)
        let room = min(capacity, max(Self.firstMappingBytes, 4 * size))
        let mapping = try SegmentMapping(file, capacity: max(size, room, 1))
        let slot = mappingSlot ?? MappingSlot(directory.pool)
        mappingSlot = slot
        slot.replace(with: mapping)
        return mapping
    }

    // MARK: What is in memory

    /// The kernel is asked at most so often whether an index is in memory. One that is used in between stays there.
    private static let indexCheckMilliseconds: Int64 = 1_000

    /// Whether an offset can be looked up and the segment be mapped without waiting for the disk.
    func canLookUp(now: Int64) -> Bool {
        guard indexesLoaded, knownSize != nil, writtenFile != nil || mappingSlot?.mapping != nil else { return false }
        if let indexSeenMilliseconds, now >= indexSeenMilliseconds,
            now - indexSeenMilliseconds < Self.indexCheckMilliseconds
        {
            return true
        }
        guard offsetIndex.file.isResident(isWritten: fresh.start(now: now) != .max) else { return false }
        indexSeenMilliseconds = now
        return true
    }

    /// What a lookup looks into, or the loading before it.
    var lookupParts: [LookupFiles.Part] {
        if indexesLoaded { return [offsetIndex.file.lookupPart, timeIndex.file.lookupPart].compactMap(\.self) }
        if isOnlyInMemory { return [] }
        return [.whole(path: offsetIndex.file.path), .whole(path: timeIndex.file.path), .end(path: path)]
    }

    /// A walk over the headers from a batch start on.
    func walk(
        from position: Int = 0, capacity: Int = 0, endOffset: Int64 = .max
    ) throws(StorageError) -> BatchWalk {
        let size = try size
        return BatchWalk(
            try mapping(capacity: capacity), from: position, to: size, minimumOffset: baseOffset, endOffset: endOffset)
    }

    // MARK: Append

    /// Writes one batch at the end: the header given, the rest as received.
    ///
    /// On an error the segment is as it was before; what a short write left behind is cut off again.
    func append(
        patchedHeader: UnsafeRawBufferPointer, rest: UnsafeRawBufferPointer, header: BatchHeader, config: LogConfig
    ) throws(StorageError) {
        let position = try size
        let end = position + patchedHeader.count + rest.count
        let file = try file()
        if end > allocatedBytes { allocate(file, end: end, config: config) }
        do {
            try file.write(patchedHeader, rest, at: Int64(position))
        } catch {
            // Best effort: a piece of a batch behind the end would be cut off by the next recovery as well.
            giveBack(file, from: position, to: end)
            throw error
        }
        knownSize = end
        allocatedBytes = max(allocatedBytes, end)
        index(header, at: position, interval: config.indexIntervalBytes)
    }

    /// Reserves in doubling steps, so that a busy segment has few extents and a quiet one wastes little. Where the file
    /// system cannot, or has no room, the file simply grows with each write, and the write says so if it fails.
    private func allocate(_ file: SegmentFile, end: Int, config: LogConfig) {
        guard allocatedBytes >= preallocatingFrom, config.preallocationMaxBytes > 0 else { return }
        let step = min(max(Self.firstAllocationBytes, allocatedBytes), config.preallocationMaxBytes)
        let target = max(end, min(allocatedBytes + step, config.segmentBytes))
        let result = file.allocate(from: Int64(allocatedBytes), count: Int64(target - allocatedBytes))
        if result == 0 {
            allocatedBytes = target
        } else {
            preallocatingFrom = result == -EOPNOTSUPP ? Int.max : target
            // Some file systems keep what they had reserved when there was no more.
            if result != -EOPNOTSUPP { giveBack(file, from: allocatedBytes, to: target) }
        }
    }

    /// Cuts off what a failed call may have left behind the end of the file. Where that fails, too, the file counts as longer
    /// than it is, so that the next cut does it.
    private func giveBack(_ file: SegmentFile, from position: Int, to end: Int) {
        do throws(StorageError) {
            try file.truncate(to: Int64(position))
            allocatedBytes = position
        } catch {
            allocatedBytes = max(allocatedBytes, end)
        }
    }

    /// The bookkeeping of one batch, shared by append, load and rebuild.
    func index(_ header: BatchHeader, at position: Int, interval: Int) {
        if header.maxTimestamp > largest.timestamp { largest = (header.maxTimestamp, header.lastOffset) }
        if bytesSinceIndexEntry > interval {
            // The times first: recovery goes on behind the offset index's stored entries, and has to know the largest time
            // before them.
            let maySpill = !offsetIndex.file.isTailFull || spillTimes()
            offsetIndex.append(offset: header.lastOffset, position: position, maySpill: maySpill)
            timeIndex.appendIfLarger(timestamp: largest.timestamp, offset: largest.offset)
            bytesSinceIndexEntry = 0
        }
        bytesSinceIndexEntry += header.sizeInBytes
    }

    /// False where the disk refuses it; the next entry tries again.
    private func spillTimes() -> Bool {
        do { try timeIndex.file.spill() } catch { return false }
        return true
    }

    /// Whether a batch must go to a new segment.
    func mustRoll(appending count: Int, lastOffset: Int64, now: Int64, config: LogConfig) throws(StorageError) -> Bool {
        let size = try size
        if size == 0 { return false }
        return size + count > min(config.segmentBytes, Int(Int32.max))
            || lastOffset - baseOffset > Int64(Int32.max)
            || offsetIndex.file.sizeInBytes + OffsetIndex.entryBytes > config.indexMaxBytes
            || timeIndex.file.sizeInBytes + TimeIndex.entryBytes > config.indexMaxBytes
            || now - (createdMilliseconds ?? now) >= config.segmentMilliseconds
    }

    /// Gives back what was preallocated and writes the indexes; the file stays open while a flush still needs it.
    func seal() throws(StorageError) {
        if isOnlyInMemory { return }
        let size = try size
        if allocatedBytes > size {
            try file().truncate(to: Int64(size))
            allocatedBytes = size
        }
        // Giving space back was no append. Where this fails, the segment only counts as younger than it is.
        if let writtenFile, let knownLastAppend { try? writtenFile.setModified(milliseconds: knownLastAppend) }
        guard indexesLoaded else { return }
        timeIndex.appendIfLarger(timestamp: largest.timestamp, offset: largest.offset)
        do {
            try offsetIndex.file.spill()
            try timeIndex.file.spill()
        } catch {
            // Indexes are caches: without their files they are rebuilt at the next use.
            dropIndexes()
        }
    }

    func closeFile() { writtenFile = nil }

    // MARK: Load and rebuild

    /// Makes the indexes usable, from their files if these are sane, from the segment if not.
    func loadIndexes(interval: Int) throws(StorageError) {
        if indexesLoaded { return }
        let size = try size
        // Offsets in a segment span no more than Int32.max, so this bounds the entries of the time index.
        if try offsetIndex.file.load(), try timeIndex.file.load(), try offsetIndex.isSane(segmentSize: max(size, 1)),
            try timeIndex.isSane(endOffset: baseOffset + Int64(Int32.max) + 1), try tailAgrees(interval: interval),
            try largestTimeIsTrue()
        {
            if let last = timeIndex.last { largest = last }
            indexesLoaded = true
            return
        }
        try rebuildIndexes(interval: interval)
    }

    /// The cheapest proof that the indexes belong to this segment and miss nothing: the last entry points at its batch,
    /// and what follows it is too short for another entry and holds no larger timestamp.
    private func tailAgrees(interval: Int) throws(StorageError) -> Bool {
        let last = offsetIndex.last
        let position = last?.position ?? 0
        var walk = try walk(from: position)
        var isFirst = true
        while let step = try? walk.next() {
            if isFirst, let last, step.header.lastOffset != last.lastOffset { return false }
            // Generous, because the interval may have been made smaller since.
            if step.position - position > Self.unindexedIntervalsMax * interval { return false }
            if step.header.maxTimestamp > (timeIndex.last?.timestamp ?? -1) { return false }
            isFirst = false
        }
        return last == nil || !isFirst
    }

    /// Whether an entry of the time index says of its batch what that says of itself. Without this, a flipped bit could make
    /// a lookup start behind what it looks for, or pass over the segment.
    private func isTrue(timeEntry entry: (timestamp: Int64, offset: Int64)) throws(StorageError) -> Bool {
        let (timestamp, offset) = entry
        var walk = try walk(from: try offsetIndex.floor(offset: offset))
        while let step = try? walk.next() {
            if step.header.lastOffset >= offset {
                return step.header.lastOffset == offset && step.header.maxTimestamp == timestamp
            }
        }
        return false
    }

    private func largestTimeIsTrue() throws(StorageError) -> Bool {
        guard let last = timeIndex.last else { return true }
        return try isTrue(timeEntry: last)
    }

    /// The last entry of the time index that is not later than a time, and the batch to walk from to the one it names. Neither
    /// is compared with the batches yet. The indexes are loaded.
    func searchEntries(
        notBefore timestamp: Int64
    ) throws(StorageError) -> (time: (timestamp: Int64, offset: Int64)?, start: OffsetIndex.Entry?) {
        guard let entry = try timeIndex.entry(notAfter: timestamp) else { return (nil, nil) }
        return (entry, try offsetIndex.entry(offset: entry.offset))
    }

    private func rebuildIndexes(interval: Int) throws(StorageError) {
        resetIndexes()
        var walk = try walk()
        // What does not parse is not indexed; a read that reaches it reports it.
        while let step = try? walk.next() { index(step.header, at: step.position, interval: interval) }
        timeIndex.appendIfLarger(timestamp: largest.timestamp, offset: largest.offset)
        try? offsetIndex.file.spill()
        try? timeIndex.file.spill()
    }

    /// Empties the indexes; the caller indexes every batch again.
    func resetIndexes() {
        offsetIndex.file.reset()
        timeIndex.file.reset()
        largest = (-1, -1)
        bytesSinceIndexEntry = 0
        indexesLoaded = true
    }

    /// Takes over what the indexes say about batches before `offset`, which were flushed, and forgets the rest.
    ///
    /// - Returns: the batch start from which the caller indexes again, without another entry for that batch; 0 when
    ///   the indexes are of no use.
    func resumeIndexes(before offset: Int64, capacity: Int) throws(StorageError) -> Int {
        let size = try size
        if try offsetIndex.file.load(), try timeIndex.file.load(), try offsetIndex.isSane(segmentSize: max(size, 1)),
            try timeIndex.isSane(endOffset: baseOffset + Int64(Int32.max) + 1),
            let position = try resumePosition(before: offset, capacity: capacity)
        {
            return position
        }
        resetIndexes()
        return 0
    }

    /// Cuts the indexes behind the last entry for a batch before `offset`; nil if what they say of it is not true.
    private func resumePosition(before offset: Int64, capacity: Int) throws(StorageError) -> Int? {
        let entries = try offsetIndex.entries()
        guard let entry = entries.last(where: { entries.offset($0) < offset }) else { return nil }
        let (lastOffset, position) = (entries.offset(entry), entries.position(entry))
        var walk = try walk(from: position, capacity: capacity)
        guard (try? walk.next(verifyingChecksum: true))?.header.lastOffset == lastOffset else { return nil }
        let times = try timeIndex.entries()
        let time = times.last { times.offset($0) <= lastOffset }
        try offsetIndex.file.truncate(toCount: entry + 1)
        try timeIndex.file.truncate(toCount: (time ?? -1) + 1)
        largest = timeIndex.last ?? (-1, -1)
        bytesSinceIndexEntry = 0
        guard try largestTimeIsTrue() else { return nil }
        indexesLoaded = true
        return position
    }

    private func dropIndexes() {
        // What cannot be removed is compared with the segment before it is used again (`loadIndexes`), and made anew where it
        // does not belong to it.
        try? directory.fileSystem.removeFile(offsetIndex.file.path)
        try? directory.fileSystem.removeFile(timeIndex.file.path)
        // Those of a segment that is swapped in have their final names before it has.
        let suffix = suffix == .swap ? FileSuffix.none : suffix
        offsetIndex = OffsetIndex(directory: directory, baseOffset: baseOffset, suffix: suffix)
        timeIndex = TimeIndex(directory: directory, baseOffset: baseOffset, suffix: suffix)
        indexesLoaded = false
    }

    /// Largest timestamp of the segment's batches and the last offset of the batch that brought it, (-1, -1) without any.
    func largestTimestamp(interval: Int) throws(StorageError) -> (timestamp: Int64, offset: Int64) {
        try loadIndexes(interval: interval)
        return largest
    }

    /// Finds the end of the active segment after a clean stop: from the last index entry on, a few kilobytes.
    ///
    /// - Returns: the offset behind the last batch.
    func loadTail(config: LogConfig) throws(StorageError) -> Int64 {
        try loadIndexes(interval: config.indexIntervalBytes)
        let start = offsetIndex.lastPosition
        // The batch that the last entry points at is walked again, without a second entry for it.
        bytesSinceIndexEntry = 0
        var walk = try walk(from: start, capacity: config.segmentBytes)
        do {
            while let step = try walk.next() {
                if step.header.maxTimestamp > largest.timestamp {
                    largest = (step.header.maxTimestamp, step.header.lastOffset)
                }
                bytesSinceIndexEntry += step.header.sizeInBytes
            }
        } catch {
            guard walk.onlyZerosFollow else {
                throw StorageError(
                    .corrupt,
                    "\(path) is damaged at byte \(walk.position) although the broker was stopped cleanly: \(error). "
                        + "Nothing was cut off; copy the file and look at it with `martlet log check`.")
            }
        }
        knownSize = walk.position
        return walk.nextOffset
    }

    /// Writes batches at their place again, which a power cut has taken from the file. What was reserved or written behind them
    /// stays, and counts as a part of the segment until a walk has found its end.
    func restore(_ bytes: ArraySlice<UInt8>, at position: Int) throws(StorageError) {
        let present = max(try size, allocatedBytes)
        try file().write(bytes, at: Int64(position))
        allocatedBytes = max(present, position + bytes.count)
        knownSize = allocatedBytes
        knownLastAppend = nil
        mappingSlot?.replace(with: nil)
    }

    /// Takes note of the end that a walk has found; behind it the file holds nothing but the zeros that were reserved.
    func settle(size: Int) { knownSize = size }

    /// Cuts the file to `size`, a batch boundary.
    func truncate(to size: Int) throws(StorageError) {
        let file = try file()
        let lastAppend = try lastAppendMilliseconds()
        try file.truncate(to: Int64(size))
        if let lastAppend { try? file.setModified(milliseconds: lastAppend) }
        knownSize = size
        allocatedBytes = size
        mappingSlot?.replace(with: nil)
    }
}
