// martlet log dump: prints what stands in segment and index files.

import ArgumentParser
import KafkaRecords
import LogStorage

struct LogDumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Print the batches of segments and the entries of indexes.",
        discussion: "Give .log, .index and .timeindex files, or a partition's directory for all its segments.")

    @Argument(help: "Files, or directories of partitions.")
    var paths: [String]

    @Flag(name: .shortAndLong, help: "Print the records of each batch too.")
    var records = false

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        for file in try LogFiles.find(paths, kinds: [.log]) {
            switch file.kind {
            case .log: try dumpSegment(file.path)
            case .offsetIndex: try dumpOffsetIndex(file.path)
            case .timeIndex: try dumpTimeIndex(file.path)
            case .producerSnapshot: throw CommandFailure("\(file.path): snapshots of producers are not read")
            }
        }
    }

    private func dumpSegment(_ path: String) throws {
        if !json { StandardOutput.print(path) }
        var dump = SegmentDump(json: json, file: records ? try File(path, .readOnly, PosixFileSystem()) : nil)
        try LogDump.segment(path: path) { entry in
            dump.add(entry, path: path)
            return true
        }
        dump.flush()
    }

    private func dumpOffsetIndex(_ path: String) throws {
        let entries = try LogDump.offsetIndex(path: path)
        if json {
            return printLines(entries) { entry, json in
                json.field("file", path)
                json.field("offset", entry.offset)
                json.field("position", entry.position)
            }
        }
        StandardOutput.print(path)
        var table = TextTable(["OFFSET", "POSITION"])
        for entry in entries { table.add(["\(entry.offset)", "\(entry.position)"]) }
        StandardOutput.write(Array(table.text.utf8))
    }

    private func dumpTimeIndex(_ path: String) throws {
        let entries = try LogDump.timeIndex(path: path)
        if json {
            return printLines(entries) { entry, json in
                json.field("file", path)
                json.field("timestamp", entry.timestamp)
                json.field("offset", entry.offset)
            }
        }
        StandardOutput.print(path)
        var table = TextTable(["TIMESTAMP", "TIME", "OFFSET"])
        for entry in entries {
            table.add(["\(entry.timestamp)", TimestampText.format(entry.timestamp), "\(entry.offset)"])
        }
        StandardOutput.write(Array(table.text.utf8))
    }

    private func printLines<Entry>(_ entries: [Entry], _ write: (Entry, inout JSONText) -> Void) {
        var text = JSONText()
        for entry in entries {
            text.object { write(entry, &$0) }
            text.newLine()
        }
        StandardOutput.write(text.bytes)
    }
}

/// The text of a segment's entries, written in large pieces.
struct SegmentDump {
    private let isJSON: Bool
    /// Where records are read from; nil if they are not wanted.
    private let file: File?
    private var text = ""
    private var json = JSONText()

    /// Largest uncompressed payload that is looked into.
    private static let decompressedLimitBytes = 1 << 30

    init(json: Bool, file: File?) {
        isJSON = json
        self.file = file
    }

    mutating func add(_ entry: LogDump.SegmentEntry, path: String) {
        if isJSON { addJSON(entry, path) } else { addText(entry) }
        if text.utf8.count + json.bytes.count > 64 << 10 { flush() }
    }

    mutating func flush() {
        StandardOutput.write(isJSON ? json.bytes : Array(text.utf8))
        text = ""
        json.removeAll()
    }

    private mutating func addText(_ entry: LogDump.SegmentEntry) {
        switch entry {
        case .batch(let header, let position, let problem):
            text += Self.line(header, position, problem) + "\n"
            addRecords(header, position)
        case .preallocated(let position, let count): text += "position \(position): \(count) preallocated bytes\n"
        case .damage(let position, let count, let reason):
            text += "position \(position): DAMAGE, \(count) bytes are no batch: \(reason)\n"
        }
    }

    static func line(_ header: BatchHeader, _ position: Int, _ problem: String?) -> String {
        var line =
            "offsets \(header.baseOffset)..\(header.lastOffset)  position \(position)  bytes \(header.sizeInBytes)"
            + "  records \(header.recordCount)  codec \(header.compression?.name ?? "unknown")"
            + "  \(header.timestampType == .createTime ? "created" : "appended") \(TimestampText.format(header.maxTimestamp))"
            + "  epoch \(header.partitionLeaderEpoch)"
        if header.producerID >= 0 {
            line += "  producer \(header.producerID)/\(header.producerEpoch) sequence \(header.baseSequence)"
        }
        if header.isTransactional { line += "  transactional" }
        if header.isControl { line += "  control" }
        return line + (problem.map { "  DAMAGE: \($0)" } ?? "")
    }

