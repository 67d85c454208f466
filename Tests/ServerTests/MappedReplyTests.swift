import Broker
import TestSupport
import Testing

@testable import LogStorage
@testable import Server

/// Replies whose bytes are sent from a mapping.
@Suite struct MappedReplyTests {
    private static let count = 3 << 20

    /// Sees whether a mapping is still held by anybody.
    private final class Witness: @unchecked Sendable {
        // Unchecked: a weak reference is read and cleared atomically, and it is set before anybody else has the witness.
        private(set) weak var mapping: SegmentMapping?

        init(_ mapping: SegmentMapping) { self.mapping = mapping }

        var isHeld: Bool { mapping != nil }
    }

    /// Gives the broker a mapping of the bytes, which nobody else holds.
    private static func map(
        _ bytes: [UInt8], in directory: TemporaryDirectory, for fixture: ServerFixture
    ) throws -> Witness {
        let file = try File(directory.path + "/segment", .replace, PosixFileSystem())
        try file.write(bytes, at: 0)
        let mapping = try SegmentMapping(file, capacity: bytes.count)
        fixture.broker.setMapping(mapping)
        return Witness(mapping)
    }

    /// The three records fields of the reply.
    private static func records(_ body: [UInt8]) -> [UInt8] {
        var records: [UInt8] = []
        var rest = body[...]
        for _ in 0..<3 {
            let size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            records += rest.dropFirst(4).prefix(size)
            rest = rest.dropFirst(4 + size)
        }
        return records
    }

    @Test(arguments: [true, false]) func arriveIntactAndReleaseTheMapping(hasTail: Bool) async throws {
        let directory = TemporaryDirectory()
        let bytes = {
            var generator = SeededGenerator(seed: 3)
            return generator.bytes(Self.count)
        }()
        try await withServer { fixture in
            let client = try fixture.client()
            let witness = try Self.map(bytes, in: directory, for: fixture)
            for id: Int32 in 1...4 {
                try client.send(frame(id, .mapped, Self.count, hasTail ? [] : Array("last".utf8)))
            }
            // The next request is executed on the same loop after the four replies were queued.
            try client.send(frame(5, .echo))
            for id: Int32 in 1...4 {
                let reply = try client.readBody()
                #expect(reply.id == id)
                #expect(Self.records(reply.body) == bytes)
                fixture.broker.setMapping(id < 3 ? witness.mapping : nil)
            }
            #expect(try client.readReply().id == 5)
            // The loop has let go of what it sent before it executes another request.
            try client.ask(6, .echo)
            #expect(!witness.isHeld)
        }
    }

    @Test func aSlowReaderHoldsTheMappingUntilItIsClosed() async throws {
        let directory = TemporaryDirectory()
        let bytes = [UInt8](repeating: 9, count: Self.count)
        let witness = try await withServer(.test { $0.stallTimeoutMilliseconds = 300 }) { fixture in
            let control = try fixture.client()
            let client = try fixture.client(receiveBufferBytes: 64 << 10)
            let witness = try Self.map(bytes, in: directory, for: fixture)
            try client.send((1...10).flatMap { frame($0, .mapped, Self.count) } + frame(11, .hold))
            try fixture.awaitExecution(of: 3)
            fixture.broker.setMapping(nil)
            #expect(witness.isHeld)
            try control.ask(20, .awaitClosed, 1)
            return witness
        }
        #expect(!witness.isHeld)
    }
}
