import ArgumentParser
import KafkaClient
import KafkaProtocol
import Testing

@testable import martlet

/// Parses a whole command line, without running it.
private func parse<Command: ParsableCommand>(_ type: Command.Type, _ words: String) throws -> Command {
    let command = try Martlet.parseAsRoot(words.split(separator: " ").map(String.init))
    return try #require(command as? Command)
}

private func isUsageError(_ words: String) -> Bool {
    do {
        _ = try Martlet.parseAsRoot(words.split(separator: " ").map(String.init))
        return false
    } catch { return ExitStatus(error) == .usage }
}

@Suite struct CommandParsingTests {
    @Test func topicCreate() throws {
        let command = try parse(
            TopicCreateCommand.self,
            "topic create events --partitions 6 --replication-factor 1 --config retention.ms=1000 --config cleanup.policy=compact --if-not-exists -b h:1"
        )
        #expect(try command.client.address() == BrokerAddress(host: "h", port: 1))
        #expect(command.ifNotExists)
        let topic = try #require(command.request.topics.first)
        #expect(topic.name == "events")
        #expect(topic.numPartitions == 6)
        #expect(topic.replicationFactor == 1)
        #expect(topic.configs.map(\.name) == ["retention.ms", "cleanup.policy"])
        #expect(topic.configs.map(\.value) == ["1000", "compact"])
    }

    @Test func topicCreateLeavesCountsToTheBroker() throws {
        let topic = try #require(try parse(TopicCreateCommand.self, "topic create x").request.topics.first)
        #expect(topic.numPartitions == -1)
        #expect(topic.replicationFactor == -1)
    }

    @Test func topicAlter() throws {
        let command = try parse(TopicAlterCommand.self, "topic alter x --set a=1 --unset b --set c=d=e")
        let configs = try #require(command.request.resources.first).configs
        #expect(configs.map(\.name) == ["a", "c", "b"])
        #expect(configs.map(\.configOperation) == [0, 0, 1])
        #expect(configs.map(\.value) == ["1", "d=e", nil])
    }

    @Test func topicDelete() throws {
        let command = try parse(TopicDeleteCommand.self, "topic delete a b --yes --if-exists")
        #expect(command.request.topicNames == ["a", "b"])
        #expect(command.request.topics.map(\.name) == ["a", "b"])
        #expect(command.yes && command.ifExists)
    }

    @Test func topicAddPartitions() throws {
        let command = try parse(TopicAddPartitionsCommand.self, "topic add-partitions x -p 12 --timeout 5")
        #expect(command.request.topics.first?.count == 12)
        #expect(command.request.timeoutMs == 5000)
    }

    @Test func produce() throws {
        let command = try parse(
            ProduceCommand.self, #"produce t -K \t -H a=1 --header b=2 -p 3 --codec zstd --acks 1 --file /x -q"#)
        #expect(command.keySeparator == #"\t"#)
        #expect(command.header == ["a=1", "b=2"])
        #expect(command.partition == 3)
        #expect(command.acksValue == 1)
        #expect(command.file == "/x")
        #expect(try parse(ProduceCommand.self, "produce t").acksValue == -1)
        #expect(try parse(ProduceCommand.self, "produce t --acks 0").acksValue == 0)
    }

    @Test func consumeStarts() throws {
        #expect(try parse(ConsumeCommand.self, "consume t").start == .beginning)
        #expect(try parse(ConsumeCommand.self, "consume t --from-beginning").start == .beginning)
        #expect(try parse(ConsumeCommand.self, "consume t --offset 7").start == .offset(7))
        #expect(
            try parse(ConsumeCommand.self, "consume t --timestamp 2023-11-14T22:13:20Z").start
                == .timestamp(1_700_000_000_000))
        let fromEnd = try parse(ConsumeCommand.self, "consume t --from-end")
        #expect(fromEnd.start == .end && fromEnd.follows)
        #expect(!(try parse(ConsumeCommand.self, "consume t")).follows)
    }

    @Test func logAndVersion() throws {
        #expect(try parse(LogDumpCommand.self, "log dump a b --records --json").paths == ["a", "b"])
        #expect(try parse(LogCheckCommand.self, "log check a").paths == ["a"])
        #expect(try parse(VersionCommand.self, "version --json").output.json)
        #expect(try parse(TopicListCommand.self, "topic list --internal").internal)
        #expect(try parse(TopicDescribeCommand.self, "topic describe x --all-configs").allConfigs)
    }

    @Test(arguments: [
        "nonsense", "topic create", "topic create x --partitions 0", "topic create x --partitions many",
        "topic create x --replication-factor 0", "topic create x --config novalue", "topic alter x",
        "topic alter x --set a", "topic alter x --unset a=b", "topic alter x --set a=1 --unset a", "topic delete",
        "topic add-partitions x", "topic add-partitions x -p 1", "topic list -b ::1:9092", "topic list --timeout 0",
        "produce", "produce t --codec brotli", "produce t --acks 2", "produce t -p -1", "produce t --header x",
        #"produce t -K \q"#, "produce t --batch-bytes 1", "produce t --linger -1", "consume",
        "consume t --offset 1 --from-end", "consume t --offset -1", "consume t --count 0", "consume t --timestamp noon",
        "consume t --format %q", "consume t --json --format %v", "consume t -v --json", "consume t -p -1", "log dump",
        "log check",
    ])
    func wrongUsage(words: String) {
        #expect(isUsageError(words))
    }

    @Test func exitCodes() {
        #expect(ExitStatus(ClientError(.cannotConnect, "")) == .cannotConnect)
        #expect(ExitStatus(ClientError(.notKafka, "")) == .cannotConnect)
        #expect(ExitStatus(ClientError(.timedOut, "")) == .timedOut)
        #expect(ExitStatus(ClientError(.refused(.requestTimedOut), "")) == .timedOut)
        #expect(ExitStatus(ClientError(.refused(.topicAlreadyExists), "")) == .failed)
        #expect(ExitStatus(CommandFailure("", status: .usage)) == .usage)
    }

    @Test func topicsAreSortedAndInternalOnesHidden() {
        typealias Topic = MetadataResponse.MetadataResponseTopic
        let topics = [
            Topic(name: "b", partitions: [.init(replicaNodes: [1])]),
            Topic(name: "__consumer_offsets", isInternal: true),
            Topic(name: "a", partitions: [.init(replicaNodes: [1]), .init(partitionIndex: 1, replicaNodes: [1])]),
        ]
        let shown = TopicListCommand.shown(topics, includingInternal: false)
        #expect(
            TopicListCommand.table(shown)
                == "TOPIC  PARTITIONS  REPLICAS\na               2         1\nb               1         1\n")
        #expect(
            TopicListCommand.shown(topics, includingInternal: true).map(\.name) == ["__consumer_offsets", "a", "b"])
    }
}
