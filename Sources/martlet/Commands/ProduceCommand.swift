// martlet produce: lines of a file or of the standard input become records.
//
// The input is read in large blocks; a line's bytes are copied once, into its batch. The loop waits only when too many
// requests are in flight. When the input pauses, what there is of it is sent after a short wait.

import ArgumentParser
import KafkaClient
import KafkaRecords
import LogStorage

struct ProduceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "produce", abstract: "Write lines to a topic, one record a line.",
        discussion: """
            A topic that does not exist is created if the broker allows that (auto.create.topics.enable).
            With a key separator, a line without it is a record without a key.
            """)

    @Argument(help: "The topic's name.")
    var topic: String

    @Option(name: .shortAndLong, help: "Read this file instead of the standard input.")
    var file: String?

    @Option(
        name: [.customShort("K"), .long],
        help: ArgumentHelp("What stands between key and value; \\t, \\n and \\xHH are understood.", valueName: "text"))
    var keySeparator: String?

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("A header of every record; may be repeated.", valueName: "key=value"))
    var header: [String] = []

    @Option(name: .shortAndLong, help: "Write to this partition instead of spreading records by key.")
    var partition: Int32?

    @Option(
        name: [.customShort("z"), .long],
        help: ArgumentHelp("none, gzip, snappy, lz4 or zstd.", valueName: "codec"))
    var codec: String = "none"

    @Option(help: "all: acknowledged when durable; 1: when in the page cache; 0: never.")
    var acks: String = "all"

    @Option(help: ArgumentHelp("How large a batch may become before it is compressed.", valueName: "bytes"))
    var batchBytes: Int = 512 << 10

    @Option(help: ArgumentHelp("How long to wait for more lines before sending.", valueName: "milliseconds"))
    var linger: Int = 5

    @Flag(help: "Make empty keys and values null (an empty value is then a tombstone).")
    var emptyAsNull = false

    @Flag(name: .shortAndLong, help: "Print no progress and no summary.")
    var quiet = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    /// The broker would not take longer ones; and a file without newlines must not fill the memory.
    static let lineMaxBytes = 256 << 20

    func validate() throws {
        if Compression(name: codec) == nil { throw ValidationError("--codec is none, gzip, snappy, lz4 or zstd.") }
        if acksValue == nil { throw ValidationError("--acks is all, 1 or 0.") }
        if let partition, partition < 0 { throw ValidationError("--partition is not negative.") }
        guard (1 << 10...256 << 20).contains(batchBytes) else {
            throw ValidationError("--batch-bytes is from 1024 to 268435456.")
        }
        guard (0...60_000).contains(linger) else { throw ValidationError("--linger is from 0 to 60000.") }
        if let wrong = header.first(where: { KeyValue($0) == nil }) {
            throw ValidationError("--header \(wrong): write it as key=value.")
        }
        if let keySeparator {
            do {
                if try Escapes.bytes(keySeparator).isEmpty { throw ValidationError("--key-separator is empty.") }
            } catch let error as CommandFailure { throw ValidationError(error.message) }
        }
    }

    var acksValue: Int16? {
        switch acks {
        case "all", "-1": -1
        case "1": 1
        case "0": 0
        default: nil
        }
    }

    func run() async throws {
        let input = try BlockReader(path: file)
        let cluster = try await client.connect()
        let (metadata, connection) = try await cluster.leader(of: topic, createIfMissing: true)
        if let partition, !metadata.partitions.contains(partition) {
            throw CommandFailure(
                "topic \"\(topic)\" has no partition \(partition): it has \(metadata.partitions.count), from 0 on")
        }
        var settings = ProducerSettings()
        settings.acks = acksValue ?? -1
        settings.compression = Compression(name: codec) ?? .none
        settings.batchMaxBytes = batchBytes
        settings.requestMaxBytes = max(settings.requestMaxBytes, batchBytes)
        let producer = KafkaProducer(topic: metadata, connection: connection, settings: settings)
        try await send(input, to: producer, LineParser(self))
        await connection.close()
    }

    private func send(_ input: BlockReader, to producer: KafkaProducer, _ parser: LineParser) async throws {
        var progress = ProgressLine(isShown: !quiet && StandardError.isTerminal)
        var splitter = LineSplitter()
        var bytes = 0
        while true {
            // Reading blocks this thread; the connection has threads of its own.
            if !input.isReady(withinMilliseconds: linger) { try await producer.flush() }
            let count = try input.readBlock()
            if count == 0 { break }
            bytes += count
            let now = SystemTime().wallMilliseconds
            try input.withBlock { (block) throws(ClientError) in
                try splitter.feed(block) { (line) throws(ClientError) in
                    try parser.append(line, to: producer, timestamp: now)
                }
            }
            guard splitter.carriedBytes <= Self.lineMaxBytes else {
                throw CommandFailure("a line is longer than \(Self.lineMaxBytes) bytes")
            }
            if producer.needsSending { try await producer.sendReady() }
            progress.update(records: producer.acknowledgedRecords, bytes: bytes)
        }
        let now = SystemTime().wallMilliseconds
        try splitter.finish { (line) throws(ClientError) in
            try parser.append(line, to: producer, timestamp: now)
        }
        try await producer.flush()
        progress.clear()
        report(producer, progress, bytes)
    }

    private func report(_ producer: KafkaProducer, _ progress: ProgressLine, _ bytes: Int) {
        if output.json {
            output.print { json in
                json.object { json in
                    json.field("topic", topic)
                    json.field("records", producer.acknowledgedRecords)
                    json.field("input_bytes", bytes)
                    json.field("batch_bytes", producer.acknowledgedBytes)
                    json.field("milliseconds", Int(progress.elapsedSeconds * 1000))
                }
            }
        } else if !quiet {
            StandardError.print(progress.summary("produced", records: producer.acknowledgedRecords, bytes: bytes))
        }
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
