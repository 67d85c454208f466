// KafkaProducer: sends the batches of one topic, several requests in flight.
//
// Appending is synchronous and copies a record once, into its batch. `sendReady` sends what is full and waits only when
// too many requests are in flight; `flush` sends everything and waits for all answers. The producer has no timer: a
// caller that wants to linger flushes when it has waited long enough for more records.
// Not idempotent: a batch whose answer was a retriable error is sent again, and may then stand behind later ones of its
// partition. An answer that never came ends the producer; what was in flight may or may not be in the log.
// Threads: used by one task at a time.

import KafkaProtocol
import KafkaRecords

package struct ProducerSettings: Sendable {
    /// -1 (all): durable. 1: in the broker's page cache. 0: not answered at all.
    package var acks: Int16 = -1
    package var compression = Compression.none
    package var compressionLevel: Int?
    /// Of an uncompressed batch.
    package var batchMaxBytes = 512 << 10
    package var requestMaxBytes = 1 << 20
    package var inFlightRequestsMax = 5
    /// Of open batches, uncompressed; beyond it they are sent although they are not full. It bounds the memory of a
    /// producer for a topic with many partitions.
    package var bufferMaxBytes = 64 << 20
    /// How often a batch is sent again after a retriable error, and the pause before.
    package var retriesMax = 10
    package var retryBackoffMilliseconds = 100

    package init() {}
}

package final class KafkaProducer {
    private struct InFlight {
        let batches: [ReadyBatch]
        let answer: PendingAnswer<ProduceResponse>
        let attempt: Int
    }

    package let topic: TopicMetadata
    private let connection: KafkaConnection
    private let settings: ProducerSettings
    private var accumulator: BatchAccumulator
    private var inFlight: [InFlight] = []
    /// Records that the broker has acknowledged (with acks=0: that were sent).
    package private(set) var acknowledgedRecords = 0
    /// Bytes of their batches.
    package private(set) var acknowledgedBytes = 0

    package init(
        topic: TopicMetadata, connection: KafkaConnection, settings: ProducerSettings = ProducerSettings(),
        seed: UInt64? = nil
    ) {
        self.topic = topic
        self.connection = connection
        self.settings = settings
        accumulator = BatchAccumulator(
            partitions: topic.partitions, compression: settings.compression, level: settings.compressionLevel,
            batchMaxBytes: settings.batchMaxBytes, seed: seed)
    }

    /// Whether a full batch waits to be sent, or too much is buffered.
    package var needsSending: Bool { accumulator.hasReadyBatches || accumulator.openBytes > settings.bufferMaxBytes }

    /// Adds a record; nothing is sent yet.
    /// - Parameters:
    ///   - timestamp: milliseconds since 1970.
    ///   - partition: nil lets the partitioner choose; has to be one of the topic's.
    package func append(
        timestamp: Int64, key: RawSpan?, value: RawSpan?, headers: [RecordHeader] = [], partition: Int32? = nil
    ) throws(ClientError) {
        do throws(RecordError) {
            try accumulator.append(
                timestamp: timestamp, key: key, value: value, headers: headers, partition: partition)
        } catch {
            throw ClientError(.invalidRecords, "\(error)")
        }
    }

    /// Sends the full batches; waits for the oldest requests while too many are in flight.
    package func sendReady() async throws(ClientError) {
        if accumulator.openBytes > settings.bufferMaxBytes { try closeAll() }
        while accumulator.hasReadyBatches {
            let batches = accumulator.takeRequest(maxBytes: settings.requestMaxBytes)
            if settings.acks == 0 {
                try await sendUnanswered(batches)
                continue
            }
            while inFlight.count >= settings.inFlightRequestsMax { try await awaitOldest() }
            try begin(batches, attempt: 0)
        }
    }

    /// Sends everything, full or not, and waits until all of it is acknowledged.
    package func flush() async throws(ClientError) {
        try closeAll()
        try await sendReady()
        while !inFlight.isEmpty { try await awaitOldest() }
    }

    private func closeAll() throws(ClientError) {
        do throws(RecordError) { try accumulator.closeAll() } catch { throw ClientError(.invalidRecords, "\(error)") }
    }

    private func begin(_ batches: [ReadyBatch], attempt: Int) throws(ClientError) {
        let answer = try connection.begin(
            request(batches), waitingMilliseconds: connection.settings.requestTimeoutMilliseconds)
        inFlight.append(InFlight(batches: batches, answer: answer, attempt: attempt))
    }

    private func sendUnanswered(_ batches: [ReadyBatch]) async throws(ClientError) {
        try await connection.sendWithoutAnswer(request(batches))
        count(batches)
    }

    private func request(_ batches: [ReadyBatch]) -> ProduceRequest {
        ProduceRequest(
            acks: settings.acks, timeoutMs: Int32(clamping: connection.settings.requestTimeoutMilliseconds),
            topicData: [
                ProduceRequest.TopicProduceData(
                    name: topic.name, topicID: topic.id,
                    partitionData: batches.map {
                        ProduceRequest.PartitionProduceData(index: $0.partition, records: .bytes($0.bytes))
                    })
            ])
    }

    /// Waits for the answer to the oldest request, and sends again what deserves it.
    private func awaitOldest() async throws(ClientError) {
        let oldest = inFlight.removeFirst()
        let response = try await oldest.answer.get().response
        let results = response.responses.flatMap(\.partitionResponses)
        var again: [ReadyBatch] = []
        for batch in oldest.batches {
            guard let result = results.first(where: { $0.index == batch.partition }) else {
                throw ClientError(
                    .malformedAnswer, "\(connection.address) did not answer for partition \(batch.partition)")
            }
            if result.errorCode == .none {
                count([batch])
            } else if result.errorCode.isRetriable, oldest.attempt < settings.retriesMax {
                again.append(batch)
            } else {
                throw refusal(batch, result)
            }
        }
        guard !again.isEmpty else { return }
        await pause(milliseconds: settings.retryBackoffMilliseconds)
        try begin(again, attempt: oldest.attempt + 1)
    }

    private func count(_ batches: [ReadyBatch]) {
        for batch in batches {
            acknowledgedRecords += batch.recordCount
            acknowledgedBytes += batch.bytes.count
        }
    }

    private func refusal(
        _ batch: ReadyBatch, _ result: ProduceResponse.PartitionProduceResponse
    ) -> ClientError {
        var words = result.errorMessage ?? ""
        for record in result.recordErrors.prefix(3) {
            words += (words.isEmpty ? "" : "; ") + "record \(record.batchIndex)"
            if let reason = record.batchIndexErrorMessage { words += ": \(reason)" }
        }
        if words.isEmpty, result.errorCode == .messageTooLarge {
            words =
                "a batch of \(batch.bytes.count) bytes is more than the topic takes: raise its max.message.bytes "
                + "or send smaller batches"
        }
        return .refused("the broker refused records for \(topic.name)-\(batch.partition)", result.errorCode, words)
    }
}
