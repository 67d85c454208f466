// A data directory of which everything is known: three topics with segments, indexes, snapshots and committed offsets, as a clean
// stop and as a kill leave them. Tests damage copies of it and look at what is left.

import Broker
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

struct OriginalStore: Sendable {
    /// Files and directories (without bytes) by path.
    typealias Image = [(path: String, bytes: [UInt8]?)]

    struct Batch: Sendable {
        let base: Int64
        let last: Int64
        let bytes: [UInt8]
    }

    let clean: Image
    let killed: Image
    let batches: [TopicPartitionName: [Batch]]
    let clock: ManualClock

    static func get() throws -> OriginalStore { try made.get() }

    /// Made once.
    private static let made = Result { try make() }

    private static func make() throws -> OriginalStore {
        let root = TemporaryDirectory("martlet-original")
        let fileSystem = try PowerCutFileSystem(root: root.path)
        let clock = ManualClock()
        var generator = SeededGenerator(drawing: 5)
        let test = try PowerBroker(
            path: root.path + "/data", fileSystem: fileSystem, clock: clock, ledger: PowerLedger())
        try fill(test, clock)
        let killed = fileSystem.disk.image(.everything, using: &generator)
        var batches: [TopicPartitionName: [Batch]] = [:]
        for topic in test.broker.topics.current.all where !topic.isInternal {
            for partition in topic.partitions { batches[partition.name] = try all(in: partition) }
        }
        test.stop()
        let clean = fileSystem.disk.image(.everything, using: &generator)
        return OriginalStore(clean: clean, killed: killed, batches: batches, clock: clock)
    }

    private static func fill(_ test: PowerBroker, _ clock: ManualClock) throws {
        let names = ["orders", "payments", "events"]
        for name in names {
            try test.wait([
                test.start(
                    CreateTopicsRequest(topics: [.init(name: name, numPartitions: 2, replicationFactor: 1)]), version: 7
                ) { test.expect($0.topics[0].errorCode, "create") }
            ])
        }
        let producer = try test.newProducerID()
        for round in 0..<60 {
            for name in names {
                let topic = test.broker.topics.current.byName[name]!
                for partition in 0..<2 as Range<Int32> {
                    let key = PowerLedger.PartitionKey(topic: topic.id, partition: partition)
                    let numbers = test.ledger.withLock { $0.takeNumbers(3, for: key) }
                    clock.advance(milliseconds: 3)
                    let batch = PowerBroker.batch(numbers, clock: clock, producer: producer, sequence: Int32(round * 3))
                    try test.wait([test.produce(numbers, batch, to: key, acks: -1)])
                }
            }
            if round == 40 { try test.broker.topics.checkpointRecoveryPoints() }
        }
        for name in names {
            try test.wait([
                test.start(
                    OffsetCommitRequest(
                        groupID: "readers",
                        topics: [.init(name: name, partitions: [.init(partitionIndex: 0, committedOffset: 17)])]),
                    version: 8
                ) { test.expect($0.topics[0].partitions[0].errorCode, "commit") }
            ])
        }
    }

    // MARK: What is served of it

    func open(in directory: TemporaryDirectory) throws -> PowerBroker {
        try PowerBroker(
            path: directory.path + "/data", fileSystem: PosixFileSystem(), clock: clock, ledger: PowerLedger())
    }

    /// The partitions of a broker on a damaged copy, which must not have lost any, with what they have held.
    func partitions(
        of test: PowerBroker, _ what: String
    ) -> [(name: TopicPartitionName, partition: Partition, batches: [Batch])] {
        batches.compactMap { name, batches in
            guard let partition = test.broker.topics.current.byName[name.topic]?.partition(name.partition) else {
                Issue.record("\(what): \(name) is lost")
                return nil
            }
            return (name, partition, batches)
        }
    }

    static func all(in partition: Partition) throws -> [Batch] {
        var batches: [Batch] = []
        var next: Int64 = 0
        while let slice = try partition.read(from: next, maxBytes: 1 << 20, atLeastOneBatch: true).slice {
            for bytes in try splitBatches(slice.withUnsafeBytes { [UInt8]($0) }) {
                let header = try BatchHeader(parsing: bytes.span.bytes)
                batches.append(Batch(base: header.baseOffset, last: header.lastOffset, bytes: bytes))
                next = header.nextOffset
            }
        }
        return batches
    }

    /// Places in `batches` that are not served from their first record and from their last. Nothing wrong may be served instead.
    static func missing(_ batches: [Batch], in partition: Partition, _ what: String) -> [Int] {
        batches.indices.filter { index in
            ![batches[index].base, batches[index].last].allSatisfy {
                isServed(batches[index], from: partition, at: $0, what)
            }
        }
    }

    private static func isServed(
        _ batch: Batch, from partition: Partition, at offset: Int64, _ what: String
    ) -> Bool {
        do {
            guard let slice = try partition.read(from: offset, maxBytes: 1, atLeastOneBatch: true).slice else {
                return false
            }
            let bytes = slice.withUnsafeBytes { [UInt8]($0) }
            if bytes == batch.bytes { return true }
            // The leader epoch is outside of the checksum and of no record.
            let isIntact = (try? RecordBatch(bytes.span.bytes).verifyChecksum()) != nil
            if isIntact, bytes[..<12] == batch.bytes[..<12], bytes[16...] == batch.bytes[16...] { return true }
            // What was taken out leaves a gap, where the next batch is served, or one without records that fills it.
            if isIntact, let header = try? BatchHeader(parsing: bytes.span.bytes),
                header.baseOffset > offset || header.recordCount == 0
            {
                return false
            }
            #expect(!isIntact, "\(what): a wrong batch is served at \(offset)")
            return false
        } catch {
            return false
        }
    }
}
