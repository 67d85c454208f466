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
        let input = RecordInput(try BlockReader(path: file), try LineParser(self))
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
        try await send(input, to: producer)
        await connection.close()
    }

    private func send(_ input: RecordInput, to producer: KafkaProducer) async throws {
        var progress = ProgressLine(isShown: !quiet && StandardError.isTerminal)
        while true {
            // Reading blocks this thread; the connection has threads of its own.
            if !input.isReady(withinMilliseconds: linger) { try await producer.flush() }
            guard try input.appendNextBlock(to: producer) else { break }
            if producer.needsSending { try await producer.sendReady() }
            progress.update(records: producer.acknowledgedRecords, bytes: input.readBytes)
        }
        try await producer.flush()
        progress.clear()
        report(producer, progress, input.readBytes)
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
