// What else people point at this port by mistake, told from the first four bytes of a connection.
//
// Thread rule: a value.

enum ForeignProtocol: Equatable {
    case http
    case tls

    /// Read as the size of a frame, each of these would be more than 369 MB.
    init?(firstBytes: UInt32) {
        switch firstBytes {
        case Self.ascii("GET "), Self.ascii("POST"), Self.ascii("HEAD"), Self.ascii("PUT "), Self.ascii("HTTP"),
            Self.ascii("DELE"), Self.ascii("OPTI"), Self.ascii("CONN"), Self.ascii("PRI "):
            self = .http
        // A TLS record: type 22 is a handshake, the major version is 3 in all of them.
        case 0x1603_0000...0x1603_FFFF: self = .tls
        default: return nil
        }
    }

    private static func ascii(_ text: StaticString) -> UInt32 {
        precondition(text.utf8CodeUnitCount == 4, "four characters are one number of four bytes")
        // A static string lives for ever, and the line above says that it has these four bytes.
        return (0..<4).reduce(0) { $0 << 8 | UInt32(text.utf8Start[$1]) }
    }

    /// For the log.
    var advice: String {
        switch self {
        case .http:
            "it speaks HTTP, but this port speaks the Kafka protocol; if it is a health check or a metrics scraper, "
                + "let it only open a TCP connection here"
        case .tls:
            "it began a TLS handshake, but this listener is plain text; set `security.protocol=PLAINTEXT` in the client"
        }
    }

    /// What the other side may understand, before the connection is closed.
    var answer: String? {
        switch self {
        case .http:
            """
            HTTP/1.1 400 Bad Request\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: \(Self.httpBody.utf8.count)\r
            Connection: close\r
            \r
            \(Self.httpBody)
            """
        case .tls: nil
        }
    }

    private static let httpBody =
        "This port speaks the Kafka protocol, not HTTP. Connect with a Kafka client (bootstrap.servers).\n"
}
