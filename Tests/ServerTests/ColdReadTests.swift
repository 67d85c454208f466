// A fetch that waits for the disk, over real connections that share one event loop.

import KafkaProtocol
import KafkaRecords
import NIOPosix
import TestSupport
import Testing

@testable import Broker
@testable import Server

@Suite struct ColdReadTests {
    private static func frame<Request: RequestMessage>(
        _ request: Request, version: Int16, _ correlationID: Int32
    ) -> [UInt8] {
        var writer = WireWriter()
        writer.writeInt32(0)
        let header = RequestHeader(
            apiKey: Request.apiKey.rawValue, apiVersion: version, correlationID: correlationID, clientID: "test")
        header.encode(into: &writer, flexible: Request.isFlexible(version))
        request.encode(into: &writer, version: version)
        writer.patchInt32(Int32(writer.bytes.count - 4), at: 0)
        return writer.bytes
    }

    private static func fetch(_ correlationID: Int32) -> [UInt8] {
        frame(
            FetchRequest(
                maxWaitMs: 500, minBytes: 1, maxBytes: 1 << 20, sessionEpoch: -1,
                topics: [.init(topic: "old", partitions: [.init(partitionMaxBytes: 1 << 20)])]),
            version: 12, correlationID)
    }

    private static func metadata(_ correlationID: Int32) -> [UInt8] {
        frame(MetadataRequest(topics: []), version: 9, correlationID)
    }

    @Test func otherConnectionsOfTheLoopAreAnsweredAndTheOrderHolds() async throws {
        let root = TemporaryDirectory("martlet-server")
        let (disk, clock, log) = (FaultyFileSystem(), ManualClock(), LogCollector())
        let broker = try Broker(
            settings: try BrokerSettings(file: nil, flags: ["log.dirs": root.path + "/data"]), fileSystem: disk,
            time: clock, logger: log.logger)
        let server = try await KafkaServer.start(
            .test {
                $0.eventLoopCount = 1
                $0.drainTimeoutMilliseconds = 20_000
            }, handler: broker, logger: log.logger)
        let address = server.boundAddresses[0]
        let reads = HeldCalls()
        let slow = try await offThePool {
            let (one, other) = (try TestClient(address), try TestClient(address))
            let create = CreateTopicsRequest(topics: [.init(name: "old", numPartitions: 1, replicationFactor: 1)])
            try one.send(Self.frame(create, version: 5, 1))
            #expect(try one.readBody().id == 1)
            let batch = BatchFixtures.batch(values: ["kept"], timestamp: clock.wallMilliseconds)
            let produce = ProduceRequest(
                acks: 1, timeoutMs: 1_000,
                topicData: [.init(name: "old", partitionData: [.init(index: 0, records: .bytes(batch))])])
            try one.send(Self.frame(produce, version: 9, 2))
            #expect(try one.readBody().id == 2)

            clock.advance(milliseconds: 60_000)
            disk.inject(.init(.residency, .fail(errno: 1)))
            disk.inject(.init(.populate, reads.effect, times: 1))
            try one.send(Self.fetch(3) + Self.metadata(4))
            try reads.awaitCall()
            for id: Int32 in 100..<110 {
                try other.send(Self.metadata(id))
                #expect(try other.readBody().id == id)
            }
            // Somebody who does not wait for the answer leaves while the disk is read.
            try other.send(Self.fetch(200))
            return (one, try TestClient(address))
        }
        try eventually("the closed connection has left nothing behind") { broker.parkedFetches.count == 1 }
        reads.release()
        try await offThePool {
            let (id, body) = try slow.0.readBody()
            #expect(id == 3 && String(decoding: body, as: UTF8.self).contains("kept"))
            #expect(try slow.0.readBody().id == 4)
        }
        // A stop with a fetch that waits for the disk answers it.
        disk.inject(.init(.populate, reads.effect, times: 1))
        try await offThePool {
            try slow.1.send(Self.fetch(5))
            try reads.awaitCall()
        }
        async let stopped: Void = server.stop()
        try await offThePool {
            reads.release()
            let last = try slow.1.readBody().id
            #expect(last == 5)
        }
        await stopped
        broker.stop()
        #expect(broker.parkedFetches.count == 0)
    }
}
