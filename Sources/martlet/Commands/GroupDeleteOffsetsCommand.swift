// martlet group delete-offsets: makes a group forget what it has committed for topics (OffsetDelete, KIP-496).

import ArgumentParser
import KafkaClient
import KafkaProtocol

struct GroupDeleteOffsetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-offsets", abstract: "Delete committed offsets of a group.",
        discussion: "No member of the group may be subscribed to the topic.")

    @Argument(help: "The group's name.")
    var group: String

    @Option(
        help: ArgumentHelp(
            "A topic, or some of its partitions, such as orders:0,2-5; may be repeated.",
            valueName: "topic[:partitions]"))
    var topic: [String]

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if topic.isEmpty { throw ValidationError("Give --topic, once or more.") }
        if let wrong = topic.first(where: { TopicSelection($0) == nil }) {
            throw ValidationError("--topic \(wrong): write it as orders, orders:0 or orders:0,2-5.")
        }
    }

    func run() async throws {
        try Confirmation.ask(
            "Delete the offsets of group \"\(group)\" for \(topic.joined(separator: ", "))?", isGiven: yes)
        let cluster = try await client.connect()
        let coordinator = try await cluster.coordinator(of: group)
        let committed = try await coordinator.committedOffsets(of: group)
        let chosen = Self.chosen(topic.compactMap { TopicSelection($0) }, from: committed)
        guard !chosen.isEmpty else {
            let known = try await coordinator.describe([group])
            if committed.isEmpty, known.isEmpty { throw GroupDescribeCommand.missing(group) }
            throw CommandFailure("group \"\(group)\" has committed no offsets of \(topic.joined(separator: ", "))")
        }
        let refused = try await coordinator.deleteOffsets(group, chosen)
        await cluster.close()
        report(chosen.filter { refused[$0] == nil }, committed)
        if let (partition, code) = refused.min(by: { $0.key < $1.key }) {
            throw ClientError.refused(
                "cannot delete the offset of group \"\(group)\" for \(partition)", code,
                code == .groupSubscribedToTopic ? "its members read this topic. Stop them first" : nil)
        }
    }

    /// Of what is committed.
    static func chosen(
        _ selections: [TopicSelection], from committed: [TopicPartition: CommittedOffset]
    ) -> [TopicPartition] {
        var chosen: Set<TopicPartition> = []
        for selection in selections {
            let all = committed.keys.filter { $0.topic == selection.topic }
            chosen.formUnion(selection.chosen(from: Array(all)).filter { committed[$0] != nil })
        }
        return chosen.sorted()
    }

    private func report(_ deleted: [TopicPartition], _ committed: [TopicPartition: CommittedOffset]) {
        guard !output.json else {
            return output.print { json in
                json.object { json in
                    json.field("group", group)
                    json.name("deleted")
                    json.array(deleted) { partition, json in
                        json.object { json in
                            json.field("topic", partition.topic)
                            json.field("partition", partition.partition)
                            json.field("offset", committed[partition]?.offset)
                        }
                    }
                }
            }
        }
        for partition in deleted {
            StandardOutput.print("deleted offset \(committed[partition]?.offset ?? -1) of \(partition)")
        }
    }
}
