// Compares a broker that was just opened with what the one before it had acknowledged.

import Broker
import KafkaProtocol
import LogStorage
import TestSupport

extension PowerBroker {
    enum Stop {
        case power
        /// The process was killed: what was written is there, flushed or not.
        case kill
        /// Everything was flushed.
        case clean
    }

    /// Throws on the first thing that is missing or should not be there. Then what was found is what is owed from now on.
    func checkAndSettle(after stop: Stop) throws {
        let owed = ledger.withLock { $0 }
        var settled = owed
        settled.change = nil
        try checkTopics(owed, &settled)
        for topic in broker.topics.current.all where !topic.isInternal {
            for partition in topic.partitions {
                let key = PowerLedger.PartitionKey(topic: topic.id, partition: partition.name.partition)
                settled.partitions[key] = try check(partition, owed.partitions[key] ?? .init(), stop)
            }
        }
        try checkOffsets(owed, &settled)
        ledger.withLock { $0 = settled }
        try checkNewProducerID()
        try repeatUnacknowledged()
    }

    private func checkTopics(_ owed: PowerLedger, _ settled: inout PowerLedger) throws {
        var found: [String: PowerLedger.TopicState] = [:]
        for topic in broker.topics.current.all where !topic.isInternal {
            found[topic.name] = .init(
                id: topic.id, partitions: Int32(topic.partitions.count), overrides: topic.config.overrides)
        }
        for name in Set(found.keys).union(owed.topics.keys) {
            if found[name] == owed.topics[name] { continue }
            if let change = owed.change, change.topic == name {
                var new = change.new
                if new?.id == nil { new?.id = found[name]?.id }
                if found[name] == new { continue }
            }
            throw PowerProblem(
                "topic \(name) is \(found[name].map { "\($0)" } ?? "gone"), owed is \(owed.topics[name].map { "\($0)" } ?? "none")"
            )
        }
        let gone = Set(owed.topics.values.compactMap(\.id)).subtracting(found.values.compactMap(\.id))
        for id in gone { settled.forget(id) }
        settled.topics = found
    }

    private func check(
        _ partition: Partition, _ owed: PowerLedger.PartitionState, _ stop: Stop
    ) throws -> PowerLedger.PartitionState {
        let name = "\(partition.name.topic)-\(partition.name.partition)"
        let bounds = try partition.bounds()
        // A deletion that was not answered may have come part of the way. And where nothing at the start was acknowledged at
        // acks=all, its file's name may be lost while that of the next one is not.
        let asked = max(owed.start, owed.askedStart ?? owed.start)
        let isAnyMissed = stop != .power || owed.durable.keys.contains { $0 >= asked && $0 < bounds.logStartOffset }
        guard bounds.logStartOffset >= owed.start, bounds.logStartOffset <= asked || !isAnyMissed else {
            throw PowerProblem(
                "\(name) starts at \(bounds.logStartOffset), owed is \(owed.start), asked \(owed.askedStart ?? -1)")
        }
        var found = PowerLedger.PartitionState(sent: owed.sent, start: bounds.logStartOffset)
        var next = bounds.logStartOffset
        var lastNumber = 0
        for (offset, value) in try records(of: partition) {
            guard offset == next else { throw PowerProblem("\(name) goes on at \(offset) instead of \(next)") }
            let number = Int(value.prefix { $0 != " " }) ?? -1
            guard owed.sent.contains(number), value == PowerLedger.value(number) else {
                throw PowerProblem("\(name) has at \(offset) what nobody sent: \(value.prefix(80))")
            }
            guard number > lastNumber else {
                throw PowerProblem("\(name) has record \(number) at \(offset) behind record \(lastNumber)")
            }
            found.written[offset] = number
            (lastNumber, next) = (number, offset + 1)
        }
        guard next == bounds.logEndOffset else {
            throw PowerProblem("\(name) can be read up to \(next), its end is said to be \(bounds.logEndOffset)")
        }
        let promised = stop == .power ? owed.durable : owed.durable.merging(owed.written) { durable, _ in durable }
        for (offset, number) in promised where offset >= bounds.logStartOffset && found.written[offset] != number {
            throw PowerProblem(
                "\(name) has lost record \(number) at \(offset): it is \(bounds.logStartOffset) to \(next), there is "
                    + "\(found.written[offset].map { "record \($0)" } ?? "nothing")")
        }
        // What a kill has left may be in memory only, still.
        found.durable = stop == .kill ? owed.durable : found.written
        return found
    }

    private func checkOffsets(_ owed: PowerLedger, _ settled: inout PowerLedger) throws {
        let topics = broker.topics.current.all.filter { !$0.isInternal }
        for group in PowerWorkload.groups {
            for topic in topics {
                for partition in topic.partitions.indices {
                    let key = PowerLedger.OffsetKey(group: group, topic: topic.id, partition: Int32(partition))
                    let found = try committedOffset(group, topic.name, Int32(partition))
                    let state = owed.offsets[key] ?? .init()
                    guard found == state.acknowledged ?? -1 || found == state.asked else {
                        throw PowerProblem(
                            "\(group) has \(found) for \(topic.name)-\(partition), owed is \(state.acknowledged ?? -1)")
                    }
                    settled.offsets[key] = .init(acknowledged: found < 0 ? nil : found, asked: nil)
                }
            }
        }
    }

    private func committedOffset(_ group: String, _ topic: String, _ partition: Int32) throws -> Int64 {
        let answer = MutexBox<Int64?>(nil)
        let request = OffsetFetchRequest(groupID: group, topics: [.init(name: topic, partitionIndexes: [partition])])
        try wait([
            start(request, version: 7) { [self] response in
                expect(response.errorCode, "offset fetch")
                answer.value.withLock { $0 = response.topics.first?.partitions.first?.committedOffset }
            }
        ])
        guard let found = answer.value.withLock({ $0 }) else { throw PowerProblem("no offset was answered") }
        return found
    }

    /// A producer id is never given out twice.
    func checkNewProducerID() throws { _ = try newProducerID() }

    func newProducerID() throws -> Int64 {
        let answer = MutexBox<Int64>(-1)
        try wait([
            start(InitProducerIDRequest(transactionTimeoutMs: 1000, producerID: -1, producerEpoch: -1), version: 4) {
                [self] response in
                expect(response.errorCode, "producer id")
                let isNew = ledger.withLock { $0.producerIDs.insert(response.producerID).inserted }
                if !isNew { note(PowerProblem("producer id \(response.producerID) was given out twice")) }
                answer.value.withLock { $0 = response.producerID }
            }
        ])
        return answer.value.withLock { $0 }
    }

    /// Idempotent producers send again what was not acknowledged: whatever of it is there already is there once.
    private func repeatUnacknowledged() throws {
        let clock = ManualClock()
        let all = ledger.withLock { $0.producers }.enumerated().flatMap { index, producer in
            producer.unacknowledged.map { (index: index, producer: producer, batch: $0) }
        }
        // In the order in which they were sent at first, so that records keep ascending.
        for (index, producer, batch) in all.sorted(by: { $0.batch.numbers[0] < $1.batch.numbers[0] }) {
            let bytes = Self.batch(batch.numbers, clock: clock, producer: producer.id, sequence: batch.sequence)
            try wait([
                produce(batch.numbers, bytes, to: producer.key, acks: -1) {
                    $0.producers[index].unacknowledged.removeAll { $0.sequence == batch.sequence }
                }
            ])
        }
    }
}
