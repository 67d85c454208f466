import KafkaProtocol
import Testing

/// What consumers of the classic protocol embed in JoinGroup and SyncGroup.
@Suite struct ConsumerProtocolTests {
    private let subscription = ConsumerProtocolSubscription(
        topics: ["t", "uu"], userData: [9], ownedPartitions: [.init(topic: "t", partitions: [0, 3])], generationID: 4,
        rackID: "r")

    @Test func subscriptionsHaveKafkasBytes() throws {
        let encoded = bytes(
            "0003 00000002 0001 74 0002 7575 00000001 09"
                + "00000001 0001 74 00000002 00000000 00000003 00000004 0001 72")
        #expect(subscription.encodedBehindVersion(3) == encoded)
        #expect(try ConsumerProtocolSubscription(decodingEmbedded: encoded) == subscription)
        let first = bytes("0000 00000001 0001 74 ffffffff")
        #expect(ConsumerProtocolSubscription(topics: ["t"]).encodedBehindVersion(0) == first)
        #expect(try ConsumerProtocolSubscription(decodingEmbedded: first) == .init(topics: ["t"]))
    }

    @Test func assignmentsHaveKafkasBytes() throws {
        let assignment = ConsumerProtocolAssignment(assignedPartitions: [.init(topic: "t", partitions: [1])])
        let encoded = bytes("0001 00000001 0001 74 00000001 00000001 ffffffff")
        #expect(assignment.encodedBehindVersion(1) == encoded)
        #expect(try ConsumerProtocolAssignment(decodingEmbedded: encoded) == assignment)
    }

    /// A newer version has more fields at the end, which an older reader does not look at.
    @Test func newerVersionsAreReadAsTheNewestKnown() throws {
        var encoded = subscription.encodedBehindVersion(3) + [1, 2, 3]
        encoded[1] = 9
        #expect(try ConsumerProtocolSubscription(decodingEmbedded: encoded) == subscription)
        #expect(
            wireError { () throws(WireError) in
                try ConsumerProtocolSubscription(decodingBehindVersion: encoded.span.bytes)
            } == .unknownVersion(9))
    }

    @Test func damagedPartsAreErrors() {
        func error(_ text: String) -> WireError? {
            wireError { () throws(WireError) in try ConsumerProtocolSubscription(decodingEmbedded: bytes(text)) }
        }
        #expect(error("") == .truncated(needed: 2, available: 0))
        #expect(error("ffff 00000000 ffffffff") == .unknownVersion(-1))
        #expect(error("0000 7fffffff") == .invalidLength(0x7fff_ffff))
    }
}
