// martlet topic describe: a topic's partitions with offsets and sizes, and the settings that are its own.

import ArgumentParser
import KafkaClient
import KafkaProtocol

struct TopicDescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Show a topic's partitions, offsets, sizes and settings.")

    @Argument(help: "The topic's name.")
    var topic: String

    @Flag(help: "Show all settings, not only those that were set for the topic.")
    var allConfigs = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let cluster = try await client.connect()
        let description = try await TopicDescription.read(topic, from: cluster, allConfigs: allConfigs)
        await cluster.close()
        if output.json {
            output.print { description.write(&$0) }
        } else {
            StandardOutput.write(Array(description.text.utf8))
        }
    }
}

/// What four APIs say about one topic.
struct TopicDescription: Equatable {
    struct Partition: Equatable {
        let number: Int32
        let leader: Int32
        let startOffset: Int64
        let endOffset: Int64
        /// nil if the broker does not tell.
        let sizeInBytes: Int64?
    }

    struct Config: Equatable {
        let name: String
        let value: String?
        let source: String
    }

    let name: String
    let id: Uuid
    let replicationFactor: Int
    let isInternal: Bool
    let partitions: [Partition]
    let configs: [Config]

    var text: String {
        var text = "topic               \(name)\n"
        if id != .zero { text += "id                  \(id)\n" }
        text += "partitions          \(partitions.count)\n"
        text += "replication factor  \(replicationFactor)\n"
        let records = partitions.reduce(0) { $0 + $1.endOffset - $1.startOffset }
        text += "offsets             \(Quantity.grouped(Int(records)))\n"
        let sizes = partitions.compactMap(\.sizeInBytes)
        if !sizes.isEmpty { text += "size                \(Quantity.bytes(sizes.reduce(0, +)))\n" }
        if isInternal { text += "internal            yes\n" }
        text += "\n" + partitionTable
        if !configs.isEmpty { text += "\n" + configTable }
        return text
    }

    private var partitionTable: String {
        var table = TextTable(["PARTITION", "LEADER", "START", "END", "BYTES"])
        for partition in partitions {
            table.add([
                "\(partition.number)", "\(partition.leader)", "\(partition.startOffset)", "\(partition.endOffset)",
                partition.sizeInBytes.map { "\($0)" } ?? "-",
            ])
        }
        return table.text
    }

    private var configTable: String {
        var table = TextTable(["SETTING", "VALUE", "SOURCE"])
        for config in configs { table.add([config.name, config.value ?? "", config.source]) }
        return table.text
    }

    func write(_ json: inout JSONText) {
        json.object { json in
            json.field("topic", name)
            json.field("id", id == .zero ? nil : id.description)
            json.field("internal", isInternal)
            json.field("replication_factor", replicationFactor)
            json.name("partitions")
            json.array(partitions) { partition, json in
                json.object { json in
                    json.field("partition", partition.number)
                    json.field("leader", partition.leader)
                    json.field("start_offset", partition.startOffset)
                    json.field("end_offset", partition.endOffset)
                    json.name("size_bytes")
                    if let size = partition.sizeInBytes { json.number(size) } else { json.null() }
                }
            }
            json.name("configs")
            json.array(configs) { config, json in
                json.object { json in
                    json.field("name", config.name)
                    json.field("value", config.value)
                    json.field("source", config.source)
                }
            }
        }
    }
}

extension TopicDescription {
    static func read(
        _ name: String, from cluster: KafkaCluster, allConfigs: Bool
    ) async throws(ClientError) -> TopicDescription {
        let (topic, connection) = try await cluster.leader(of: name)
        let metadata = try await cluster.bootstrap.send(
            MetadataRequest(
                topics: [MetadataRequest.MetadataRequestTopic(name: name)], allowAutoTopicCreation: false))
        let described = metadata.topics.first
        let starts = try await connection.offsets(name, topic.partitions, at: .earliest)
        let ends = try await connection.offsets(name, topic.partitions, at: .latest)
        let sizes = try await sizes(name, topic.partitions, connection)
        let partitions = topic.partitions.map { number in
            Partition(
                number: number, leader: described?.partitions.first { $0.partitionIndex == number }?.leaderID ?? -1,
                startOffset: starts[number] ?? -1, endOffset: ends[number] ?? -1, sizeInBytes: sizes[number])
        }
        return TopicDescription(
            name: name, id: topic.id, replicationFactor: described?.partitions.first?.replicaNodes.count ?? 0,
            isInternal: described?.isInternal ?? false, partitions: partitions,
            configs: try await configs(name, cluster.bootstrap, all: allConfigs))
    }

    /// Empty if the broker does not serve DescribeLogDirs: sizes are a comfort.
    private static func sizes(
        _ name: String, _ partitions: [Int32], _ connection: KafkaConnection
    ) async throws(ClientError) -> [Int32: Int64] {
        guard connection.versions[.describeLogDirs] != nil else { return [:] }
        let response = try await connection.send(
            DescribeLogDirsRequest(topics: [
                DescribeLogDirsRequest.DescribableLogDirTopic(topic: name, partitions: partitions)
            ]))
        var sizes: [Int32: Int64] = [:]
        for partition in response.results.flatMap(\.topics).filter({ $0.name == name }).flatMap(\.partitions)
        where !partition.isFutureKey {
            sizes[partition.partitionIndex, default: 0] += partition.partitionSize
        }
        return sizes
    }

    private static func configs(
        _ name: String, _ connection: KafkaConnection, all: Bool
    ) async throws(ClientError) -> [Config] {
        guard connection.versions[.describeConfigs] != nil else { return [] }
        let response = try await connection.send(
            DescribeConfigsRequest(resources: [
                DescribeConfigsRequest.DescribeConfigsResource(resourceType: topicResourceType, resourceName: name)
            ]))
        guard let result = response.results.first, result.errorCode == .none else {
            let result = response.results.first
            throw .refused(
                "cannot read the settings of topic \"\(name)\"", result?.errorCode ?? .unknownServerError,
                result?.errorMessage)
        }
        return result.configs.filter { all || $0.configSource == topicSource }.sorted { $0.name < $1.name }.map {
            Config(name: $0.name, value: $0.value, source: sourceName($0.configSource))
        }
    }

    private static let topicSource: Int8 = 1

    /// Source: KIP-226, `DescribeConfigsResponse.ConfigSource`.
    static func sourceName(_ source: Int8) -> String {
        switch source {
        case 1: "topic"
        case 2, 3: "broker (dynamic)"
        case 4: "broker"
        case 5: "default"
        default: "unknown"
        }
    }
}
