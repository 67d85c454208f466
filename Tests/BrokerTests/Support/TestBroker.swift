// A broker in a temporary directory, spoken to in encoded requests. When the test is over, the data directory is opened
// again, after a kill and after a clean stop, and has to hold everything that was acknowledged.

import Broker
import KafkaProtocol
import KafkaRecords
import LogStorage
import Logging
import TestSupport
import Testing

/// Runs a test with a broker of its own and checks the whole store at its end.
func withBroker(
    _ settings: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (TestBroker) throws -> Void
) throws {
    let test = try TestBroker(settings)
    try body(test)
    test.faults.clear()
    try test.checkStore(sourceLocation)
}

final class TestBroker {
    let root = TemporaryDirectory("martlet-broker")
    let clock = ManualClock()
    let faults = FaultyFileSystem()
    let connection = FakeConnection()
    var settings: [String: String]
    private(set) var broker: Broker!
    private var nextCorrelationID: Int32 = 100

    struct Key: Hashable {
        let topicID: Uuid
        let partition: Int32
    }

    /// Values by offset, as they were acknowledged.
    private var acknowledged: [Key: [Int64: [UInt8]?]] = [:]

    var path: String { root.path + "/data" }

    init(_ settings: [String: String] = [:]) throws {
        self.settings = settings
        try open()
    }

    static func resolve(_ flags: [String: String]) throws -> BrokerSettings {
        try BrokerSettings(file: nil, flags: flags)
    }

    private func open() throws {
        var flags = settings
        flags["log.dirs"] = path
        // A machine with little free space tests as well as any other.
        flags["log.disk.min.free.bytes"] = flags["log.disk.min.free.bytes"] ?? "1000000"
        let resolved = try Self.resolve(flags)
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        broker = try Broker.opened(settings: resolved, fileSystem: faults, time: clock, logger: logger)
    }

    // MARK: Life

    /// The process is killed: nothing is flushed or written any more.
    func kill() {
        connection.discard()
        broker.connectionClosed(connection)
        // Requests that wait for their groups hold the broker; nothing is written for them.
        broker.beginStop()
        broker = nil
    }

    func restartAfterKill() throws {
        kill()
        try open()
    }

    func restart() throws {
        connection.discard()
        broker.connectionClosed(connection)
        broker.stop()
        broker = nil
        try open()
    }

    func reopen() throws { try open() }

    /// What was acknowledged is there after a kill, and after a clean stop.
    func checkStore(_ sourceLocation: SourceLocation) throws {
        if broker == nil { try open() }
        try restartAfterKill()
        try checkAcknowledged("after a kill", sourceLocation)
        try restart()
        try checkAcknowledged("after a clean stop", sourceLocation)
        broker.stop()
    }

    private func checkAcknowledged(_ when: String, _ sourceLocation: SourceLocation) throws {
        for (key, values) in acknowledged {
            guard let topic = broker.topics.current.byID[key.topicID] else { continue }
            guard let partition = topic.partition(key.partition) else {
                Issue.record("\(topic.name)-\(key.partition) is gone \(when)", sourceLocation: sourceLocation)
                continue
            }
            let start = try partition.bounds().logStartOffset
            let found = try Dictionary(
                uniqueKeysWithValues: records(of: partition).map { ($0.offset, $0.value) })
            for (offset, value) in values.sorted(by: { $0.key < $1.key }) where offset >= start {
                #expect(
                    found[offset] == .some(value), "\(topic.name)-\(key.partition) at \(offset), \(when)",
                    sourceLocation: sourceLocation)
            }
        }
    }

    /// Everything a partition holds, read without a request.
    func records(of partition: Partition) throws -> [Record] {
        var records: [Record] = []
        var next = try partition.bounds().logStartOffset
        while let slice = try partition.read(from: next, maxBytes: 1 << 20, atLeastOneBatch: true).slice {
            for batch in try splitBatches(slice.withUnsafeBytes { [UInt8]($0) }) {
                try RecordBatch(batch.span.bytes).verifyChecksum()
                records += try BatchFixtures.records(in: batch)
                next = try BatchHeader(parsing: batch.span.bytes).nextOffset
            }
        }
        return records
    }

    /// Forgets what a partition owed, when a test takes it away on purpose.
    func forgive() { acknowledged = [:] }

    func noteAcknowledged(_ topic: Topic, _ partition: Int32, baseOffset: Int64, values: [[UInt8]?]) {
        let key = Key(topicID: topic.id, partition: partition)
        for (index, value) in values.enumerated() {
            acknowledged[key, default: [:]][baseOffset + Int64(index)] = .some(value)
        }
    }

    // MARK: Requests

    static func frame<Request: RequestMessage>(
        _ request: Request, version: Int16, correlationID: Int32 = 1, clientID: String? = "test"
    ) -> [UInt8] {
        var writer = WireWriter()
        let header = RequestHeader(
            apiKey: Request.apiKey.rawValue, apiVersion: version, correlationID: correlationID, clientID: clientID)
        header.encode(into: &writer, flexible: Request.isFlexible(version))
        request.encode(into: &writer, version: version)
        return writer.bytes
    }

    /// Sends a request that may be answered later.
    func start<Request: RequestMessage>(
        _ request: Request, version: Int16? = nil, clientID: String? = "test", from connection: FakeConnection? = nil
    ) -> PendingReply<Request> {
        let version = version ?? Request.versions.upperBound
        nextCorrelationID += 1
        let pending = PendingReply<Request>(
            version: version, correlationID: nextCorrelationID, connection: connection ?? self.connection)
        let frame = Self.frame(request, version: version, correlationID: nextCorrelationID, clientID: clientID)
        let outcome = broker.handle(frame.span.bytes, from: connection ?? self.connection) { pending.take($0) }
        pending.take(outcome)
        return pending
    }

    func exchange<Request: RequestMessage>(
        _ request: Request, version: Int16? = nil
    ) throws -> Answer<Request.Response> {
        try start(request, version: version).answer()
    }

    func send<Request: RequestMessage>(_ request: Request, version: Int16? = nil) throws -> Request.Response {
        try exchange(request, version: version).response
    }
}

extension Broker {
    /// On a directory whose last broker may be on its way out still: its background work may hold the lock for a moment longer.
    static func opened(
        settings: BrokerSettings, fileSystem: any FileSystem, time: any TimeSource, logger: Logger
    ) throws -> Broker {
        var broker: Broker?
        try eventually("the data directory is free") {
            do {
                broker = try Broker(settings: settings, fileSystem: fileSystem, time: time, logger: logger)
            } catch let error as StorageError where error.code == .locked {
                return false
            }
            return true
        }
        return try #require(broker)
    }
}

/// The batches that stand one behind the other.
func splitBatches(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var batches: [[UInt8]] = []
    var position = 0
    while position < bytes.count {
        let size = try BatchHeader(parsing: bytes.span.bytes, at: position).sizeInBytes
        batches.append([UInt8](bytes[position..<position + size]))
        position += size
    }
    return batches
}