    private mutating func addRecords(_ header: BatchHeader, _ position: Int) {
        guard let file else { return }
        do {
            for record in try Self.read(header, position, file) {
                text += "  \(record.offset)  \(TimestampText.format(record.timestamp))  \(Self.shown(record.key))"
                text += "  \(Self.shown(record.value))"
                for header in record.headers { text += "  \(header.key)=\(Self.shown(header.value))" }
                text += "\n"
            }
        } catch {
            text += "  DAMAGE: \(error)\n"
        }
    }

    private static func read(_ header: BatchHeader, _ position: Int, _ file: File) throws -> [Record] {
        let bytes = try file.read(count: header.sizeInBytes, at: Int64(position))
        return try RecordBatch(bytes.span.bytes).records(decompressedLimitBytes: decompressedLimitBytes)
    }

    /// Quoted and escaped, so that a record stays on its line.
    private static func shown(_ bytes: [UInt8]?) -> String {
        guard let bytes else { return "null" }
        guard let string = String(validating: bytes, as: UTF8.self) else {
            return "base64:" + bytes.withUnsafeBufferPointer { base64($0) }
        }
        var json = JSONText()
        json.string(string)
        return json.text
    }

    private mutating func addJSON(_ entry: LogDump.SegmentEntry, _ path: String) {
        var records: [Record] = []
        var problem: String?
        if case .batch(let header, let position, let found) = entry {
            problem = found
            if let file {
                do { records = try Self.read(header, position, file) } catch { problem = problem ?? "\(error)" }
            }
        }
        let hasRecords = file != nil
        json.object { json in
            json.field("file", path)
            switch entry {
            case .batch(let header, let position, _):
                Self.write(header, position, problem, &json)
                guard hasRecords else { return }
                json.name("records")
                json.array(records) { record, json in Self.write(record, &json) }
            case .preallocated(let position, let count):
                json.field("position", position)
                json.field("preallocated_bytes", count)
            case .damage(let position, let count, let reason):
                json.field("position", position)
                json.field("bytes", count)
                json.field("damage", reason)
            }
        }
        json.newLine()
    }

    private static func write(_ header: BatchHeader, _ position: Int, _ problem: String?, _ json: inout JSONText) {
        json.field("position", position)
        json.field("bytes", header.sizeInBytes)
        json.field("base_offset", header.baseOffset)
        json.field("last_offset", header.lastOffset)
        json.field("record_count", header.recordCount)
        json.field("compression", header.compression?.name)
        json.field("timestamp_type", header.timestampType == .createTime ? "create_time" : "log_append_time")
        json.field("base_timestamp", header.baseTimestamp)
        json.field("max_timestamp", header.maxTimestamp)
        json.field("leader_epoch", header.partitionLeaderEpoch)
        json.field("producer_id", header.producerID)
        json.field("producer_epoch", header.producerEpoch)
        json.field("base_sequence", header.baseSequence)
        json.field("transactional", header.isTransactional)
        json.field("control", header.isControl)
        json.field("crc", header.crc)
        json.field("damage", problem)
    }

    private static func write(_ record: Record, _ json: inout JSONText) {
        json.object { json in
            json.field("offset", record.offset)
            json.field("timestamp", record.timestamp)
            write(record.key, "key", "key_base64", &json)
            write(record.value, "value", "value_base64", &json)
            json.name("headers")
            json.array(record.headers) { header, json in
                json.object { json in
                    json.field("key", header.key)
                    write(header.value, "value", "value_base64", &json)
                }
            }
        }
    }

    private static func write(
        _ bytes: [UInt8]?, _ name: StaticString, _ base64Name: StaticString, _ json: inout JSONText
    ) {
        guard let bytes, String(validating: bytes, as: UTF8.self) == nil else {
            return json.field(name, bytes.map { String(decoding: $0, as: UTF8.self) })
        }
        json.field(base64Name, bytes.withUnsafeBufferPointer { base64($0) })
    }
}
