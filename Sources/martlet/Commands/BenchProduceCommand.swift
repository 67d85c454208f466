// martlet bench produce: how much a broker takes, and how long an acknowledgement lasts.

import ArgumentParser
import KafkaClient
import LogStorage

struct BenchProduceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "produce", abstract: "Write as much as the broker takes, or at a fixed rate.",
        discussion: """
            Without --rate each producer keeps --in-flight requests under way (a closed loop). With it records are due at that \
            rate whatever the broker does, and a latency counts from when a record was due (an open loop).
            """)

    @Argument(help: "The topic's name.")
    var topic: String

    @Option(name: .shortAndLong, help: "Producers, each with a connection of its own.")
    var producers: Int = 1

    @Option(help: "Requests of one producer under way.")
    var inFlight: Int = 5

    @Option(help: ArgumentHelp("Records a second, over all producers.", valueName: "records"))
    var rate: Double?

    @Option(
        help: ArgumentHelp(
            "Stop after so many records over all producers, rounded up to whole batches, if --seconds are not over before.",
            valueName: "records"))
    var records: Int?

    @OptionGroup var shape: LoadShape
    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1_000).contains(producers) else { throw ValidationError("--producers is from 1 to 1000.") }
        guard (1...1_000).contains(inFlight) else { throw ValidationError("--in-flight is from 1 to 1000.") }
        if let rate, rate <= 0 { throw ValidationError("--rate is more than 0.") }
        if let records, records <= 0 { throw ValidationError("--records is more than 0.") }
    }

    func run() async throws {
        let latencies = LatencyHistogram()
        var loads: [LoadProducer] = []
        for index in 0..<producers {
            let (metadata, connection) = try await client.connect().leader(of: topic)
            loads.append(
                LoadProducer(
                    connection: connection, topic: metadata, shape: shape, inFlightMax: inFlight,
                    rate: rate.map { $0 / Double(producers) },
                    recordsMax: records.map { ($0 + producers - 1) / producers }, latencies: latencies, index: index))
        }
        let start = SystemTime().monotonicNanoseconds
        let records = try await withThrowingTaskGroup(of: Int.self) { group in
            for load in loads { group.addTask { try await load.run() } }
            return try await group.reduce(0, +)
        }
        let seconds = Double(SystemTime().monotonicNanoseconds - start) / 1e9
        LoadReport(
            name: "produce", records: records, bytes: records * shape.recordBytes, seconds: seconds,
            acknowledged: latencies.summary
        ).print(output)
    }
}
