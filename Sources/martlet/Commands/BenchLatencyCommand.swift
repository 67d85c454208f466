// martlet bench latency: from when a record is due to when a consumer has it.

import ArgumentParser
import KafkaClient
import LogStorage

struct BenchLatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency", abstract: "Write at a fixed rate, read at the end of the log, and time every record.",
        discussion: """
            Records are due at --rate whatever the broker does, so a broker that pauses is charged for everything that waits \
            meanwhile. Nobody else may write to the topic.
            """)

    @Argument(help: "The topic's name.")
    var topic: String

    @Option(help: ArgumentHelp("Records a second.", valueName: "records"))
    var rate: Double = 1_000

    @Option(help: "Consumers at the end of the log, each with a connection of its own.")
    var consumers: Int = 1

    @OptionGroup var shape: LoadShape
    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard rate > 0 else { throw ValidationError("--rate is more than 0.") }
        guard (1...1_000).contains(consumers) else { throw ValidationError("--consumers is from 1 to 1000.") }
    }

    func run() async throws {
        let (acknowledged, endToEnd) = (LatencyHistogram(), LatencyHistogram())
        let (metadata, connection) = try await client.connect().leader(of: topic)
        let load = LoadProducer(
            connection: connection, topic: metadata, shape: shape, inFlightMax: 1_000, rate: rate, recordsMax: nil,
            latencies: acknowledged, index: 0)
        var following: [Task<Void, any Error>] = []
        for _ in 0..<consumers {
            let (isReading, ready) = AsyncStream.makeStream(of: Void.self)
            following.append(Task { try await follow(ready, endToEnd) })
            for await _ in isReading { break }
        }
        let start = SystemTime().monotonicNanoseconds
        let records = try await load.run()
        let seconds = Double(SystemTime().monotonicNanoseconds - start) / 1e9
        try await waitUntil(endToEnd, has: records * consumers)
        for follower in following { follower.cancel() }
        LoadReport(
            name: "latency", records: records, bytes: records * shape.recordBytes, seconds: seconds,
            acknowledged: acknowledged.summary, endToEnd: endToEnd.summary
        ).print(output)
    }

    /// Reads at the end of the log until it is cancelled; `ready` hears when the end is known.
    private func follow(
        _ ready: AsyncStream<Void>.Continuation, _ latencies: LatencyHistogram
    ) async throws {
        defer { ready.finish() }
        let (metadata, connection) = try await client.connect().leader(of: topic)
        var settings = ConsumerSettings()
        settings.follow = true
        let consumer = try await KafkaConsumer.open(
            topic: metadata, connection: connection, start: .end, settings: settings)
        ready.yield()
        while !Task.isCancelled, let fetched = try await consumer.fetch() {
            let now = SystemTime().monotonicNanoseconds
            try fetched.visitRecords { record in
                if let value = record.value, value.byteCount >= 8 {
                    let due = Int64(bigEndian: value.unsafeLoadUnaligned(as: Int64.self))
                    latencies.record(nanoseconds: now - due)
                }
                return true
            }
        }
    }

    private func waitUntil(_ latencies: LatencyHistogram, has records: Int) async throws {
        let deadline = SystemTime().monotonicNanoseconds + Int64(client.timeout) * 1_000_000_000
        while latencies.summary.count < records {
            guard SystemTime().monotonicNanoseconds < deadline else {
                throw CommandFailure("of \(records) records only \(latencies.summary.count) were read back in time")
            }
            try await Task.sleep(nanoseconds: 10_000_000)
        }
    }
}
