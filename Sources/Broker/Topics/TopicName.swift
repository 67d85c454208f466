/// Kafka's rules for topic names.
package enum TopicName {
    package static let maxLengthBytes = 249

    /// Topics that belong to the broker: clients may read them, nothing else.
    package static let internalNames: Set<String> = ["__consumer_offsets", "__transaction_state"]

    package static func isInternal(_ name: String) -> Bool { internalNames.contains(name) }

    /// Says why a name is not one, in Kafka's words; nil if it is.
    package static func objection(to name: String) -> String? {
        if name.isEmpty { return "the empty string is not allowed" }
        if name == "." || name == ".." { return "'\(name)' is not allowed" }
        if name.utf8.count > maxLengthBytes {
            return "the length of '\(name)' is longer than the max allowed length \(maxLengthBytes)"
        }
        guard name.utf8.allSatisfy(isAllowed) else {
            return "'\(name)' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        }
        return nil
    }

    private static func isAllowed(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Names that differ only in "." and "_" share one name in metrics; Kafka refuses the second.
    package static func collisionKey(_ name: String) -> String { String(name.map { $0 == "." ? "_" : $0 }) }
}
