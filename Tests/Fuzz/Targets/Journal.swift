// The commit journal as a start finds it after a crash, and a log that takes from it.

import Glibc

@testable import KafkaRecords
@testable import LogStorage

private let partition = JournaledBatches.Partition(topicID: Identifier(high: 1, low: 2), partition: 0)
private let dataDirectory: DataDirectory = {
    guard let opened = try? DataDirectory.open(path: ScratchLog.root + "/data", fileSystem: ScratchLog.fileSystem)
    else {
        fatalError("a new data directory opens")
    }
    return opened
}()

/// A journal of records that the input describes, checksums made to fit, and a segment that has lost its end: the log opens, keeps
/// what its file had, serves nothing that does not check, and takes records. Where all ranges are what was written, nothing else is
/// served.
///
/// The first byte says how much of the segment is left.
func fuzzJournal(_ input: UnsafeRawBufferPointer) {
    guard let first = input.first else { return }
    let kept = Array(ScratchLog.good.prefix(ScratchLog.good.count * Int(first) / 255))
    let path = ScratchLog.directory()
    ScratchLog.write(path + "/00000000000000000000.log", kept)
    var image = JournalImage(ArraySlice(input.dropFirst()))
    ScratchLog.write(CommitJournal.path(in: dataDirectory), image.build())
    guard let found = try? JournaledBatches.read(in: dataDirectory) else { fatalError("a journal can be read") }
    guard let log = ScratchLog.open(path, .unclean(recoveryPoint: 0, logStartOffset: nil), journaled: found[partition]),
        let end = try? log.logEndOffset
    else { fatalError("a journal is no reason not to open") }
    require(end >= Int64(wholeBatches(kept) * 3), "nothing that the file had is lost")
    var next: Int64 = 0
    while next < end {
        guard let location = try? log.locate(next, maxBytes: 4_096),
            let slice = try? location.slice(from: next, maxBytes: 4_096, atLeastOneBatch: true),
            let header = slice.withUnsafeBytes({ try? BatchHeader(parsing: $0.bytes) })
        else { fatalError("offset \(next) of \(end) is served") }
        let batch = slice.withUnsafeBytes { Array($0.prefix(header.sizeInBytes)) }
        require(isWhole(batch), "a served batch is whole")
        if image.isTrue { require(isInGoodLog(batch, offset: header.baseOffset), "a served batch was written") }
        next = header.nextOffset
    }
    ScratchLog.requireUsable(log, end: end)
}

private func isWhole(_ batch: [UInt8]) -> Bool {
    do throws(RecordError) {
        try RecordBatch(batch.span.bytes).verifyChecksum()
        return true
    } catch {
        return false
    }
}

/// In the beginning of the good log, whose batches are all of one size.
private func wholeBatches(_ bytes: [UInt8]) -> Int { bytes.count / (ScratchLog.good.count / 40) }

private func isInGoodLog(_ batch: [UInt8], offset: Int64) -> Bool {
    // Three records each, all batches of one size.
    let start = Int(offset / 3) * batch.count
    return start + batch.count <= ScratchLog.good.count && Array(ScratchLog.good[start..<start + batch.count]) == batch
}

/// A journal's file, put together as the input says.
private struct JournalImage {
    private var input: ArraySlice<UInt8>
    /// Whether every range is what the segment had at its place.
    private(set) var isTrue = true
    private let layout = JournalLayout(bytes: CommitJournal.bytesMin)

    init(_ input: ArraySlice<UInt8>) { self.input = input }

    private mutating func byte() -> UInt8 { input.popFirst() ?? 0 }
    private mutating func word() -> Int { Int(byte()) << 8 | Int(byte()) }

    mutating func build() -> [UInt8] {
        var file = layout.encoded + [UInt8](repeating: 0, count: Int(layout.fileBytes) - CommitJournal.blockBytes)
        let blocks = file.count / CommitJournal.blockBytes - 1
        while !input.isEmpty {
            let start = (1 + Int(byte()) % blocks) * CommitJournal.blockBytes
            let record = record(sequence: UInt64(byte()))
            let end = min(start + record.count, file.count)
            file.replaceSubrange(start..<end, with: record[..<(end - start)])
        }
        return file
    }

    private mutating func record(sequence: UInt64) -> [UInt8] {
        var record = [UInt8](repeating: 0, count: JournalRecord.headBytes)
        let entryCount = Int(byte() % 4)
        for _ in 0..<entryCount { record += entry() }
        // A count of entries or bytes that is not true, now and then.
        let lie = byte()
        if lie > 250 { isTrue = false }
        record.storeBigEndian(JournalRecord.magic, at: 0)
        record.storeBigEndian(layout.generation, at: 8)
        record.storeBigEndian(sequence, at: 16)
        record.storeBigEndian(Int32(record.count) - (lie == 255 ? 1 : 0), at: 24)
        record.storeBigEndian(Int32(entryCount) + (lie == 254 ? 1 : 0), at: 28)
        record.storeBigEndian(crc32c(record.span.bytes.extracting(droppingFirst: 8)), at: 4)
        return record
    }

    /// A piece of the segment, for the most part at its own place, and for the most part from the start of a batch to that of another.
    private mutating func entry() -> [UInt8] {
        let batchBytes = ScratchLog.good.count / 40
        let kind = byte()
        var (from, count) = (Int(byte()) % 40 * batchBytes, Int(byte()) % 8 * batchBytes)
        if kind & 1 != 0 { (from, count) = (word() % ScratchLog.good.count, word()) }
        var bytes = Array(ScratchLog.good.dropFirst(from).prefix(count))
        var position = Int32(from)
        var baseOffset: Int64 = 0
        if kind & 1 != 0 || kind & 0xF0 != 0 { isTrue = false }
        if kind & 0x10 != 0 { position = Int32(truncatingIfNeeded: word() << 16 | word()) }
        if kind & 0x20 != 0 { baseOffset = Int64(Int8(bitPattern: byte())) }
        if kind & 0x40 != 0, !bytes.isEmpty { bytes[word() % bytes.count] = byte() }
        if kind & 0x80 != 0, bytes.count >= BatchLayout.headerSize {
            bytes.storeBigEndian(Int64(word()), at: BatchLayout.baseOffset)
        }
        var entry = [UInt8](repeating: 0, count: JournalRecord.entryHeadBytes)
        entry.storeBigEndian(partition.topicID.high, at: 0)
        entry.storeBigEndian(partition.topicID.low, at: 8)
        entry.storeBigEndian(Int32(kind & 2), at: 16)
        entry.storeBigEndian(baseOffset, at: 20)
        entry.storeBigEndian(position, at: 28)
        entry.storeBigEndian(Int32(bytes.count), at: 32)
        return entry + bytes
    }
}
