// A compacted log beside a plain list of everything that was ever appended to it.

import KafkaRecords
import LogStorage
import TestSupport
import Testing

extension LogFixture: CleanableLog {
    func withLog<Value: Sendable>(
        _ body: (Log) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        try body(log)
    }
}

final class CompactionFixture {
    let base: LogFixture
    /// By offset, from 0 on.
    private(set) var appended: [Record] = []
    private(set) var lastSequences: [Int64: Int32] = [:]
    var cleanedOffset: Int64?
    var cleaner = LogCleaner()
    /// Tombstones may be missing only if a cleaning has seen them and so much time has passed since.
    private var seenAt: [Int64: Int64] = [:]

    var log: Log { base.log }

    init(fileSystem: any FileSystem = PosixFileSystem(), _ configure: (inout LogConfig) -> Void = { _ in }) throws {
        base = try LogFixture(fileSystem: fileSystem) {
            $0.isCompacted = true
            $0.segmentBytes = 600
            $0.indexIntervalBytes = 150
            configure(&$0)
        }
    }

    // MARK: Writing

    struct Item {
        var key: String?
        var value: String?
    }

    func append(
        _ items: [Item], compression: Compression = .none, producerID: Int64 = -1, isTransactional: Bool = false
    ) throws {
        let isIdempotent = producerID >= 0
        let sequence = isIdempotent ? (lastSequences[producerID] ?? -1) + 1 : -1
        var builder = RecordBatchBuilder(
            compression: compression, producerID: producerID, producerEpoch: isIdempotent ? 0 : -1,
            baseSequence: sequence, isTransactional: isTransactional)
        for (index, item) in items.enumerated() {
            let record = Record(
                offset: Int64(appended.count), timestamp: base.clock.wallMilliseconds + Int64(index),
                key: item.key.map { Array($0.utf8) }, value: item.value.map { Array($0.utf8) },
                headers: [RecordHeader(key: "n", value: Array("\(appended.count)".utf8))])
            builder.append(
                timestamp: record.timestamp, key: record.key, value: record.value, headers: record.headers)
            appended.append(record)
        }
        try base.append(try builder.build())
        if isIdempotent { lastSequences[producerID] = sequence + Int32(items.count) - 1 }
    }

    func append(_ key: String, _ value: String?) throws { try append([Item(key: key, value: value)]) }

    /// Ends the active segment.
    func roll() throws { try withLogRolled() }

    private func withLogRolled() throws {
        let milliseconds = log.config.segmentMilliseconds
        log.config.segmentMilliseconds = 0
        _ = try log.rollIfOld()
        log.config.segmentMilliseconds = milliseconds
    }

    @discardableResult func clean() throws -> CleaningReport? {
        let before = try base.records().filter { $0.value == nil }.map(\.offset)
        let report = try cleaner.clean(base, cleanedOffset: cleanedOffset)
        // A batch that is mapped in part gets its horizon for all of its tombstones.
        let seenEnd = report.map { $0.mapWasFull ? Int64.max : $0.cleanedOffset } ?? 0
        for offset in before where offset < seenEnd && seenAt[offset] == nil {
            seenAt[offset] = base.clock.wallMilliseconds
        }
        if let report { cleanedOffset = report.cleanedOffset }
        return report
    }

    func note(_ record: Record) { appended.append(record) }

    // MARK: Checking

    var values: [String] {
        get throws { try base.records().map { "\(text($0.key))=\(text($0.value))" } }
    }

