// Produce: batches that are wrong, and batches that a topic's settings change before they are stored.

import Broker
import KafkaProtocol
import KafkaRecords
import TestSupport
import Testing

@Suite struct ProduceValidationTests {
    static let epoch = BatchFixtures.epochMilliseconds
    static let good = BatchFixtures.batch(values: ["one", "two", "three"])

    /// Each with the code that Kafka answers.
    static let damaged: [(name: String, bytes: [UInt8]?, code: ErrorCode)] = [
        ("null", nil, .invalidRecord),
        ("empty", [], .invalidRecord),
        ("a piece of a header", Array(good.prefix(30)), .corruptMessage),
        ("truncated", Array(good.dropLast()), .corruptMessage),
        ("a wrong checksum", good.dropLast() + [good.last! ^ 1], .corruptMessage),
        ("two batches", good + good, .invalidRecord),
        ("a byte too many", good + [0], .invalidRecord),
        ("an old format", withMagic(1), .invalidRecord),
        ("a format of the future", withMagic(3), .invalidRecord),
        ("a length that lies upward", lengthened(by: 100), .corruptMessage),
        ("a length that lies downward", lengthened(by: -5), .invalidRecord),
        ("a negative length", BatchFixtures.edited(good) { $0.batchLength = -1 }, .corruptMessage),
        ("a huge length", lengthened(to: .max), .corruptMessage),
        ("a count that lies upward", counted(4), .invalidRecord),
        ("a count that lies downward", counted(2), .invalidRecord),
        ("no records", counted(0), .invalidRecord),
        ("a negative count", counted(-3), .invalidRecord),
        ("a huge count", counted(.max), .invalidRecord),
        ("a last offset that lies", BatchFixtures.edited(good) { $0.lastOffsetDelta = 7 }, .invalidRecord),
        ("an unknown codec", BatchFixtures.edited(good) { $0.attributes = 5 }, .unsupportedCompressionType),
        ("a control batch", BatchFixtures.edited(good) { $0.attributes = 0x20 }, .invalidRecord),
        ("log append time", BatchFixtures.edited(good) { $0.attributes = 8 }, .invalidTimestamp),
        ("a transaction", BatchFixtures.edited(good) { $0.attributes = 0x10 }, .invalidTxnState),
        ("a producer without epoch", BatchFixtures.edited(good) { $0.producerID = 5 }, .invalidRecord),
    ]

    static func withMagic(_ magic: UInt8) -> [UInt8] {
        var bytes = good
        bytes[BatchLayout.magic] = magic
        return BatchFixtures.resealed(bytes)
    }

    static func counted(_ count: Int32) -> [UInt8] {
        BatchFixtures.edited(good) {
            $0.recordCount = count
            $0.lastOffsetDelta = count &- 1
        }
    }

    static func lengthened(by count: Int32) -> [UInt8] { lengthened(to: Int32(good.count) - 12 + count) }

    /// Outside what the checksum covers.
    static func lengthened(to length: Int32) -> [UInt8] {
        var bytes = good
        for index in 0..<4 { bytes[8 + index] = UInt8(truncatingIfNeeded: length >> Int32(24 - 8 * index)) }
        return bytes
    }

    @Test func aDamagedBatchIsRefusedAndNothingElseIsDisturbed() throws {
        try withBroker { test in
            try test.createTopic("orders")
            for (name, bytes, code) in Self.damaged {
                let answer = try test.produce("orders", bytes)
                #expect(answer.errorCode == code, "\(name)")
                #expect(answer.baseOffset == -1 && answer.errorMessage?.isEmpty == false, "\(name)")
            }
            #expect(try test.produce("orders", values: "fine").baseOffset == 0)
            #expect(try test.values("orders") == ["fine"])
        }
    }

    @Test func everyPrefixAndEveryFlippedByteOfABatchIsRefusedOrHarmless() throws {
        try withBroker { test in
            try test.createTopic("orders")
            for count in 0..<Self.good.count {
                #expect(try test.produce("orders", Array(Self.good.prefix(count))).errorCode != .none)
            }
            // The base offset and the leader epoch are the broker's to write.
            for index in Self.good.indices where !(0..<8).contains(index) && !(12..<16).contains(index) {
                var bytes = Self.good
                bytes[index] ^= 0x40
                #expect(try test.produce("orders", bytes).errorCode != .none, "byte \(index)")
            }
            #expect(try test.values("orders").isEmpty)
        }
    }

