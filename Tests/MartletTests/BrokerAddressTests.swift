import KafkaClient
import Testing

@Suite struct BrokerAddressTests {
    @Test(arguments: [
        ("localhost:9092", "localhost", 9092), ("localhost", "localhost", 9092), ("10.0.0.1:1", "10.0.0.1", 1),
        ("[::1]:29092", "::1", 29092), ("[fe80::1]", "fe80::1", 9092), ("PLAINTEXT://broker:65535", "broker", 65535),
    ])
    func parses(text: String, host: String, port: Int) throws {
        #expect(try BrokerAddress(parsing: text) == BrokerAddress(host: host, port: port))
    }

    @Test(arguments: [
        "", ":9092", "host:", "host:0", "host:65536", "host:x", "::1", "::1:9092", "[::1", "[::1]9092", "a:1,b:2",
        "host:9092/path", "ho st:9092", "PLAINTEXT://",
    ])
    func refuses(text: String) {
        let error = #expect(throws: ClientError.self) { try BrokerAddress(parsing: text) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains("HOST:PORT") == true)
    }

    @Test func writesIPv6InBrackets() {
        #expect(BrokerAddress(host: "::1", port: 9092).description == "[::1]:9092")
        #expect(BrokerAddress(host: "a", port: 1).description == "a:1")
    }
}
