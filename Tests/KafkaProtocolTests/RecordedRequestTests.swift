import KafkaProtocol
import Testing

/// Requests of real clients decode to what was asked for, and encode to the bytes that those clients sent.
@Suite struct RecordedRequestTests {
    @Test(arguments: RecordedRequest.kcat + RecordedRequest.confluentKafka)
    func librdkafka(request: RecordedRequest) throws { try check(request, request.message) }

    @Test(arguments: RecordedRequest.kafkaPython + RecordedRequest.aiokafka)
    func pythonClients(request: RecordedRequest) throws { try check(request, request.message) }

    private func check<Message: RequestMessage>(_ request: RecordedRequest, _ expected: Message) throws {
        let version = request.header.apiVersion
        let flexible = Message.isFlexible(version)
        var reader = WireReader(request.frame.span.bytes)
        var header = try RequestHeader(fixedPartFrom: &reader)
        try header.readRest(from: &reader, flexible: flexible)
        #expect(header == request.header)
        let decoded = try Message(from: &reader, version: version)
        try reader.expectEnd()
        #expect(decoded == expected)

        let encoded = written { writer in
            header.encode(into: &writer, flexible: flexible)
            withRecordsCopied(decoded, from: request.frame).encode(into: &writer, version: version)
        }
        #expect(encoded == request.frame)
    }

    /// Decoded records are ranges of the frame; to be encoded they have to be bytes again.
    private func withRecordsCopied<Message: RequestMessage>(_ message: Message, from frame: [UInt8]) -> Message {
        guard var produce = message as? ProduceRequest else { return message }
        for topic in produce.topicData.indices {
            for partition in produce.topicData[topic].partitionData.indices {
                if case .frame(let range) = produce.topicData[topic].partitionData[partition].records {
                    produce.topicData[topic].partitionData[partition].records = .bytes(Array(frame[range]))
                }
            }
        }
        return produce as! Message
    }

    /// The records of a Produce request start with a batch of format 2 that ends where the field does.
    @Test(
        arguments: (RecordedRequest.kcat + RecordedRequest.confluentKafka + RecordedRequest.kafkaPython
            + RecordedRequest.aiokafka).filter { $0.header.apiKey == 0 })
    func producedRecordsAreOneBatch(request: RecordedRequest) throws {
        let produce = try #require(request.message as? ProduceRequest)
        guard case .frame(let range) = produce.topicData[0].partitionData[0].records else {
            Issue.record("decoded records are not a range")
            return
        }
        let batch = request.frame[range]
        let lengthBytes = batch[(batch.startIndex + 8)..<(batch.startIndex + 12)]
        #expect(lengthBytes.reduce(0) { $0 << 8 | Int($1) } == batch.count - 12)
        #expect(batch[batch.startIndex + 16] == 2)
    }
}
