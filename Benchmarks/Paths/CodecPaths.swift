// Reading requests and writing responses, without anything behind them.

import KafkaProtocol
import KafkaRecords
import TestSupport

extension MeasuredPath {
    private static let produceVersion: Int16 = 12
    private static let fetchVersion: Int16 = 12
    private static let partitions: Range<Int32> = 0..<10

    static let codec = [
        MeasuredPath(name: "decode Produce request, 10 partitions", repetitions: 2_000) {
            let batch = BatchFixtures.batch(count: 10, valueBytes: 100)
            let request = ProduceRequest(
                acks: 1, timeoutMs: 1_000,
                topicData: [
                    .init(name: "orders", partitionData: partitions.map { .init(index: $0, records: .bytes(batch)) })
                ])
            return decoding(request, version: produceVersion)
        },
        MeasuredPath(name: "encode Produce response, 10 partitions", repetitions: 2_000) {
            let response = ProduceResponse(responses: [
                .init(name: "orders", partitionResponses: partitions.map { .init(index: $0, baseOffset: 1_000) })
            ])
            return encoding(response, version: produceVersion)
        },
        MeasuredPath(name: "decode Fetch request, 10 partitions", repetitions: 2_000) {
            let request = FetchRequest(
                maxWaitMs: 500, minBytes: 1,
                topics: [
                    .init(
                        topic: "orders",
                        partitions: partitions.map {
                            .init(partition: $0, fetchOffset: 1_000, partitionMaxBytes: 1 << 20)
                        })
                ])
            return decoding(request, version: fetchVersion)
        },
        MeasuredPath(name: "encode Fetch response, 10 partitions", repetitions: 2_000) {
            let response = FetchResponse(responses: [
                .init(
                    topic: "orders",
                    partitions: partitions.map {
                        .init(partitionIndex: $0, highWatermark: 2_000, records: .spliced(byteCount: 4_096))
                    })
            ])
            return encoding(response, version: fetchVersion)
        },
    ]

    private static func decoding<Message: WireMessage>(_ message: Message, version: Int16) -> Work {
        var writer = WireWriter()
        message.encode(into: &writer, version: version)
        let bytes = writer.bytes
        return { times in
            for _ in 0..<times {
                var reader = WireReader(bytes.span.bytes)
                keep(try Message(from: &reader, version: version))
            }
        }
    }

    private static func encoding<Message: WireMessage>(_ message: Message, version: Int16) -> Work {
        { times in
            for _ in 0..<times {
                var writer = WireWriter()
                message.encode(into: &writer, version: version)
                keep(writer.bytes.count)
            }
        }
    }
}
