// What the commit journal holds after an unclean stop: batches that were acknowledged and may not be in their segment files.
//
// A log takes from it what continues it (`Log+Recovery.swift`); everything else is in the files already, so a journal may be read
// again and again, and older records do no harm. A record that is damaged hides no other.
// Thread rule: a plain value.

import KafkaRecords

/// Batches of one segment, as they were in its file from `position` on.
package struct JournaledRange: Sendable {
    let segmentBaseOffset: Int64
    let position: Int
    let bytes: ArraySlice<UInt8>

    var end: Int { position + bytes.count }

    /// Whether a batch with that base offset starts at a position.
    fileprivate func holdsBatch(at start: Int, baseOffset: Int64) -> Bool {
        guard start >= position, start + BatchLayout.headerSize <= end else { return false }
        // What does not parse is the middle of a batch.
        let rest = bytes.dropFirst(start - position)
        return (try? BatchHeader(parsing: rest.span.bytes))?.baseOffset == baseOffset
    }
}

extension [JournaledRange] {
    func firstPosition(in segmentBaseOffset: Int64) -> Int? {
        lazy.filter { $0.segmentBaseOffset == segmentBaseOffset }.map(\.position).min()
    }

    /// The offset with which the first range begins that lies behind a place of a segment.
    func firstOffset(of segmentBaseOffset: Int64, behind position: Int) -> Int64? {
        let first = first { $0.segmentBaseOffset == segmentBaseOffset && $0.position >= position }
        // Its checksum was right, so it parses.
        return first.flatMap { try? BatchHeader(parsing: $0.bytes.span.bytes).baseOffset }
    }

    /// What goes on at a place of a segment, with the very offset that comes next there; empty if nothing does. Anything else is
    /// older than the file.
    func continuation(of segmentBaseOffset: Int64, at position: Int, nextOffset: Int64) -> [JournaledRange] {
        let ranges = filter { $0.segmentBaseOffset == segmentBaseOffset }
        guard let first = ranges.firstIndex(where: { $0.holdsBatch(at: position, baseOffset: nextOffset) })
        else { return [] }
        var pieces: [JournaledRange] = []
        var end = position
        for range in ranges[first...] where range.position <= end && range.end > end {
            pieces.append(
                JournaledRange(
                    segmentBaseOffset: segmentBaseOffset, position: end, bytes: range.bytes.suffix(range.end - end)))
            end = range.end
        }
        return pieces
    }
}

package struct JournaledBatches: Sendable {
    package struct Partition: Hashable, Sendable {
        package let topicID: Identifier
        package let partition: Int32

        package init(topicID: Identifier, partition: Int32) {
            self.topicID = topicID
            self.partition = partition
        }
    }

    private var ranges: [Partition: [JournaledRange]] = [:]

    package init() {}

    package var isEmpty: Bool { ranges.isEmpty }
    package var partitions: some Collection<Partition> { ranges.keys }

    /// In the order in which they were made durable.
    package subscript(_ partition: Partition) -> [JournaledRange] { ranges[partition] ?? [] }

    // MARK: Reading

    /// Nothing where there is no journal. A record that does not parse was never acknowledged, or is damaged; a gap that it
    /// leaves shows where a log ends before what follows it.
    package static func read(in directory: DataDirectory) throws(StorageError) -> JournaledBatches {
        let path = CommitJournal.path(in: directory)
        do throws(StorageError) {
            return try read(from: File(path, .readOnly, directory.fileSystem))
        } catch {
            if error.code == .notFound { return JournaledBatches() }
            throw StorageError(
                error.code,
                "The commit journal cannot be read, and may have records that are nowhere else: \(error.message) Mend the disk, or "
                    + "move \(path) away and do without them.", errno: error.errno)
        }
    }

    private static func read(from file: File) throws(StorageError) -> JournaledBatches {
        guard let layout = try JournalLayout.read(from: file) else {
            try refuseRecords(in: file)
            return JournaledBatches()
        }
        var records: [Record] = []
        for section in 0..<CommitJournal.sectionCount {
            records += Self.records(
                in: try file.read(count: layout.sectionBytes, at: layout.start(of: section)), layout.generation)
        }
        var found = JournaledBatches()
        for record in records.sorted(by: { $0.sequence < $1.sequence }) {
            for (partition, range) in record.entries { found.ranges[partition, default: []].append(range) }
        }
        return found
    }

    /// A journal that is being made has no header yet, and no records.
    private static func refuseRecords(in file: File) throws(StorageError) {
        let size = try file.size()
        var position: Int64 = 0
        while position < size {
            let head = try file.read(count: 4, at: position)
            if head.count == 4, head.span.bytes.bigEndian(at: 0) == JournalRecord.magic {
                throw StorageError(.corrupt, "both copies of its header are damaged.")
            }
            position += Int64(CommitJournal.blockBytes)
        }
    }

    /// Forgets everything, durably: to be called when the segment files hold it.
    package static func discard(in directory: DataDirectory) throws(StorageError) {
        let file = try File(CommitJournal.path(in: directory), .readWrite, directory.fileSystem)
        // Without a header it holds nothing.
        guard let layout = try JournalLayout.read(from: file) else { return }
        try layout.renewed.write(to: file)
        try file.sync()
    }

    private struct Record {
        let sequence: UInt64
        let entries: [(Partition, JournaledRange)]
        let bytes: Int
    }

    private static func records(in section: [UInt8], _ generation: UInt64) -> [Record] {
        var records: [Record] = []
        var position = 0
        while position < section.count {
            let record = record(in: section, at: position, generation)
            if let record { records.append(record) }
            position += CommitJournal.wholeBlocks(record?.bytes ?? 1)
        }
        return records
    }

    private static func record(in section: [UInt8], at start: Int, _ generation: UInt64) -> Record? {
        let span = section.span.bytes
        guard start + JournalRecord.headBytes <= span.byteCount, span.bigEndian(at: start) == JournalRecord.magic,
            span.bigEndian(at: start + 8) == generation
        else { return nil }
        let count = Int(span.bigEndian(at: start + 24, as: Int32.self))
        guard (JournalRecord.headBytes...span.byteCount - start).contains(count),
            span.bigEndian(at: start + 4) == crc32c(span.extracting(start + 8..<start + count))
        else { return nil }
        // The checksum has said that these are the bytes that were written; the bounds are checked all the same.
        var entries: [(Partition, JournaledRange)] = []
        var position = start + JournalRecord.headBytes
        let end = start + count
        for _ in 0..<span.bigEndian(at: start + 28, as: UInt32.self) {
            guard position + JournalRecord.entryHeadBytes <= end else { return nil }
            let place = Int(span.bigEndian(at: position + 28, as: Int32.self))
            let bytes = Int(span.bigEndian(at: position + 32, as: Int32.self))
            let first = position + JournalRecord.entryHeadBytes
            guard place >= 0, bytes >= 0, bytes <= end - first else { return nil }
            let partition = Partition(
                topicID: Identifier(high: span.bigEndian(at: position), low: span.bigEndian(at: position + 8)),
                partition: span.bigEndian(at: position + 16))
            entries.append(
                (
                    partition,
                    JournaledRange(
                        segmentBaseOffset: span.bigEndian(at: position + 20),
                        position: place,
                        bytes: Array(section[first..<first + bytes])[...])
                ))
            position = first + bytes
        }
        return Record(sequence: span.bigEndian(at: start + 16), entries: entries, bytes: count)
    }
}
