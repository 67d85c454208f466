// SettingsOptions: the options that state broker settings, shared by serve and config print.

import ArgumentParser
import Broker
import Glibc

struct SettingsOptions: ParsableArguments {
    @Option(help: "Settings file in the style of server.properties.") var config: String?
    @Option(help: "Data directory (log.dirs).") var dataDir: String?
    @Option(help: "Port on all addresses (listeners).") var port: UInt16?
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("A setting; may be repeated.", valueName: "name=value"))
    var settings: [String] = []

    /// Flags win over the environment (MARTLET_LOG_SEGMENT_BYTES for log.segment.bytes), that over the file.
    func resolve() throws -> BrokerSettings {
        var flags: [String: String] = [:]
        for setting in settings {
            guard let pair = KeyValue(setting) else { throw ValidationError("--set takes name=value, not \(setting)") }
            flags[pair.key] = pair.value
        }
        if let dataDir { flags["log.dirs"] = dataDir }
        if let port { flags["listeners"] = "PLAINTEXT://0.0.0.0:\(port)" }
        var file: (path: String, text: String)?
        if let config { file = (config, try Self.read(config)) }
        return try BrokerSettings(file: file, environment: Self.environment, flags: flags)
    }

    private static func read(_ path: String) throws(CommandFailure) -> String {
        let reader = try BlockReader(path: path)
        var bytes: [UInt8] = []
        while try reader.readBlock() > 0 {
            reader.withBlock { block in block.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee.map({ String(cString: $0) }) {
            if let separator = text.firstIndex(of: "=") {
                variables[String(text[..<separator])] = String(text[text.index(after: separator)...])
            }
            entry += 1
        }
        return variables
    }
}
