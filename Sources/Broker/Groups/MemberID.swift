import KafkaProtocol

/// Ids of members that have none yet: a name that people recognise and a unique part.
enum MemberID {
    static func generate(_ name: String) -> String { "\(name)-\(Uuid.random().hyphenated)" }
}

extension Uuid {
    /// The form that RFC 9562 gives: 8-4-4-4-12 hexadecimal digits.
    fileprivate var hyphenated: String {
        let digits = [high, low].map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var parts: [Substring] = []
        var rest = Substring(digits)
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }
}
