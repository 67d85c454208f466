// Everything that is read from a data directory.

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

/// A directory in memory that every run empties.
private let scratch: String = {
    var template = Array("/dev/shm/martlet-fuzz-XXXXXX".utf8CString)
    guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) != nil else { fatalError("no scratch") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}()
private let fileSystem = PosixFileSystem()
private let name = TopicPartitionName(topic: "fuzz", partition: 0)

private func directory() -> String {
    let path = scratch + "/fuzz-0"
    try? Log.remove(directory: path, fileSystem: fileSystem)
    guard (try? Log.create(directory: path, fileSystem: fileSystem)) != nil else { fatalError("no directory") }
    return path
}

private func write(_ path: String, _ bytes: [UInt8]) {
    guard let file = try? File(path, .replace, fileSystem), (try? file.write(bytes, at: 0)) != nil else {
        fatalError("\(path) was not written")
    }
}

private func open(_ path: String, _ start: LogStart) -> Log? {
    var config = LogConfig()
    config.segmentBytes = 1 << 20
    config.indexIntervalBytes = 200
    return try? Log.open(
        directory: path, name: name, config: config, fileSystem: fileSystem, time: SystemTime(), start: start
    ).log
}

private func makeBatch(_ index: Int) -> [UInt8] {
    var builder = RecordBatchBuilder()
    let value = [UInt8](repeating: UInt8(97 + index % 26), count: 40)
    for record in 0..<3 { builder.append(timestamp: Int64(1_000 + index * 10 + record), key: nil, value: value) }
    guard let batch = try? builder.build() else { fatalError("a batch can be built") }
    return batch
}

private let goodLog: [UInt8] = {
    let path = directory()
    guard let log = open(path, .clean(logStartOffset: nil)) else { fatalError("a new log opens") }
    for index in 0..<40 {
        let batch = makeBatch(index)
        guard let header = try? BatchHeader(parsing: batch.span.bytes),
            (try? log.append(batch.span.bytes, header: header)) != nil
        else { fatalError("a batch is appended") }
    }
    try? log.close()
    let read = try? AtomicFile.read(path: path + "/00000000000000000000.log", fileSystem: fileSystem)
    guard let bytes = read ?? nil else { fatalError("a segment is written") }
    return bytes
}()

/// A good segment with two indexes of any content: every record is found all the same.
func fuzzIndex(_ input: UnsafeRawBufferPointer) {
    guard let first = input.first else { return }
    let segment = goodLog
    let path = directory()
    let bytes = Array(input.dropFirst())
    let split = min(bytes.count, Int(first) * 8)
    write(path + "/00000000000000000000.log", segment)
    write(path + "/00000000000000000000.index", Array(bytes[..<split]))
    write(path + "/00000000000000000000.timeindex", Array(bytes[split...]))
    let start: LogStart =
        first % 2 == 0 ? .clean(logStartOffset: nil) : .unclean(recoveryPoint: 100, logStartOffset: nil)
    guard let log = open(path, start) else { fatalError("an index is no reason not to open") }
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
    let path = directory()
    write(path + "/00000000000000000000.log", Array(input.dropFirst()))
    let recoveryPoint = Int64(first % 4) * 40
    guard let log = open(path, .unclean(recoveryPoint: recoveryPoint, logStartOffset: nil)),
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
    let batch = makeBatch(0)
    guard let header = try? BatchHeader(parsing: batch.span.bytes),
        let appended = try? log.append(batch.span.bytes, header: header)
    else { fatalError("the log takes records") }
    require(appended.baseOffset == end, "at its end")
    guard (try? log.close()) != nil else { fatalError("the log closes") }
}
