// martlet config: looks at settings.

import ArgumentParser

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at the broker's settings.",
        subcommands: [ConfigPrintCommand.self])
}
