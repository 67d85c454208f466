// A seeded mix of everything that clients ask of a broker, entered into its ledger.

import Broker
import Dispatch
import KafkaProtocol
import LogStorage
import TestSupport

struct PowerWorkload {
    static let groups = ["readers", "writers", "auditors"]
    private static let topicNames = ["orders", "payments", "events", "clicks"]
    private static let topicsMax = 3

    var generator: SeededGenerator
    let clock: ManualClock

    /// What a step wants done that only the owner of the broker can do.
    enum Wish {
        case none, restart, kill
    }

    mutating func step(_ test: PowerBroker) throws -> Wish {
        clock.advance(milliseconds: Int64(random(0...5)))
        switch random(0...99) {
        case 0..<55: try produce(test)
        case 55..<72: try commitOffsets(test)
        case 72..<77: try createTopic(test)
        case 77..<79: try deleteTopic(test)
        case 79..<82: try growTopic(test)
        case 82..<86: try alterTopic(test)
        case 86..<90: try deleteRecords(test)
        case 90..<93: _ = try newProducer(test)
        case 93..<94: try test.broker.topics.checkpointRecoveryPoints()
        case 94..<95: retain(test)
        case 95..<96: try compact(test)
        case 96..<98: return .restart
        default: return .kill
        }
        return .none
    }

    private mutating func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    private mutating func pick(_ test: PowerBroker) -> (name: String, state: PowerLedger.TopicState)? {
        let topics = test.ledger.withLock { $0.topics }.sorted { $0.key < $1.key }
        return topics.randomElement(using: &generator).map { ($0.key, $0.value) }
    }

    private mutating func pickPartition(_ test: PowerBroker) -> (name: String, key: PowerLedger.PartitionKey)? {
        guard let (name, state) = pick(test), let id = state.id else { return nil }
        return (name, .init(topic: id, partition: Int32(random(0...Int(state.partitions) - 1))))
    }

    // MARK: Records

    /// Several batches at once, for one partition or for many, so that flushes are shared.
    private mutating func produce(_ test: PowerBroker) throws {
        var answers: [DispatchSemaphore] = []
        for _ in 0..<random(1...6) {
            switch random(0...2) {
            case 0: answers += produceIdempotently(test)
            case 1: answers += producePlain(test, acks: -1)
            default: answers += producePlain(test, acks: 1)
            }
        }
        try test.wait(answers)
    }

    private mutating func producePlain(_ test: PowerBroker, acks: Int16) -> [DispatchSemaphore] {
        guard let (_, key) = pickPartition(test) else { return [] }
        let count = random(1...4)
        let numbers = test.ledger.withLock { $0.takeNumbers(count, for: key) }
        return [test.produce(numbers, PowerBroker.batch(numbers, clock: clock), to: key, acks: acks)]
    }

    private mutating func produceIdempotently(_ test: PowerBroker) -> [DispatchSemaphore] {
        let count = random(1...4)
        let indices = test.ledger.withLock { $0.producers }.indices
        guard let index = indices.randomElement(using: &generator) else { return [] }
        let (producer, numbers) = test.ledger.withLock { ledger in
            let producer = ledger.producers[index]
            let numbers = ledger.takeNumbers(count, for: producer.key)
            ledger.producers[index].unacknowledged.append(.init(sequence: producer.nextSequence, numbers: numbers))
            ledger.producers[index].nextSequence += Int32(count)
            return (producer, numbers)
        }
        let batch = PowerBroker.batch(numbers, clock: clock, producer: producer.id, sequence: producer.nextSequence)
        return [
            test.produce(numbers, batch, to: producer.key, acks: -1) {
                $0.producers[index].unacknowledged.removeAll { $0.sequence == producer.nextSequence }
            }
        ]
    }

    private mutating func newProducer(_ test: PowerBroker) throws {
        guard let (_, key) = pickPartition(test) else { return }
        let id = try test.newProducerID()
        test.ledger.withLock { $0.producers.append(.init(id: id, key: key)) }
    }

    private mutating func deleteRecords(_ test: PowerBroker) throws {
        guard let (name, key) = pickPartition(test) else { return }
        guard let partition = test.broker.topics.current.byName[name]?.partition(key.partition) else { return }
        let bounds = try partition.bounds()
        let start = Int64.random(in: bounds.logStartOffset...bounds.logEndOffset, using: &generator)
        test.ledger.withLock { $0.partitions[key, default: .init()].askedStart = start }
        let request = DeleteRecordsRequest(
            topics: [.init(name: name, partitions: [.init(partitionIndex: key.partition, offset: start)])],
            timeoutMs: 1000)
        try test.wait([
            test.start(request, version: 2) { response in
                test.expect(response.topics.first?.partitions.first?.errorCode ?? .unknownServerError, "delete records")
                test.ledger.withLock { ledger in
                    ledger.partitions[key]?.start = start
                    ledger.partitions[key]?.askedStart = nil
                }
            }
        ])
    }

    // MARK: Maintenance

