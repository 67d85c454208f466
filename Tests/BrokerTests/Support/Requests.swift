// Short ways to say the common requests.

import Broker
import KafkaProtocol
import KafkaRecords
import TestSupport
import Testing

extension TestBroker {
    // MARK: Topics

    @discardableResult
    func createTopic(
        _ name: String, partitions: Int32 = 1, configs: [String: String] = [:]
    ) throws -> Topic {
        let configs = configs.sorted { $0.key < $1.key }.map {
            CreateTopicsRequest.CreatableTopicConfig(name: $0.key, value: $0.value)
        }
        let response = try send(
            CreateTopicsRequest(topics: [
                .init(name: name, numPartitions: partitions, replicationFactor: 1, configs: configs)
            ]))
        try #require(response.topics.first?.errorCode == ErrorCode.none, "\(response.topics)")
        return try topic(name)
    }

    func deleteTopic(_ name: String) throws -> ErrorCode {
        let response = try send(DeleteTopicsRequest(topics: [.init(name: name)]))
        return try #require(response.responses.first).errorCode
    }

    func topic(_ name: String) throws -> Topic {
        try #require(broker.topics.current.byName[name], "there is a topic \(name)")
    }

    func partition(_ topic: String, _ index: Int32 = 0) throws -> Partition {
        try #require(try self.topic(topic).partition(index))
    }

    func values(_ topic: String, _ index: Int32 = 0) throws -> [String] {
        try records(of: partition(topic, index)).map { String(decoding: $0.value ?? [], as: UTF8.self) }
    }

    // MARK: Produce

    typealias Produced = ProduceResponse.PartitionProduceResponse

    func produceRequest(
        _ topic: String, _ batches: [(partition: Int32, bytes: [UInt8]?)], acks: Int16 = 1, version: Int16 = 13
    ) -> ProduceRequest {
        let id = version >= 13 ? broker.topics.current.byName[topic]?.id ?? Uuid(high: 1, low: 2) : .zero
        return ProduceRequest(
            acks: acks, timeoutMs: 1000,
            topicData: [
                .init(
                    name: version >= 13 ? "" : topic, topicID: id,
                    partitionData: batches.map { .init(index: $0.partition, records: $0.bytes.map { .bytes($0) }) })
            ])
    }

    /// Produces one batch and remembers what was acknowledged.
    @discardableResult
    func produce(
        _ topic: String, _ batch: [UInt8]?, partition: Int32 = 0, acks: Int16 = 1, version: Int16 = 13
    ) throws -> Produced {
        let request = produceRequest(topic, [(partition, batch)], acks: acks, version: version)
        let response = try send(request, version: version)
        let answer = try #require(response.responses.first?.partitionResponses.first)
        try #require(answer.index == partition)
        if answer.errorCode == .none, let batch {
            let values = try BatchFixtures.records(in: batch).map(\.value)
            noteAcknowledged(
                try self.topic(topic), partition, baseOffset: answer.baseOffset, values: values)
        }
        return answer
    }

    @discardableResult
    func produce(
        _ topic: String, values: String..., partition: Int32 = 0, acks: Int16 = 1, timestamp: Int64? = nil
    ) throws -> Produced {
        let batch = BatchFixtures.batch(values: values, timestamp: timestamp ?? clock.wallMilliseconds)
        let answer = try produce(topic, batch, partition: partition, acks: acks)
        try #require(answer.errorCode == .none, "\(answer)")
        return answer
    }

    // MARK: Fetch

    struct Wanted {
        var topic: String
        var partition: Int32 = 0
        var offset: Int64 = 0
        var maxBytes: Int32 = 1 << 20
        var currentLeaderEpoch: Int32 = -1
        var lastFetchedEpoch: Int32 = -1
    }

    func fetchRequest(
        _ wanted: [Wanted], minBytes: Int32 = 1, maxWaitMs: Int32 = 0, maxBytes: Int32 = .max,
        session: (id: Int32, epoch: Int32) = (0, -1), forgetting: [(topic: String, partition: Int32)] = [],
        version: Int16 = 18
    ) -> FetchRequest {
        let named = { (name: String) -> (String, Uuid) in
            version >= 13 ? ("", self.broker.topics.current.byName[name]?.id ?? Uuid(high: 3, low: 4)) : (name, .zero)
        }
        var request = FetchRequest(
            maxWaitMs: maxWaitMs, minBytes: minBytes, maxBytes: maxBytes, sessionID: session.id,
            sessionEpoch: session.epoch)
        for item in wanted {
            let (name, id) = named(item.topic)
            request.topics.append(
                .init(
                    topic: name, topicID: id,
                    partitions: [
                        .init(
                            partition: item.partition, currentLeaderEpoch: item.currentLeaderEpoch,
                            fetchOffset: item.offset, lastFetchedEpoch: item.lastFetchedEpoch,
                            partitionMaxBytes: item.maxBytes)
                    ]))
        }
        for item in forgetting {
            let (name, id) = named(item.topic)
            request.forgottenTopicsData.append(.init(topic: name, topicID: id, partitions: [item.partition]))
        }
        return request
    }

    func fetch(_ wanted: Wanted..., maxBytes: Int32 = .max, version: Int16 = 18) throws -> Fetched {
        Fetched(try exchange(fetchRequest(wanted, maxBytes: maxBytes, version: version), version: version))
    }
}

/// A Fetch reply, flattened.
struct Fetched {
    struct Part {
        let topic: String
        let topicID: Uuid
        let data: FetchResponse.PartitionData
        let batches: [[UInt8]]

        var error: ErrorCode { data.errorCode }
        var partition: Int32 { data.partitionIndex }
        var values: [String] {
            get throws {
                try batches.flatMap { try BatchFixtures.records(in: $0) }.map {
                    String(decoding: $0.value ?? [], as: UTF8.self)
                }
            }
        }
    }

    let response: FetchResponse
    let parts: [Part]

    init(_ answer: Answer<FetchResponse>) {
        response = answer.response
        parts = answer.response.responses.flatMap { topic in
            topic.partitions.map { data in
                let batches = (try? splitBatches(answer.bytes(data.records))) ?? []
                return Part(topic: topic.topic, topicID: topic.topicID, data: data, batches: batches)
            }
        }
    }

    var first: Part {
        get throws { try #require(parts.first) }
    }
}
