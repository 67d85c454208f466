// PartitionMap: where the partitions of several topics are led, and lookups that go to all of their leaders.
//
// Topics and partitions that do not exist are not in it. Threads: Sendable; closing is the cluster's matter.

import KafkaProtocol
import KafkaRecords

package struct PartitionMap: Sendable {
    fileprivate struct Place: Sendable {
        let topicID: Uuid
        let connection: KafkaConnection
    }

    fileprivate let places: [TopicPartition: Place]

    package func contains(_ partition: TopicPartition) -> Bool { places[partition] != nil }

    /// In ascending order; empty if the topic does not exist.
    package func partitions(of topic: String) -> [TopicPartition] {
        places.keys.filter { $0.topic == topic }.sorted()
    }

    /// Offsets of those partitions that exist; -1 where no record is late enough.
    package func offsets(
        of partitions: [TopicPartition], at query: OffsetQuery
    ) async throws(ClientError) -> [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for (connection, led) in byLeader(partitions) {
            for (partition, offset) in try await connection.offsets(of: led, at: query) { offsets[partition] = offset }
        }
        return offsets
    }

    private func byLeader(_ partitions: [TopicPartition]) -> [(KafkaConnection, [TopicPartition])] {
        var groups: [(connection: KafkaConnection, partitions: [TopicPartition])] = []
        for partition in partitions {
            guard let connection = places[partition]?.connection else { continue }
            if let index = groups.firstIndex(where: { $0.connection === connection }) {
                groups[index].partitions.append(partition)
            } else {
                groups.append((connection, [partition]))
            }
        }
        return groups
    }
}

// MARK: Times of records

extension PartitionMap {
    /// The timestamp of the first record at or after each offset, in milliseconds since 1970: exact, also within compressed
    /// batches, and over gaps that compaction and transactions leave. Costs one batch a partition: a fetch that allows a
    /// single byte is answered with one whole batch (KIP-74). A partition has no entry if there is no such record, if it
    /// has no time, or if it cannot be read.
    package func recordTimes(_ positions: [TopicPartition: Int64]) async throws(ClientError) -> [TopicPartition: Int64]
    {
        var times: [TopicPartition: Int64] = [:]
        var open = positions.filter { places[$0.key] != nil }
        for _ in 0..<Self.gapBatchesMax where !open.isEmpty {
            var further: [TopicPartition: Int64] = [:]
            let order = open.keys.sorted()
            for start in stride(from: 0, to: order.count, by: Self.fetchesInFlightMax) {
                let window = order[start..<min(start + Self.fetchesInFlightMax, order.count)]
                var pending: [(TopicPartition, Int64, PendingAnswer<FetchResponse>)] = []
                for partition in window {
                    guard let place = places[partition], let offset = open[partition] else { continue }
                    pending.append(
                        (partition, offset, try place.connection.begin(Self.request(partition, place.topicID, offset))))
                }
                for (partition, offset, answer) in pending {
                    switch Self.firstRecord(in: try await answer.get(), offset) {
                    case .time(let milliseconds): times[partition] = milliseconds
                    case .further(let next): further[partition] = next
                    case .nothing: break
                    }
                }
            }
            open = further
        }
        return times
    }

    /// Batches without a record to look at: markers of transactions, or what compaction has emptied.
    private static let gapBatchesMax = 16
    /// Each may be answered with a batch of a megabyte.
    private static let fetchesInFlightMax = 16

    private static func request(_ partition: TopicPartition, _ topicID: Uuid, _ offset: Int64) -> FetchRequest {
        FetchRequest(
            maxWaitMs: 0, minBytes: 0, maxBytes: 1,
            topics: [
                FetchRequest.FetchTopic(
                    topic: partition.topic, topicID: topicID,
                    partitions: [
                        FetchRequest.FetchPartition(
                            partition: partition.partition, fetchOffset: offset, partitionMaxBytes: 1)
                    ])
            ])
    }

    private enum Found {
        case time(Int64)
        case further(Int64)
        case nothing
    }

    /// An answer that is an error, or damaged records, have no time; whoever reads the partition is told why.
    private static func firstRecord(in answer: Answer<FetchResponse>, _ offset: Int64) -> Found {
        guard let partition = answer.response.responses.flatMap(\.partitions).first, partition.errorCode == .none,
            case .frame(let range)? = partition.records, !range.isEmpty
        else { return .nothing }
        let bytes = answer.bytes(range)
        guard let next = try? KafkaConsumer.nextOffset(bytes, from: offset), next > offset else { return .nothing }
        let records = FetchedRecords(
            partitions: [
                .init(
                    partition: partition.partitionIndex, startOffset: offset, endOffset: .max, nextOffset: next,
                    bytes: bytes)
            ], decompressedLimitBytes: ConsumerSettings().decompressedLimitBytes)
        var time: Int64?
        do throws(ClientError) {
            try records.visitRecords { record in
                time = record.timestamp
                return false
            }
        } catch { return .nothing }
        guard let time else { return .further(next) }
        return time >= 0 ? .time(time) : .nothing
    }
}

extension KafkaCluster {
    /// Where the partitions of these topics are led. A partition without a leader is an error.
    package func locate(_ topics: some Collection<String>) async throws(ClientError) -> PartitionMap {
        guard !topics.isEmpty else { return PartitionMap(places: [:]) }
        let metadata = try await bootstrap.send(
            MetadataRequest(
                topics: Set(topics).sorted().map { MetadataRequest.MetadataRequestTopic(name: $0) },
                allowAutoTopicCreation: false))
        var places: [TopicPartition: PartitionMap.Place] = [:]
        for topic in metadata.topics {
            guard let name = topic.name, topic.errorCode != .unknownTopicOrPartition else { continue }
            guard topic.errorCode == .none else { throw .refused("topic \"\(name)\"", topic.errorCode) }
            for each in topic.partitions {
                let partition = TopicPartition(name, each.partitionIndex)
                guard let leader = metadata.brokers.first(where: { $0.nodeID == each.leaderID }) else {
                    throw .refused("\(partition) has no leader", .leaderNotAvailable)
                }
                let connection = try await connection(to: BrokerAddress(host: leader.host, port: Int(leader.port)))
                places[partition] = PartitionMap.Place(topicID: topic.topicID, connection: connection)
            }
        }
        return PartitionMap(places: places)
    }
}