    @Test func aBatchMayBeTooLarge() throws {
        try withBroker { test in
            try test.createTopic("small", configs: ["max.message.bytes": "\(Self.good.count)"])
            #expect(try test.produce("small", Self.good).errorCode == .none)
            let larger = BatchFixtures.batch(values: ["one", "two", "three!"])
            let answer = try test.produce("small", larger)
            #expect(answer.errorCode == .messageTooLarge)
            #expect(answer.errorMessage?.contains("max.message.bytes") == true)
            try test.createTopic("tiny", configs: ["segment.bytes": "\(Self.good.count)"])
            #expect(try test.produce("tiny", Self.good).errorCode == .none)
            #expect(try test.produce("tiny", Self.good).errorCode == .none)
            #expect(try test.produce("tiny", larger).errorCode == .recordListTooLarge)
        }
    }

    @Test func aBatchLetOutOfItsCodecHasToFitAsWell() throws {
        try withBroker { test in
            let bomb = BatchFixtures.batch(
                values: [String(repeating: "x", count: 100_000)], compression: .gzip)
            try test.createTopic("plain", configs: ["compression.type": "uncompressed", "max.message.bytes": "50000"])
            #expect(try test.produce("plain", bomb).errorCode == .messageTooLarge)
            #expect(try test.values("plain").isEmpty)
        }
        try withBroker(["decompressed.batch.max.bytes": "1048576"]) { test in
            let bomb = BatchFixtures.batch(
                values: [String(repeating: "x", count: 2_000_000)], compression: .gzip)
            try test.createTopic("compacted", configs: ["cleanup.policy": "compact"])
            #expect(try test.produce("compacted", bomb).errorCode == .messageTooLarge)
        }
    }

    @Test func theTimeOfEveryRecordIsChecked() throws {
        try withBroker { test in
            try test.createTopic(
                "orders",
                configs: ["message.timestamp.before.max.ms": "5000", "message.timestamp.after.max.ms": "3000"])
            let code = { (first: Int64, second: Int64) in
                var builder = RecordBatchBuilder()
                for (index, time) in [Self.epoch, first, second, Self.epoch].enumerated() {
                    builder.append(timestamp: time, key: nil, value: [UInt8(index)])
                }
                let answer = try test.produce("orders", try builder.build())
                return (answer.errorCode, answer.recordErrors.map(\.batchIndex))
            }
            #expect(try code(Self.epoch - 5000, Self.epoch + 3000) == (.none, []))
            #expect(try code(Self.epoch, Self.epoch + 3001) == (.invalidTimestamp, [2]))
            #expect(try code(Self.epoch - 5001, Self.epoch) == (.invalidTimestamp, [1]))
            #expect(try code(Self.epoch - 5001, Self.epoch + 3001) == (.invalidTimestamp, [1, 2]))
            #expect(try code(-1, Self.epoch) == (.none, []), "none is always allowed")
            let compressed = BatchFixtures.batch(values: ["a"], timestamp: Self.epoch + 9000, compression: .gzip)
            #expect(try test.produce("orders", compressed).errorCode == .invalidTimestamp)
        }
    }

    @Test(arguments: [Int64.min, Int64.min + 1, -2, Int64.max]) func aTimeThatCannotBeIsRefused(
        _ time: Int64
    ) throws {
        try withBroker { test in
            try test.createTopic("orders")
            for codec: Int16 in [0, 1, 2, 3, 4] {
                var batch = BatchFixtures.idempotentBatch(values: ["a"], producerID: 3)
                let plain = Array(batch.dropFirst(BatchLayout.headerSize))
                let payload = try #require(Compression(rawValue: UInt8(codec))).compress(plain.span.bytes)
                batch = Array(batch.prefix(BatchLayout.headerSize)) + payload
                batch = BatchFixtures.edited(batch) {
                    $0.attributes = codec
                    $0.batchLength = Int32(batch.count - 12)
                    $0.maxTimestamp = time
                    $0.baseTimestamp = time
                }
                #expect(try test.produce("orders", batch).errorCode == .invalidTimestamp, "codec \(codec)")
            }
        }
    }

