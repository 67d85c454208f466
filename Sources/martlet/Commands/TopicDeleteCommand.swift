// martlet topic delete: DeleteTopics, after asking when somebody is there to answer.

import ArgumentParser
import KafkaClient
import KafkaProtocol

struct TopicDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete topics with everything in them.")

    @Argument(help: "The topics' names.")
    var topics: [String]

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Flag(help: "Succeed if a topic does not exist.")
    var ifExists = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    /// Versions 0 to 5 name topics in one list, later ones in another.
    var request: DeleteTopicsRequest {
        DeleteTopicsRequest(
            topics: topics.map { DeleteTopicsRequest.DeleteTopicState(name: $0) }, topicNames: topics,
            timeoutMs: client.timeoutMilliseconds)
    }

    func run() async throws {
        let what = topics.count == 1 ? "topic \"\(topics[0])\"" : "\(topics.count) topics"
        try Confirmation.ask(
            "Delete \(what) and all records in \(topics.count == 1 ? "it" : "them")?", isGiven: yes)
        let cluster = try await client.connect()
        let response = try await cluster.bootstrap.send(request)
        await cluster.close()
        var deleted: [String] = []
        var failure: ClientError?
        for result in response.responses {
            let name = result.name ?? ""
            if result.errorCode == .none {
                deleted.append(name)
            } else if result.errorCode != .unknownTopicOrPartition || !ifExists {
                failure = failure ?? .refused("cannot delete topic \"\(name)\"", result.errorCode, result.errorMessage)
            }
        }
        report(deleted)
        if let failure { throw failure }
    }

    private func report(_ deleted: [String]) {
        guard !output.json else {
            return output.print { json in
                json.object { json in
                    json.name("deleted")
                    json.array(deleted) { name, json in json.string(name) }
                }
            }
        }
        for name in deleted { StandardOutput.print("deleted topic \"\(name)\"") }
    }
}
