// LoadProducer: one producer of a benchmark, on a connection of its own.
//
// Closed loop: always `inFlightMax` requests under way. Open loop: records are due at a fixed rate, whatever the broker does;
// what could not be sent in time waits, and the waiting counts. A latency is from the moment the oldest record of a batch was
// due to the moment its acknowledgement was read.
// Threads: used by one task; latencies are noted on the connection's event loop.

import KafkaClient
import KafkaProtocol
import KafkaRecords
import LogStorage

struct LoadProducer {
    let connection: KafkaConnection
    let topic: TopicMetadata
    let shape: LoadShape
    let inFlightMax: Int
    /// Records a second; nil for as many as possible.
    let rate: Double?
    /// Records after which it stops; nil for no end but that of the time.
    let recordsMax: Int?
    let latencies: LatencyHistogram
    let index: Int

    /// How long records are collected at a fixed rate before they are sent.
    static let tickNanoseconds: Int64 = 1_000_000

    private var time: SystemTime { SystemTime() }

    private struct InFlight {
        let answer: PendingAnswer<ProduceResponse>
        let records: Int
    }

    /// - Returns: records that were acknowledged.
    func run() async throws -> Int {
        let end = time.monotonicNanoseconds + Int64(shape.seconds * 1e9)
        let start = time.monotonicNanoseconds + phaseNanoseconds
        var acknowledged = 0
        var sent = 0
        var inFlight: [InFlight] = []
        var partition = index % topic.partitions.count
        // With no rate every batch is the same: making it must not cost more than the broker's work.
        let ready = rate == nil ? try batch(dueAt: start, count: shape.batchRecordsMax) : []
        while true {
            let now = time.monotonicNanoseconds
            guard now < end, sent < recordsMax ?? .max else { break }
            if inFlight.count >= inFlightMax { acknowledged += try await settle(inFlight.removeFirst()) }
            let (bytes, count, due) = try next(ready, sent: sent, since: start)
            guard count > 0 else {
                let pause = min(dueTime(of: sent, since: start), end) - now
                try await Task.sleep(nanoseconds: UInt64(max(Self.tickNanoseconds, pause)))
                continue
            }
            inFlight.append(try send(bytes, count, dueAt: due, to: topic.partitions[partition]))
            sent += count
            partition = (partition + 1) % topic.partitions.count
            // Answers that are there already need not wait for the queue to be full.
            if rate != nil, inFlight.count > 1 { await Task.yield() }
        }
        for request in inFlight { acknowledged += try await settle(request) }
        return acknowledged
    }

    private func next(
        _ ready: [UInt8], sent: Int, since start: Int64
    ) throws -> (bytes: [UInt8], count: Int, due: Int64) {
        let now = time.monotonicNanoseconds
        guard let rate else { return (ready, shape.batchRecordsMax, now) }
        let dueCount = Int(Double(now - start) / 1e9 * rate)
        let count = min(dueCount - sent, shape.batchRecordsMax)
        guard count > 0 else { return ([], 0, 0) }
        let due = dueTime(of: sent, since: start)
        return (try batch(dueAt: due, count: count), count, due)
    }

    /// When the record behind the first `sent` ones is due.
    private func dueTime(of sent: Int, since start: Int64) -> Int64 {
        rate.map { start + Int64(Double(sent + 1) / $0 * 1e9) } ?? start
    }

    /// Producers at a fixed rate do not send all at the same moment: each starts at another part of the time between two records
    /// (multiples of the golden ratio spread well, however many there are).
    private var phaseNanoseconds: Int64 {
        guard let rate else { return 0 }
        return Int64((Double(index) * 0.618_034).truncatingRemainder(dividingBy: 1) / rate * 1e9)
    }

    private func batch(dueAt due: Int64, count: Int) throws -> [UInt8] {
        var builder = RecordBatchBuilder(compression: shape.compression)
        let timestamp = time.wallMilliseconds
        for record in 0..<count {
            var value = shape.value(seed: record)
            withUnsafeBytes(of: due.bigEndian) { value.replaceSubrange(0..<8, with: $0) }
            builder.append(timestamp: timestamp, key: nil, value: value)
        }
        return try builder.build()
    }

    private func send(_ bytes: [UInt8], _ count: Int, dueAt due: Int64, to partition: Int32) throws -> InFlight {
        let request = ProduceRequest(
            acks: shape.acksValue, timeoutMs: Int32(clamping: connection.settings.requestTimeoutMilliseconds),
            topicData: [
                .init(
                    name: topic.name, topicID: topic.id,
                    partitionData: [.init(index: partition, records: .bytes(bytes))])
            ])
        let answer = try connection.begin(request)
        let (latencies, time) = (latencies, time)
        answer.whenArrived { latencies.record(nanoseconds: time.monotonicNanoseconds - due, count: count) }
        return InFlight(answer: answer, records: count)
    }

    private func settle(_ request: InFlight) async throws -> Int {
        let response = try await request.answer.get().response
        for partition in response.responses.flatMap(\.partitionResponses) where partition.errorCode != .none {
            throw CommandFailure(
                "\(topic.name)-\(partition.index) refused a batch: \(partition.errorMessage ?? "\(partition.errorCode)")"
            )
        }
        return request.records
    }
}
