// The journal goes round and round under one partition, while another has written once: what that has acknowledged is in the
// journal's oldest section, and must be in its file before the section is used again.

import Broker
import Glibc
import KafkaProtocol
import LogStorage
import Synchronization
import TestSupport
import Testing

@Suite struct JournalReuseTests {
    @Test func aQuietPartitionSurvivesTheReuseOfItsSection() throws {
        var generator = SeededGenerator(seed: 3, label: "journal reuse")
        let root = TemporaryDirectory("martlet-journal")
        let clock = ManualClock()
        let base = PosixFileSystem()
        #expect(base.makeDirectory(root.path + "/data", mode: 0o755) == 0)
        base.close(base.open(root.path + "/data/commit-journal", flags: O_RDWR | O_CREAT, mode: 0o644))
        let fileSystem = try PowerCutFileSystem(root: root.path)
        let test = try PowerBroker(
            path: root.path + "/data", fileSystem: fileSystem, clock: clock, ledger: PowerLedger())
        defer { test.discard() }
        let created = MutexBox(Uuid.zero)
        // A roll would sync everything.
        let overrides = ["segment.bytes": "1000000"]
        let request = CreateTopicsRequest(topics: [
            .init(
                name: "orders", numPartitions: 2, replicationFactor: 1,
                configs: overrides.map { .init(name: $0.key, value: $0.value) })
        ])
        try test.wait([
            test.start(request, version: 7) { response in
                created.value.withLock { $0 = response.topics.first?.topicID ?? .zero }
            }
        ])
        let topic = created.value.withLock { $0 }
        test.ledger.withLock { $0.topics["orders"] = .init(id: topic, partitions: 2, overrides: overrides) }
        func produce(_ partition: Int32) throws {
            let key = PowerLedger.PartitionKey(topic: topic, partition: partition)
            let numbers = test.ledger.withLock { $0.takeNumbers(1, for: key) }
            try test.wait([test.produce(numbers, PowerBroker.batch(numbers, clock: clock), to: key, acks: -1)])
        }
        // Their files and names become durable, and the journal is made.
        for _ in 0..<10 { for partition in Int32(0)..<2 { try produce(partition) } }
        for round in 0..<20 {
            try produce(0)
            for _ in 0..<20 + round { try produce(1) }
            let left = TemporaryDirectory("martlet-journal")
            PowerCutFileSystem.restore(fileSystem.disk.image(.syncedOnly, using: &generator), in: left.path)
            let after = try PowerBroker(
                path: left.path + "/data", fileSystem: PosixFileSystem(), clock: clock,
                ledger: test.ledger.withLock { $0 })
            try after.checkAndSettle(after: .power)
            after.stop()
        }
    }
}
