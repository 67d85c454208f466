// martlet bench consume: how fast a broker hands out what it has.

import ArgumentParser
import KafkaClient
import LogStorage

struct BenchConsumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consume", abstract: "Read a topic from its beginning to its end, and check every batch.")

    @Argument(help: "The topic's name.")
    var topic: String

    @Option(name: .shortAndLong, help: "Consumers, each reading the whole topic on a connection of its own.")
    var consumers: Int = 1

    @Option(help: ArgumentHelp("Most bytes of one partition in an answer.", valueName: "bytes"))
    var fetchBytes: Int = 1 << 20

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1_000).contains(consumers) else { throw ValidationError("--consumers is from 1 to 1000.") }
        guard (1...256 << 20).contains(fetchBytes) else {
            throw ValidationError("--fetch-bytes is from 1 to 268435456.")
        }
    }

    func run() async throws {
        let start = SystemTime().monotonicNanoseconds
        let (records, bytes) = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for _ in 0..<consumers { group.addTask { try await read() } }
            return try await group.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        }
        let seconds = Double(SystemTime().monotonicNanoseconds - start) / 1e9
        LoadReport(name: "consume", records: records, bytes: bytes, seconds: seconds).print(output)
    }

    /// Records and bytes of keys and values.
    private func read() async throws -> (Int, Int) {
        let (metadata, connection) = try await client.connect().leader(of: topic)
        var settings = ConsumerSettings()
        settings.partitionMaxBytes = fetchBytes
        settings.maxBytes = max(settings.maxBytes, fetchBytes)
        let consumer = try await KafkaConsumer.open(topic: metadata, connection: connection, settings: settings)
        var (records, bytes) = (0, 0)
        while let fetched = try await consumer.fetch() {
            try fetched.visitRecords { record in
                records += 1
                bytes += (record.key?.byteCount ?? 0) + (record.value?.byteCount ?? 0)
                return true
            }
        }
        await connection.close()
        return (records, bytes)
    }
}
