/// One setting: its name, type, default and rule. Broker settings and topic settings are made of the same values.
///
/// Source: Kafka's configuration reference; the names, types and defaults are Kafka's wherever Kafka has the setting.
package struct SettingDefinition: Sendable {
    /// The numbers are those of DescribeConfigs (`ConfigType`).
    package enum Kind: Int8, Sendable {
        case boolean = 1
        case string = 2
        case int = 3
        case long = 5
        case double = 6
        case list = 7

        var kafkaName: String {
            switch self {
            case .boolean: "BOOLEAN"
            case .string: "STRING"
            case .int: "INT"
            case .long: "LONG"
            case .double: "DOUBLE"
            case .list: "LIST"
            }
        }
    }

    package enum Rule: Sendable {
        case any
        case atLeast(Int64)
        case between(Int64, Int64)
        case ratio
        /// The value, or each element of a list, is one of these.
        case oneOf([String])
    }

    package let name: String
    package let kind: Kind
    package let defaultValue: String
    package let rule: Rule
    package let documentation: String

    init(_ name: String, _ kind: Kind, _ defaultValue: String, _ rule: Rule = .any, _ documentation: String) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.rule = rule
        self.documentation = documentation
    }

    /// Says what is wrong with a value, in the words that Kafka's clients and tools know; nil if it is fine.
    package func objection(to value: String) -> String? {
        complaint(about: value).map { "Invalid value \(value.prefix(200)) for configuration \(name): \($0)" }
    }

    /// As long as any that Kafka's older requests can state.
    static let valueMaxBytes = 32_767

    private func complaint(about value: String) -> String? {
        guard value.utf8.count <= Self.valueMaxBytes else { return "It has more than \(Self.valueMaxBytes) bytes" }
        switch kind {
        case .boolean:
            return value == "true" || value == "false" ? nil : "Expected value to be either true or false"
        case .int, .long:
            guard let number = Int64(value), kind == .long || Int32(exactly: number) != nil else {
                return "Not a number of type \(kind.kafkaName)"
            }
            return complaint(about: number)
        case .double:
            // NaN would pass every rule, and every comparison with it would be false afterwards.
            guard let number = Double(value), !number.isNaN else { return "Not a number of type DOUBLE" }
            guard case .ratio = rule else { return nil }
            if number < 0 { return "Value must be at least 0" }
            return number > 1 ? "Value must be no more than 1" : nil
        case .string:
            return complaint(about: [value])
        case .list:
            return complaint(about: Self.elements(of: value))
        }
    }

    private func complaint(about number: Int64) -> String? {
        switch rule {
        case .atLeast(let least) where number < least: "Value must be at least \(least)"
        case .between(let least, _) where number < least: "Value must be at least \(least)"
        case .between(_, let most) where number > most: "Value must be no more than \(most)"
        default: nil
        }
    }

    private func complaint(about values: [String]) -> String? {
        guard case .oneOf(let allowed) = rule else { return nil }
        if values.isEmpty { return "Configuration '\(name)' must not be empty." }
        let known = values.allSatisfy(allowed.contains)
        return known ? nil : "String must be one of: \(allowed.joined(separator: ", "))"
    }

    /// The elements of a list value: comma-separated, blanks around them do not count.
    package static func elements(of value: String) -> [String] {
        value.split(separator: ",").map { $0.trimmingBlanks() }.filter { !$0.isEmpty }
    }
}

extension StringProtocol {
    func trimmingBlanks() -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }
}
