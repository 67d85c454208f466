// martlet topic create: CreateTopics for one topic.

import ArgumentParser
import KafkaClient
import KafkaProtocol

struct TopicCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a topic.")

    @Argument(help: "The topic's name.")
    var topic: String

    @Option(name: .shortAndLong, help: "How many partitions (default: the broker's num.partitions).")
    var partitions: Int32?

    @Option(help: "How many replicas (default: the broker's default.replication.factor).")
    var replicationFactor: Int16?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A setting of the topic; may be repeated.", valueName: "key=value"))
    var config: [String] = []

    @Flag(help: "Succeed if the topic exists, whatever it looks like.")
    var ifNotExists = false

    @Flag(help: "Let the broker check everything, and create nothing.")
    var validateOnly = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let partitions, partitions < 1 { throw ValidationError("--partitions is at least 1.") }
        if let replicationFactor, replicationFactor < 1 { throw ValidationError("--replication-factor is at least 1.") }
        if let wrong = config.first(where: { KeyValue($0) == nil }) {
            throw ValidationError("--config \(wrong): write it as key=value, such as retention.ms=3600000.")
        }
    }

    var request: CreateTopicsRequest {
        CreateTopicsRequest(
            topics: [
                CreateTopicsRequest.CreatableTopic(
                    name: topic, numPartitions: partitions ?? -1, replicationFactor: replicationFactor ?? -1,
                    configs: config.compactMap(KeyValue.init).map {
                        CreateTopicsRequest.CreatableTopicConfig(name: $0.key, value: $0.value)
                    })
            ], timeoutMs: client.timeoutMilliseconds, validateOnly: validateOnly)
    }

    func run() async throws {
        let cluster = try await client.connect()
        let response = try await cluster.bootstrap.send(request)
        await cluster.close()
        guard let result = response.topics.first else {
            throw ClientError(.malformedAnswer, "the broker did not answer for topic \"\(topic)\"")
        }
        let exists = result.errorCode == .topicAlreadyExists
        guard result.errorCode == .none || (exists && ifNotExists) else {
            throw ClientError.refused("cannot create topic \"\(topic)\"", result.errorCode, result.errorMessage)
        }
        report(result, created: !exists && !validateOnly)
    }

    private func report(_ result: CreateTopicsResponse.CreatableTopicResult, created: Bool) {
        guard !output.json else {
            return output.print { json in
                json.object { json in
                    json.field("topic", topic)
                    json.field("created", created)
                    json.field("id", result.topicID == .zero ? nil : result.topicID.description)
                    if result.numPartitions >= 0 { json.field("partitions", result.numPartitions) }
                    if result.replicationFactor >= 0 { json.field("replication_factor", result.replicationFactor) }
                }
            }
        }
        if validateOnly { return StandardOutput.print("topic \"\(topic)\" could be created") }
        guard created else { return StandardOutput.print("topic \"\(topic)\" exists") }
        let count = result.numPartitions
        let words = count >= 0 ? " with \(count) partition\(count == 1 ? "" : "s")" : ""
        StandardOutput.print("created topic \"\(topic)\"\(words)")
    }
}
