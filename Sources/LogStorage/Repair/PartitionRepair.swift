// Repairs the files of one partition whose broker is stopped.
//
// Every segment is read to its last byte. Damage is copied to `RepairSession`'s directory and taken out; the rest keeps its
// offsets, as after a compaction. A gap at the end of a segment is closed by a header without records, so that the segment
// still ends where the next one begins and the log where it ended; behind the end of the log a new leader epoch begins
// (KIP-320), because what was there may have been read.
// Crash rule: copies first; the new file of a segment takes the place of the old one by a rename; indexes go before that.
// Cut short at any instant, the log is the old one or the new one, and the repair is run again.
// Thread rule: `RepairSession`.

import KafkaRecords

package struct PartitionRepair {
    /// What the rest of the repair wants to know of the partition.
    package struct Outcome {
        package var endOffset: Int64 = 0
        /// Whether a segment was written anew.
        package var isRewritten = false
        /// In any batch or snapshot.
        package var largestProducerID = LargestProducerID()
    }

    private static let temporarySuffix = ".repairing"
    /// As much as a broker remembers at most.
    private static let producersMax = 100_000

    private let session: RepairSession
    private let directory: LogDirectory
    private let recoveryPoint: Int64?
    private let journaled: [JournaledRange]
    private let wasCleanStop: Bool
    private var outcome = Outcome()
    private var producers = ProducerStates()
    private var epochs = LeaderEpochs()
    private var snapshots: Set<Int64> = []

    /// - Parameters:
    ///   - recoveryPoint: what lies before it was flushed, so its offsets are not given out again.
    ///   - journaled: what the commit journal has of it.
    package static func run(
        _ path: String, recoveryPoint: Int64?, journaled: [JournaledRange], in session: RepairSession
    ) throws(StorageError) -> Outcome {
        var repair = PartitionRepair(path, recoveryPoint, journaled, session)
        try repair.run()
        return repair.outcome
    }

    private init(
        _ path: String, _ recoveryPoint: Int64?, _ journaled: [JournaledRange], _ session: RepairSession
    ) {
        self.session = session
        self.journaled = journaled
        self.recoveryPoint = recoveryPoint
        directory = LogDirectory(path: path, fileSystem: session.fileSystem)
        wasCleanStop = session.directory.wasCleanStop
    }

    private var fileSystem: any FileSystem { session.fileSystem }

    private mutating func run() throws(StorageError) {
        session.partitionCount += 1
        var names = try fileSystem.names(in: directory.path)
        if names.contains(where: { FileSuffix.parse($0) != nil }) {
            session.note(.settled, directory.path, "An interrupted compaction or deletion is brought to its end.")
            try session.perform { () throws(StorageError) in
                _ = try Log.settleLeftovers(in: directory, names: names)
            }
            names = try fileSystem.names(in: directory.path)
        }
        for name in names where name.hasSuffix(Self.temporarySuffix) {
            try session.perform { () throws(StorageError) in try fileSystem.removeFile(directory.path + "/" + name) }
        }
        let files = names.compactMap(FileKind.parse)
        snapshots = Set(files.filter { $0.kind == .producerSnapshot }.map(\.offset))
        let bases = files.filter { $0.kind == .log }.map(\.offset).sorted()
        for (index, base) in bases.enumerated() {
            try repairSegment(base, nextBase: index + 1 < bases.count ? bases[index + 1] : nil)
        }
        try repairLastSnapshots()
        try repairEpochs()
    }

    // MARK: Segments

    private mutating func repairSegment(_ base: Int64, nextBase: Int64?) throws(StorageError) {
        let path = directory.path(base, .log)
        session.segmentCount += 1
        try takeSnapshot(at: base)
        try session.restore(journaled, to: base, of: directory, recoveryPoint: recoveryPoint ?? 0)
        guard let status = try fileSystem.statusIfPresent(path) else { return }
        guard status.size <= Int64(Int32.max) else {
            session.note(.unrepairable, path, "\(path) is \(status.size) bytes long; segments have less than 2 GiB.")
            return
        }
        outcome.endOffset = max(outcome.endOffset, base)
        guard status.size > 0 else { return }
        session.scannedBytes += status.size
        let size = Int(status.size)
        let mapping = try SegmentMapping(try File(path, .readOnly, fileSystem), capacity: size)
        var audit = try IndexAudit(directory, baseOffset: base)
        let scan = SegmentScan(mapping, size: size, baseOffset: base, nextBase: nextBase) { header, position in
            audit.visit(header, at: position)
            note(header, status.modifiedMilliseconds)
        }
        guard !mapping.hasLostPages else {
            throw StorageError(.ioError, "\(path) cannot be read, so it was left as it is. Check the disk.")
        }
        outcome.endOffset = max(outcome.endOffset, scan.nextOffset)
        if scan.isDamaged { return try rewrite(base, nextBase, scan, mapping, status) }
        guard let problem = audit.verdict(segmentSize: size, mustExist: nextBase != nil || wasCleanStop) else { return }
        session.note(
            .rebuilt, directory.path(base, .offsetIndex),
            "The indexes of \(path) are made again from the segment: \(problem).")
        try session.perform { () throws(StorageError) in try rebuildIndexes(base) }
    }

    private mutating func note(_ header: BatchHeader, _ lastAppend: Int64) {
        outcome.largestProducerID.note(header.producerID)
        producers.record(header, now: lastAppend, limit: Self.producersMax)
        if header.partitionLeaderEpoch > epochs.latest {
            epochs.assign(header.partitionLeaderEpoch, startOffset: header.baseOffset)
        }
    }

    private mutating func rewrite(
        _ base: Int64, _ nextBase: Int64?, _ scan: SegmentScan, _ mapping: SegmentMapping, _ status: FileStatus
    ) throws(StorageError) {
        let path = directory.path(base, .log)
        outcome.isRewritten = true
        var end = scan.nextOffset
        if scan.endsDamaged {
            end = nextBase ?? knownEnd(base, scan)
            outcome.endOffset = max(outcome.endOffset, end)
        }
        try keepDamage(path, scan, mapping, end: end)
        if scan.endsDamaged, nextBase == nil { try beginEpoch(at: end) }
        try session.perform { () throws(StorageError) in
            try write(path, scan, mapping, filler: Self.filler(from: scan.nextOffset, to: end, scan.lastEpoch), status)
            try rebuildIndexes(base)
        }
    }

    /// Where the log ended at least: its offsets are not given to other records.
    private func knownEnd(_ base: Int64, _ scan: SegmentScan) -> Int64 {
        let widest = base + Int64(Int32.max)
        let candidates = [scan.nextOffset, recoveryPoint, scan.claimedEnd, snapshots.max()]
        return candidates.compactMap { $0 }.filter { $0 <= widest }.max() ?? scan.nextOffset
    }

    private func keepDamage(
        _ path: String, _ scan: SegmentScan, _ mapping: SegmentMapping, end: Int64
    ) throws(StorageError) {
        for (index, piece) in scan.pieces.enumerated() {
            switch piece {
            case .good: continue
            case .restored(let range, let header, let reason):
                let kept = try keep(range, path, mapping)
                session.note(
                    .restored, path,
                    "Bytes \(range.lowerBound) to \(range.upperBound) of \(path): \(reason). The records are whole; the batch "
                        + "gets back offsets \(header.baseOffset) to \(header.lastOffset), which its neighbours leave it.",
                    keptAs: kept)
            case .damaged(let range, let reason, let first):
                let kept = try keep(range, path, mapping)
                let next = scan.firstOffset(behind: index, in: mapping) ?? end
                session.note(
                    .movedOut, path,
                    "Bytes \(range.lowerBound) to \(range.upperBound) of \(path) are no batch: \(reason). They are moved out; "
                        + (next > first
                            ? "offsets \(first) to \(next - 1) hold nothing any more." : "no offset is known."),
                    keptAs: kept)
            }
        }
    }

    private func keep(_ range: Range<Int>, _ path: String, _ mapping: SegmentMapping) throws(StorageError) -> String {
        try mapping.span(range).withUnsafeBytes { (bytes) throws(StorageError) in
            try session.keep(bytes, of: path, at: range.lowerBound)
        }
    }

    /// A batch without records that holds offsets, so that nobody takes the gap for a lost end.
    private static func filler(from first: Int64, to end: Int64, _ epoch: Int32) -> [UInt8] {
        guard end > first else { return [] }
        return emptyBatch(
            BatchHeader(baseOffset: first, partitionLeaderEpoch: epoch, lastOffsetDelta: Int32(end - first - 1)))
    }

    private func write(
        _ path: String, _ scan: SegmentScan, _ mapping: SegmentMapping, filler: [UInt8], _ status: FileStatus
    ) throws(StorageError) {
        let temporary = path + Self.temporarySuffix
        let file = try File(temporary, .replace, fileSystem)
        var position: Int64 = 0
        func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
            try file.write(bytes, UnsafeRawBufferPointer(start: nil, count: 0), at: position)
            position += Int64(bytes.count)
        }
        for piece in scan.pieces {
            switch piece {
            case .good(let range):
                try mapping.span(range).withUnsafeBytes { (bytes) throws(StorageError) in try append(bytes) }
            case .restored(let range, let header, _):
                var batch = mapping.span(range).withUnsafeBytes { Array($0) }
                header.write(into: &batch)
                try batch.span.bytes.withUnsafeBytes { (bytes) throws(StorageError) in try append(bytes) }
            case .damaged: continue
            }
        }
        if !filler.isEmpty {
            try filler.span.bytes.withUnsafeBytes { (bytes) throws(StorageError) in try append(bytes) }
        }
        // It is as old as it was: retention counts from its last append.
        try file.setModified(milliseconds: status.modifiedMilliseconds)
        try file.syncWithTimes()
        try removeIndexes(of: path)
        try fileSystem.syncDirectory(directory.path)
        try fileSystem.renameFile(temporary, to: path)
        try fileSystem.syncDirectory(directory.path)
    }

    private func removeIndexes(of path: String) throws(StorageError) {
        let stem = path.dropLast(FileKind.log.rawValue.count)
        for kind in [FileKind.offsetIndex, .timeIndex] { try fileSystem.removeFile(stem + kind.rawValue) }
    }

    private func rebuildIndexes(_ base: Int64) throws(StorageError) {
        try removeIndexes(of: directory.path(base, .log))
        try Segment(directory: directory, baseOffset: base).loadIndexes(interval: LogConfig().indexIntervalBytes)
        for kind in [FileKind.offsetIndex, .timeIndex] {
            // Small segments have none.
            let path = directory.path(base, kind)
            guard try fileSystem.statusIfPresent(path) != nil else { continue }
            try File(path, .readWrite, fileSystem).sync()
        }
        try fileSystem.syncDirectory(directory.path)
    }

    // MARK: Producers

    /// The snapshot at the base of a segment: taken over, or made again from the batches before it.
    private mutating func takeSnapshot(at offset: Int64) throws(StorageError) {
        guard snapshots.contains(offset) else { return }
        let path = directory.path(offset, .producerSnapshot)
        let bytes = try AtomicFile.read(path: path, fileSystem: fileSystem)
        if let bytes, let states = ProducerSnapshot.decode(bytes) {
            producers = states
            for id in states.entries.keys { outcome.largestProducerID.note(id) }
            return
        }
        let kept = try session.keep(file: path)
        session.note(
            .rebuilt, path,
            "\(path) is damaged and made again from the batches before it; producers of which only it knew are forgotten.",
            keptAs: kept)
        let states = ProducerSnapshot.encode(producers)
        try session.perform { () throws(StorageError) in
            try AtomicFile.replace(path: path, with: states, fileSystem: fileSystem)
        }
    }

    /// Those behind the base of the last segment: at the log's end, or from a checkpoint on the way there.
    private mutating func repairLastSnapshots() throws(StorageError) {
        let last = try fileSystem.names(in: directory.path).compactMap(FileKind.parse)
            .filter { $0.kind == .log }.map(\.offset).max()
        for offset in snapshots.sorted() where offset > last ?? -1 {
            let path = directory.path(offset, .producerSnapshot)
            let bytes = try AtomicFile.read(path: path, fileSystem: fileSystem)
            if let bytes, let states = ProducerSnapshot.decode(bytes) {
                for id in states.entries.keys { outcome.largestProducerID.note(id) }
                continue
            }
            let kept = try session.keep(file: path)
            let isEnd = offset == outcome.endOffset
            session.note(
                .rebuilt, path,
                "\(path) is damaged and "
                    + (isEnd ? "made again from the batches before it." : "removed; batches say what it did."),
                keptAs: kept)
            let states = ProducerSnapshot.encode(producers)
            try session.perform { () throws(StorageError) in
                if isEnd {
                    try AtomicFile.replace(path: path, with: states, fileSystem: fileSystem)
                } else {
                    try fileSystem.removeFile(path)
                    try fileSystem.syncDirectory(directory.path)
                }
            }
        }
    }

    // MARK: Epochs

    private var epochsPath: String { directory.path + "/" + LeaderEpochs.fileName }

    /// As stored; as the batches say, where that is damaged.
    private func storedEpochs() throws(StorageError) -> LeaderEpochs? {
        guard let bytes = try AtomicFile.read(path: epochsPath, fileSystem: fileSystem) else {
            return epochs == LeaderEpochs() ? epochs : nil
        }
        return LeaderEpochs.decode(bytes)
    }

    private mutating func beginEpoch(at offset: Int64) throws(StorageError) {
        var changed = try storedEpochs() ?? epochs
        changed.assign(changed.latest + 1, startOffset: offset)
        epochs = changed
        let bytes = changed.encoded
        try session.perform { () throws(StorageError) in
            try AtomicFile.replace(path: epochsPath, with: bytes, fileSystem: fileSystem)
        }
    }

    private func repairEpochs() throws(StorageError) {
        guard try storedEpochs() == nil else { return }
        let isThere = try fileSystem.statusIfPresent(epochsPath) != nil
        let kept = isThere ? try session.keep(file: epochsPath) : nil
        session.note(
            .rebuilt, epochsPath,
            "\(epochsPath) is \(isThere ? "damaged" : "missing") and made again from the epochs that the batches carry.",
            keptAs: kept)
        try session.perform { () throws(StorageError) in
            try AtomicFile.replace(path: epochsPath, with: epochs.encoded, fileSystem: fileSystem)
        }
    }
}

extension SegmentScan {
    /// The first offset that stands behind a piece.
    func firstOffset(behind index: Int, in mapping: SegmentMapping) -> Int64? {
        for piece in pieces[(index + 1)...] {
            switch piece {
            // A good piece is one batch or more that were parsed to find that out.
            case .good(let range): return (try? BatchHeader(parsing: mapping.span(range)))?.baseOffset
            case .restored(_, let header, _): return header.baseOffset
            case .damaged: continue
            }
        }
        return nil
    }
}
