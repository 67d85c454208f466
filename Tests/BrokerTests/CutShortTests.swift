// The process ends between any two steps of what changes a broker's files: everything that was acknowledged is there at the next
// start, and the operation is done or undone. Changes of the catalogue: `CatalogueTests`; repairs: `RepairTests`.

import Broker
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct CutShortTests {
    enum Operation: CaseIterable {
        case append, roll, deleteRecords, retention, compaction, checkpoint, commit, producerID, stop, start

        /// So many places at least at which it can be cut, so that the test cannot become empty unseen.
        var cutsMin: Int {
            switch self {
            case .append: 2
            case .roll: 5
            case .deleteRecords: 12
            case .retention: 15
            case .compaction: 20
            case .checkpoint: 5
            case .commit: 2
            case .producerID: 5
            case .stop: 15
            case .start: 5
            }
        }
    }

    private static let settings = [
        "log.segment.bytes": "600", "log.index.interval.bytes": "100", "log.cleaner.enable": "false",
        "offsets.topic.num.partitions": "1",
    ]

    @Test(arguments: Operation.allCases) func whateverIsCutShortHappensOrDoesNot(operation: Operation) throws {
        var cuts = 0
        while try cut(operation, after: cuts) { cuts += 1 }
        #expect(cuts >= operation.cutsMin, "\(operation) has \(cuts) steps")
    }

    /// False if the operation has no so many steps.
    private func cut(_ operation: Operation, after step: Int) throws -> Bool {
        var wasCut = false
        try withBroker(Self.settings) { test in
            try prepare(test)
            if operation == .start {
                // What a kill leaves, with a torn end.
                test.kill()
                let segment = names(in: test.path + "/orders-0").last { $0.hasSuffix(".log") }!
                try tear(test.path + "/orders-0/" + segment)
            }
            test.faults.crash(afterChanges: step)
            let isAnswered = (try? perform(operation, test)) ?? false
            wasCut = test.faults.hasCrashed
            if operation != .start || isAnswered { test.kill() }
            test.faults.clear()
            try test.reopen()
            try check(
                operation, test, isAnswered: isAnswered, "\(operation) cut after \(step) steps, answered: \(isAnswered)"
            )
        }
        return wasCut
    }

    private static let producerID: Int64 = 4

    private func prepare(_ test: TestBroker) throws {
        try test.createTopic("orders")
        try test.createTopic("table", configs: ["cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0"])
        for index in 0..<12 {
            try test.produce("orders", values: value(index), acks: -1)
            test.clock.advance(milliseconds: 10)
        }
        for index in 0..<14 { try test.produce("table", keyed(index), acks: -1) }
        let sequence = BatchFixtures.idempotentBatch(values: [value(12)], producerID: Self.producerID)
        try #require(try test.produce("orders", sequence, acks: -1).errorCode == .none)
        try commit(3, test)
    }

    private func value(_ index: Int) -> String { "value \(index) " + String(repeating: "x", count: 60) }

    private func keyed(_ index: Int) -> [UInt8] {
        BatchFixtures.batch(records: [("key \(index % 3)", "\(index) " + String(repeating: "y", count: 60))])
    }

    private func tear(_ path: String) throws {
        let bytes = try readFile(path)
        let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
        try writeFile(path, bytes[..<end] + [0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 1, 0, 9, 9, 9])
    }

    @discardableResult private func commit(_ offset: Int64, _ test: TestBroker) throws -> Bool {
        let request = OffsetCommitRequest(
            groupID: "readers",
            topics: [.init(name: "orders", partitions: [.init(partitionIndex: 0, committedOffset: offset)])])
        return try test.send(request, version: 8).topics[0].partitions[0].errorCode == .none
    }

    /// Whether the operation was answered as done.
    private func perform(_ operation: Operation, _ test: TestBroker) throws -> Bool {
        switch operation {
        case .append: return try test.produce("orders", batch(13), acks: -1).errorCode == .none
        case .roll:
            // The segment has room for neither.
            let large = BatchFixtures.batch(values: [String(repeating: "z", count: 450)])
            let isFirst = try test.produce("orders", large, acks: -1).errorCode == .none
            return try test.produce("orders", large, acks: -1).errorCode == .none && isFirst
        case .deleteRecords:
            let request = DeleteRecordsRequest(
                topics: [.init(name: "orders", partitions: [.init(partitionIndex: 0, offset: 8)])], timeoutMs: 1000)
            return try test.send(request, version: 2).topics[0].partitions[0].errorCode == .none
        case .retention:
            // Not through the catalogue, whose changes are another test's.
            let partition = try test.partition("orders")
            try partition.withLog { log in
                log.config.retentionBytes = 500
                log.config.fileDeleteDelayMilliseconds = 0
            }
            return test.broker.maintenance.runRetention() > 0
        case .compaction: return test.broker.maintenance.runCompaction() > 0
        case .checkpoint:
            try test.broker.topics.checkpointRecoveryPoints()
            return true
        case .commit: return try commit(7, test)
        case .producerID:
            let request = InitProducerIDRequest(transactionTimeoutMs: 1000, producerID: -1, producerEpoch: -1)
            return try test.send(request, version: 4).errorCode == .none
        case .stop:
            test.broker.stop()
            return !test.faults.hasCrashed
        case .start:
            try test.reopen()
            return true
        }
    }

    private func batch(_ index: Int) -> [UInt8] { BatchFixtures.batch(values: [value(index)]) }

    private func check(_ operation: Operation, _ test: TestBroker, isAnswered: Bool, _ what: String) throws {
        let orders = try test.partition("orders")
        let bounds = try orders.bounds()
        let expected = (0..<13).map(value)
        let found = try test.values("orders")
        let start = Int(bounds.logStartOffset)
        #expect(Array(found.prefix(13 - start)) == Array(expected[start...]), "\(what)")
        switch operation {
        case .append, .roll:
            // The batch, or batches, that were not answered may be there; nothing else.
            let most = operation == .append ? 1 : 2
            #expect(found.count <= 13 + most && (!isAnswered || found.count == 13 + most), "\(what)")
        case .deleteRecords:
            #expect(start == 8 || (start == 0 && !isAnswered), "\(what): starts at \(start)")
        case .retention:
            let held = names(in: test.path + "/orders-0").filter { $0.hasSuffix(".log") || $0.hasSuffix(".deleted") }
            #expect(start > 0 || !isAnswered, "\(what)")
            #expect(held.allSatisfy { !$0.hasSuffix(".deleted") }, "\(what): \(held)")
            #expect(held.first.map { Int($0.dropLast(4))! } ?? -1 <= start, "\(what)")
            if start > 0 { #expect(Int(held[0].dropLast(4)) == start, "\(what): nothing is left before the start") }
        default:
            #expect(found.count == 13 && start == 0, "\(what)")
        }
        try checkTable(test, what)
        try checkOffset(operation, test, isAnswered: isAnswered, what)
        // The producer goes on where it was, and what it repeats is known.
        let again = BatchFixtures.idempotentBatch(values: [value(12)], producerID: Self.producerID)
        if start <= 12 {
            let answer = try test.produce("orders", again)
            #expect(answer.errorCode == .none && answer.baseOffset == 12, "\(what): \(answer)")
        }
        let end = try orders.bounds().logEndOffset
        let next = try test.produce("orders", values: "next", acks: -1)
        #expect(next.baseOffset == end, "\(what)")
        if operation == .compaction || operation == .roll { test.forgive() }
    }

    /// The last value of each key is there at its offset, whether or not older ones are.
    private func checkTable(_ test: TestBroker, _ what: String) throws {
        let partition = try test.partition("table")
        #expect(try partition.bounds().logEndOffset == 14, "\(what)")
        let records = try test.records(of: partition)
        #expect(records.map(\.offset) == records.map(\.offset).sorted(), "\(what)")
        for offset in 11..<14 as Range<Int64> {
            let record = records.first { $0.offset == offset }
            #expect(record?.value?.starts(with: Array("\(offset) ".utf8)) == true, "\(what): table at \(offset)")
        }
        let leftovers = names(in: test.path + "/table-0").filter {
            $0.hasSuffix(".cleaned") || $0.hasSuffix(".swap") || $0.hasSuffix(".deleted")
        }
        #expect(leftovers.isEmpty, "\(what): \(leftovers)")
    }

    private func checkOffset(_ operation: Operation, _ test: TestBroker, isAnswered: Bool, _ what: String) throws {
        let request = OffsetFetchRequest(groupID: "readers", topics: [.init(name: "orders", partitionIndexes: [0])])
        let found = try test.send(request, version: 7).topics[0].partitions[0].committedOffset
        let allowed: Set<Int64> = operation == .commit ? (isAnswered ? [7] : [3, 7]) : [3]
        #expect(allowed.contains(found), "\(what): \(found) is committed")
    }
}
