import Broker
import TestSupport
import Testing

@testable import Server

/// Frames over a socket.
@Suite struct FramingTests {
    @Test func aFrameInPieces() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            for byte in frame(1, .echo, 0, [1, 2, 3]) { try client.send([byte]) }
            let reply = try client.readReply()
            #expect(reply.id == 1)
            #expect(reply.payload == [1, 2, 3])
        }
    }

    @Test func splitAtEveryByte() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            let stream = frame(1, .echo, 0, [1]) + frame(2, .noReply) + frame(3, .echo, 0, [3, 3])
            for cut in 1..<stream.count {
                try client.send(stream[..<cut])
                // The reply to another connection's request: the first part was most likely read by itself by then.
                try fixture.client().ask(9, .echo)
                try client.send(stream[cut...])
                let replies = try (0..<2).map { _ in try client.readReply() }
                #expect(replies.map(\.id) == [1, 3], "cut at \(cut)")
                #expect(replies.map(\.payload) == [[1], [3, 3]], "cut at \(cut)")
            }
        }
    }

    @Test func manyFramesInOneWrite() async throws {
        try await withServer(.test { $0.inFlightRequestsMax = 10 }) { fixture in
            let client = try fixture.client()
            let count: Int32 = 20_000
            try client.send((0..<count).flatMap { frame($0, .echo) })
            for id in 0..<count { try #require(try client.readReply().id == id) }
            #expect(fixture.broker.executed == Array(0..<count))
        }
    }

    @Test(arguments: 1...3) func largeAndSmallFramesMixed(seed: UInt64) async throws {
        try await withServer { fixture in
            var generator = SeededGenerator(seed: seed)
            let client = try fixture.client()
            for round in 0..<10 {
                let payloads = (0..<8).map { _ in
                    let largest = Bool.random(using: &generator) ? 500_000 : 300
                    return generator.bytes(Int.random(in: 0...largest, using: &generator))
                }
                var stream: [UInt8] = []
                for (index, payload) in payloads.enumerated() {
                    stream += frame(Int32(round * 100 + index), .echo, 0, payload)
                }
                let sender = try Sender(client, stream)
                for payload in payloads { #expect(try client.readReply().payload == payload) }
                try sender.finish()
            }
            #expect(fixture.server.requestMemoryUsedBytes == 0)
        }
    }

    @Test func aTruncatedFrameIsNotExecuted() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            try client.send(frame(1, .echo) + frame(2, .echo, 0, [1, 2, 3]).dropLast())
            #expect(try client.readReply().id == 1)
            client.endSending()
            #expect(try client.receiveToEnd() == [])
            try fixture.client().ask(3, .awaitClosed, 1)
            #expect(fixture.broker.executed == [1, 3])
        }
    }

    @Test(arguments: [-1, 0, 7, 1 << 20, Int32.max]) func nonsenseSizesCloseAfterTheRepliesBefore(size: Int32)
        async throws
    {
        try await withServer(.test { $0.requestMaxBytes = 1_000 }) { fixture in
            let client = try fixture.client()
            let nonsense = withUnsafeBytes(of: size.bigEndian) { Array($0) }
            try client.send(frame(1, .hold) + frame(2, .echo) + nonsense + frame(3, .echo))
            try fixture.client().ask(10, .awaitPending, 1)
            fixture.broker.complete(1)
            #expect(try client.readReply().id == 1)
            #expect(try client.readReply().id == 2)
            #expect(try client.receiveToEnd() == [])
            #expect(
                fixture.log.messages.contains { $0.hasPrefix("warning") && $0.contains("request of \(size) bytes") })
            #expect(!fixture.broker.executed.contains(3))
        }
    }

    @Test func httpIsAnswered() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            try client.send(Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            let answer = String(decoding: try client.receiveToEnd(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.contains("Kafka protocol"))
            #expect(fixture.log.messages.contains { $0.contains("speaks HTTP") })
        }
    }

    @Test func tlsIsExplained() async throws {
        try await withServer { fixture in
            let client = try fixture.client()
            try client.send([0x16, 0x03, 0x01, 0x00, 0xF4, 0x01, 0x00, 0x00, 0xF0, 0x03, 0x03])
            #expect(try client.receiveToEnd() == [])
            #expect(fixture.log.messages.contains { $0.contains("TLS handshake") && $0.contains("PLAINTEXT") })
            #expect(fixture.broker.executed == [])
        }
    }

    @Test func repeatedNonsenseDoesNotFillTheLog() async throws {
        try await withServer { fixture in
            for _ in 0..<20 {
                let client = try fixture.client()
                try client.send(Array("HEAD / HTTP/1.0\r\n\r\n".utf8))
                _ = try client.receiveToEnd()
            }
            #expect(fixture.log.messages.filter { $0.contains("speaks HTTP") }.count == 1)
        }
    }
}
