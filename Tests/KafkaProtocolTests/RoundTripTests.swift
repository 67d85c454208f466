import KafkaProtocol
import Testing

/// Every message in every version: what is encoded decodes to the same value, and nothing less than all of it decodes.
@Suite struct RoundTripTests {
    @Test(arguments: [UInt64]([1, 2, 3, 4, 5, 6, 7, 8]))
    func everyMessageInEveryVersionComesBack(seed: UInt64) {
        for type in sampleMessages { checkRoundTrip(type, seed: seed) }
    }

    private func checkRoundTrip<Message: SampleMessage>(_ type: Message.Type, seed: UInt64) {
        for version in type.versions {
            var random = SampleSource(seed: seed &* 1_000_003 &+ UInt64(version))
            let message = type.sample(&random, version: version)
            let bytes = message.encoded(version: version)
            do {
                let decoded = try type.init(decoding: bytes, version: version)
                #expect(decoded == message, "\(type) \(version), seed \(seed)")
                #expect(decoded.encoded(version: version) == bytes, "\(type) \(version), seed \(seed)")
            } catch {
                Issue.record("\(type) \(version), seed \(seed): \(error) in \(hexadecimal(bytes))")
            }
        }
    }

    /// A prefix lacks bytes, so it is an error of missing bytes, never a value and never a trap.
    @Test(arguments: [UInt64]([11, 12, 13, 14, 15, 16]))
    func everyTruncatedPrefixIsAnError(seed: UInt64) {
        for type in sampleMessages { checkPrefixes(type, seed: seed) }
    }

    private func checkPrefixes<Message: SampleMessage>(_ type: Message.Type, seed: UInt64) {
        for version in type.versions {
            var random = SampleSource(seed: seed &* 1_000_003 &+ UInt64(version))
            let bytes = type.sample(&random, version: version).encoded(version: version)
            for length in 0..<bytes.count {
                let prefix = bytes.span.bytes.extracting(first: length)
                switch wireError({ () throws(WireError) in try type.init(decoding: prefix, version: version) }) {
                case .truncated, .invalidLength: continue
                case let outcome:
                    let found = outcome?.description ?? "a value"
                    Issue.record("\(type) \(version), seed \(seed), \(length) of \(bytes.count) bytes: \(found)")
                }
            }
        }
    }

    @Test func bytesBehindTheLastFieldAreAnError() {
        for type in sampleMessages { checkTrailing(type) }
    }

    private func checkTrailing<Message: SampleMessage>(_ type: Message.Type) {
        for version in type.versions {
            var random = SampleSource(seed: UInt64(version))
            let bytes = type.sample(&random, version: version).encoded(version: version) + [0, 0]
            let error = wireError { () throws(WireError) in try type.init(decoding: bytes, version: version) }
            #expect(error == .trailingBytes(2), "\(type) \(version)")
        }
    }

    @Test func aMessageAndItsApiKeyAgree() {
        let messages = sampleMessages.compactMap { $0 as? any WireMessage.Type }
        #expect(messages.count == 2 * ApiKey.allCases.count)
        for type in messages { #expect(type.firstFlexibleVersion == type.apiKey.firstFlexibleVersion) }
        #expect(ApiKey.initProducerID.name == "InitProducerId")
        #expect(ApiKey(rawValue: 4) == nil)
    }

    /// Null is a value only of newer versions; older peers get an empty one in its place.
    @Test func nullIsWrittenAsEmptyWhereAVersionHasNoNull() throws {
        #expect(MetadataRequest(topics: nil).encoded(version: 0) == bytes("00000000"))
        #expect(MetadataRequest(topics: nil).encoded(version: 1) == bytes("ffffffff"))
        #expect(MetadataRequest(topics: []).encoded(version: 1) == bytes("00000000"))
        let join = JoinGroupResponse(protocolName: nil)
        #expect(try JoinGroupResponse(decoding: join.encoded(version: 6), version: 6).protocolName == "")
        #expect(try JoinGroupResponse(decoding: join.encoded(version: 7), version: 7).protocolName == nil)
        let deleted = DeleteTopicsResponse(responses: [.init(name: nil)])
        #expect(try DeleteTopicsResponse(decoding: deleted.encoded(version: 5), version: 5).responses[0].name == "")
        #expect(try DeleteTopicsResponse(decoding: deleted.encoded(version: 6), version: 6).responses[0].name == nil)
        let topic = MetadataResponse(topics: [.init(name: nil)])
        #expect(try MetadataResponse(decoding: topic.encoded(version: 11), version: 11).topics[0].name == "")
        #expect(try MetadataResponse(decoding: topic.encoded(version: 12), version: 12).topics[0].name == nil)
    }
}
