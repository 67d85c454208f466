// martlet group delete: DeleteGroups, after asking when somebody is there to answer (KIP-229).

import ArgumentParser
import KafkaClient
import KafkaProtocol

struct GroupDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete groups with their committed offsets.",
        discussion: "A group with members is not deleted: stop its consumers first.")

    @Argument(help: "The groups' names.")
    var groups: [String]

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Flag(help: "Succeed if a group does not exist.")
    var ifExists = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let what = groups.count == 1 ? "group \"\(groups[0])\"" : "\(groups.count) groups"
        try Confirmation.ask("Delete \(what) and all committed offsets?", isGiven: yes)
        let cluster = try await client.connect()
        var deleted: [String] = []
        var failure: ClientError?
        for group in groups {
            let response = try await cluster.coordinator(of: group).sendWhenLoaded(
                DeleteGroupsRequest(groupsNames: [group])
            ) { $0.results.map(\.errorCode) }
            guard let result = response.results.first else {
                throw ClientError(.malformedAnswer, "the broker did not answer for group \"\(group)\"")
            }
            if result.errorCode == .none {
                deleted.append(group)
            } else if result.errorCode != .groupIDNotFound || !ifExists {
                failure = failure ?? Self.refusal(result)
            }
        }
        await cluster.close()
        report(deleted)
        if let failure { throw failure }
    }

    private static func refusal(_ result: DeleteGroupsResponse.DeletableGroupResult) -> ClientError {
        let words: String? =
            switch result.errorCode {
            case .nonEmptyGroup: "it has members. Stop its consumers first"
            case .groupIDNotFound: "it does not exist, see `martlet group list`"
            default: nil
            }
        return .refused("cannot delete group \"\(result.groupID)\"", result.errorCode, words)
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
        for name in deleted { StandardOutput.print("deleted group \"\(name)\"") }
    }
}
