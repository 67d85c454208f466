// Escapes: \n, \t, \r, \0, \\ and \xHH in options such as --key-separator and --format; and the way back, for text that
// clients have sent and that is shown on a terminal.

enum Escapes {
    /// The text with its control characters escaped: names and metadata of clients must not steer a terminal.
    static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return text.unicodeScalars.map { scalar in
            switch scalar {
            case "\0": "\\0"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case _ where scalar.properties.generalCategory == .control:
                "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }.joined()
    }

    /// The bytes that the text stands for. A backslash before anything else is an error.
    static func bytes(_ text: String) throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            bytes.append(byte == UInt8(ascii: "\\") ? try escaped(&rest, in: text) : byte)
        }
        return bytes
    }

    /// The byte behind a backslash that was just taken.
    static func escaped(_ rest: inout ArraySlice<UInt8>, in text: String) throws(CommandFailure) -> UInt8 {
        switch rest.popFirst() {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "0"): return 0
        case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
        case UInt8(ascii: "x"):
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else { break }
            rest.removeFirst(2)
            return value
        default: break
        }
        throw CommandFailure(
            "\"\(text)\": a backslash stands before n, t, r, 0, \\ or xHH (two hexadecimal digits)", status: .usage)
    }
}
