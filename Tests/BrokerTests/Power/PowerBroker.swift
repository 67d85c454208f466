// A broker on a given file system, with a ledger of what it has acknowledged.
//
// Answers are entered into the ledger at the moment they leave the broker, on whatever thread that is.

import Broker
import Dispatch
import KafkaProtocol
import KafkaRecords
import LogStorage
import Logging
import Synchronization
import TestSupport
import Testing

struct PowerProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

final class PowerBroker: Sendable {
    let ledger: Mutex<PowerLedger>
    let connection = FakeConnection()
    let broker: Broker
    /// What went wrong where nobody could throw.
    private let problem = Mutex<PowerProblem?>(nil)

    static let settings = [
        "log.segment.bytes": "6000", "log.index.interval.bytes": "400", "offsets.topic.num.partitions": "2",
        "num.partitions": "2", "log.retention.bytes": "20000",
        // So few that files are closed and synced all the time, also by a start.
        "log.open.files.max": "4",
        // As small as it may be, so that its sections are used again all the time.
        "commit.journal.bytes": "131072",
    ]

    init(path: String, fileSystem: any FileSystem, clock: ManualClock, ledger: PowerLedger) throws {
        var flags = Self.settings
        flags["log.dirs"] = path
        let logger = Logger(label: "power") { _ in SwiftLogNoOpLogHandler() }
        let settings = try BrokerSettings(file: nil, flags: flags)
        self.ledger = Mutex(ledger)
        broker = try Broker.opened(settings: settings, fileSystem: fileSystem, time: clock, logger: logger)
    }

    func discard() {
        connection.discard()
        broker.connectionClosed(connection)
    }

    func stop() {
        broker.stop()
        discard()
    }

    // MARK: Requests

    /// Sends a request; the closure gets the answer when it leaves. Returns what to wait for.
    func start<Request: RequestMessage>(
        _ request: Request, version: Int16, _ onAnswer: @escaping @Sendable (Request.Response) -> Void
    ) -> DispatchSemaphore {
        let answered = DispatchSemaphore(value: 0)
        let take: @Sendable (Reply) -> Void = { [self] reply in
            do {
                onAnswer(
                    try PendingReply<Request>.decode(reply.wireBytes, version: version, correlationID: 7).response)
            } catch {
                note(PowerProblem("\(Request.self): \(error)"))
            }
            answered.signal()
        }
        let frame = TestBroker.frame(request, version: version, correlationID: 7)
        switch broker.handle(frame.span.bytes, from: connection, complete: take) {
        case .reply(let reply): take(reply)
        case .pending: break
        case .noReply: answered.signal()
        case .close(let reason):
            note(PowerProblem("\(Request.self): \(reason)"))
            answered.signal()
        }
        return answered
    }

    func wait(_ answers: [DispatchSemaphore]) throws {
        for answered in answers where answered.wait(timeout: .now() + .seconds(30)) != .success {
            throw PowerProblem("no answer came")
        }
        if let problem = problem.withLock({ $0 }) { throw problem }
    }

    func note(_ new: PowerProblem) { problem.withLock { $0 = $0 ?? new } }

    func expect(_ code: ErrorCode, _ what: String) {
        if code != .none { note(PowerProblem("\(what): \(code)")) }
    }

    // MARK: Records

    static func batch(_ numbers: [Int], clock: ManualClock, producer: Int64 = -1, sequence: Int32 = -1) -> [UInt8] {
        let values = numbers.map { PowerLedger.value($0) }
        if producer < 0 { return BatchFixtures.batch(values: values, timestamp: clock.wallMilliseconds) }
        return BatchFixtures.idempotentBatch(
            values: values, producerID: producer, baseSequence: sequence, timestamp: clock.wallMilliseconds)
    }

    func produce(
        _ numbers: [Int], _ batch: [UInt8], to key: PowerLedger.PartitionKey, acks: Int16,
        onAcknowledged: @escaping @Sendable (inout PowerLedger) -> Void = { _ in }
    ) -> DispatchSemaphore {
        let request = ProduceRequest(
            acks: acks, timeoutMs: 1000,
            topicData: [.init(topicID: key.topic, partitionData: [.init(index: key.partition, records: .bytes(batch))])]
        )
        return start(request, version: 13) { [self] response in
            guard let answer = response.responses.first?.partitionResponses.first else {
                return note(PowerProblem("an empty answer"))
            }
            // What is remembered of repeated batches is bounded; that they are there is what counts.
            let isOldDuplicate = answer.errorCode == .duplicateSequenceNumber
            if !isOldDuplicate { expect(answer.errorCode, "produce to \(key) \(numbers)") }
            ledger.withLock { ledger in
                if answer.errorCode == .none {
                    ledger.noteAcknowledged(numbers, at: answer.baseOffset, for: key, durable: acks == -1)
                }
                onAcknowledged(&ledger)
            }
        }
    }

    /// Every record of a partition from its log start on, with its offset.
    func records(of partition: Partition) throws -> [(offset: Int64, value: String)] {
        var records: [(offset: Int64, value: String)] = []
        let start = try partition.bounds().logStartOffset
        var next = start
        while let slice = try partition.read(from: next, maxBytes: 1 << 20, atLeastOneBatch: true).slice {
            for batch in try splitBatches(slice.withUnsafeBytes { [UInt8]($0) }) {
                try RecordBatch(batch.span.bytes).verifyChecksum()
                for record in try BatchFixtures.records(in: batch) where record.offset >= start {
                    records.append((record.offset, String(decoding: record.value ?? [], as: UTF8.self)))
                }
                next = try BatchHeader(parsing: batch.span.bytes).nextOffset
            }
        }
        return records
    }
}
