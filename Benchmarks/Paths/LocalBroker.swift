// LocalBroker: a broker in a temporary directory, asked in frames, on a clock that stands still.
//
// Thread rule: used by one thread, which waits for what the broker answers on its own queues.

import Broker
import Dispatch
import KafkaProtocol
import Logging
import Synchronization
import TestSupport

final class LocalBroker {
    private let root = TemporaryDirectory("martlet-path")
    private let broker: Broker
    private let connection = DetachedConnection()

    init() throws {
        let settings = try BrokerSettings(
            file: nil,
            flags: [
                "log.dirs": root.path + "/data", "group.initial.rebalance.delay.ms": "0",
                "offsets.topic.num.partitions": "1",
            ])
        broker = try Broker(
            settings: settings, time: ManualClock(), logger: Logger(label: "path") { _ in SwiftLogNoOpLogHandler() })
    }

    deinit { broker.stop() }

    // MARK: Requests

    static func frame<Request: RequestMessage>(_ request: Request, version: Int16) -> [UInt8] {
        var writer = WireWriter()
        RequestHeader(apiKey: Request.apiKey.rawValue, apiVersion: version, correlationID: 1, clientID: "path")
            .encode(into: &writer, flexible: Request.isFlexible(version))
        request.encode(into: &writer, version: version)
        return writer.bytes
    }

    /// The same request again and again.
    func answering<Request: RequestMessage>(_ request: Request, version: Int16) -> MeasuredPath.Work {
        let frame = Self.frame(request, version: version)
        return { times in
            for _ in 0..<times { keep(try self.reply(to: frame)) }
        }
    }

    func answer<Request: RequestMessage>(_ request: Request, version: Int16) throws -> Request.Response {
        var bytes: [UInt8] = []
        try reply(to: Self.frame(request, version: version)).forEachPiece { piece in
            switch piece {
            case .bytes(let slice): bytes += slice
            case .mapped(let mapped, let owner): withExtendedLifetime(owner) { bytes += mapped }
            }
        }
        var reader = WireReader(bytes.span.bytes)
        keep(try reader.readInt32())
        keep(
            try ResponseHeader.decode(
                from: &reader, flexible: Request.Response.isFlexible(version), apiKey: Request.apiKey))
        return try Request.Response(from: &reader, version: version)
    }

    private func reply(to frame: [UInt8]) throws -> Reply {
        let late = LateReply()
        switch broker.handle(frame.span.bytes, from: connection, complete: { late.take($0) }) {
        case .reply(let reply): return reply
        case .pending: return late.wait()
        case .noReply: throw Refusal(reason: "there is no reply")
        case .close(let reason): throw Refusal(reason: reason)
        }
    }

    struct Refusal: Error {
        let reason: String

        static func check(_ code: ErrorCode) throws {
            guard code == .none else { throw Refusal(reason: "\(code)") }
        }
    }

    // MARK: What paths need

    func createTopic(_ name: String) throws {
        let request = CreateTopicsRequest(topics: [.init(name: name, numPartitions: 1, replicationFactor: 1)])
        for topic in try answer(request, version: 4).topics { try Refusal.check(topic.errorCode) }
    }

    /// Makes a stable group of one member; the heartbeat is that member's.
    func joinGroup(_ group: String) throws -> HeartbeatRequest {
        let join = JoinGroupRequest(
            groupID: group, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 60_000, protocolType: "consumer",
            protocols: [.init(name: "range")])
        let joined = try answer(join, version: 3)
        try Refusal.check(joined.errorCode)
        let sync = SyncGroupRequest(
            groupID: group, generationID: joined.generationID, memberID: joined.memberID)
        try Refusal.check(try answer(sync, version: 1).errorCode)
        return HeartbeatRequest(groupID: group, generationID: joined.generationID, memberID: joined.memberID)
    }
}

/// A reply that comes from one of the broker's queues.
private final class LateReply: Sendable {
    private let reply = Mutex<Reply?>(nil)
    private let arrived = DispatchSemaphore(value: 0)

    func take(_ reply: Reply) {
        self.reply.withLock { $0 = reply }
        arrived.signal()
    }

    func wait() -> Reply {
        arrived.wait()
        return reply.withLock { $0! }
    }
}

/// A connection without a socket. Nothing is measured that would wait: its timers never fire.
private final class DetachedConnection: ClientConnection {
    let localAddress = NetworkAddress(host: "localhost", port: 9092)
    let remoteAddress = NetworkAddress(host: "127.0.0.1", port: 40_001)

    private struct Never: ScheduledWork {
        func cancel() {}
    }

    func execute(_ work: @escaping @Sendable () -> Void) { work() }

    func schedule(afterMilliseconds delay: Int, _ work: @escaping @Sendable () -> Void) -> any ScheduledWork { Never() }
}
