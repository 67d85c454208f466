import KafkaProtocol
import Testing

/// Records stay where they were received: a decoded field is a range of its frame.
@Suite struct RecordsFieldTests {
    private let batch = [UInt8]((0..<70).map { UInt8($0) })

    @Test(arguments: ProduceRequest.versions)
    func producedRecordsAreARangeOfTheFrame(version: Int16) throws {
        let partitions: [ProduceRequest.PartitionProduceData] = [
            .init(index: 0, records: .bytes(batch)), .init(index: 1, records: nil),
            .init(index: 2, records: .bytes([])),
            .init(index: 3, records: .bytes([0xAA, 0xBB])),
        ]
        let request = ProduceRequest(
            acks: -1, topicData: [.init(name: version < 13 ? "t" : "", partitionData: partitions)])
        let flexible = ProduceRequest.isFlexible(version)
        // The header stands in the same frame, and ranges count from the start of the frame.
        let frame = written { writer in
            RequestHeader(apiKey: 0, apiVersion: version, correlationID: 1, clientID: "client")
                .encode(into: &writer, flexible: flexible)
            request.encode(into: &writer, version: version)
        }
        var reader = WireReader(frame.span.bytes)
        var header = try RequestHeader(fixedPartFrom: &reader)
        try header.readRest(from: &reader, flexible: flexible)
        let decoded = try ProduceRequest(from: &reader, version: version)
        try reader.expectEnd()

        let found = decoded.topicData[0].partitionData
        #expect(found.map(\.index) == [0, 1, 2, 3])
        #expect(found.map { $0.records?.byteCount } == [70, nil, 0, 2])
        guard case .frame(let first) = found[0].records, case .frame(let last) = found[3].records else {
            Issue.record("decoded records are not a range")
            return
        }
        #expect(Array(frame[first]) == batch)
        #expect(Array(frame[last]) == [0xAA, 0xBB])
    }

    @Test(arguments: FetchResponse.versions)
    func splicedRecordsStandWhereCopiedOnesWould(version: Int16) throws {
        func response(_ first: Records?, _ second: Records?) -> FetchResponse {
            let partitions: [FetchResponse.PartitionData] = [
                .init(partitionIndex: 0, records: first), .init(partitionIndex: 1, records: nil),
                .init(partitionIndex: 2, records: second),
            ]
            return FetchResponse(responses: [.init(topic: version < 13 ? "t" : "", partitions: partitions)])
        }
        let copied = response(.bytes(batch), .bytes([7])).encoded(version: version)
        var writer = WireWriter()
        response(.spliced(byteCount: 70), .spliced(byteCount: 1)).encode(into: &writer, version: version)
        #expect(writer.messageByteCount == copied.count)
        #expect(writer.splices.map(\.byteCount) == [70, 1])
        var assembled = writer.bytes
        for (splice, content) in zip(writer.splices, [batch, [7]]).reversed() {
            assembled.insert(contentsOf: content, at: splice.position)
        }
        #expect(assembled == copied)

        let decoded = try FetchResponse(decoding: copied, version: version).responses[0].partitions
        guard case .frame(let range) = decoded[0].records else {
            Issue.record("decoded records are not a range")
            return
        }
        #expect(Array(copied[range]) == batch)
        #expect(decoded[1].records == nil)
    }
}
