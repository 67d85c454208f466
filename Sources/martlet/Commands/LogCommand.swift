// martlet log: the group of commands that read a broker's files, without a broker.

import ArgumentParser

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Look into segment and index files, of a stopped or running broker.",
        subcommands: [LogDumpCommand.self, LogCheckCommand.self])
}
