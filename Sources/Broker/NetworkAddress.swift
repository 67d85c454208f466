/// A host, by name or number, and a port.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Reads `PLAINTEXT://host:port`, or `host:port` alone.
    package init(listener text: String) throws(SettingsError) {
        var rest = Substring(text)
        if let scheme = text.firstRange(of: "://") {
            let name = text[..<scheme.lowerBound]
            guard name.uppercased() == "PLAINTEXT" else {
                throw SettingsError("\(text): only PLAINTEXT listeners are served; write PLAINTEXT://host:port.")
            }
            rest = text[scheme.upperBound...]
        }
        guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw SettingsError("\(text): expected PLAINTEXT://host:port with a port from 0 to 65535.") }
        var host = String(rest[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.init(host: host.isEmpty ? "0.0.0.0" : host, port: port)
    }
}
