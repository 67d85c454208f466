import KafkaProtocol
import Testing

@Suite struct HeaderTests {
    /// The client id keeps its two-byte length in flexible versions; only tagged fields are added.
    @Test(arguments: [
        (String?.some("kc"), false, "0003 0009 0000002a 0002 6b63"), ("kc", true, "0003 0009 0000002a 0002 6b63 00"),
        (nil, false, "0003 0009 0000002a ffff"), ("", true, "0003 0009 0000002a 0000 00"),
    ])
    func requestHeaders(clientID: String?, flexible: Bool, text: String) throws {
        let header = RequestHeader(apiKey: 3, apiVersion: 9, correlationID: 42, clientID: clientID)
        #expect(written { header.encode(into: &$0, flexible: flexible) } == bytes(text))
        #expect(try decode(text, flexible: flexible) == header)
    }

    private func decode(_ text: String, flexible: Bool) throws(WireError) -> RequestHeader {
        try reading(bytes(text)) { (reader) throws(WireError) in
            var header = try RequestHeader(fixedPartFrom: &reader)
            try header.readRest(from: &reader, flexible: flexible)
            try reader.expectEnd()
            return header
        }
    }

    @Test func taggedFieldsOfARequestHeaderAreSkipped() throws {
        #expect(try decode("0003 0009 0000002a 0001 63 01 00 02 aabb", flexible: true).clientID == "c")
    }

    @Test func everyShorterHeaderIsAnError() {
        let text = "0003 0009 0000002a 0002 6b63 00"
        for length in 0..<bytes(text).count {
            let prefix = hexadecimal(Array(bytes(text).prefix(length)))
            let error = wireError { () throws(WireError) in try decode(prefix, flexible: true) }
            guard case .truncated = error else {
                Issue.record("\(length) bytes: \(String(describing: error))")
                continue
            }
        }
    }

    /// Key, version and correlation id can be read from a request of a version that nobody knows.
    @Test func theFixedPartStandsAlone() throws {
        let encoded = bytes("0012 7fff 00000007")
        #expect(encoded.count == RequestHeader.fixedSizeBytes)
        let header = try reading(encoded) { (reader) throws(WireError) in try RequestHeader(fixedPartFrom: &reader) }
        #expect(header == RequestHeader(apiKey: 18, apiVersion: .max, correlationID: 7, clientID: nil))
    }

    @Test func responseHeaders() throws {
        for (key, flexible, text): (ApiKey, Bool, String) in [
            (.metadata, false, "0000002a"), (.metadata, true, "0000002a 00"),
            (.apiVersions, false, "0000002a"), (.apiVersions, true, "0000002a"),
        ] {
            let encoded = written {
                ResponseHeader.encode(correlationID: 42, flexible: flexible, apiKey: key, into: &$0)
            }
            #expect(encoded == bytes(text))
            let decoded = try reading(encoded) { (reader) throws(WireError) in
                let decoded = try ResponseHeader.decode(from: &reader, flexible: flexible, apiKey: key)
                try reader.expectEnd()
                return decoded
            }
            #expect(decoded == 42)
        }
    }
}