    private func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "-" }

    /// Everything that compaction promises.
    func check(_ sourceLocation: SourceLocation = #_sourceLocation) throws {
        let start = log.logStartOffset
        let found = try base.records().filter { $0.offset >= start }
        #expect(try log.logEndOffset == Int64(appended.count), sourceLocation: sourceLocation)
        let offsets = found.map(\.offset)
        #expect(offsets == offsets.sorted() && Set(offsets).count == offsets.count, sourceLocation: sourceLocation)
        for record in found where record != appended[Int(record.offset)] {
            Issue.record("\(record) is not \(appended[Int(record.offset)])", sourceLocation: sourceLocation)
        }
        try checkKeys(Set(offsets), start, sourceLocation)
        try checkReads(offsets, start, sourceLocation)
    }

    private func checkKeys(_ present: Set<Int64>, _ start: Int64, _ sourceLocation: SourceLocation) throws {
        let clean = isStrict ? cleanedOffset ?? 0 : Int64(appended.count)
        var last: [[UInt8]: Int64] = [:]
        for record in appended where record.offset < clean { if let key = record.key { last[key] = record.offset } }
        let retention = log.config.deleteRetentionMilliseconds
        for record in appended where record.offset >= start {
            let isPresent = present.contains(record.offset)
            if record.offset >= clean {
                #expect(isPresent, "\(record) is behind the cleaned part", sourceLocation: sourceLocation)
                continue
            }
            guard let key = record.key else { continue }
            if last[key] != record.offset {
                if isStrict { #expect(!isPresent, "\(record) was overwritten", sourceLocation: sourceLocation) }
            } else if record.value != nil {
                #expect(isPresent, "\(record) is the last of its key", sourceLocation: sourceLocation)
            } else if !isPresent {
                let seen = seenAt[record.offset]
                #expect(
                    seen.map { $0 + retention <= base.clock.wallMilliseconds } ?? false,
                    "tombstone \(record) has gone too early", sourceLocation: sourceLocation)
            }
        }
    }

    /// False after a cleaning that was cut short: it may have taken away any record that a later one overwrites, or none.
    var isStrict = true

    /// A read from any offset finds the next record that is left.
    private func checkReads(_ offsets: [Int64], _ start: Int64, _ sourceLocation: SourceLocation) throws {
        let end = Int64(appended.count)
        for offset in stride(from: start, to: end, by: max(1, Int(end - start) / 40)) {
            let found = try base.records(from: offset, maxBytes: 400).first { $0.offset >= offset }
            #expect(
                found?.offset == offsets.first { $0 >= offset }, "read from \(offset)", sourceLocation: sourceLocation)
        }
    }

    func checkFiles() throws {
        for name in base.names where name.hasSuffix(".log") {
            #expect(try LogDump.check(path: base.file(name)).isEmpty, "\(name)")
        }
        let leftovers = base.names.filter {
            $0.hasSuffix(".cleaned") || $0.hasSuffix(".swap") || $0.hasSuffix(".deleted")
        }
        #expect(leftovers.isEmpty)
    }
}

extension CompactionFixture {
    /// Headers of all batches, in order.
    func batches() throws -> [BatchHeader] {
        try rawBatches().map { batch in try BatchHeader(parsing: batch.span.bytes) }
    }

    func rawBatches() throws -> [[UInt8]] {
        var batches: [[UInt8]] = []
        var next = log.logStartOffset
        while let location = try log.locate(next, maxBytes: 1 << 20) {
            guard let slice = try location.slice(from: next, maxBytes: 1 << 20, atLeastOneBatch: true) else {
                next = try #require(location.nextSegmentOffset)
                continue
            }
            batches += try base.batches(slice)
            let last = batches[batches.count - 1]
            next = try BatchHeader(parsing: last.span.bytes).nextOffset
        }
        return batches
    }

    /// A sealed segment with one new record.
    func makeDirty(_ key: String) throws {
        try append(key, "1")
        try roll()
    }

    /// What ends a transaction: a control batch, whose record has its version and type as key.
    func appendMarker(producerID: Int64, isCommit: Bool) throws {
        var builder = RecordBatchBuilder(
            producerID: producerID, producerEpoch: 0, isTransactional: true, isControl: true)
        let record = Record(
            offset: Int64(appended.count), timestamp: base.clock.wallMilliseconds, key: [0, 0, 0, isCommit ? 1 : 0],
            value: [0, 0, 0, 0, 0, 0])
        builder.append(timestamp: record.timestamp, key: record.key, value: record.value)
        note(record)
        try base.append(try builder.build())
    }
}
