// Kafka's checkpoint files: text, one version line, one line with the count, one line an entry.
//
// Thread rule: pure functions.

enum CheckpointText {
    static let version = "0"

    static func encode(_ lines: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for line in [version, String(lines.count)] + lines {
            bytes.append(contentsOf: line.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// The entry lines; nil when the version is unknown or the count does not fit. An empty file has no entries.
    static func decode(_ bytes: [UInt8]) -> [Substring]? {
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "\n")
        if lines.isEmpty { return [] }
        guard lines.count >= 2, lines[0] == version, let count = Int(lines[1]), count == lines.count - 2 else {
            return nil
        }
        return Array(lines.dropFirst(2))
    }
}
