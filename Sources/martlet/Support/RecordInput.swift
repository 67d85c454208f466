// RecordInput: the lines of a file or of the standard input, as records for a producer.
//
// Not part of the asynchronous command: views of borrowed memory must not live across a suspension.
// Threads: used by one task at a time; reading blocks.

import KafkaClient
import KafkaRecords
import LogStorage

final class RecordInput {
    /// The broker would not take longer ones; and a file without newlines must not fill the memory.
    static let lineMaxBytes = 256 << 20

    private let reader: BlockReader
    private let parser: LineParser
    private var splitter = LineSplitter()
    private(set) var readBytes = 0

    init(_ reader: BlockReader, _ parser: LineParser) {
        self.reader = reader
        self.parser = parser
    }

    func isReady(withinMilliseconds milliseconds: Int) -> Bool { reader.isReady(withinMilliseconds: milliseconds) }

    /// Appends the lines of the next block; at the end the last line, if no newline follows it.
    ///
    /// - Returns: false at the end.
    func appendNextBlock(to producer: KafkaProducer) throws -> Bool {
        let count = try reader.readBlock()
        let now = SystemTime().wallMilliseconds
        guard count > 0 else {
            try splitter.finish { (line) throws(ClientError) in
                try parser.append(line, to: producer, timestamp: now)
            }
            return false
        }
        readBytes += count
        try reader.withBlock { (block) throws(ClientError) in
            try splitter.feed(block) { (line) throws(ClientError) in
                try parser.append(line, to: producer, timestamp: now)
            }
        }
        guard splitter.carriedBytes <= Self.lineMaxBytes else {
            throw CommandFailure("a line is longer than \(Self.lineMaxBytes) bytes")
        }
        return true
    }
}

/// Makes a record of a line.
struct LineParser {
    private let separator: [UInt8]?
    private let headers: [RecordHeader]
    private let partition: Int32?
    private let emptyAsNull: Bool

    init(_ command: ProduceCommand) throws(CommandFailure) {
        separator = if let text = command.keySeparator { try Escapes.bytes(text) } else { nil }
        headers = command.header.compactMap(KeyValue.init).map {
            RecordHeader(key: $0.key, value: Array($0.value.utf8))
        }
        partition = command.partition
        emptyAsNull = command.emptyAsNull
    }

    func append(_ line: RawSpan, to producer: KafkaProducer, timestamp: Int64) throws(ClientError) {
        guard let separator, let found = firstRange(of: separator, in: line) else {
            let value: RawSpan? = emptyAsNull && line.byteCount == 0 ? nil : line
            return try producer.append(
                timestamp: timestamp, key: nil, value: value, headers: headers, partition: partition)
        }
        let key: RawSpan? = emptyAsNull && found.isEmptyBefore ? nil : line.extracting(0..<found.lowerBound)
        let rest = line.extracting(droppingFirst: found.upperBound)
        let value: RawSpan? = emptyAsNull && rest.byteCount == 0 ? nil : rest
        try producer.append(timestamp: timestamp, key: key, value: value, headers: headers, partition: partition)
    }
}

extension Range<Int> {
    /// Whether nothing stands before the range.
    fileprivate var isEmptyBefore: Bool { lowerBound == 0 }
}
