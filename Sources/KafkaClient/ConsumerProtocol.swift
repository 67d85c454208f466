// ConsumerProtocol: what members of a classic group put into the opaque bytes of JoinGroup and SyncGroup, in terms of
// topics and partitions.
//
// Written as version 0, which every client reads; a member that keeps nothing over a rebalance has no more to say.

import KafkaProtocol

package enum ConsumerProtocol {
    /// `protocol_type` of groups whose members speak it.
    package static let type = "consumer"

    private static let writtenVersion: Int16 = 0

    /// Topics that a member wants.
    package static func encodeSubscription(_ topics: [String]) -> [UInt8] {
        encode(ConsumerProtocolSubscription(topics: topics))
    }

    /// Topics that a member wants; nil if these bytes are no subscription.
    package static func decodeSubscription(_ bytes: [UInt8]) -> [String]? {
        (try? ConsumerProtocolSubscription(decodingEmbedded: bytes))?.topics
    }

    /// Partitions that a member gets.
    package static func encodeAssignment(_ partitions: [TopicPartition]) -> [UInt8] {
        encode(
            ConsumerProtocolAssignment(
                assignedPartitions: partitions.grouped().map { .init(topic: $0.topic, partitions: $0.partitions) }))
    }

    /// Partitions that a member got, in order; nil if these bytes are no assignment. No bytes are no partitions: brokers
    /// and leaders write them for members that get nothing.
    package static func decodeAssignment(_ bytes: [UInt8]) -> [TopicPartition]? {
        guard !bytes.isEmpty else { return [] }
        guard let assignment = try? ConsumerProtocolAssignment(decodingEmbedded: bytes) else { return nil }
        return assignment.assignedPartitions.flatMap { topic in
            topic.partitions.map { TopicPartition(topic.topic, $0) }
        }.sorted()
    }

    private static func encode(_ part: some ConsumerProtocolPart) -> [UInt8] {
        var writer = WireWriter()
        writer.writeInt16(writtenVersion)
        part.encode(into: &writer, version: writtenVersion)
        return writer.bytes
    }
}
