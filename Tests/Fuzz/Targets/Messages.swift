// Requests as a broker reads them, responses as a client does: what decodes has one encoding, which decodes to the same.

@testable import KafkaProtocol

private let requests: [Int16: any RequestMessage.Type] = {
    let all: [any RequestMessage.Type] = [
        AlterConfigsRequest.self, ApiVersionsRequest.self, ConsumerGroupDescribeRequest.self,
        ConsumerGroupHeartbeatRequest.self, CreatePartitionsRequest.self, CreateTopicsRequest.self,
        DeleteGroupsRequest.self, DeleteRecordsRequest.self, DeleteTopicsRequest.self, DescribeClusterRequest.self,
        DescribeConfigsRequest.self, DescribeGroupsRequest.self, DescribeLogDirsRequest.self,
        DescribeProducersRequest.self, DescribeTopicPartitionsRequest.self, FetchRequest.self,
        FindCoordinatorRequest.self, HeartbeatRequest.self, IncrementalAlterConfigsRequest.self,
        InitProducerIDRequest.self, JoinGroupRequest.self, LeaveGroupRequest.self, ListGroupsRequest.self,
        ListOffsetsRequest.self, MetadataRequest.self, OffsetCommitRequest.self, OffsetDeleteRequest.self,
        OffsetFetchRequest.self, OffsetForLeaderEpochRequest.self, ProduceRequest.self, SyncGroupRequest.self,
    ]
    return Dictionary(uniqueKeysWithValues: all.map { ($0.apiKey.rawValue, $0) })
}()

/// A frame without its size: header and body, in the version that the header names.
func fuzzRequest(_ input: UnsafeRawBufferPointer) {
    var reader = WireReader(input.bytes)
    guard var header = try? RequestHeader(fixedPartFrom: &reader), let type = requests[header.apiKey] else { return }
    guard type.versions.contains(header.apiVersion) else { return }
    let isFlexible = type.isFlexible(header.apiVersion)
    guard (try? header.readRest(from: &reader, flexible: isFlexible)) != nil else { return }
    let body = input.bytes.extracting(droppingFirst: input.count - reader.remaining)
    decode(type, body, header.apiVersion)
}

/// Key and version in front, then the body.
func fuzzResponse(_ input: UnsafeRawBufferPointer) {
    guard input.count >= 2, let type = requests[Int16(input[0])] else { return }
    let version = Int16(input[1])
    guard type.versions.contains(version) else { return }
    decodeResponse(type, input.bytes.extracting(droppingFirst: 2), version)
}

private func decodeResponse<Request: RequestMessage>(_ type: Request.Type, _ body: RawSpan, _ version: Int16) {
    decode(Request.Response.self, body, version)
}

private func decode<Message: WireMessage>(_ type: Message.Type, _ body: RawSpan, _ version: Int16) {
    var reader = WireReader(body)
    guard let message = try? type.init(from: &reader, version: version) else { return }
    // Decoded records are a range of their frame, which cannot be encoded.
    if type == ProduceRequest.self || type == FetchResponse.self { return }
    let encoded = encode(message, version)
    var again = WireReader(encoded.span.bytes)
    guard let second = try? type.init(from: &again, version: version), again.remaining == 0 else {
        fatalError("\(type) version \(version) does not decode what it encoded")
    }
    require(encode(second, version) == encoded, "\(type) version \(version) has two encodings")
}

private func encode(_ message: some WireMessage, _ version: Int16) -> [UInt8] {
    var writer = WireWriter()
    message.encode(into: &writer, version: version)
    return writer.bytes
}
