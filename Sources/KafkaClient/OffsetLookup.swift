// OffsetLookup: ListOffsets for several partitions.

import KafkaProtocol

/// What to look for. Source: the Kafka protocol guide, ListOffsets; KIP-79, KIP-734.
package enum OffsetQuery: Equatable, Sendable {
    case earliest
    /// The end of the log: the offset of the next record.
    case latest
    /// The first record at or after this time, in milliseconds since 1970.
    case timestamp(Int64)

    var wireValue: Int64 {
        switch self {
        case .latest: -1
        case .earliest: -2
        case .timestamp(let milliseconds): milliseconds
        }
    }
}

extension KafkaConnection {
    /// Offsets by partition of one topic; -1 where no record is late enough.
    package func offsets(
        _ topic: String, _ partitions: [Int32], at query: OffsetQuery
    ) async throws(ClientError) -> [Int32: Int64] {
        let found = try await offsets(of: partitions.map { TopicPartition(topic, $0) }, at: query)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.key.partition, $0.value) })
    }

    /// Offsets by partition; -1 where no record is late enough.
    package func offsets(
        of partitions: [TopicPartition], at query: OffsetQuery
    ) async throws(ClientError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let request = ListOffsetsRequest(
            replicaID: -1,
            topics: partitions.grouped().map { topic in
                ListOffsetsRequest.ListOffsetsTopic(
                    name: topic.topic,
                    partitions: topic.partitions.map {
                        ListOffsetsRequest.ListOffsetsPartition(partitionIndex: $0, timestamp: query.wireValue)
                    })
            }, timeoutMs: Int32(clamping: settings.requestTimeoutMilliseconds))
        let response = try await send(request)
        var offsets: [TopicPartition: Int64] = [:]
        for topic in response.topics {
            for each in topic.partitions {
                let partition = TopicPartition(topic.name, each.partitionIndex)
                guard each.errorCode == .none else {
                    throw .refused("cannot look up offsets of \(partition)", each.errorCode)
                }
                offsets[partition] = each.offset
            }
        }
        guard let missing = partitions.first(where: { offsets[$0] == nil }) else { return offsets }
        throw ClientError(.malformedAnswer, "\(address) did not answer for \(missing)")
    }
}
