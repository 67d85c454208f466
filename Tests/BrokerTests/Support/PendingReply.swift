// What became of one request: decoded once it is there.

import Broker
import Dispatch
import KafkaProtocol
import Synchronization
import Testing

/// A decoded reply, and the frame that its records are ranges of.
struct Answer<Response: WireMessage> {
    let response: Response
    let frame: [UInt8]

    /// The record batches of a Fetch reply.
    func bytes(_ records: Records?) -> [UInt8] {
        guard case .frame(let range)? = records else { return [] }
        return Array(frame[range])
    }
}

/// Takes the reply of a request that may be answered later.
final class PendingReply<Request: RequestMessage>: Sendable {
    let version: Int16
    let correlationID: Int32
    private let replies = Mutex<[[UInt8]]>([])
    private let arrived = DispatchSemaphore(value: 0)
    private let closedReason = Mutex<String?>(nil)
    private let isNoReply = Mutex(false)

    private let connection: FakeConnection

    init(version: Int16, correlationID: Int32, connection: FakeConnection) {
        self.version = version
        self.correlationID = correlationID
        self.connection = connection
    }

    func take(_ reply: Reply) {
        let bytes = reply.wireBytes
        replies.withLock { $0.append(bytes) }
        arrived.signal()
    }

    func take(_ outcome: Outcome) {
        switch outcome {
        case .reply(let reply): take(reply)
        case .pending: break
        case .noReply: isNoReply.withLock { $0 = true }
        case .close(let reason): closedReason.withLock { $0 = reason }
        }
    }

    var isAnswered: Bool { replies.withLock { !$0.isEmpty } }
    var replyCount: Int { replies.withLock { $0.count } }
    var closed: String? { closedReason.withLock { $0 } }
    var hasNoReply: Bool { isNoReply.withLock { $0 } }

    /// The reply, as soon as it is there: work on the broker's own queues is waited for, not slept for, and what it hands to
    /// the connection's loop is run.
    func answer() throws -> Answer<Request.Response> {
        if let closed {
            throw ReplyProblem("the connection was closed: \(closed)")
        }
        if hasNoReply { throw ReplyProblem("there is no reply") }
        let deadline = DispatchTime.now() + .seconds(20)
        while arrived.wait(timeout: .now() + .milliseconds(1)) == .timedOut {
            guard DispatchTime.now() < deadline else { throw ReplyProblem("no reply came") }
            connection.drain()
        }
        let frame = replies.withLock { $0[0] }
        return try Self.decode(frame, version: version, correlationID: correlationID)
    }

    static func decode(
        _ frame: [UInt8], version: Int16, correlationID: Int32
    ) throws -> Answer<Request.Response> {
        var reader = WireReader(frame.span.bytes)
        let size = try reader.readInt32()
        try #require(Int(size) == frame.count - 4, "the size in front is that of the reply")
        let found = try ResponseHeader.decode(
            from: &reader, flexible: Request.Response.isFlexible(version), apiKey: Request.apiKey)
        try #require(found == correlationID)
        let response = try Request.Response(from: &reader, version: version)
        try reader.expectEnd()
        return Answer(response: response, frame: frame)
    }
}

struct ReplyProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Reply {
    /// What the server would write.
    var wireBytes: [UInt8] {
        var bytes: [UInt8] = []
        forEachPiece { piece in
            switch piece {
            case .bytes(let slice): bytes += slice
            case .mapped(let mapped, let owner): withExtendedLifetime(owner) { bytes += mapped }
            }
        }
        #expect(bytes.count == byteCount)
        return bytes
    }
}
