// martlet consume: prints the records of a topic, to its end or on and on.

import ArgumentParser
import KafkaClient

struct ConsumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consume", abstract: "Read records of a topic, alone or as a member of a group.",
        discussion: """
            Stops where the topic ended when the command started, unless --follow is given. Order is kept within a partition.

            With --group it joins as a member (classic protocol, range assignor), reads the partitions that it is given from \
            where the group has committed, and commits what it has printed every 5 s and at the end: each record is printed \
            at least once. A partition without a committed offset starts with the oldest record, or with --from-end at the \
            end. Ctrl-C commits, leaves the group and ends.

            In --format: %t topic, %p partition, %o offset, %T timestamp (milliseconds), %D timestamp (ISO 8601, UTC), \
            %k key, %K its length, %v or %s value, %V or %S its length (-1 for null), %h headers (a=1,b=2), %% percent; \
            \\n, \\t, \\r, \\0, \\\\ and \\xHH.
            """)

    @Argument(help: "The topic's name.")
    var topic: String

    @Flag(help: "Start with the oldest record (the default).")
    var fromBeginning = false

    @Option(help: "Start with this offset.")
    var offset: Int64?

    @Flag(help: "Start with what is written from now on; implies --follow.")
    var fromEnd = false

    @Option(
        help: ArgumentHelp(
            "Start with the first record at or after this time: milliseconds since 1970, or ISO 8601 (UTC unless it has a zone).",
            valueName: "time"))
    var timestamp: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Read as a member of this group.", valueName: "group"))
    var group: String?

    @Option(name: .shortAndLong, help: "Read this partition only; may be repeated.")
    var partition: [Int32] = []

    @Option(name: [.customShort("c"), .long], help: "Stop after so many records.")
    var count: Int?

    @Flag(help: "Wait for new records at the end.")
    var follow = false

    @Option(name: .shortAndLong, help: "How to print a record.")
    var format: String?

    @Flag(name: .shortAndLong, help: "Print partition, offset, time, key, headers and value, separated by tabs.")
    var verbose = false

    @Flag(help: "Print one JSON object a line; bytes that are no UTF-8 as Base64 in key_base64, value_base64.")
    var json = false

    @OptionGroup var client: ClientOptions

    static let defaultFormat = "%v\\n"
    static let verboseFormat = "%p\\t%o\\t%D\\t%k\\t%h\\t%v\\n"

    func validate() throws {
        let starts = [fromBeginning, offset != nil, fromEnd, timestamp != nil].count { $0 }
        if starts > 1 {
            throw ValidationError("Give only one of --from-beginning, --offset, --from-end and --timestamp.")
        }
        if [format != nil, json, verbose].count(where: { $0 }) > 1 {
            throw ValidationError("Give only one of --format, --verbose and --json.")
        }
        if let group {
            if group.isEmpty { throw ValidationError("--group is empty.") }
            if offset != nil || timestamp != nil || !partition.isEmpty {
                throw ValidationError(
                    "--offset, --timestamp and --partition do not go with --group: it reads on from its committed offsets "
                        + "(`martlet group reset-offsets` moves them), in the partitions that it is given.")
            }
        }
        if let offset, offset < 0 { throw ValidationError("--offset is not negative.") }
        if let count, count < 1 { throw ValidationError("--count is at least 1.") }
        if let wrong = partition.first(where: { $0 < 0 }) { throw ValidationError("--partition \(wrong) is negative.") }
        if let timestamp, TimestampText.parse(timestamp) == nil {
            throw ValidationError(
                "--timestamp \(timestamp): write milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z.")
        }
        do { _ = try RecordFormat(effectiveFormat) } catch { throw ValidationError(error.message) }
    }

    var effectiveFormat: String { format ?? (verbose ? Self.verboseFormat : Self.defaultFormat) }

    var start: StartPosition {
        if let offset { return .offset(offset) }
        if let timestamp, let milliseconds = TimestampText.parse(timestamp) { return .timestamp(milliseconds) }
        return fromEnd ? .end : .beginning
    }

    var follows: Bool { follow || fromEnd }

    func run() async throws {
        if let group { return try await read(asMemberOf: group) }
        let cluster = try await client.connect()
        let (metadata, connection) = try await cluster.leader(of: topic)
        var settings = ConsumerSettings()
        settings.follow = follows
        let consumer = try await KafkaConsumer.open(
            topic: metadata, connection: connection,
            partitions: partition.isEmpty ? nil : Array(Set(partition)).sorted(), start: start, settings: settings)
        try await print(consumer)
        await connection.close()
    }

    private func print(_ consumer: KafkaConsumer) async throws {
        var printer = RecordPrinter(topic: topic, format: json ? nil : try RecordFormat(effectiveFormat))
        var left = count ?? .max
        while left > 0, let fetched = try await consumer.fetch() {
            do throws(ClientError) {
                try fetched.visitRecords { record in
                    printer.add(record)
                    left -= 1
                    return left > 0
                }
            } catch {
                // What was read before the damage is good.
                printer.flush()
                throw error
            }
            printer.flush()
        }
    }
}

/// Collects the text of records and writes it in large pieces.
struct RecordPrinter {
    private let topic: [UInt8]
    private let name: String
    /// nil is JSON lines.
    private let format: RecordFormat?
    private var bytes: [UInt8] = []
    private var json = JSONText()
    private let write: ([UInt8]) -> Void
    private static let pieceBytes = 256 << 10

    init(topic: String, format: RecordFormat?, write: @escaping ([UInt8]) -> Void = StandardOutput.write) {
        self.topic = Array(topic.utf8)
        name = topic
        self.format = format
        self.write = write
    }

    mutating func add(_ record: RecordView) {
        if let format {
            format.append(record, topic: topic, to: &bytes)
            if bytes.count >= Self.pieceBytes { flush() }
        } else {
            RecordJSON.write(record, topic: name, to: &json)
            if json.bytes.count >= Self.pieceBytes { flush() }
        }
    }

    mutating func flush() {
        if !bytes.isEmpty { write(bytes) }
        if !json.bytes.isEmpty { write(json.bytes) }
        bytes.removeAll(keepingCapacity: true)
        json.removeAll()
    }
}
