// A log in a temporary directory, with everything a test wants to do to it.

import Glibc
import KafkaRecords
import LogStorage
import TestSupport
import Testing

final class LogFixture {
    let root: TemporaryDirectory
    let clock = ManualClock()
    let fileSystem: any FileSystem
    var pool: HandlePool
    var config = LogConfig()
    var start = LogStart.clean(logStartOffset: nil)
    let name: TopicPartitionName
    private(set) var log: Log!
    private(set) var report = RecoveryReport()

    var path: String { root.path + "/" + name.directoryName }

    init(
        root: TemporaryDirectory = TemporaryDirectory(), fileSystem: any FileSystem = PosixFileSystem(),
        pool: HandlePool = .unlimited, partition: Int32 = 0,
        _ configure: (inout LogConfig) -> Void = { _ in }
    ) throws {
        self.root = root
        self.fileSystem = fileSystem
        self.pool = pool
        name = TopicPartitionName(topic: "orders", partition: partition)
        configure(&config)
        try Log.create(directory: path, fileSystem: fileSystem)
        try reopen(.clean(logStartOffset: nil))
    }

    /// Opens again, whatever happened to the files meanwhile. Without `close` before it, this is a killed process.
    func reopen(_ start: LogStart, journaled: [JournaledRange] = []) throws {
        log = nil
        (log, report) = try Log.open(
            directory: path, name: name, config: config, fileSystem: fileSystem, time: clock, start: start,
            journaled: journaled, pool: pool)
    }

    func closeAndReopen() throws {
        try log.close()
        try reopen(.clean(logStartOffset: nil))
    }

    @discardableResult func append(_ bytes: [UInt8]) throws -> AppendedBatch {
        try log.append(bytes.span.bytes, header: try BatchHeader(parsing: bytes.span.bytes))
    }

    @discardableResult func append(_ values: String..., at timestamp: Int64 = BatchFixtures.epochMilliseconds) throws
        -> AppendedBatch
    {
        try append(BatchFixtures.batch(values: values, timestamp: timestamp))
    }

    func flush() throws {
        guard let target = log.beginFlush() else { return }
        try target.sync()
        log.completeFlush(target)
    }

    /// Every record from an offset to the end, read the way a consumer does.
    func records(from offset: Int64? = nil, maxBytes: Int = 1 << 20) throws -> [Record] {
        var next = offset ?? log.logStartOffset
        var records: [Record] = []
        while let location = try log.locate(next, maxBytes: maxBytes) {
            guard let slice = try location.slice(from: next, maxBytes: maxBytes, atLeastOneBatch: true) else {
                next = try #require(location.nextSegmentOffset)
                continue
            }
            for batch in try batches(slice) {
                try RecordBatch(batch.span.bytes).verifyChecksum()
                records += try BatchFixtures.records(in: batch)
                next = try BatchHeader(parsing: batch.span.bytes).nextOffset
            }
        }
        return records
    }

    func values(from offset: Int64? = nil) throws -> [String] {
        try records(from: offset).map { String(decoding: $0.value ?? [], as: UTF8.self) }
    }

    func batches(_ slice: LogSlice) throws -> [[UInt8]] {
        let bytes = slice.withUnsafeBytes { [UInt8]($0) }
        var batches: [[UInt8]] = []
        var position = 0
        while position < bytes.count {
            let size = try BatchHeader(parsing: bytes.span.bytes, at: position).sizeInBytes
            batches.append([UInt8](bytes[position..<position + size]))
            position += size
        }
        return batches
    }

    func file(_ name: String) -> String { path + "/" + name }

    func read(_ name: String) throws -> [UInt8]? {
        try AtomicFile.read(path: file(name), fileSystem: PosixFileSystem())
    }

    func overwrite(_ name: String, _ bytes: [UInt8]) throws {
        try AtomicFile.replace(path: file(name), with: bytes, fileSystem: PosixFileSystem())
    }

    /// Names in the partition's directory, sorted.
    var names: [String] { PosixFileSystem().list(path).names.sorted() }
}

func segmentName(_ offset: Int64, _ suffix: String = ".log") -> String {
    let digits = String(offset)
    return String(repeating: "0", count: 20 - digits.count) + digits + suffix
}
