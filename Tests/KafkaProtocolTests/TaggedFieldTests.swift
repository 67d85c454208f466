import KafkaProtocol
import Testing

/// Tagged fields (KIP-482): unknown ones are skipped, known ones must have the size that they state, and defaults are
/// left out.
@Suite struct TaggedFieldTests {
    /// Tag 1000 with three bytes.
    private let unknown = bytes("01 e807 03 010203")

    /// A flexible message without tagged fields of its own ends with their number, zero.
    @Test func everyMessageSkipsAnUnknownTaggedField() {
        for type in sampleMessages { checkUnknownTag(type) }
    }

    private func checkUnknownTag<Message: SampleMessage>(_ type: Message.Type) {
        for version in type.versions where type.isFlexible(version) {
            var random = SampleSource(seed: UInt64(version))
            var message = type.sample(&random, version: version)
            message.removeTaggedFields()
            let encoded = message.encoded(version: version)
            #expect(encoded.last == 0)
            let extended = encoded.dropLast() + unknown
            do {
                #expect(try type.init(decoding: Array(extended), version: version) == message, "\(type) \(version)")
            } catch {
                Issue.record("\(type) \(version): \(error)")
            }
        }
    }

    @Test func unknownTagsOfNestedStructuresAreSkipped() throws {
        // Version 9: one topic named "t" with an unknown tag, then the three flags, then two unknown tags.
        let body = bytes("02 02 74 01 05 01 ff  01 00 01  02 00 00 07 02 aabb")
        let request = try MetadataRequest(decoding: body, version: 9)
        #expect(request.topics == [.init(name: "t")])
        #expect(request.allowAutoTopicCreation && !request.includeClusterAuthorizedOperations)
        #expect(request.includeTopicAuthorizedOperations)
    }

    @Test func knownAndUnknownTagsMix() throws {
        // No error, no APIs, no throttling; then the epoch (tag 1), an unknown tag 9, and the flag (tag 3).
        let body = bytes("0000 01 00000000 03  01 08 0000000000000007  09 01 ff  03 01 01")
        let response = try ApiVersionsResponse(decoding: body, version: 3)
        #expect(response == ApiVersionsResponse(finalizedFeaturesEpoch: 7, zkMigrationReady: true))
    }

    @Test func aKnownTagOfTheWrongSizeIsAnError() {
        for (size, content) in [("07", "00000000000000 00"), ("09", "000000000000000700"), ("00", "0000000000000007")] {
            let body = bytes("0000 01 00000000 01 01 " + size + content)
            let error = wireError { () throws(WireError) in try ApiVersionsResponse(decoding: body, version: 3) }
            #expect(error == .invalidTaggedField(tag: 1))
        }
    }

    @Test func sizesAndCountsBeyondTheMessageAreErrors() {
        func error(_ text: String) -> WireError? {
            wireError { () throws(WireError) in
                try reading(bytes(text)) { (reader) throws(WireError) in try reader.skipTaggedFields() }
            }
        }
        #expect(error("01 00 ffffffff0f") == .truncated(needed: Int(UInt32.max), available: 0))
        #expect(error("01 00 02 00") == .truncated(needed: 2, available: 1))
        #expect(error("ffffffff0f 00 00") == .truncated(needed: 1, available: 0))
        #expect(error("ffffffff1f") == .invalidVarint)
        #expect(error("00") == nil)
    }

    /// A tag of a later version is unknown in an earlier one.
    @Test func aTagOfALaterVersionIsSkipped() throws {
        var partition = FetchRequest.FetchPartition(partition: 3)
        partition.highWatermark = 9
        let request = FetchRequest(topics: [.init(topicID: Uuid(high: 1, low: 2), partitions: [partition])])
        let decoded = try FetchRequest(decoding: request.encoded(version: 18), version: 17)
        #expect(decoded.topics[0].partitions[0].highWatermark == .max)
        #expect(request.encoded(version: 17).count == request.encoded(version: 18).count - 10)
    }

    /// librdkafka 2.0 gives up on an ApiVersions reply with feature tags, even if they hold defaults.
    @Test func defaultsAreNotWritten() {
        #expect(ApiVersionsResponse().encoded(version: 3) == bytes("0000 01 00000000 00"))
        let partition = ProduceResponse.PartitionProduceResponse(index: 1)
        #expect(partition.currentLeader == .init())
        let response = ProduceResponse(responses: [.init(name: "t", partitionResponses: [partition])])
        #expect(
            response.encoded(version: 10)
                == bytes(
                    "02 02 74 02 00000001 0000 0000000000000000 ffffffffffffffff ffffffffffffffff"
                        + "01 00 00 00 00000000 00"
                ))
    }

    /// In a tagged field null is zero, elsewhere it is -1.
    @Test func aTaggedStructureMayBeNull() throws {
        let head = "00 00 01 01 01 00 ffffffff 00"
        let absent = ConsumerGroupMemberMetadataValue()
        #expect(try ConsumerGroupMemberMetadataValue(decoding: bytes(head + "01 00 01 00"), version: 0) == absent)
        let present = ConsumerGroupMemberMetadataValue(classicMemberMetadata: .init(sessionTimeoutMs: 6))
        let encoded = bytes(head + "01 00 07 01 00000006 01 00")
        #expect(present.encoded(version: 0) == encoded)
        #expect(try ConsumerGroupMemberMetadataValue(decoding: encoded, version: 0) == present)
    }

    @Test func tagsAreWrittenInAscendingOrder() {
        let request = FetchRequest(clusterID: "c", replicaState: .init(replicaID: 1, replicaEpoch: 2))
        let encoded = request.encoded(version: 15)
        #expect(encoded.suffix(20) == bytes("02 00 02 02 63 01 0d 00000001 0000000000000002 00")[...])
    }
}

extension SampleMessage {
    fileprivate mutating func removeTaggedFields() {
        if var request = self as? FetchRequest {
            request.clusterID = nil
            request.replicaState = .init()
            self = request as! Self
        } else if var response = self as? FetchResponse {
            response.nodeEndpoints = []
            self = response as! Self
        } else if var response = self as? ProduceResponse {
            response.nodeEndpoints = []
            self = response as! Self
        } else if let response = self as? ApiVersionsResponse {
            self =
                ApiVersionsResponse(
                    errorCode: response.errorCode, apiKeys: response.apiKeys, throttleTimeMs: response.throttleTimeMs)
                as! Self
        } else if var value = self as? OffsetCommitValue {
            value.topicID = .zero
            self = value as! Self
        } else if var value = self as? ConsumerGroupMetadataValue {
            value.metadataHash = 0
            self = value as! Self
        } else if var value = self as? ConsumerGroupMemberMetadataValue {
            value.classicMemberMetadata = nil
            self = value as! Self
        }
    }
}
