// martlet topic alter: sets and removes settings of a topic, one by one (IncrementalAlterConfigs, KIP-339).

import ArgumentParser
import KafkaClient
import KafkaProtocol

struct TopicAlterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "alter", abstract: "Change settings of a topic.")

    @Argument(help: "The topic's name.")
    var topic: String

    @Option(
        name: .customLong("set"), help: ArgumentHelp("A setting to change; may be repeated.", valueName: "key=value"))
    var changes: [String] = []

    @Option(
        name: .customLong("unset"),
        help: ArgumentHelp("A setting to put back to its default; may be repeated.", valueName: "key"))
    var removals: [String] = []

    @Flag(help: "Let the broker check everything, and change nothing.")
    var validateOnly = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if changes.isEmpty && removals.isEmpty { throw ValidationError("Nothing to change: give --set or --unset.") }
        if let wrong = changes.first(where: { KeyValue($0) == nil }) {
            throw ValidationError("--set \(wrong): write it as key=value, such as retention.ms=3600000.")
        }
        if let wrong = removals.first(where: { $0.contains("=") }) {
            throw ValidationError("--unset \(wrong): give the setting's name alone.")
        }
        let names = changes.compactMap { KeyValue($0)?.key } + removals
        if Set(names).count < names.count { throw ValidationError("A setting is named twice.") }
    }

    var request: IncrementalAlterConfigsRequest {
        typealias Config = IncrementalAlterConfigsRequest.AlterableConfig
        // Operations of KIP-339: 0 sets, 1 removes.
        let configs =
            changes.compactMap(KeyValue.init).map { Config(name: $0.key, configOperation: 0, value: $0.value) }
            + removals.map { Config(name: $0, configOperation: 1, value: nil) }
        return IncrementalAlterConfigsRequest(
            resources: [
                IncrementalAlterConfigsRequest.AlterConfigsResource(
                    resourceType: topicResourceType, resourceName: topic, configs: configs)
            ], validateOnly: validateOnly)
    }

    func run() async throws {
        let cluster = try await client.connect()
        let response = try await cluster.bootstrap.send(request)
        await cluster.close()
        guard let result = response.responses.first else {
            throw ClientError(.malformedAnswer, "the broker did not answer for topic \"\(topic)\"")
        }
        guard result.errorCode == .none else {
            throw ClientError.refused("cannot change topic \"\(topic)\"", result.errorCode, result.errorMessage)
        }
        guard !output.json else {
            return output.print { json in
                json.object { json in
                    json.field("topic", topic)
                    json.field("altered", !validateOnly)
                }
            }
        }
        StandardOutput.print(
            validateOnly ? "the settings of topic \"\(topic)\" could be changed" : "changed topic \"\(topic)\"")
    }
}