    /// The records say 1, 5, 3; the header says something else.
    @Test(arguments: [Compression.none, .gzip]) func theLargestTimestampIsThatOfTheRecords(_ stored: Compression) throws
    {
        try withBroker { test in
            let type = stored == .none ? "producer" : "gzip"
            try test.createTopic("orders", configs: ["compression.type": type])
            var builder = RecordBatchBuilder()
            for delta in [1, 5, 3] as [Int64] {
                builder.append(timestamp: Self.epoch + delta, key: nil, value: [UInt8(delta)])
            }
            let honest = try builder.build()
            for wrong in [-1, Self.epoch, Self.epoch + 3000] {
                let lying = BatchFixtures.edited(honest) { $0.maxTimestamp = wrong }
                let base = try test.produce("orders", lying).baseOffset
                let bytes = try #require(try test.fetch(.init(topic: "orders", offset: base)).first.batches.first)
                let header = try BatchHeader(parsing: bytes.span.bytes)
                #expect(header.maxTimestamp == Self.epoch + 5 && header.compression == stored)
                try RecordBatch(bytes.span.bytes).verifyChecksum()
            }
        }
    }

    @Test func recordsOfACompactedTopicNeedKeys() throws {
        try withBroker { test in
            try test.createTopic("state", configs: ["cleanup.policy": "compact"])
            for compression in Compression.allCases {
                let batch = BatchFixtures.batch(
                    records: [(key: "a", value: "1"), (key: nil, value: "2"), (key: nil, value: nil)],
                    compression: compression)
                let answer = try test.produce("state", batch)
                #expect(answer.errorCode == .invalidRecord && answer.recordErrors.map(\.batchIndex) == [1, 2])
                let keyed = BatchFixtures.batch(records: [(key: "a", value: nil)], compression: compression)
                #expect(try test.produce("state", keyed).errorCode == .none)
            }
        }
    }

    @Test func zstdNeedsVersionSeven() throws {
        try withBroker { test in
            try test.createTopic("orders")
            let batch = BatchFixtures.batch(values: ["a"], compression: .zstd)
            #expect(try test.produce("orders", batch, version: 6).errorCode == .unsupportedCompressionType)
            #expect(try test.produce("orders", batch, version: 7).errorCode == .none)
        }
    }

    @Test(arguments: Compression.allCases) func aTopicMayWantACodecOfItsOwn(_ wanted: Compression) throws {
        try withBroker { test in
            let type = wanted == .none ? "uncompressed" : wanted.name
            try test.createTopic("orders", configs: ["compression.type": type])
            for sent in Compression.allCases {
                let batch = BatchFixtures.batch(count: 30, valueBytes: 40, seed: 3, compression: sent)
                let base = try test.produce("orders", batch).baseOffset
                let bytes = try #require(try test.fetch(.init(topic: "orders", offset: base)).first.batches.first)
                let header = try BatchHeader(parsing: bytes.span.bytes)
                #expect(header.compression == wanted && header.recordCount == 30)
                #expect(
                    try BatchFixtures.records(in: bytes).map(\.value) == BatchFixtures.records(in: batch).map(\.value))
                // Nothing is touched that already is as it should be.
                if sent == wanted { #expect(bytes[16...] == batch[16...]) }
            }
        }
    }

    @Test func theBrokersClockMayStampTheRecords() throws {
        try withBroker { test in
            try test.createTopic("orders", configs: ["message.timestamp.type": "LogAppendTime"])
            test.clock.advance(milliseconds: 777)
            let now = test.clock.wallMilliseconds
            for time in [0, Self.epoch + 1_000_000_000] {
                let answer = try test.produce("orders", BatchFixtures.batch(values: ["a", "b"], timestamp: time))
                #expect(answer.errorCode == .none && answer.logAppendTimeMs == now)
            }
            let records = try test.records(of: test.partition("orders"))
            #expect(records.map(\.timestamp) == [now, now, now, now])
            let idempotent = BatchFixtures.idempotentBatch(values: ["c"], producerID: 4)
            let first = try test.produce("orders", idempotent)
            test.clock.advance(milliseconds: 1)
            #expect(try test.produce("orders", idempotent) == first, "a duplicate is answered with the first time")
        }
    }
}
