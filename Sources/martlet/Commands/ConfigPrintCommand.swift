// martlet config print: every setting with its value and where the value came from.

import ArgumentParser
import Broker

struct ConfigPrintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "print",
        abstract: "Print every setting with its value and where it came from.",
        discussion: "Takes the same options as serve, and resolves them in the same way.")

    @OptionGroup var settings: SettingsOptions
    @Flag(help: "Only the settings that differ from their defaults.") var changed = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        let resolved = try settings.resolve()
        for name in resolved.unknownNames { StandardError.print("warning: there is no setting \(name)") }
        let rows = resolved.all.filter { !changed || $0.value.source != .default }
        guard output.json else {
            var table = TextTable(["SETTING", "VALUE", "SOURCE"])
            for row in rows { table.add([row.name, row.value.text, row.value.source.description]) }
            return StandardOutput.write(Array(table.text.utf8))
        }
        output.print { json in
            json.array(rows) { row, json in
                json.object {
                    $0.field("name", row.name)
                    $0.field("value", row.value.text)
                    $0.field("source", row.value.source.description)
                }
            }
        }
    }
}
