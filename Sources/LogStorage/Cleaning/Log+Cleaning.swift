// The log's side of a cleaning: what may be cleaned, and the swap of cleaned segments for their sources.
//
// The swap, step by step; under the partition's lock are only renames:
//   1. lock    `<base>.index.cleaned`, `.timeindex.cleaned`, then `.log.cleaned` become `.swap`: from the last one on the
//              swap is decided. Until then a crash forgets it.
//   2.         the directory is synced
//   3. lock    the sources become `.deleted`, first to last, their indexes go, the new ones take their names; from here on
//              the log reads the new segment
//   4.         the directory is synced
//   5. lock    `.log.swap` becomes `.log`
//   6.         the directory is synced, and what is `.deleted` is removed
// Crash rule: at the next open (`Log+Leftovers`) `.cleaned` goes, `.log.swap` is completed, `.deleted` goes. The cleaned bytes
// are durable before step 1, each step before the next one that relies on it.
// Thread rule: as `Log`; one cleaning of a log at a time.

import KafkaRecords

extension Log {
    /// What a cleaning would gain, nil if nothing may be cleaned. Cheap: loads nothing, and what it asks of the file system
    /// is remembered.
    ///
    /// - Parameters:
    ///   - cleanedOffset: up to where the log was cleaned, as its last cleaning has said.
    ///   - limit: segments that go on behind this offset may not be cleaned.
    package func dirtiness(
        cleanedOffset: Int64?, before limit: Int64 = .max
    ) throws(StorageError) -> Dirtiness? {
        guard config.isCompacted, offlineError == nil, segments.count > 1 else { return nil }
        var firstDirty = cleanedOffset ?? logStartOffset
        // An older one was overtaken by a deletion, a newer one belongs to a log that has lost its end.
        if firstDirty < logStartOffset || firstDirty > active.baseOffset { firstDirty = logStartOffset }
        guard firstDirty < active.baseOffset else { return nil }
        let firstIndex = segmentIndex(containing: firstDirty)
        let endIndex = try uncleanableIndex(from: firstIndex, before: limit)
        guard endIndex > firstIndex else { return nil }
        var bytes: (clean: Int64, dirty: Int64) = (0, 0)
        for index in 0..<endIndex {
            let size = Int64(try segments[index].size)
            if index < firstIndex { bytes.clean += size } else { bytes.dirty += size }
        }
        return Dirtiness(
            firstDirtyOffset: firstDirty, endOffset: segments[endIndex].baseOffset, cleanBytes: bytes.clean,
            dirtyBytes: bytes.dirty, isOverdue: try isOverdue(firstIndex), minRatio: config.minCleanableDirtyRatio)
    }

    /// The first segment that may not be cleaned: the active one, one that was appended to too recently, or one with a
    /// transaction that is still open.
    private func uncleanableIndex(from first: Int, before limit: Int64) throws(StorageError) -> Int {
        var end = segments.lastIndex { $0.baseOffset <= limit } ?? 0
        if isLoaded, let open = producerStates.firstOpenTransaction { end = min(end, segmentIndex(containing: open)) }
        guard config.minCompactionLagMilliseconds > 0 else { return end }
        let youngest = time.wallMilliseconds - config.minCompactionLagMilliseconds
        for index in first..<max(first, end) {
            if let last = try segments[index].lastAppendMilliseconds(), last > youngest { return index }
        }
        return end
    }

    /// Whether the first append to a segment is longer ago than `max.compaction.lag.ms`. Where it is not known, the last
    /// append to the segment before it is as old at least.
    private func isOverdue(_ index: Int) throws(StorageError) -> Bool {
        let (oldest, overflow) = time.wallMilliseconds.subtractingReportingOverflow(config.maxCompactionLagMilliseconds)
        if overflow || oldest < 0 { return false }
        let segment = segments[index]
        if let created = segment.createdMilliseconds { return created < oldest }
        let witness = index > 0 ? segments[index - 1] : segment
        guard let milliseconds = try witness.lastAppendMilliseconds() else { return false }
        return milliseconds < oldest
    }

    /// Everything a cleaning needs, nil if nothing may be cleaned.
    ///
    /// - Parameters: as of `dirtiness`.
    package func planCleaning(
        cleanedOffset: Int64?, before limit: Int64 = .max
    ) throws(StorageError) -> CleaningPlan? {
        // Open transactions and producers are known once the log is loaded.
        try load()
        guard let dirtiness = try dirtiness(cleanedOffset: cleanedOffset, before: limit) else { return nil }
        var sources: [CleaningPlan.Source] = []
        for (index, segment) in segments.enumerated() where segment.baseOffset < dirtiness.endOffset {
            let size = try segment.size
            sources.append(
                CleaningPlan.Source(
                    baseOffset: segment.baseOffset, endOffset: segments[index + 1].baseOffset, size: size,
                    offsetIndexBytes: try indexBytes(segment, .offsetIndex, OffsetIndex.entryBytes, size: size),
                    timeIndexBytes: try indexBytes(segment, .timeIndex, TimeIndex.entryBytes, size: size),
                    lastAppendMilliseconds: try segment.lastAppendMilliseconds() ?? time.wallMilliseconds,
                    mapping: try segment.mapping(capacity: size)))
        }
        return CleaningPlan(
            name: name, directory: directory, config: config, now: time.wallMilliseconds,
            firstDirtyOffset: dirtiness.firstDirtyOffset, sources: sources, lastOffsets: producerStates.lastOffsets)
    }

