// OffsetLookup: ListOffsets for several partitions of one topic.

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
    /// Offsets by partition; -1 where no record is late enough.
    package func offsets(
        _ topic: String, _ partitions: [Int32], at query: OffsetQuery
    ) async throws(ClientError) -> [Int32: Int64] {
        let request = ListOffsetsRequest(
            replicaID: -1,
            topics: [
                ListOffsetsRequest.ListOffsetsTopic(
                    name: topic,
                    partitions: partitions.map {
                        ListOffsetsRequest.ListOffsetsPartition(partitionIndex: $0, timestamp: query.wireValue)
                    })
            ], timeoutMs: Int32(clamping: settings.requestTimeoutMilliseconds))
        let response = try await send(request)
        var offsets: [Int32: Int64] = [:]
        for partition in response.topics.flatMap(\.partitions) {
            guard partition.errorCode == .none else {
                throw .refused("cannot look up offsets of \(topic)-\(partition.partitionIndex)", partition.errorCode)
            }
            offsets[partition.partitionIndex] = partition.offset
        }
        guard let missing = partitions.first(where: { offsets[$0] == nil }) else { return offsets }
        throw ClientError(.malformedAnswer, "\(address) did not answer for \(topic)-\(missing)")
    }
}
