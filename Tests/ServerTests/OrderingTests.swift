import Broker
import TestSupport
import Testing

@testable import Server

/// Replies in the order of the requests, whenever and wherever they were finished.
@Suite struct OrderingTests {
    @Test(arguments: 1...5) func completionsInAnyOrderFromAnotherThread(seed: UInt64) async throws {
        try await withServer { fixture in
            var generator = SeededGenerator(seed: seed)
            let client = try fixture.client()
            let count: Int32 = 90
            let operations = (0..<count).map { _ in
                [Operation.hold, .hold, .echo, .noReply, .completeInside].randomElement(using: &generator)!
            }
            try client.send(operations.enumerated().flatMap { frame(Int32($0.offset), $0.element) })
            let held = operations.indices.filter { operations[$0] == .hold }
            try fixture.client().ask(1_000, .awaitPending, held.count)
            for id in held.shuffled(using: &generator) { fixture.broker.complete(Int32(id)) }
            for (id, operation) in operations.enumerated() where operation != .noReply {
                #expect(try client.readReply().id == Int32(id))
            }
        }
    }

    @Test func requestsBehindAPendingOneAreExecuted() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            try client.send(frame(1, .hold) + frame(2, .noReply) + frame(3, .hold))
            try fixture.client().ask(10, .awaitPending, 2)
            fixture.broker.complete(3)
            fixture.broker.complete(1)
            #expect(try client.readReply().id == 1)
            #expect(try client.readReply().id == 3)
        }
    }

    @Test func onlySoManyInFlight() async throws {
        try await withServer(.test { $0.inFlightRequestsMax = 5 }) { fixture in
            let client = try fixture.client()
            let control = try fixture.client()
            try client.send((0..<8).flatMap { frame($0, .hold) })
            try control.ask(100, .awaitPending, 5)
            // The loop that executed the fifth has finished with the read; the sixth was not executed.
            #expect(fixture.broker.executed.filter { $0 < 100 } == [0, 1, 2, 3, 4])
            fixture.broker.complete(0)
            #expect(try client.readReply().id == 0)
            try control.ask(101, .awaitPending, 5)
            for id: Int32 in 1..<8 { if id < 6 { fixture.broker.complete(id) } }
            try control.ask(102, .awaitPending, 2)
            fixture.broker.complete(7)
            fixture.broker.complete(6)
            for id: Int32 in 1..<8 { #expect(try client.readReply().id == id) }
        }
    }

    @Test func aReplyThatWasCompletedInsideTheCall() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            #expect(try client.ask(1, .completeInside, 0, [5]) == [5])
        }
    }

    @Test func aSecondReplyIsDroppedAndReported() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            #expect(try client.ask(1, .answerTwice, 0, [5]) == [5])
            #expect(try client.ask(2, .echo, 0, [6]) == [6])
            #expect(fixture.log.messages.contains { $0.hasPrefix("error") && $0.contains("answered twice") })
        }
    }

    @Test func closeComesAfterTheRepliesBeforeIt() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            try client.send(frame(1, .hold) + frame(2, .echo) + frame(3, .close) + frame(4, .echo))
            try fixture.client().ask(10, .awaitPending, 1)
            fixture.broker.complete(1)
            #expect(try client.readReply().id == 1)
            #expect(try client.readReply().id == 2)
            #expect(try client.receiveToEnd() == [])
            #expect(!fixture.broker.executed.contains(4))
        }
    }

    @Test func repliesForAClosedConnectionAreDropped() async throws {
        try await withServer { fixture in
            let control = try fixture.client()
            do {
                let client = try fixture.client()
                try client.send(frame(1, .hold))
                try control.ask(10, .awaitPending, 1)
            }
            try control.ask(11, .awaitClosed, 1)
            fixture.broker.complete(1)
            #expect(try control.ask(12, .echo, 0, [1]) == [1])
        }
    }

    @Test func scheduledWork() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            #expect(try client.ask(1, .delay, 1, [7]) == [7])
            #expect(try client.ask(2, .cancelledDelay, 1, [8]) == [8])
            #expect(try client.ask(3, .delay, 20, [9]) == [9])
        }
    }

    @Test func addressesOfTheConnection() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            let text = String(decoding: try client.ask(1, .addresses), as: UTF8.self)
            #expect(text.hasPrefix("\(fixture.address) 127.0.0.1:"))
        }
    }
}
