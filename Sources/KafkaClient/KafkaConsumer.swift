// KafkaConsumer: reads partitions of one topic without a group, from where it is told to the end, or on and on.
//
// The next fetch is sent before the records of the last one are decoded: the headers of the batches tell where it goes
// on. Threads: used by one task at a time.

import KafkaProtocol
import KafkaRecords
import NIOCore

/// Where reading starts.
package enum StartPosition: Equatable, Sendable {
    case beginning
    case end
    case offset(Int64)
    /// The first record at or after this time, in milliseconds since 1970.
    case timestamp(Int64)
}

package struct ConsumerSettings: Sendable {
    /// Whether to wait for new records instead of stopping where the log ended at the start.
    package var follow = false
    /// How long the broker may hold a fetch back that has no records.
    package var maxWaitMilliseconds = 500
    package var minBytes = 1
    package var maxBytes = 8 << 20
    package var partitionMaxBytes = 1 << 20
    package var decompressedLimitBytes = 128 << 20

    package init() {}
}

package final class KafkaConsumer {
    package let topic: TopicMetadata
    private let connection: KafkaConnection
    private let settings: ConsumerSettings
    /// The next offset of each partition that is still read.
    private var positions: [Int32: Int64]
    /// Where each partition ends; empty when following.
    private let ends: [Int32: Int64]
    private var pending: (answer: PendingAnswer<FetchResponse>, positions: [Int32: Int64])?
    private var turn = 0

    /// - Parameters:
    ///   - positions: by partition, where to start.
    ///   - ends: where to stop; a partition without an end is read on and on.
    package init(
        topic: TopicMetadata, connection: KafkaConnection, settings: ConsumerSettings, positions: [Int32: Int64],
        ends: [Int32: Int64]
    ) {
        self.topic = topic
        self.connection = connection
        self.settings = settings
        self.positions = positions
        self.ends = ends
        dropFinished()
    }

    /// Looks up where to start and, unless following, where to stop.
    /// - Parameter partitions: nil is all of the topic's.
    package static func open(
        topic: TopicMetadata, connection: KafkaConnection, partitions: [Int32]? = nil,
        start: StartPosition = .beginning,
        settings: ConsumerSettings = ConsumerSettings()
    ) async throws(ClientError) -> KafkaConsumer {
        let chosen = partitions ?? topic.partitions
        if let stranger = chosen.first(where: { !topic.partitions.contains($0) }) {
            throw ClientError(
                .refused(.unknownTopicOrPartition),
                "topic \"\(topic.name)\" has no partition \(stranger): it has \(topic.partitions.count), from 0 on")
        }
        // The end is asked for first: what is written in between is then not read, rather than waited for.
        let ends = try await connection.offsets(topic.name, chosen, at: .latest)
        let positions: [Int32: Int64]
        switch start {
        case .beginning: positions = try await connection.offsets(topic.name, chosen, at: .earliest)
        case .end: positions = ends
        case .offset(let offset):
            // A partition that ends earlier has nothing to read; if all do, somebody meant something else.
            guard let furthest = ends.values.max(), offset <= furthest else {
                throw ClientError(
                    .refused(.offsetOutOfRange),
                    "\(topic.name) has no offset \(offset): its log ends before \(ends.values.max() ?? 0)")
            }
            positions = Dictionary(uniqueKeysWithValues: chosen.map { ($0, offset) })
        case .timestamp(let milliseconds):
            // A partition without such a record has offset -1: its end.
            let found = try await connection.offsets(topic.name, chosen, at: .timestamp(milliseconds))
            positions = found.reduce(into: [:]) { $0[$1.key] = $1.value >= 0 ? $1.value : ends[$1.key] ?? 0 }
        }
        return KafkaConsumer(
            topic: topic, connection: connection, settings: settings, positions: positions,
            ends: settings.follow ? [:] : ends)
    }

    /// Whether all partitions were read to where they ended at the start. Never when following.
    package var isFinished: Bool { positions.isEmpty }

    /// The next records; empty if none came in time. nil when finished.
    package func fetch() async throws(ClientError) -> FetchedRecords? {
        guard !isFinished else { return nil }
        if pending == nil { pending = try begin() }
        guard let (answer, asked) = pending else { preconditionFailure("a fetch was just begun") }
        pending = nil
        let fetched = try await answer.get()
        guard fetched.response.errorCode == .none else { throw .refused("fetch", fetched.response.errorCode) }
        var batches: [FetchedRecords.Batches] = []
        for partition in fetched.response.responses.flatMap(\.partitions) {
            guard let start = asked[partition.partitionIndex] else { continue }
            if let found = try await take(partition, start, fetched) { batches.append(found) }
        }
        dropFinished()
        if !isFinished { pending = try begin() }
        return FetchedRecords(partitions: batches, decompressedLimitBytes: settings.decompressedLimitBytes)
    }

    private func begin() throws(ClientError) -> (answer: PendingAnswer<FetchResponse>, positions: [Int32: Int64]) {
        // The broker fills the answer in the order of the request: another partition comes first each time.
        var order = positions.keys.sorted()
        turn = (turn + 1) % order.count
        order = Array(order[turn...] + order[..<turn])
        let request = FetchRequest(
            maxWaitMs: Int32(clamping: settings.maxWaitMilliseconds), minBytes: Int32(clamping: settings.minBytes),
            maxBytes: Int32(clamping: settings.maxBytes),
            topics: [
                FetchRequest.FetchTopic(
                    topic: topic.name, topicID: topic.id,
                    partitions: order.map {
                        FetchRequest.FetchPartition(
                            partition: $0, fetchOffset: positions[$0] ?? 0,
                            partitionMaxBytes: Int32(clamping: settings.partitionMaxBytes))
                    })
            ])
        let answer = try connection.begin(request, waitingMilliseconds: settings.maxWaitMilliseconds)
        return (answer, positions)
    }

    /// Moves the partition's position behind the batches that came.
    private func take(
        _ partition: FetchResponse.PartitionData, _ start: Int64, _ fetched: Answer<FetchResponse>
    ) async throws(ClientError) -> FetchedRecords.Batches? {
        let index = partition.partitionIndex
        guard partition.errorCode == .none else { throw await failure(index, start, partition.errorCode) }
        guard case .frame(let range)? = partition.records, !range.isEmpty else { return nil }
        let bytes = fetched.bytes(range)
        let next: Int64
        do throws(RecordError) {
            next = try Self.nextOffset(bytes, from: start)
            // Something is there but no whole batch: brokers send the first one whole (KIP-74).
            guard next > start else { throw .truncated(needed: range.count + 1, available: range.count) }
            positions[index] = next
        } catch {
            throw ClientError(.invalidRecords, "\(topic.name)-\(index), offset \(start): \(error)")
        }
        return FetchedRecords.Batches(
            partition: index, startOffset: start, endOffset: ends[index] ?? .max, nextOffset: next,
            bytes: bytes)
    }

    /// Behind the last whole batch.
    static func nextOffset(_ batches: ByteBuffer, from start: Int64) throws(RecordError) -> Int64 {
        let bytes = batches.readableBytesSpan
        var (position, next) = (0, start)
        while let header = try wholeBatch(bytes, at: position) {
            next = max(next, header.nextOffset)
            position += header.sizeInBytes
        }
        return next
    }

    private func failure(_ partition: Int32, _ offset: Int64, _ code: ErrorCode) async -> ClientError {
        let what = "\(topic.name)-\(partition)"
        // Where the log starts and ends is only said to help; without an answer the refusal itself is all there is to say.
        guard code == .offsetOutOfRange,
            let start = try? await connection.offsets(topic.name, [partition], at: .earliest)[partition],
            let end = try? await connection.offsets(topic.name, [partition], at: .latest)[partition]
        else { return .refused("cannot read \(what) at offset \(offset)", code) }
        return ClientError(
            .refused(code), "\(what) has no offset \(offset): its log starts at \(start) and ends before \(end)")
    }

    private func dropFinished() {
        for (partition, end) in ends where (positions[partition] ?? end) >= end { positions[partition] = nil }
    }
}
