// ConsumerProtocol: what members of a classic group put into the opaque bytes of JoinGroup and SyncGroup.
//
// A version (2 bytes), then the fields of that version; later versions only add fields at the end, and readers take what
// they know. Source: the Kafka protocol's ConsumerProtocolSubscription and ConsumerProtocolAssignment.

import KafkaProtocol

package enum ConsumerProtocol {
    /// `protocol_type` of groups whose members speak it.
    package static let type = "consumer"

    /// Topics that a member wants, as version 0.
    package static func encodeSubscription(_ topics: [String]) -> [UInt8] {
        var writer = WireWriter()
        writer.writeInt16(0)
        writer.writeList(topics, false) { topic, writer in writer.writeString(topic, false) }
        writer.writeNullableBytes(nil, false)
        return writer.bytes
    }

    /// Topics that a member wants; nil if these bytes are no subscription.
    package static func decodeSubscription(_ bytes: [UInt8]) -> [String]? {
        var reader = WireReader(bytes.span.bytes)
        do throws(WireError) {
            guard try reader.readInt16() >= 0 else { return nil }
            return try reader.readList(false) { reader throws(WireError) in try reader.readString(false) }
        } catch { return nil }
    }

    /// Partitions that a member gets, as version 0.
    package static func encodeAssignment(_ partitions: [TopicPartition]) -> [UInt8] {
        var writer = WireWriter()
        writer.writeInt16(0)
        writer.writeList(partitions.grouped(), false) { topic, writer in
            writer.writeString(topic.topic, false)
            writer.writeList(topic.partitions, false) { partition, writer in writer.writeInt32(partition) }
        }
        writer.writeNullableBytes(nil, false)
        return writer.bytes
    }

    /// Partitions that a member got, in order; nil if these bytes are no assignment. No bytes are no partitions: brokers
    /// and leaders write them for members that get nothing.
    package static func decodeAssignment(_ bytes: [UInt8]) -> [TopicPartition]? {
        guard !bytes.isEmpty else { return [] }
        var reader = WireReader(bytes.span.bytes)
        do throws(WireError) {
            guard try reader.readInt16() >= 0 else { return nil }
            let topics = try reader.readList(false) { reader throws(WireError) in
                let topic = try reader.readString(false)
                return try reader.readList(false) { reader throws(WireError) in
                    TopicPartition(topic, try reader.readInt32())
                }
            }
            return topics.flatMap(\.self).sorted()
        } catch { return nil }
    }
}
