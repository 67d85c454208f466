import Broker
import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Server

@Suite struct LimitTests {
    @Test(arguments: [true, false]) func tooManyConnections(perAddress: Bool) async throws {
        try await withServer(
            .test {
                if perAddress { $0.connectionsPerAddressMax = 2 } else { $0.connectionsMax = 2 }
            }
        ) { fixture in
            let first = try fixture.client()
            try first.ask(1, .echo)
            do {
                let second = try fixture.client()
                try second.ask(2, .echo)
                let third = try fixture.client()
                #expect(try third.receiveToEnd() == [])
                #expect(fixture.server.connectionCount == 2)
            }
            let limit = perAddress ? "max.connections.per.ip (2)" : "max.connections (2)"
            #expect(fixture.log.messages.contains { $0.contains(limit) })
            // One, not two: the broker never heard of the third.
            try first.ask(3, .awaitClosed, 1)
            // The broker is told before the connection is counted out, on the same turn of that loop.
            var again: [UInt8]?
            try eventually("there is room for another connection") {
                let client = try fixture.client()
                try client.send(frame(4, .echo, 0, [4]))
                again = (try? client.readReply())?.payload
                return again != nil
            }
            #expect(again == [4])
        }
    }

    @Test func aSlowReaderIsBoundedAndClosed() async throws {
        try await withServer(
            .test {
                $0.queuedReplyMaxBytes = 2 << 20
                $0.stallTimeoutMilliseconds = 300
            }
        ) { fixture in
            let client = try fixture.client(receiveBufferBytes: 64 << 10)
            try client.send((1...200).flatMap { frame($0, .blob, 1 << 20) })
            try fixture.client().ask(1_000, .awaitClosed, 1)
            // 2 MiB and one reply in the queue; the sockets hold a few MiB.
            let executed = fixture.broker.executed.count
            #expect(executed >= 3)
            #expect(executed < 30)
            #expect(fixture.log.messages.contains { $0.contains("has not read any byte of its replies") })
        }
    }

    @Test func aReaderThatIsOnlyLateGetsEverything() async throws {
        try await withServer(.test { $0.queuedReplyMaxBytes = 1 << 20 }) { fixture in
            let client = try fixture.client(receiveBufferBytes: 64 << 10)
            try client.send((1...40).flatMap { frame($0, .blob, 1 << 20) })
            // Executed until the queue is full, while nothing is read.
            try fixture.client().ask(1_000, .echo)
            for id: Int32 in 1...40 {
                let reply = try client.readReply()
                #expect(reply.id == id)
                #expect(reply.payload == blob(id, 1 << 20))
            }
        }
    }

