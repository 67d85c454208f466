// Which segments of a log have expired, and their way out.
//
// A segment is as old as its last append: what the records say of their times neither keeps nor drops it. In steps:
//   1. lock    `expire` rolls an active segment that has expired with all the others, and moves the log start behind what
//              has expired: from here on nobody finds it
//   2.         the owner makes the new log start durable (`DataDirectory.writeLogStartOffsets`)
//   3. lock    `setAsideExpired` gives the files names that end in `.deleted`, oldest first
//   4.         after `file.delete.delay.ms` the owner removes them (`DeletedFiles.remove`)
// Crash rule: until step 3 has finished, segments may be left that lie before the durable log start; the next use of the log
// removes them. `.deleted` files go at the next open (`Log+Leftovers`). Without step 2 nothing breaks, either: the log then
// starts at the oldest segment that is left.
// Thread rule: as `Log`; what it hands out is used without the lock.

extension Log {
    /// Step 1. Cheap where nothing is to be done: loads nothing, and what it asks of the file system is remembered.
    ///
    /// - Returns: whether there are segments to be set aside, now or since an earlier step 1.
    package func expire() throws(StorageError) -> Bool {
        guard offlineError == nil else { return hasSegmentsBeforeLogStart }
        // A disk too full for a new file must not keep the sealed segments from going.
        var failure: StorageError?
        do throws(StorageError) { try rollIfIdle() } catch { failure = error }
        let count = try expiredCount()
        if count == segments.count {
            do throws(StorageError) {
                try load()
                if try active.size > 0 { try roll() }
            } catch {
                failure = error
            }
        }
        let first = min(count, segments.count - 1)
        logStartOffset = max(logStartOffset, segments[first].baseOffset)
        if let failure, !hasSegmentsBeforeLogStart { throw failure }
        return hasSegmentsBeforeLogStart
    }

    /// Segments behind the log start, oldest first, the active one last. As cheap as `expire`.
    package func segmentAges() throws(StorageError) -> [SegmentAge] {
        let first = segmentIndex(containing: logStartOffset)
        var ages: [SegmentAge] = []
        for (index, segment) in segments.enumerated().dropFirst(first) {
            ages.append(
                SegmentAge(
                    endOffset: segment === active ? .max : segments[index + 1].baseOffset,
                    sizeInBytes: segment.isOnlyInMemory ? 0 : Int64(try segment.size),
                    lastAppendMilliseconds: try segment.lastAppendMilliseconds() ?? .min))
        }
        return ages
    }

    /// Step 1 for sealed segments that have to go whatever their age: those before the base offset of another one.
    package func expire(before offset: Int64) -> Bool {
        if offset <= active.baseOffset { logStartOffset = max(logStartOffset, offset) }
        return hasSegmentsBeforeLogStart
    }

    private var hasSegmentsBeforeLogStart: Bool { segments.count > 1 && segments[1].baseOffset <= logStartOffset }

    /// Ends an active segment that is older than `segment.ms` although nobody appends.
    private func rollIfIdle() throws(StorageError) {
        guard !active.isOnlyInMemory, try active.size > 0 else { return }
        try loadAge()
        guard let created = active.createdMilliseconds,
            time.wallMilliseconds - created >= config.segmentMilliseconds
        else { return }
        _ = try rollIfOld()
    }

    /// Segments at the front that have expired, the active one included if it is not empty.
    private func expiredCount() throws(StorageError) -> Int {
        guard config.isDeletable else { return 0 }
        return max(try expiredByTime(), try expiredBySize())
    }

    private func expiredByTime() throws(StorageError) -> Int {
        guard let retention = config.retentionMilliseconds else { return 0 }
        let (youngest, overflow) = time.wallMilliseconds.subtractingReportingOverflow(retention)
        if overflow { return 0 }
        for (index, segment) in segments.enumerated() {
            if segment === active, try segment.size == 0 { return index }
            guard let last = try segment.lastAppendMilliseconds(), last < youngest else { return index }
        }
        return segments.count
    }

    /// As in Kafka, `retention.bytes` is what is left at least; segments before the log start do not count.
    private func expiredBySize() throws(StorageError) -> Int {
        guard let limit = config.retentionBytes else { return 0 }
        let first = segmentIndex(containing: logStartOffset)
        var excess = -limit
        for segment in segments[first...] { excess += Int64(try segment.size) }
        for (index, segment) in segments.enumerated().dropFirst(first) {
            let size = Int64(try segment.size)
            if size == 0 && segment === active || excess < size { return index }
            excess -= size
        }
        return segments.count
    }

    /// Step 3.
    ///
    /// - Returns: what has to be removed; empty when there was nothing. After an error the rest is set aside by the next call.
    package func setAsideExpired() throws(StorageError) -> DeletedFiles {
        var files = DeletedFiles(directory: directory, delayMilliseconds: config.fileDeleteDelayMilliseconds)
        while hasSegmentsBeforeLogStart {
            let expired = segments[0]
            let path = expired.path
            do throws(StorageError) { files.paths.append(try expired.setAside()) } catch {
                if files.paths.isEmpty { throw error }
                return files
            }
            // Nobody needs it to be durable any more.
            unflushedFiles.removeAll { $0.path == path }
            snapshotOffsets.removeAll { $0 == expired.baseOffset }
            segments.removeFirst()
        }
        if !files.paths.isEmpty {
            // What it says about offsets that are gone does no harm; the next change writes it.
            try? truncateEpochs()
        }
        return files
    }
}

/// How large a segment is, and since when nobody has appended to it.
package struct SegmentAge: Sendable, Equatable {
    /// Where the next segment begins.
    package let endOffset: Int64
    package let sizeInBytes: Int64
    package let lastAppendMilliseconds: Int64
}

/// Files of segments that are no longer any log's.
package struct DeletedFiles: Sendable {
    let directory: LogDirectory
    /// How long they should stay.
    package let delayMilliseconds: Int64
    package fileprivate(set) var paths: [String] = []

    /// Removes them; those that are gone already, maybe with their whole topic, are fine.
    package func remove() throws(StorageError) {
        for path in paths { try directory.fileSystem.removeFile(path) }
    }
}
