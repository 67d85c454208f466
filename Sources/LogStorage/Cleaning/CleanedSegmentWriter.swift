// Writes a cleaned segment and its indexes under the suffix `.cleaned`.
//
// Crash rule: durable when `finish` returned; worth nothing before. Synced every few megabytes, so that the last sync does
// not keep the disk from producers for long.
// Thread rule: owned by one cleaning; no lock.

import KafkaRecords

struct CleanedSegmentWriter: ~Copyable {
    private static let bufferBytes = 1 << 20
    private static let unsyncedBytesMax = 16 << 20

    private let segment: Segment
    private let file: SegmentFile
    private let config: LogConfig
    private var buffer: [UInt8] = []
    private var writtenBytes = 0
    private var syncedBytes = 0

    init(_ directory: LogDirectory, baseOffset: Int64, now: Int64, config: LogConfig) throws(StorageError) {
        let segment = try Segment(
            new: directory, baseOffset: baseOffset, now: now, creatingFile: true, suffix: .cleaned)
        let file = try segment.file()
        self.segment = segment
        self.file = file
        self.config = config
        buffer.reserveCapacity(Self.bufferBytes)
    }

    var sizeInBytes: Int { writtenBytes + buffer.count }

    mutating func append(_ batch: RawSpan, header: BatchHeader) throws(StorageError) {
        guard sizeInBytes + batch.byteCount <= Int(Int32.max) else {
            throw StorageError(.invalid, "\(segment.path) would become larger than 2 GiB.")
        }
        segment.index(header, at: sizeInBytes, interval: config.indexIntervalBytes)
        batch.withUnsafeBytes { buffer.append(contentsOf: $0) }
        if buffer.count >= Self.bufferBytes { try write() }
    }

    private mutating func write() throws(StorageError) {
        try file.write(buffer, at: Int64(writtenBytes))
        writtenBytes += buffer.count
        buffer.removeAll(keepingCapacity: true)
        if writtenBytes - syncedBytes >= Self.unsyncedBytesMax {
            try file.sync()
            syncedBytes = writtenBytes
        }
    }

    /// Returns when everything is on stable storage.
    mutating func finish(
        sources: [CleaningPlan.Source]
    ) throws(StorageError) -> CleanedSegment {
        precondition(!sources.isEmpty, "a cleaned segment stands for something")
        if !buffer.isEmpty { try write() }
        let lastAppend = sources[sources.count - 1].lastAppendMilliseconds
        segment.adopt(size: writtenBytes)
        segment.noteAppend(at: lastAppend)
        try segment.seal()
        try file.syncWithTimes()
        for path in [segment.offsetIndex.file.path, segment.timeIndex.file.path] {
            // An index without entries has no file.
            guard try segment.directory.fileSystem.statusIfPresent(path) != nil else { continue }
            try File(path, .readWrite, segment.directory.fileSystem).sync()
        }
        return CleanedSegment(
            sources: sources.map { ($0.baseOffset, $0.size) }, size: writtenBytes, lastAppendMilliseconds: lastAppend)
    }

    /// Removes what was written. What cannot be removed goes at the next open.
    func discard() {
        let fileSystem = segment.directory.fileSystem
        for path in [segment.path, segment.offsetIndex.file.path, segment.timeIndex.file.path] {
            _ = fileSystem.unlink(path)
        }
    }
}