    /// Size of a sealed segment's index; where its file is gone, what it can have at most.
    private func indexBytes(
        _ segment: Segment, _ kind: FileKind, _ entryBytes: Int, size: Int
    ) throws(StorageError) -> Int {
        let path = directory.path(segment.baseOffset, kind)
        if let status = try directory.fileSystem.statusIfPresent(path) { return Int(status.size) }
        return (size / max(config.indexIntervalBytes, BatchLayout.headerSize) + 1) * entryBytes
    }

    // MARK: Swap

    /// How a step of a swap ended.
    package enum SwapStep: Sendable {
        case done
        /// Sources were deleted meanwhile; the cleaned segment is of no use and gone.
        case superseded
        /// The names could not all be put in order; the next open does it. Until then the log must not be cleaned again.
        case unfinished(StorageError)
    }

    /// Step 1.
    package func beginSwap(_ cleaned: CleanedSegment) throws(StorageError) -> SwapStep {
        guard holdsSources(of: cleaned) else {
            try removeFiles(of: cleaned, .cleaned)
            return .superseded
        }
        do throws(StorageError) {
            for kind in [FileKind.offsetIndex, .timeIndex] {
                try directory.fileSystem.renameIfPresent(
                    directory.path(cleaned.baseOffset, kind, .cleaned),
                    to: directory.path(cleaned.baseOffset, kind, .swap))
            }
            try directory.fileSystem.renameFile(
                directory.path(cleaned.baseOffset, .log, .cleaned), to: directory.path(cleaned.baseOffset, .log, .swap))
        } catch {
            let cause = error
            do throws(StorageError) {
                try removeFiles(of: cleaned, .swap)
                try removeFiles(of: cleaned, .cleaned)
            } catch {
                return .unfinished(error)
            }
            throw cause
        }
        return .done
    }

    /// Takes step 1 back. A decided swap that stayed would be completed by a later start, which by then may bring back what
    /// newer cleanings have dropped: so if it cannot be removed there must be none.
    package func abandonSwap(_ cleaned: CleanedSegment) -> SwapStep {
        do throws(StorageError) {
            try removeFiles(of: cleaned, .swap)
            return .superseded
        } catch {
            return .unfinished(error)
        }
    }

    /// Step 3.
    package func replaceSources(with cleaned: CleanedSegment) throws(StorageError) -> SwapStep {
        guard holdsSources(of: cleaned), let first = segments.firstIndex(where: { $0.baseOffset == cleaned.baseOffset })
        else { return abandonSwap(cleaned) }
        let failure = renameSources(of: cleaned)
        segments.replaceSubrange(
            first..<first + cleaned.sources.count, with: [Segment(swapping: cleaned, in: directory)])
        let replaced = Set(cleaned.sources.dropFirst().map(\.baseOffset))
        snapshotOffsets.removeAll { replaced.contains($0) }
        return failure.map(SwapStep.unfinished) ?? .done
    }

    /// Does what can be done; once the first source has lost its name there is no way back. Returns the first error.
    private func renameSources(of cleaned: CleanedSegment) -> StorageError? {
        let fileSystem = directory.fileSystem
        var failure: StorageError?
        func attempt(_ operation: () throws(StorageError) -> Void) {
            do throws(StorageError) { try operation() } catch { failure = failure ?? error }
        }
        for source in cleaned.sources {
            attempt { () throws(StorageError) in
                let path = directory.path(source.baseOffset, .log)
                try fileSystem.renameFile(path, to: directory.path(source.baseOffset, .log, .deleted))
            }
            attempt { () throws(StorageError) in
                try fileSystem.removeFile(directory.path(source.baseOffset, .offsetIndex))
                try fileSystem.removeFile(directory.path(source.baseOffset, .timeIndex))
                // That of the first one still is where a segment starts.
                if source.baseOffset == cleaned.baseOffset { return }
                try fileSystem.removeFile(directory.path(source.baseOffset, .producerSnapshot))
            }
        }
        for kind in [FileKind.offsetIndex, .timeIndex] {
            attempt { () throws(StorageError) in
                try fileSystem.renameIfPresent(
                    directory.path(cleaned.baseOffset, kind, .swap), to: directory.path(cleaned.baseOffset, kind))
            }
        }
        return failure
    }

    /// Step 5.
    package func completeSwap(_ cleaned: CleanedSegment) throws(StorageError) {
        // A deletion may have taken it away meanwhile.
        try segments.first { $0.baseOffset == cleaned.baseOffset && $0.suffix == .swap }?.completeSwap()
    }

    /// Whether the sources are still the log's. Only a cleaning changes a sealed segment, so base and size say it.
    private func holdsSources(of cleaned: CleanedSegment) -> Bool {
        guard offlineError == nil, let first = segments.firstIndex(where: { $0.baseOffset == cleaned.baseOffset })
        else { return false }
        // The active segment is never a source.
        guard first + cleaned.sources.count < segments.count else { return false }
        // A segment that does not tell its size is not known to be the source.
        return zip(segments[first...], cleaned.sources).allSatisfy { segment, source in
            segment.baseOffset == source.baseOffset && segment.suffix == .none && (try? segment.size) == source.size
        }
    }

    private func removeFiles(of cleaned: CleanedSegment, _ suffix: FileSuffix) throws(StorageError) {
        // The segment first: without it the rest means nothing.
        for kind in [FileKind.log, .offsetIndex, .timeIndex] {
            try directory.fileSystem.removeFile(directory.path(cleaned.baseOffset, kind, suffix))
        }
    }
}
