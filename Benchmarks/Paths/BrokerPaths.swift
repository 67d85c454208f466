// Whole requests, from the frame to the encoded reply, without a socket.

import Broker
import KafkaProtocol
import KafkaRecords
import TestSupport

extension MeasuredPath {
    static let broker = [
        MeasuredPath(name: "Produce request of 1 record, acks=1", repetitions: 5_000) {
            let broker = try LocalBroker()
            try broker.createTopic("orders")
            let request = ProduceRequest.oneBatch(BatchFixtures.batch(count: 1, valueBytes: 100))
            return broker.answering(request, version: 12)
        },
        MeasuredPath(name: "Produce request of 64 KiB, acks=1", repetitions: 200) {
            let broker = try LocalBroker()
            try broker.createTopic("orders")
            let request = ProduceRequest.oneBatch(BatchFixtures.batch(count: 600, valueBytes: 100))
            return broker.answering(request, version: 12)
        },
        MeasuredPath(name: "Fetch request, 64 KiB of 1 partition", repetitions: 5_000) {
            let broker = try LocalBroker()
            try broker.createTopic("orders")
            let batch = BatchFixtures.batch(count: 10, valueBytes: 100)
            for _ in 0..<1_000 { keep(try broker.answer(ProduceRequest.oneBatch(batch), version: 12)) }
            let request = FetchRequest(
                maxWaitMs: 0, minBytes: 1,
                topics: [
                    .init(
                        topic: "orders",
                        partitions: [.init(partition: 0, fetchOffset: 5_005, partitionMaxBytes: 64 << 10)])
                ])
            return broker.answering(request, version: 12)
        },
        MeasuredPath(name: "Heartbeat request of a group's member", repetitions: 5_000) {
            let broker = try LocalBroker()
            return broker.answering(try broker.joinGroup("billing"), version: 3)
        },
    ]
}

extension ProduceRequest {
    fileprivate static func oneBatch(_ batch: [UInt8]) -> ProduceRequest {
        ProduceRequest(
            acks: 1, timeoutMs: 1_000,
            topicData: [.init(name: "orders", partitionData: [.init(index: 0, records: .bytes(batch))])])
    }
}
