// martlet group list: names, types and states of groups (ListGroups, KIP-518).

import ArgumentParser
import KafkaClient
import KafkaProtocol

struct GroupListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List consumer groups.")

    @Option(
        help: ArgumentHelp(
            "Show groups in this state only, such as Stable or Empty; may be repeated.", valueName: "state"))
    var state: [String] = []

    @Option(
        help: ArgumentHelp("Show groups of this type only: classic or consumer; may be repeated.", valueName: "type"))
    var type: [String] = []

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    /// Source: the Kafka protocol guide, ListGroups; KIP-518, KIP-848.
    static let states = [
        "PreparingRebalance", "CompletingRebalance", "Stable", "Empty", "Dead", "Assigning", "Reconciling", "NotReady",
    ]
    static let types = ["classic", "consumer", "share", "streams"]

    func validate() throws {
        if let wrong = state.first(where: { Self.known($0, Self.states) == nil }) {
            throw ValidationError("--state \(wrong): it is one of \(Self.states.joined(separator: ", ")).")
        }
        if let wrong = type.first(where: { Self.known($0, Self.types) == nil }) {
            throw ValidationError("--type \(wrong): it is one of \(Self.types.joined(separator: ", ")).")
        }
    }

    /// As the protocol spells it.
    private static func known(_ word: String, _ words: [String]) -> String? {
        words.first { $0.lowercased() == word.lowercased() }
    }

    var request: ListGroupsRequest {
        ListGroupsRequest(
            statesFilter: state.compactMap { Self.known($0, Self.states) },
            typesFilter: type.compactMap { Self.known($0, Self.types) })
    }

    func run() async throws {
        let cluster = try await client.connect()
        let groups = try await Self.list(request, from: cluster)
        await cluster.close()
        guard !output.json else {
            return output.print { json in json.array(groups) { group, json in Self.write(group, &json) } }
        }
        StandardOutput.write(Array(Self.table(groups).utf8))
    }

    /// Sorted by name. A filter that the broker is too old for is an error, not a longer list.
    static func list(
        _ request: ListGroupsRequest, from cluster: KafkaCluster
    ) async throws -> [ListGroupsResponse.ListedGroup] {
        let broker = cluster.bootstrap
        let version = try broker.versions.highest(for: ListGroupsRequest.self, at: broker.address)
        if version < 4, !request.statesFilter.isEmpty {
            throw CommandFailure("the broker at \(broker.address) is too old to list groups by state")
        }
        if version < 5, !request.typesFilter.isEmpty {
            throw CommandFailure("the broker at \(broker.address) is too old to list groups by type")
        }
        let response = try await broker.send(request)
        guard response.errorCode == .none else { throw ClientError.refused("cannot list groups", response.errorCode) }
        return response.groups.sorted { $0.groupID < $1.groupID }
    }

    static func table(_ groups: [ListGroupsResponse.ListedGroup]) -> String {
        var table = TextTable(["GROUP", "TYPE", "STATE", "PROTOCOL"])
        for group in groups {
            table.add([
                group.groupID, group.groupType.isEmpty ? "-" : group.groupType.lowercased(),
                group.groupState.isEmpty ? "-" : group.groupState,
                group.protocolType.isEmpty ? "-" : group.protocolType,
            ])
        }
        return table.text
    }

    private static func write(_ group: ListGroupsResponse.ListedGroup, _ json: inout JSONText) {
        json.object { json in
            json.field("group", group.groupID)
            json.field("type", group.groupType.isEmpty ? nil : group.groupType.lowercased())
            json.field("state", group.groupState.isEmpty ? nil : group.groupState)
            json.field("protocol", group.protocolType.isEmpty ? nil : group.protocolType)
        }
    }
}