    /// Lets go of what has expired. Where a log starts then is not the workload's to say: it may start anywhere up to its end,
    /// and from then on where it is found to start.
    private func retain(_ test: PowerBroker) {
        let partitions = test.broker.topics.current.all.filter { !$0.isInternal }.flatMap(\.partitions)
        let key = { (partition: Partition) in
            PowerLedger.PartitionKey(topic: partition.topicID, partition: partition.name.partition)
        }
        for partition in partitions {
            let end = try? partition.bounds().logEndOffset
            test.ledger.withLock { $0.partitions[key(partition), default: .init()].askedStart = end }
        }
        test.broker.maintenance.runRetention()
        for partition in partitions {
            guard let start = partition.logStartOffset else { continue }
            test.ledger.withLock { ledger in
                ledger.partitions[key(partition)]?.start = start
                ledger.partitions[key(partition)]?.askedStart = nil
            }
        }
    }

    /// Cleans the committed offsets, whose segments are made small first: no offset is lost or becomes an older one.
    private func compact(_ test: PowerBroker) throws {
        let name = "__consumer_offsets"
        guard let topic = test.broker.topics.current.byName[name] else { return }
        if topic.config.segmentBytes > 1_500 {
            var overrides = topic.config.overrides
            overrides["segment.bytes"] = "1500"
            overrides["min.cleanable.dirty.ratio"] = "0"
            try test.broker.topics.setOverrides(overrides, topic: name)
        }
        test.broker.maintenance.runCompaction()
    }

    // MARK: Groups

    private mutating func commitOffsets(_ test: PowerBroker) throws {
        var answers: [DispatchSemaphore] = []
        for group in Self.groups.shuffled(using: &generator).prefix(random(1...3)) {
            guard let (name, partition) = pickPartition(test) else { return }
            let key = PowerLedger.OffsetKey(group: group, topic: partition.topic, partition: partition.partition)
            let offset = test.ledger.withLock { ledger in
                let next = (ledger.offsets[key]?.acknowledged ?? 0) + 1
                ledger.offsets[key, default: .init()].asked = next
                return next
            }
            let request = OffsetCommitRequest(
                groupID: group,
                topics: [
                    .init(
                        name: name,
                        partitions: [.init(partitionIndex: partition.partition, committedOffset: offset)])
                ])
            answers.append(
                test.start(request, version: 8) { response in
                    test.expect(response.topics.first?.partitions.first?.errorCode ?? .unknownServerError, "commit")
                    test.ledger.withLock { $0.offsets[key] = .init(acknowledged: offset, asked: nil) }
                })
        }
        try test.wait(answers)
    }

    // MARK: Topics

    /// Notes that a topic may change, and that it has changed when the answer is there.
    private func change<Request: RequestMessage>(
        _ test: PowerBroker, _ name: String, to new: PowerLedger.TopicState?, _ request: Request, version: Int16,
        _ judge: @escaping @Sendable (Request.Response) -> (code: ErrorCode?, id: Uuid?)
    ) throws {
        test.ledger.withLock { $0.change = (name, new) }
        try test.wait([
            test.start(request, version: version) { response in
                let (code, id) = judge(response)
                test.expect(code ?? .unknownServerError, "\(Request.self)")
                test.ledger.withLock { ledger in
                    ledger.change = nil
                    let old = ledger.topics[name]
                    ledger.topics[name] = new
                    if let id { ledger.topics[name]?.id = id }
                    if new == nil, let id = old?.id { ledger.forget(id) }
                }
            }
        ])
    }

    private mutating func createTopic(_ test: PowerBroker) throws {
        let taken = test.ledger.withLock { $0.topics }
        let free = Self.topicNames.filter { taken[$0] == nil }
        guard taken.count < Self.topicsMax, let name = free.randomElement(using: &generator) else { return }
        let overrides = Bool.random(using: &generator) ? ["retention.ms": String(random(1...1_000_000))] : [:]
        let new = PowerLedger.TopicState(partitions: Int32(random(1...3)), overrides: overrides)
        let request = CreateTopicsRequest(topics: [
            .init(
                name: name, numPartitions: new.partitions, replicationFactor: 1,
                configs: overrides.map { .init(name: $0.key, value: $0.value) })
        ])
        try change(test, name, to: new, request, version: 7) { ($0.topics.first?.errorCode, $0.topics.first?.topicID) }
    }

    private mutating func deleteTopic(_ test: PowerBroker) throws {
        guard let (name, _) = pick(test) else { return }
        try change(test, name, to: nil, DeleteTopicsRequest(topics: [.init(name: name)]), version: 6) {
            ($0.responses.first?.errorCode, nil)
        }
    }

    private mutating func growTopic(_ test: PowerBroker) throws {
        guard case (let name, var state)? = pick(test), state.partitions < 5 else { return }
        state.partitions += 1
        let request = CreatePartitionsRequest(topics: [.init(name: name, count: state.partitions)], timeoutMs: 1000)
        try change(test, name, to: state, request, version: 3) { ($0.results.first?.errorCode, nil) }
    }

    private mutating func alterTopic(_ test: PowerBroker) throws {
        guard case (let name, var state)? = pick(test) else { return }
        let value = String(random(1...1_000_000))
        state.overrides["retention.ms"] = value
        let request = IncrementalAlterConfigsRequest(resources: [
            .init(
                resourceType: 2, resourceName: name,
                configs: [.init(name: "retention.ms", configOperation: 0, value: value)])
        ])
        try change(test, name, to: state, request, version: 1) { ($0.responses.first?.errorCode, nil) }
    }
}
