// FakeBroker: executes what the frames of a test tell it to.
//
// A frame is an id (Int32), an operation (UInt8), an argument (Int32), a payload. A reply is a size, the id, the length of
// a payload, the payload.
// Tests never wait for time: `awaitPending` and `awaitClosed` are requests that are answered when a condition holds.

import Dispatch
import KafkaProtocol
import Synchronization
import Testing

@testable import Broker
@testable import LogStorage

enum Operation: UInt8 {
    /// Answers with the payload.
    case echo
    /// Answered by `FakeBroker.complete`.
    case hold
    case noReply
    case close
    /// Answers with so many bytes.
    case blob
    /// Answers with so many bytes of the mapping, in three slices; nothing behind them if the payload says "last".
    case mapped
    /// Pending, but completed before the call returns.
    case completeInside
    /// Completed on the connection's loop after so many milliseconds.
    case delay
    /// Scheduled and cancelled; answers at once.
    case cancelledDelay
    /// Answers when so many requests are held.
    case awaitPending
    /// Answers when so many connections were closed.
    case awaitClosed
    /// Answers with the two addresses of the connection.
    case addresses
    /// Completes twice.
    case answerTwice
    /// Keeps the loop until `FakeBroker.unblock`, then answers.
    case block
}

func frame(_ id: Int32, _ operation: Operation, _ argument: Int = 0, _ payload: [UInt8] = []) -> [UInt8] {
    var writer = WireWriter()
    writer.writeInt32(Int32(9 + payload.count))
    writer.writeInt32(id)
    writer.writeInt8(Int8(operation.rawValue))
    writer.writeInt32(Int32(argument))
    return writer.bytes + payload
}

/// What `Operation.blob` answers with.
func blob(_ id: Int32, _ count: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: id), count: count)
}

extension TestClient {
    /// Everything behind the id.
    func readBody() throws -> (id: Int32, body: [UInt8]) {
        func number(_ bytes: [UInt8]) -> Int32 { bytes.reduce(0) { $0 << 8 | Int32($1) } }
        let size = Int(number(try receive(count: 4)))
        let id = number(try receive(count: 4))
        return (id, try receive(count: size - 4))
    }

    func readReply() throws -> (id: Int32, payload: [UInt8]) {
        let (id, body) = try readBody()
        return (id, Array(body.dropFirst(4)))
    }

    /// Sends one request and expects its reply next.
    @discardableResult
    func ask(_ id: Int32, _ operation: Operation, _ argument: Int = 0, _ payload: [UInt8] = []) throws -> [UInt8] {
        try send(frame(id, operation, argument, payload))
        let reply = try readReply()
        #expect(reply.id == id)
        return reply.payload
    }
}

final class FakeBroker: RequestHandler {
    typealias Complete = @Sendable (Reply) -> Void

    private struct State {
        var executed: [Int32] = []
        var held: [Int32: Complete] = [:]
        var closed = 0
        var mapping: SegmentMapping?
        var waiting: [(isMet: @Sendable (State) -> Bool, complete: @Sendable () -> Void)] = []
    }

    private let state = Mutex(State())
    private let unblocked = DispatchSemaphore(value: 0)

    /// Lets one `Operation.block` go on.
    func unblock() { unblocked.signal() }

    /// Ids in the order of execution.
    var executed: [Int32] { state.withLock { $0.executed } }

    func setMapping(_ mapping: SegmentMapping?) { state.withLock { $0.mapping = mapping } }

    func complete(_ id: Int32) {
        let complete = state.withLock { $0.held.removeValue(forKey: id) }
        complete?(Self.reply(id, []))
    }

    static func reply(_ id: Int32, _ payload: [UInt8]) -> Reply {
        var writer = WireWriter(reservingBytes: payload.count + 8)
        writer.writeInt32(Int32(8 + payload.count))
        writer.writeInt32(id)
        writer.writeBytes(payload, false)
        return Reply(writer)
    }

