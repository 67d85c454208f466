// martlet bench: the group of load generators.

import ArgumentParser
import KafkaClient

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Put load on a broker and measure it.",
        discussion: """
            Any broker that speaks the Kafka protocol can be measured. The topic has to exist; what is written to it is noise.
            """,
        subcommands: [BenchProduceCommand.self, BenchConsumeCommand.self, BenchLatencyCommand.self])
}
