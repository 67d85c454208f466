// martlet topic add-partitions: CreatePartitions for one topic (KIP-195).

import ArgumentParser
import KafkaClient
import KafkaProtocol

struct TopicAddPartitionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-partitions", abstract: "Raise the number of a topic's partitions.",
        discussion: "Keys are spread by the number of partitions: new records of a key may go to another one.")

    @Argument(help: "The topic's name.")
    var topic: String

    @Option(name: .shortAndLong, help: ArgumentHelp("How many the topic is to have in all.", valueName: "total"))
    var partitions: Int32

    @Flag(help: "Let the broker check everything, and change nothing.")
    var validateOnly = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if partitions < 2 { throw ValidationError("--partitions is the new total, at least 2.") }
    }

    var request: CreatePartitionsRequest {
        CreatePartitionsRequest(
            topics: [CreatePartitionsRequest.CreatePartitionsTopic(name: topic, count: partitions)],
            timeoutMs: client.timeoutMilliseconds, validateOnly: validateOnly)
    }

    func run() async throws {
        let cluster = try await client.connect()
        let response = try await cluster.bootstrap.send(request)
        await cluster.close()
        guard let result = response.results.first else {
            throw ClientError(.malformedAnswer, "the broker did not answer for topic \"\(topic)\"")
        }
        guard result.errorCode == .none else {
            throw ClientError.refused(
                "cannot add partitions to topic \"\(topic)\"", result.errorCode, result.errorMessage)
        }
        guard !output.json else {
            return output.print { json in
                json.object { json in
                    json.field("topic", topic)
                    json.field("partitions", partitions)
                    json.field("altered", !validateOnly)
                }
            }
        }
        StandardOutput.print(
            "topic \"\(topic)\" \(validateOnly ? "could have" : "has") \(partitions) partitions")
    }
}
