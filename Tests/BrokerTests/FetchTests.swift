// Fetch: what is read, in each version and within the limits that clients set.

import Broker
import KafkaProtocol
import KafkaRecords
import TestSupport
import Testing

@Suite struct FetchTests {
    @Test(arguments: FetchRequest.versions) func recordsAreReadInEveryVersion(_ version: Int16) throws {
        try withBroker { test in
            let topic = try test.createTopic("orders", partitions: 2)
            try test.produce("orders", values: "a", "b", "c", partition: 1)
            try test.produce("orders", values: "d", partition: 1)
            let fetched = try test.fetch(
                .init(topic: "orders", partition: 1, offset: 1), .init(topic: "orders", partition: 0), version: version)
            #expect(fetched.response.errorCode == .none && fetched.response.sessionID == 0)
            #expect(fetched.parts.map(\.partition) == [1, 0])
            // From the middle of a batch: the whole batch.
            #expect(try fetched.parts.map { try $0.values } == [["a", "b", "c", "d"], []])
            for part in fetched.parts {
                #expect(version >= 13 ? part.topicID == topic.id : part.topic == "orders")
                let end: Int64 = part.partition == 1 ? 4 : 0
                #expect(part.error == .none && part.data.highWatermark == end && part.data.lastStableOffset == end)
                if version >= 5 { #expect(part.data.logStartOffset == 0) }
                #expect(part.data.preferredReadReplica == -1)
            }
            let end = try test.fetch(.init(topic: "orders", partition: 1, offset: 4), version: version)
            #expect(try end.parts.map { try $0.values } == [[]])
            // However often a partition is named, it is read once.
            let repeated = try test.fetch(
                .init(topic: "orders", partition: 1, offset: 3), .init(topic: "orders", partition: 1, offset: 1),
                version: version)
            #expect(try repeated.parts.map { try $0.values } == [["d"]])
        }
    }

    @Test func offsetsOutsideTheLogAreOutOfRange() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a", "b")
            for offset in [-1, 3, .max, .min] as [Int64] {
                let part = try test.fetch(.init(topic: "orders", offset: offset)).first
                #expect(part.error == .offsetOutOfRange && part.batches.isEmpty)
            }
        }
    }

    /// Random reads give exactly the batches that a model of the limits says.
    @Test func limitsAreKept() throws {
        var random = SeededGenerator(seed: 11)
        try withBroker { test in
            // Small segments, so that reads end at their borders, too.
            try test.createTopic("orders", partitions: 2, configs: ["segment.bytes": "2000"])
            var batches: [[(base: Int64, end: Int64, size: Int)]] = [[], []]
            for index in 0..<60 {
                let partition = index % 2
                let count = Int.random(in: 1...4, using: &random)
                let bytes = BatchFixtures.batch(
                    count: count, valueBytes: Int.random(in: 0...300, using: &random), seed: UInt64(index))
                let base = try test.produce("orders", bytes, partition: Int32(partition)).baseOffset
                batches[partition].append((base, base + Int64(count), bytes.count))
            }
            for _ in 0..<200 {
                let wanted = (0..<2).map { partition in
                    TestBroker.Wanted(
                        topic: "orders", partition: Int32(partition),
                        offset: Int64.random(in: 0...batches[partition].last!.end, using: &random),
                        maxBytes: Int32.random(in: 0...1500, using: &random))
                }
                let limit = Int32.random(in: 0...2500, using: &random)
                let fetched = try test.fetch(wanted[0], wanted[1], maxBytes: limit)
                var total = 0
                for (item, part) in zip(wanted, fetched.parts) {
                    #expect(part.error == .none)
                    let expected = batches[Int(item.partition)].filter { $0.end > item.offset }
                    let found = try part.batches.map { try BatchHeader(parsing: $0.span.bytes) }
                    // A run of whole batches from the right one on.
                    #expect(found.map(\.baseOffset) == expected.prefix(found.count).map(\.base))
                    let size = part.batches.reduce(0) { $0 + $1.count }
                    let allowed = min(Int(item.maxBytes), Int(limit) - total)
                    #expect(size <= max(0, allowed) || (total == 0 && found.count == 1))
                    if total == 0, !expected.isEmpty { #expect(found.count >= 1, "KIP-74: progress is always made") }
                    total += size
                }
            }
        }
    }

    @Test func theBrokerHasALimitOfItsOwn() throws {
        try withBroker(["fetch.max.bytes": "1024"]) { test in
            try test.createTopic("orders")
            for seed in 0..<10 as Range<UInt64> {
                try test.produce("orders", BatchFixtures.batch(count: 1, valueBytes: 400, seed: seed))
            }
            #expect(try test.fetch(.init(topic: "orders")).first.batches.count == 2)
        }
    }

    @Test func oldVersionsCannotReadZstdTopics() throws {
        try withBroker { test in
            try test.createTopic("packed", configs: ["compression.type": "zstd"])
            try test.produce("packed", values: "a")
            #expect(try test.fetch(.init(topic: "packed"), version: 9).first.error == .unsupportedCompressionType)
            #expect(try test.fetch(.init(topic: "packed"), version: 10).first.values == ["a"])
        }
    }

    @Test func abortedTransactionsAreListedForThoseWhoReadCommitted() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a")
            for isolation in [0, 1] as [Int8] {
                var request = test.fetchRequest([.init(topic: "orders")])
                request.isolationLevel = isolation
                let part = try Fetched(test.exchange(request)).first
                #expect(part.data.abortedTransactions == (isolation == 1 ? [] : nil))
                #expect(try part.values == ["a"])
            }
        }
    }

    @Test func aReplyKeepsWhatItHoldsWhenTheTopicIsDeleted() throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", BatchFixtures.batch(count: 100, valueBytes: 1000))
            let request = test.fetchRequest([.init(topic: "orders")])
            let frame = TestBroker.frame(request, version: 18)
            guard
                case .reply(let reply) = test.broker.handle(frame.span.bytes, from: test.connection, complete: { _ in })
            else { throw ReplyProblem("not answered at once") }
            #expect(try test.deleteTopic("orders") == .none)
            let answer = try PendingReply<FetchRequest>.decode(reply.wireBytes, version: 18, correlationID: 1)
            #expect(try Fetched(answer).first.values.count == 100)
        }
    }

    // MARK: Leader epochs

    /// A log whose epoch is 1 from offset 2 on, because an unclean start has cut something off.
    private func withTwoEpochs(_ body: (TestBroker) throws -> Void) throws {
        try withBroker { test in
            try test.createTopic("orders")
            try test.produce("orders", values: "a", "b")
            try test.produce("orders", values: "lost")
            test.forgive()
            let path = test.path + "/orders-0/00000000000000000000.log"
            let size = BatchFixtures.batch(values: ["a", "b"]).count
            test.kill()
            try overwrite(path, at: size + 20, with: [0xFF, 0xFF])
            try test.reopen()
            try test.produce("orders", values: "c")
            try body(test)
        }
    }

    @Test func statedLeaderEpochsAreChecked() throws {
        try withTwoEpochs { (test: TestBroker) throws -> Void in
            let code = { (epoch: Int32, version: Int16) throws -> ErrorCode in
                try test.fetch(.init(topic: "orders", currentLeaderEpoch: epoch), version: version).first.error
            }
            for version in [9, 12, 18] as [Int16] {
                #expect(try code(-1, version) == .none)
                #expect(try code(0, version) == .fencedLeaderEpoch)
                #expect(try code(1, version) == .none)
                #expect(try code(2, version) == .unknownLeaderEpoch)
            }
            #expect(try code(2, 8) == .none, "version 8 has no such field")
            #expect(try test.values("orders") == ["a", "b", "c"])
        }
    }

    @Test func divergingLogsAreTold() throws {
        try withTwoEpochs { (test: TestBroker) throws -> Void in
            let fetch = { (offset: Int64, epoch: Int32) in
                try test.fetch(.init(topic: "orders", offset: offset, lastFetchedEpoch: epoch)).first
            }
            #expect(try fetch(2, 0).values == ["c"])
            #expect(try fetch(2, 1).values == ["c"])
            // The client has read "lost" at offset 2 in epoch 0, which ended there.
            let diverging = try fetch(3, 0)
            #expect(diverging.data.divergingEpoch == .init(epoch: 0, endOffset: 2) && diverging.batches.isEmpty)
            #expect(diverging.error == .none)
            // An epoch that never was: an empty answer would have the client ask for ever.
            #expect(try fetch(3, 7).error == .offsetOutOfRange)
        }
    }

    @Test(arguments: OffsetForLeaderEpochRequest.versions) func theEndOfAnEpochIsKnown(_ version: Int16) throws {
        try withTwoEpochs { (test: TestBroker) throws -> Void in
            let ask = { (name: String, partition: Int32, current: Int32, epoch: Int32) in
                let request = OffsetForLeaderEpochRequest(topics: [
                    .init(
                        topic: name,
                        partitions: [.init(partition: partition, currentLeaderEpoch: current, leaderEpoch: epoch)])
                ])
                let answer = try test.send(request, version: version).topics[0].partitions[0]
                return [Int64(answer.errorCode.rawValue), Int64(answer.leaderEpoch), answer.endOffset]
            }
            if version >= 1 {
                #expect(try ask("orders", 0, -1, 0) == [0, 0, 2])
                #expect(try ask("orders", 0, -1, 1) == [0, 1, 3])
                #expect(try ask("orders", 0, -1, 5) == [0, -1, -1])
                #expect(try ask("orders", 0, -1, -1) == [0, -1, -1])
            }
            if version >= 2 {
                #expect(try ask("orders", 0, 0, 0)[0] == Int64(ErrorCode.fencedLeaderEpoch.rawValue))
                #expect(try ask("orders", 0, 2, 0)[0] == Int64(ErrorCode.unknownLeaderEpoch.rawValue))
            }
            #expect(try ask("orders", 4, -1, 0)[0] == Int64(ErrorCode.unknownTopicOrPartition.rawValue))
            #expect(try ask("none", 0, -1, 0)[0] == Int64(ErrorCode.unknownTopicOrPartition.rawValue))
        }
    }
}