    /// The queue fills up and empties within single sends, over and over.
    @Test(arguments: [1, 64 << 10, 300_000]) func aFastReaderOfManyLargeReplies(queuedReplyMaxBytes: Int) async throws {
        try await withServer(.test { $0.queuedReplyMaxBytes = queuedReplyMaxBytes }) { fixture in
            let client = try fixture.client()
            let sender = try Sender(client, (1...2_000).flatMap { frame($0, .blob, 100_000) })
            for id: Int32 in 1...2_000 { try #require(try client.readReply().id == id) }
            try sender.finish()
        }
    }

    /// A burst in one read whose replies are a thousand times larger than the requests.
    @Test func smallRequestsForLargeReplies() async throws {
        try await withServer(
            .test {
                $0.queuedReplyMaxBytes = 1 << 20
                $0.stallTimeoutMilliseconds = 300
            }
        ) { fixture in
            let client = try fixture.client(receiveBufferBytes: 64 << 10)
            try client.send((1...5_000).flatMap { frame($0, .blob, 100_000) })
            try fixture.client().ask(10_000, .awaitClosed, 1)
            #expect(fixture.broker.executed.count < 200)
        }
    }

    /// Who asks for a lot at once does not keep the loop until all of it was made, and neither do two of them together.
    @Test(arguments: [1, 2]) func requestsForLargeRepliesTakeTurnsWithOthers(greedyCount: Int) async throws {
        try await withServer(
            .test {
                $0.eventLoopCount = 1
                $0.inFlightRequestsMax = 10_000
                $0.queuedReplyMaxBytes = 1 << 30
            }
        ) { fixture in
            let other = try fixture.client()
            try other.ask(1_000, .echo)
            let greedy = try (0..<greedyCount).map { _ in try fixture.client() }
            // The first read of a connection is a small one.
            for client in greedy { try client.ask(1_002, .echo) }
            var senders: [Sender] = []
            for (index, client) in greedy.enumerated() {
                let first = frame(1, index == 0 ? .block : .echo)
                senders.append(try Sender(client, first + (2...600).flatMap { frame($0, .blob, 100_000) }))
                if index == 0 { try fixture.awaitExecution(of: 1) }
            }
            try other.send(frame(1_001, .echo))
            fixture.broker.unblock()
            let failures = Mutex<[any Error]>([])
            DispatchQueue.concurrentPerform(iterations: greedyCount) { index in
                do {
                    for id: Int32 in 1...600 { try #require(try greedy[index].readReply().id == id) }
                } catch {
                    failures.withLock { $0.append(error) }
                }
            }
            #expect(failures.withLock { $0.isEmpty })
            #expect(try other.readReply().id == 1_001)
            for sender in senders { try sender.finish() }
            let executed = fixture.broker.executed
            let place = try #require(executed.firstIndex(of: 1_001))
            #expect(place < 300, "\(place) of \(executed.count)")
        }
    }

    /// Finished replies wait behind one that is not: they are held to the same limit as those that nobody reads.
    @Test func repliesBehindAPendingOneAreBounded() async throws {
        try await withServer(.test { $0.queuedReplyMaxBytes = 2 << 20 }) { fixture in
            let client = try fixture.client()
            let sender = try Sender(client, frame(1, .hold) + (2...90).flatMap { frame($0, .blob, 1 << 20) })
            let other = try fixture.client()
            try other.ask(1_000, .awaitPending, 1)
            try fixture.awaitExecution(of: 3)
            try other.ask(1_001, .echo)
            #expect(fixture.broker.executed.filter { $0 < 1_000 }.count <= 4)
            fixture.broker.complete(1)
            for id: Int32 in 1...90 { try #require(try client.readReply().id == id) }
            try sender.finish()
        }
    }

    @Test func aRequestOfTheLargestSizeIsTakenAndNoLargerOne() async throws {
        try await withServer(.test { $0.requestMaxBytes = 100_000 }) { fixture in
            let payload = [UInt8](repeating: 7, count: 100_000 - 9)
            let client = try fixture.client()
            #expect(try client.ask(1, .echo, 0, payload) == payload)
            try client.send(frame(2, .echo, 0, payload + [7]).prefix(64))
            #expect(try client.receiveToEnd() == [])
            #expect(fixture.log.messages.contains { $0.contains("socket.request.max.bytes (100000)") })
            #expect(!fixture.broker.executed.contains(2))
        }
    }

    @Test func noMoreRequestsAreTakenThanMayBeInFlight() async throws {
        try await withServer(.test { $0.inFlightRequestsMax = 5 }) { fixture in
            let client = try fixture.client()
            try client.send((1...20).flatMap { frame($0, .hold) })
            let other = try fixture.client()
            try other.ask(1_000, .awaitPending, 5)
            try other.ask(1_001, .echo)
            #expect(fixture.broker.executed.filter { $0 < 1_000 } == [1, 2, 3, 4, 5])
            for id: Int32 in 1...20 {
                try fixture.awaitExecution(of: id)
                fixture.broker.complete(id)
                try #require(try client.readReply().id == id)
            }
        }
    }

    @Test func largeRequestsShareABudget() async throws {
        try await withServer(.test { $0.requestMemoryMaxBytes = 200_000 }) { fixture in
            let payload = [UInt8](repeating: 5, count: 3_000_000)
            let whole = frame(1, .echo, 0, payload)
            let first = try fixture.client()
            let second = try fixture.client()
            // The first holds memory and does not go on; the second can only wait.
            try first.send(whole[..<150_000])
            try eventually("memory is taken") { fixture.server.requestMemoryUsedBytes > 0 }
            let sender = try Sender(second, frame(2, .echo, 0, payload))
            // Small requests are not held up.
            #expect(try fixture.client().ask(3, .echo, 0, [3]) == [3])
            #expect(fixture.server.requestMemoryUsedBytes <= 200_000)
            #expect(!fixture.broker.executed.contains(2))
            let rest = try Sender(first, Array(whole[150_000...]))
            #expect(try first.readReply().payload == payload)
            #expect(try second.readReply().payload == payload)
            try sender.finish()
            try rest.finish()
            #expect(fixture.server.requestMemoryUsedBytes == 0)
        }
    }

    /// Each takes less than a connection may; together they are too many. Those who take what they ask for notice nothing.
    @Test func repliesThatNobodyTakesShareABudget() async throws {
        try await withServer(
            .test {
                $0.replyMemoryMaxBytes = 20 << 20
                $0.queuedReplyMaxBytes = 4 << 20
            }
        ) { fixture in
            let reader = try fixture.client()
            let greedy = try (0..<12).map { _ in try fixture.client(receiveBufferBytes: 64 << 10) }
            for (index, client) in greedy.enumerated() {
                try client.send((1...20).flatMap { frame(Int32(index * 100) + $0, .blob, 1 << 20) })
                try reader.ask(10_000 + Int32(index), .echo)
                #expect(try reader.ask(20_000 + Int32(index), .blob, 1 << 20).count == 1 << 20)
                #expect(fixture.server.replyMemoryUsedBytes <= 20 << 20)
            }
            try reader.ask(30_000, .awaitClosed, 1)
            let messages = fixture.log.messages.filter { $0.contains("queued.max.reply.bytes (20971520)") }
            #expect(!messages.isEmpty)
            #expect(fixture.server.connectionCount >= 4, "no more are closed than must be")
            #expect(fixture.server.replyMemoryUsedBytes > 4 << 20)
            #expect(try reader.ask(30_001, .blob, 1 << 20).count == 1 << 20)
        }
    }

    @Test func memoryOfRepliesComesBack() async throws {
        try await withServer { fixture in
            let slow = try fixture.client(receiveBufferBytes: 64 << 10)
            let sender = try Sender(slow, (1...30).flatMap { frame($0, .blob, 1 << 20) })
            try eventually("replies are held") { fixture.server.replyMemoryUsedBytes > 1 << 20 }
            for id: Int32 in 1...30 { try #require(try slow.readReply().id == id) }
            try sender.finish()
            try eventually("memory is given back") { fixture.server.replyMemoryUsedBytes == 0 }
            do {
                let gone = try fixture.client(receiveBufferBytes: 64 << 10)
                try gone.send(frame(100, .hold) + (101...110).flatMap { frame($0, .blob, 1 << 20) })
                try eventually("replies are held") { fixture.server.replyMemoryUsedBytes > 1 << 20 }
            }
            try fixture.client().ask(1_000, .awaitClosed, 1)
            try eventually("memory is given back") { fixture.server.replyMemoryUsedBytes == 0 }
        }
    }

    /// What waits for an earlier reply is held, too, whichever thread has made it.
    @Test func repliesBehindAPendingOneShareTheBudget() async throws {
        try await withServer(.test { $0.replyMemoryMaxBytes = 6 << 20 }) { fixture in
            let greedy = try fixture.client()
            try greedy.send(frame(1, .hold) + (2...30).flatMap { frame($0, .blob, 1 << 20) })
            let other = try fixture.client()
            try other.ask(1_000, .awaitClosed, 1)
            #expect(fixture.server.replyMemoryUsedBytes <= 6 << 20)
            #expect(fixture.log.messages.contains { $0.contains("queued.max.reply.bytes") })
        }
    }

    @Test func memoryOfAClosedConnectionComesBack() async throws {
        try await withServer { fixture in
            do {
                let client = try fixture.client()
                try client.send(frame(1, .echo, 0, [UInt8](repeating: 1, count: 900_000)).dropLast())
                try eventually("memory is taken") { fixture.server.requestMemoryUsedBytes > 0 }
            }
            try fixture.client().ask(2, .awaitClosed, 1)
            try eventually("memory is given back") { fixture.server.requestMemoryUsedBytes == 0 }
        }
    }

    @Test func aSenderThatStopsInALargeRequestIsClosed() async throws {
        try await withServer(.test { $0.stallTimeoutMilliseconds = 100 }) { fixture in
            let client = try fixture.client()
            try client.send(frame(1, .echo, 0, [UInt8](repeating: 1, count: 900_000)).dropLast())
            #expect(try client.receiveToEnd() == [])
            #expect(fixture.log.messages.contains { $0.contains("large request") })
        }
    }

    @Test func idleConnectionsAreClosedAndWaitingOnesAreNot() async throws {
        try await withServer(.test { $0.connectionsMaxIdleMilliseconds = 100 }) { fixture in
            let waiting = try fixture.client()
            try waiting.send(frame(1, .awaitClosed, 1))
            let idle = try fixture.client()
            #expect(try idle.receiveToEnd() == [])
            #expect(try waiting.readReply().id == 1)
        }
    }
}
