// BrokerAddress: where a broker listens, as people write it: HOST, HOST:PORT, or [IPv6]:PORT.

/// Host name or address, and port.
package struct BrokerAddress: Hashable, Sendable, CustomStringConvertible {
    package static let defaultPort = 9092

    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST`, `HOST:PORT` or `[IPv6]:PORT`; a leading `SCHEME://`, as in `advertised.listeners`, is left out.
    ///
    /// Throws `.invalidAddress` with a sentence that shows the right form.
    package init(parsing text: String) throws(ClientError) {
        var rest = text[...]
        if let scheme = Self.range(of: "://", in: rest) { rest = rest[scheme...] }
        guard !rest.contains(where: { $0 == "," || $0 == "/" || $0.isWhitespace }) else {
            throw Self.invalid(text, "one broker, without a path")
        }
        let host: Substring
        var port: Substring?
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw Self.invalid(text, "\"]\" is missing") }
            host = rest[rest.index(after: rest.startIndex)..<end]
            let behind = rest[rest.index(after: end)...]
            guard behind.isEmpty || behind.first == ":" else { throw Self.invalid(text, "a port follows \"]\"") }
            port = behind.isEmpty ? nil : behind.dropFirst()
        } else if rest.count(where: { $0 == ":" }) > 1 {
            throw Self.invalid(text, "an IPv6 address stands in brackets, such as [::1]:9092")
        } else {
            let colon = rest.firstIndex(of: ":")
            host = rest[..<(colon ?? rest.endIndex)]
            port = colon.map { rest[rest.index(after: $0)...] }
        }
        guard !host.isEmpty else { throw Self.invalid(text, "the host is missing") }
        guard let number = port.map({ Int($0) }) ?? Self.defaultPort, (1...65_535).contains(number) else {
            throw Self.invalid(text, "the port is a number from 1 to 65535")
        }
        self.init(host: String(host), port: number)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Where the text behind the first `separator` starts.
    private static func range(of separator: String, in text: Substring) -> Substring.Index? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(separator) { return text.index(start, offsetBy: separator.count) }
            start = text.index(after: start)
        }
        return nil
    }

    private static func invalid(_ text: String, _ why: String) -> ClientError {
        ClientError(
            .invalidAddress, "\"\(text)\" is not a broker address (\(why)): write HOST:PORT, such as localhost:9092")
    }
}
