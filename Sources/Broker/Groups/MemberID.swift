import KafkaProtocol

/// Ids of members that have none yet: a name that people recognise and a unique part.
enum MemberID {
    static func generate(_ name: String) -> String {
        // Records and old versions of the protocol cannot state more than 32,767 bytes.
        let cut =
            name.utf8.count <= nameBytesMax ? name : String(decoding: name.utf8.prefix(nameBytesMax), as: UTF8.self)
        return "\(cut)-\(Uuid.random().hyphenated)"
    }

    private static let nameBytesMax = 32_000
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
