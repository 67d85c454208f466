// martlet topic list: names and partition counts, from Metadata.

import ArgumentParser
import KafkaClient
import KafkaProtocol

struct TopicListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List topics.")

    @Flag(help: "Show internal topics too.")
    var `internal` = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let cluster = try await client.connect()
        let response = try await cluster.bootstrap.send(MetadataRequest(topics: nil, allowAutoTopicCreation: false))
        await cluster.close()
        guard response.errorCode == .none else { throw ClientError.refused("cannot list topics", response.errorCode) }
        let topics = Self.shown(response.topics, includingInternal: `internal`)
        guard !output.json else {
            return output.print { json in json.array(topics) { topic, json in Self.write(topic, &json) } }
        }
        StandardOutput.write(Array(Self.table(topics).utf8))
    }

    /// Sorted by name.
    static func shown(
        _ topics: [MetadataResponse.MetadataResponseTopic], includingInternal: Bool
    ) -> [MetadataResponse.MetadataResponseTopic] {
        topics.filter { $0.name != nil && (includingInternal || !$0.isInternal) }.sorted {
            ($0.name ?? "") < ($1.name ?? "")
        }
    }

    static func table(_ topics: [MetadataResponse.MetadataResponseTopic]) -> String {
        var table = TextTable(["TOPIC", "PARTITIONS", "REPLICAS"])
        for topic in topics {
            table.add([topic.name ?? "", "\(topic.partitions.count)", "\(Self.replicas(topic))"])
        }
        return table.text
    }

    private static func write(_ topic: MetadataResponse.MetadataResponseTopic, _ json: inout JSONText) {
        json.object { json in
            json.field("topic", topic.name)
            json.field("id", topic.topicID == .zero ? nil : topic.topicID.description)
            json.field("partitions", topic.partitions.count)
            json.field("replication_factor", replicas(topic))
            json.field("internal", topic.isInternal)
        }
    }

    private static func replicas(_ topic: MetadataResponse.MetadataResponseTopic) -> Int {
        topic.partitions.first?.replicaNodes.count ?? 0
    }
}