    private static func mappedReply(_ id: Int32, _ mapping: SegmentMapping, _ count: Int, hasTail: Bool) -> Reply {
        // Two slices that are copied or sent as they are, by size, and a large one.
        let sizes = [100, 5_000, count - 5_100]
        var writer = WireWriter()
        writer.writeInt32(Int32(4 + count + 12 + (hasTail ? 4 : 0)))
        writer.writeInt32(id)
        var slices: [LogSlice] = []
        var position = 0
        for size in sizes {
            writer.writeNullableRecords(.spliced(byteCount: size), false)
            slices.append(LogSlice(mapping: mapping, position: position, count: size))
            position += size
        }
        if hasTail { writer.writeInt32(-1) }
        return Reply(writer, slices: slices)
    }

    func handle(
        _ frame: RawSpan, from connection: any ClientConnection, complete: @escaping Complete
    ) -> Outcome {
        var reader = WireReader(frame)
        guard let id = try? reader.readInt32(), let code = try? reader.readInt8(),
            let argument = try? reader.readInt32(),
            let operation = Operation(rawValue: UInt8(code))
        else { return .close(reason: "not a frame of this test") }
        let payload = frame.extracting(droppingFirst: 9).withUnsafeBytes { Array($0) }
        state.withLock { $0.executed.append(id) }
        return execute(id, operation, Int(argument), payload, connection, complete)
    }

    private func execute(
        _ id: Int32, _ operation: Operation, _ argument: Int, _ payload: [UInt8], _ connection: any ClientConnection,
        _ complete: @escaping Complete
    ) -> Outcome {
        switch operation {
        case .echo: return .reply(Self.reply(id, payload))
        case .noReply: return .noReply
        case .close: return .close(reason: "the test asked for it")
        case .blob: return .reply(Self.reply(id, blob(id, argument)))
        case .hold:
            change { $0.held[id] = complete }
            return .pending
        case .completeInside:
            complete(Self.reply(id, payload))
            return .pending
        case .delay:
            _ = connection.schedule(afterMilliseconds: argument) { complete(Self.reply(id, payload)) }
            return .pending
        case .cancelledDelay:
            connection.schedule(afterMilliseconds: argument) { Issue.record("cancelled work ran") }.cancel()
            return .reply(Self.reply(id, payload))
        case .addresses:
            return .reply(Self.reply(id, Array("\(connection.localAddress) \(connection.remoteAddress)".utf8)))
        case .answerTwice:
            complete(Self.reply(id, payload))
            complete(Self.reply(id, payload))
            return .pending
        case .block:
            unblocked.wait()
            return .reply(Self.reply(id, payload))
        case .mapped:
            guard let mapping = state.withLock({ $0.mapping }) else { return .close(reason: "no mapping") }
            return .reply(Self.mappedReply(id, mapping, argument, hasTail: payload.isEmpty))
        case .awaitPending:
            wait({ $0.held.count >= argument }, then: { complete(Self.reply(id, [])) })
            return .pending
        case .awaitClosed:
            wait({ $0.closed >= argument }, then: { complete(Self.reply(id, [])) })
            return .pending
        }
    }

    func beginBurst() {}
    func endBurst() {}
    func beginStop() {}

    func connectionClosed(_ connection: any ClientConnection) {
        change { $0.closed += 1 }
    }

    private func wait(_ isMet: @escaping @Sendable (State) -> Bool, then complete: @escaping @Sendable () -> Void) {
        change { $0.waiting.append((isMet, complete)) }
    }

    /// Changes the state under the lock and runs what waited for it after unlocking.
    private func change(_ body: (inout State) -> Void) {
        let ready = state.withLock { state in
            body(&state)
            let ready = state.waiting.filter { $0.isMet(state) }
            state.waiting = state.waiting.filter { !$0.isMet(state) }
            return ready
        }
        for each in ready { each.complete() }
    }
}
