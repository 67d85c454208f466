// Everything that is read from a data directory, but for the commit journal.

import Glibc

@testable import KafkaProtocol
@testable import KafkaRecords
@testable import LogStorage

/// The first byte says which kind of file or record; checksums are made to fit.
func fuzzFiles(_ input: UnsafeRawBufferPointer) {
    guard let first = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch first % 7 {
    case 0:
        if let offsets = OffsetCheckpoint.decode(bytes) {
            require(OffsetCheckpoint.decode(offsets.encoded) == offsets, "a checkpoint is written as it was read")
        }
    case 1:
        if let epochs = LeaderEpochs.decode(bytes) {
            require(LeaderEpochs.decode(epochs.encoded) == epochs, "epochs are written as they were read")
            for epoch in [-1, 0, 1, .max] as [Int32] { _ = epochs.endOffset(for: epoch, logEndOffset: .max) }
        }
    case 2: _ = MetaProperties.decode(bytes)
    case 3: fuzzSnapshot(bytes)
    case 4:
        let body = bytes + (bytes.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")])
        let sum = "crc32c \(String(crc32c(body.span.bytes), radix: 16))\n"
        if let catalogue = TopicCatalogue(decoding: body + Array(sum.utf8)) {
            require(TopicCatalogue(decoding: catalogue.encoded()) == catalogue, "a catalogue survives")
        }
    default:
        let split = bytes.isEmpty ? 0 : Int(bytes[0]) % bytes.count
        let value = first % 7 == 5 ? nil : Array(bytes.dropFirst(split))
        if let record = try? GroupRecord(key: Array(bytes.prefix(split)), value: value) {
            let (key, value) = record.encoded()
            require((try? GroupRecord(key: key, value: value)) == record, "a group's record survives")
        }
    }
}

private func fuzzSnapshot(_ bytes: [UInt8]) {
    _ = ProducerSnapshot.decode(bytes)
    guard bytes.count >= ProducerSnapshot.countPosition else { return }
    var fitted = bytes
    let sum = crc32c(fitted.span.bytes.extracting(droppingFirst: ProducerSnapshot.countPosition))
    for index in 0..<4 {
        fitted[ProducerSnapshot.crcPosition + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * index))
    }
    if let states = ProducerSnapshot.decode(fitted) {
        require(ProducerSnapshot.decode(ProducerSnapshot.encode(states)) != nil, "a snapshot survives")
    }
}

// MARK: Logs

/// A good segment with two indexes of any content: every record is found all the same.
func fuzzIndex(_ input: UnsafeRawBufferPointer) {
    guard let first = input.first else { return }
    let segment = ScratchLog.good
    let path = ScratchLog.directory()
    let bytes = Array(input.dropFirst())
    let split = min(bytes.count, Int(first) * 8)
    ScratchLog.write(path + "/00000000000000000000.log", segment)
    ScratchLog.write(path + "/00000000000000000000.index", Array(bytes[..<split]))
    ScratchLog.write(path + "/00000000000000000000.timeindex", Array(bytes[split...]))
    let start: LogStart =
        first % 2 == 0 ? .clean(logStartOffset: nil) : .unclean(recoveryPoint: 100, logStartOffset: nil)
    guard let log = ScratchLog.open(path, start) else { fatalError("an index is no reason not to open") }
    require((try? log.logEndOffset) == 120, "the end is where it was")
    for offset in 0..<120 as Range<Int64> {
        let location = try? log.locate(offset, maxBytes: 1)
        let slice = try? location?.slice(from: offset, maxBytes: 1, atLeastOneBatch: true)
        let header = slice?.withUnsafeBytes { try? BatchHeader(parsing: $0.bytes) }
        require(header?.baseOffset == offset / 3 * 3, "offset \(offset) is found")
        let time = try? log.offset(forTimestamp: 1_000 + offset / 3 * 10 + offset % 3)
        require(time?.offset == offset, "offset \(offset) is found by its time")
    }
}

/// A segment of any content, found after a crash: the log opens, reads to its end, and takes records.
func fuzzLog(_ input: UnsafeRawBufferPointer) {
    guard let first = input.first else { return }
    let path = ScratchLog.directory()
    ScratchLog.write(path + "/00000000000000000000.log", Array(input.dropFirst()))
    let recoveryPoint = Int64(first % 4) * 40
    guard let log = ScratchLog.open(path, .unclean(recoveryPoint: recoveryPoint, logStartOffset: nil)),
        let end = try? log.logEndOffset
    else { fatalError("a damaged segment is no reason not to open") }
    require(end >= recoveryPoint, "offsets that were flushed are not given out again")
    var next: Int64 = 0
    var failures = 0
    while let location = try? log.locate(next, maxBytes: 4_096) {
        let slice = try? location.slice(from: next, maxBytes: 4_096, atLeastOneBatch: true)
        let last = slice?.withUnsafeBytes { try? BatchHeader(parsing: $0.bytes) }?.nextOffset
        let following = last ?? location.nextSegmentOffset ?? next + 1
        require(following > next, "reading gets on")
        next = following
        if last == nil { failures += 1 }
        if failures > 50 { break }
    }
    _ = try? log.offset(forTimestamp: 0)
    _ = try? log.maxTimestampOffset()
    ScratchLog.requireUsable(log, end: end)
}
