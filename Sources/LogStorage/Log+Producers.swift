// The producer state of a log on disk: which snapshot to start from, what to replay, when to write one.
//
// Layout: `<offset>.snapshot` files beside the segments, `ProducerSnapshot` inside.
// Crash rule: a snapshot is a cache of what the batches before its offset say; a damaged or missing one costs a replay.
// Thread rule: guarded by the partition's lock.

import KafkaRecords

extension Log {
    /// The newest good snapshot that is not ahead of the log, and the batches behind it.
    ///
    /// - Parameter isUnclean: producers may repeat several batches that were not acknowledged.
    func loadProducers(isUnclean: Bool) throws(StorageError) {
        while let newest = snapshotOffsets.last {
            if newest <= nextOffset, newest >= logStartOffset || newest == nextOffset,
                let bytes = try AtomicFile.read(
                    path: directory.path(newest, .producerSnapshot), fileSystem: directory.fileSystem),
                let states = ProducerSnapshot.decode(bytes)
            {
                producerStates = states
                if isUnclean { try recallBatches(before: newest) }
                try replayProducers(from: newest)
                break
            }
            snapshotOffsets.removeLast()
            try directory.fileSystem.removeFile(directory.path(newest, .producerSnapshot))
        }
        if snapshotOffsets.isEmpty { try replayProducers(from: logStartOffset) }
        producerStates.expire(
            now: time.wallMilliseconds, idleMilliseconds: config.producerExpirationMilliseconds)
    }

    /// How far back batches are looked for that a producer may have had under way: five of the usual size.
    private static let recalledBytes = 5 << 20

    /// A snapshot knows the last batch of each producer; one that had several under way when the process ended repeats them
    /// all, and the older ones would be refused although they are there.
    private func recallBatches(before offset: Int64) throws(StorageError) {
        guard !producerStates.entries.isEmpty, offset > logStartOffset else { return }
        var recent = ProducerStates()
        let last = segmentIndex(containing: offset - 1)
        // A snapshot is taken at a roll, so the segment may be short: then the one before it counts as well.
        for segment in segments[max(0, last - 1)...last] where !segment.isOnlyInMemory {
            try segment.loadIndexes(interval: config.indexIntervalBytes)
            let start = try segment.offsetIndex.floor(position: max(0, try segment.size - Self.recalledBytes))
            var walk = try segment.walk(from: start, capacity: segment === active ? config.segmentBytes : 0)
            while let step = walk.nextWhole(), step.header.baseOffset < offset {
                recent.record(step.header, now: time.wallMilliseconds, limit: config.producersMax)
            }
        }
        producerStates.recall(recent)
    }

    private func replayProducers(from offset: Int64) throws(StorageError) {
        guard offset < nextOffset else { return }
        let now = time.wallMilliseconds
        for segment in segments[segmentIndex(containing: offset)...] where !segment.isOnlyInMemory {
            try segment.loadIndexes(interval: config.indexIntervalBytes)
            let position = try segment.offsetIndex.floor(offset: offset)
            var walk = try segment.walk(from: position, capacity: segment === active ? config.segmentBytes : 0)
            // Damage costs what is in it: a producer whose last batches lie behind would repeat them, or be refused.
            while let step = walk.nextWhole() {
                if step.header.baseOffset >= offset {
                    producerStates.record(step.header, now: now, limit: config.producersMax)
                }
            }
        }
    }

    /// Writes `<log end>.snapshot`, also when there are no producers: it says that nothing has to be replayed. Older ones
    /// that belong to no segment go. Not synced: a torn one fails its checksum.
    func takeProducerSnapshot() throws(StorageError) {
        let bases = Set(segments.map(\.baseOffset))
        if snapshotOffsets.last != nextOffset {
            try write(producerStates, to: directory.path(nextOffset, .producerSnapshot))
            snapshotOffsets.append(nextOffset)
        }
        for stray in snapshotOffsets.dropLast() where !bases.contains(stray) {
            try directory.fileSystem.removeFile(directory.path(stray, .producerSnapshot))
        }
        let newest = nextOffset
        snapshotOffsets.removeAll { $0 != newest && !bases.contains($0) }
    }

    /// Leaves no piece of a snapshot behind: nobody would know of it before the next start.
    private func write(_ states: ProducerStates, to path: String) throws(StorageError) {
        do {
            try File(path, .replace, directory.fileSystem).write(ProducerSnapshot.encode(states), at: 0)
        } catch {
            _ = directory.fileSystem.unlink(path)
            throw error
        }
    }
}
