/// The broker's settings: each with its value and where the value came from.
///
/// Order, the first that states a value wins: flag, environment variable (`MARTLET_LOG_SEGMENT_BYTES`), file
/// (`server.properties` style), default.
package struct BrokerSettings: Sendable {
    package enum Source: Equatable, Sendable, CustomStringConvertible {
        case flag
        case environment(variable: String)
        case file(path: String, line: Int)
        case `default`

        package var description: String {
            switch self {
            case .flag: "flag"
            case .environment(let variable): "environment \(variable)"
            case .file(let path, let line): "\(path):\(line)"
            case .default: "default"
            }
        }
    }

    package struct Value: Equatable, Sendable {
        package let text: String
        package let source: Source
    }

    /// Values that somebody stated; the rest have their defaults.
    private var stated: [String: Value] = [:]
    /// Names in the file or environment that no setting has: kept to warn about, since a typo must not pass unseen.
    package private(set) var unknownNames: [String] = []

    package init() {}

    /// Variables of this prefix that are no settings: the client commands' and the tests'.
    private static let otherVariables: Set<String> = ["MARTLET_BOOTSTRAP_SERVER", "MARTLET_BIN", "MARTLET_TEST_SEED"]

    /// Resolves the settings.
    ///
    /// - Parameters:
    ///   - file: path and text of a properties file.
    ///   - environment: the process environment.
    ///   - flags: values from the command line, by setting name.
    package init(
        file: (path: String, text: String)?, environment: [String: String] = [:], flags: [String: String] = [:]
    ) throws(SettingsError) {
        if let file {
            for property in try PropertiesFile.parse(file.text, path: file.path) {
                let source = Source.file(path: file.path, line: property.line)
                try state(property.name, property.value, source, unknownIsError: false)
            }
        }
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix("MARTLET_") {
            let name = variable.dropFirst("MARTLET_".count).lowercased().replacingUnderscores()
            guard !Self.otherVariables.contains(variable) else { continue }
            try state(name, value, .environment(variable: variable), unknownIsError: false)
        }
        for (name, value) in flags.sorted(by: { $0.key < $1.key }) {
            try state(name, value, .flag, unknownIsError: true)
        }
    }

    private mutating func state(
        _ name: String, _ value: String, _ source: Source, unknownIsError: Bool
    ) throws(SettingsError) {
        if let alias = BrokerSettingTable.aliases[name] {
            guard let number = Int64(value) else {
                throw SettingsError(
                    "Invalid value \(value) for configuration \(name): Not a number of type INT (\(source))")
            }
            // A negative number means "no limit" in any unit; the finer name wins where a file states both.
            if let finer = stated[alias.name], finer.source != source, case .file = source, case .file = finer.source {
                return
            }
            let (product, overflow) = number.multipliedReportingOverflow(by: alias.factor)
            return try state(
                alias.name, String(number < 0 ? -1 : overflow ? .max : product), source, unknownIsError: true)
        }
        guard let definition = BrokerSettingTable.definition(named: name) else {
            guard !unknownIsError else {
                throw SettingsError("There is no setting \(name); `martlet config print` lists all of them.")
            }
            unknownNames.append("\(name) (\(source))")
            return
        }
        if let objection = definition.objection(to: value) { throw SettingsError("\(objection) (\(source))") }
        stated[name] = Value(text: value, source: source)
    }

    /// The value of a setting that exists.
    package subscript(_ name: String) -> Value {
        if let value = stated[name] { return value }
        guard let definition = BrokerSettingTable.definition(named: name) else {
            preconditionFailure("there is no setting \(name)")
        }
        return Value(text: definition.defaultValue, source: .default)
    }

    /// Every setting with its value, sorted by name.
    package var all: [(name: String, value: Value)] {
        BrokerSettingTable.definitions.map { ($0.name, self[$0.name]) }.sorted { $0.0 < $1.0 }
    }

    package func integer(_ name: String) -> Int {
        guard let value = Int(self[name].text) else {
            preconditionFailure("\(name) was accepted without being a number")
        }
        return value
    }

    package func double(_ name: String) -> Double {
        guard let value = Double(self[name].text) else {
            preconditionFailure("\(name) was accepted without being a number")
        }
        return value
    }

    package func boolean(_ name: String) -> Bool { self[name].text == "true" }

    package func list(_ name: String) -> [String] { SettingDefinition.elements(of: self[name].text) }
}

/// Why the settings cannot be used; the sentence names the setting and where its value came from.
package struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension String {
    fileprivate func replacingUnderscores() -> String { String(map { $0 == "_" ? "." : $0 }) }
}
