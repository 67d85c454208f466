// martlet version: the program's version.

import ArgumentParser

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @OptionGroup var output: OutputOptions

    func run() {
        guard output.json else { return StandardOutput.print("martlet \(Version.current)") }
        output.print { json in json.object { $0.field("version", Version.current) } }
    }
}
