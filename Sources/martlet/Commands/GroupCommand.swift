// martlet group: the group of commands about consumer groups.

import ArgumentParser

struct GroupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "Look at consumer groups, and change and delete what they have committed.",
        subcommands: [
            GroupListCommand.self,
            GroupDescribeCommand.self,
            GroupResetOffsetsCommand.self,
            GroupDeleteOffsetsCommand.self,
            GroupDeleteCommand.self,
        ])
}
