// Finding things in a log: by offset, by timestamp.

import KafkaRecords

/// A record's offset and time, as ListOffsets answers.
package struct TimestampOffset: Equatable, Sendable {
    package let offset: Int64
    /// Milliseconds since 1970.
    package let timestamp: Int64
    package let leaderEpoch: Int32

    package init(offset: Int64, timestamp: Int64, leaderEpoch: Int32) {
        self.offset = offset
        self.timestamp = timestamp
        self.leaderEpoch = leaderEpoch
    }
}

extension Log {
    /// Where to read an offset. Call under the lock, read from the result without it.
    ///
    /// - Parameters:
    ///   - maxBytes: what the read is going to take at most; finds its end faster.
    ///   - access: with `.resident`, `requireLoaded` comes first.
    /// - Returns: nil at the log end.
    /// - Throws: `.offsetOutOfRange` before the log start and behind the log end.
    package func locate(
        _ offset: Int64, maxBytes: Int, access: DiskAccess = .waiting
    ) throws(StorageError) -> ReadLocation? {
        try requireInRange(offset)
        if offset == nextOffset { return nil }
        let index = segmentIndex(containing: offset)
        let segment = segments[index]
        let now = time.wallMilliseconds
        if access == .resident && !segment.canLookUp(now: now) { throw .wouldWait }
        try segment.loadIndexes(interval: config.indexIntervalBytes)
        let start = try segment.offsetIndex.entry(offset: offset)
        let size = try segment.size
        let limit = (start?.position ?? 0) + max(0, min(maxBytes, size))
        let isActive = index == segments.count - 1
        return ReadLocation(
            mapping: try segment.mapping(capacity: isActive ? config.segmentBytes : size),
            startEntry: start,
            nearEndEntry: limit < size ? try segment.offsetIndex.entry(position: limit) : nil,
            endPosition: size,
            segmentBaseOffset: segment.baseOffset,
            nextSegmentOffset: isActive ? nil : segments[index + 1].baseOffset,
            isFresh: (start?.position ?? 0) >= segment.fresh.start(now: now))
    }

    package func requireInRange(_ offset: Int64) throws(StorageError) {
        try load()
        guard offset >= logStartOffset && offset <= nextOffset else {
            throw StorageError(
                .offsetOutOfRange(start: logStartOffset, end: nextOffset),
                "Offset \(offset) of \(name) is out of range: \(logStartOffset) to \(nextOffset).")
        }
    }

    /// Refuses with `.wouldWait` while the first use of the log, which reads several files, is still to come.
    ///
    /// - Parameter withEpochs: whether the leader epochs are needed as well; loading alone does not read them.
    package func requireLoaded(withEpochs: Bool = true) throws(StorageError) {
        if isLoaded && (loadedEpochs != nil || !withEpochs) { return }
        // One that nobody has written to holds nothing but its epoch, a file of a few bytes.
        if segments.count == 1 && active.isOnlyInMemory { return }
        throw .wouldWait
    }

    /// Refuses with `.wouldWait` while the epochs still have to be read. That is less than loading the log.
    package func requireEpochs() throws(StorageError) {
        if loadedEpochs == nil { throw .wouldWait }
    }

    /// What `locate`, and the first use before it, is going to look into.
    package func lookupFiles(for offset: Int64) -> LookupFiles {
        var parts = segments[segmentIndex(containing: max(offset, logStartOffset))].lookupParts
        if !isLoaded {
            if segments.count > 1 { parts += active.lookupParts }
            parts.append(.whole(path: epochsPath))
            if let newest = snapshotOffsets.last {
                parts.append(.whole(path: directory.path(newest, .producerSnapshot)))
            }
        }
        return LookupFiles(parts: parts, fileSystem: directory.fileSystem)
    }

    /// The segment with the largest base offset not above `offset`; the first when there is none.
    func segmentIndex(containing offset: Int64) -> Int {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].baseOffset <= offset { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    /// Where to look for a time in the segment that holds `offset`. Call under the lock, search the result without it, and go
    /// on with the following segment where it holds nothing.
    package func timeLocation(
        inSegmentOf offset: Int64, notBefore timestamp: Int64
    ) throws(StorageError) -> TimeLocation {
        try load()
        let index = segmentIndex(containing: max(offset, logStartOffset))
        let segment = segments[index]
        let isLast = index == segments.count - 1
        let largest = try segment.largestTimestamp(interval: config.indexIntervalBytes).timestamp
        let entries = try segment.searchEntries(notBefore: timestamp)
        return TimeLocation(
            mapping: largest >= max(timestamp, 0)
                ? try segment.mapping(capacity: isLast ? config.segmentBytes : 0) : nil,
            path: segment.path,
            endPosition: try segment.size, segmentBaseOffset: segment.baseOffset,
            nextSegmentOffset: isLast ? nil : segments[index + 1].baseOffset, largestTimestamp: largest,
            timeEntry: entries.time, startEntry: entries.start, logStartOffset: logStartOffset,
            decompressedLimitBytes: config.decompressedLimitBytes)
    }

    /// Moves the log start up to `offset` and removes the segments that lie wholly before it.
    ///
    /// The owner makes the new start durable (`DataDirectory.writeLogStartOffsets`) before it answers. Where a power cut
    /// must find either the old log or the new one, it does so between `advanceStart` and `removeSegmentsBeforeLogStart`.
    /// - Returns: the log start offset afterwards.
    /// - Throws: `.offsetOutOfRange` behind the log end.
    package func deleteRecords(before offset: Int64) throws(StorageError) -> Int64 {
        try advanceStart(to: offset)
        try removeSegmentsBeforeLogStart()
        return logStartOffset
    }

    /// Moves the log start up to `offset`; the files stay. Names that are removed before the new start is durable may be
    /// gone after a power cut while older ones are back, which would leave a gap, or nothing that says where the log ends.
    package func advanceStart(to offset: Int64) throws(StorageError) {
        try load()
        guard offset <= nextOffset else {
            throw StorageError(
                .offsetOutOfRange(start: logStartOffset, end: nextOffset),
                "Records of \(name) before offset \(offset) cannot be deleted: the log ends at \(nextOffset).")
        }
        guard offset > logStartOffset else { return }
        // What is deleted may be what makes room: without a new segment the old one stays, and is not read; what the epochs
        // say about offsets that are gone does no harm.
        if offset == nextOffset, try active.size > 0 {
            do { try roll() } catch  where error.code == .noSpace {}
        }
        logStartOffset = offset
        do { try truncateEpochs() } catch  where error.code == .noSpace {}
    }

    /// Forgets the epochs of which no record is left.
    func truncateEpochs() throws(StorageError) {
        var epochs = try epochs()
        guard epochs.truncate(before: logStartOffset) else { return }
        loadedEpochs = epochs
        try AtomicFile.replace(path: epochsPath, with: epochs.encoded, fileSystem: directory.fileSystem)
    }

    /// Oldest first, so that a killed process leaves no gap.
    package func removeSegmentsBeforeLogStart() throws(StorageError) {
        while segments.count > 1 && segments[1].baseOffset <= logStartOffset {
            let doomed = segments[0]
            try doomed.remove()
            snapshotOffsets.removeAll { $0 == doomed.baseOffset }
            segments.removeFirst()
        }
    }
}
