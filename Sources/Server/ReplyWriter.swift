// Turns replies into writes of a channel, at most `turnMaxBytes` of them in one turn of the event loop, and none while the
// channel has not sent what it was given. What is over waits here.
//
// With more the loop would be in one `writev` for milliseconds while others wait: the socket of a quick reader takes megabytes.
//
// Bytes and small mapped pieces are gathered in one buffer, so a burst of small replies is one write. A large mapped
// piece goes out as it is: the kernel reads it from the mapping.
//
// Lifetime: such a piece becomes a `ByteBuffer` that does not own its memory. NIO reads the memory only between `write`
// and the moment it drops the write from its list of pending writes, and completes the promise of a write after that,
// whether it was sent or failed. Writes of a channel are dropped in order, so the promise of the last write of a reply
// completes after all its pieces were dropped; the callback of that promise holds the owners.
//
// Thread rule: bound to its channel's event loop.

import Broker
import DequeModule
@_spi(CustomByteBufferAllocator) import NIOCore

struct ReplyWriter {
    /// Below this a copy is cheaper than a buffer object and a vector element of its own.
    static let mappedMinBytes = 4_096
    /// Gathered bytes are passed on at this size.
    private static let gatheredMaxBytes = 64 * 1_024
    /// A connection keeps a buffer of this size between bursts, not more.
    private static let keptMaxBytes = 4 * 1_024
    static let turnMaxBytes = 1 << 20

    private let connection: Connection
    /// Passed on and not counted in `ReplyMemory`.
    private var uncountedBytes = 0
    private var gathered = ByteBuffer()
    private var hasGathered = false
    private var mustFlush = false
    private var waiting: Deque<(buffer: ByteBuffer, promise: EventLoopPromise<Void>?)> = []
    private(set) var waitingBytes = 0
    private var turnBytes = 0
    /// Bytes passed on since the connection began, for measuring progress.
    private(set) var passedOnBytes = 0
    /// With those that wait.
    var writtenBytes: Int { passedOnBytes + waitingBytes }

    /// Whether replies that were written have to wait for the next turn.
    var isWaiting: Bool { !waiting.isEmpty }

    init(_ connection: Connection) { self.connection = connection }

    mutating func write(_ reply: Reply, to context: ChannelHandlerContext) {
        var owners: [any AnyObject & Sendable] = []
        reply.forEachPiece { piece in
            switch piece {
            case .bytes(let bytes):
                gather(context) { $0.writeBytes(bytes) }
            case .mapped(let bytes, let owner) where bytes.count < Self.mappedMinBytes:
                gather(context) { $0.writeBytes(bytes) }
                withExtendedLifetime(owner) {}
            case .mapped(let bytes, let owner):
                passOnGathered(to: context)
                owners.append(owner)
                passOn(Self.buffer(over: bytes), to: context)
            }
        }
        guard !owners.isEmpty else { return }
        let dropped = context.eventLoop.makePromise(of: Void.self)
        dropped.futureResult.whenComplete { [owners] _ in withExtendedLifetime(owners) {} }
        if hasGathered {
            passOnGathered(to: context, promise: dropped)
        } else {
            passOn(ByteBuffer(), to: context, promise: dropped)
        }
    }

    /// Text for a client that does not speak the protocol.
    mutating func write(text: String, to context: ChannelHandlerContext) {
        gather(context) { $0.writeString(text) }
    }

    /// Passes the rest on; true if the channel has to be flushed. The caller does it: flushing can call back, and what it
    /// calls may want to write.
    mutating func finishTurn(_ context: ChannelHandlerContext) -> Bool {
        passOnGathered(to: context)
        defer { (mustFlush, turnBytes) = (false, 0) }
        return mustFlush
    }

    /// Passes on what waits, as much as one turn may.
    mutating func resume(_ context: ChannelHandlerContext) {
        while let (buffer, promise) = waiting.popFirst() {
            waitingBytes -= buffer.readableBytes
            if let rest = passOnPart(of: buffer, to: context, promise: promise) {
                waitingBytes += rest.readableBytes
                return waiting.prepend((rest, promise))
            }
        }
    }

    /// The connection is gone: what waits is dropped.
    mutating func close() {
        let dropped = waiting
        (waiting, waitingBytes) = ([], 0)
        for (_, promise) in dropped { promise?.fail(ChannelError.ioOnClosedChannel) }
    }

    private mutating func gather(_ context: ChannelHandlerContext, _ append: (inout ByteBuffer) -> Void) {
        // Cleared only now: by now NIO has usually let go of what was passed on, and the memory can be used again.
        if !hasGathered { gathered.clear() }
        hasGathered = true
        append(&gathered)
        if gathered.readableBytes >= Self.gatheredMaxBytes { passOnGathered(to: context) }
    }

    private mutating func passOnGathered(to context: ChannelHandlerContext, promise: EventLoopPromise<Void>? = nil) {
        guard hasGathered else { return }
        hasGathered = false
        passOn(gathered, to: context, promise: counted(gathered.readableBytes, promise, context))
        if gathered.capacity > Self.keptMaxBytes { gathered = ByteBuffer() }
    }

    /// Counts bytes that are passed on, and has the promise of their write count them out.
    private mutating func counted(
        _ bytes: Int, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) -> EventLoopPromise<Void>? {
        uncountedBytes += bytes
        guard uncountedBytes >= ReplyMemory.stepBytes else { return promise }
        let claimed = uncountedBytes
        uncountedBytes = 0
        connection.claimReplyMemory(claimed)
        // Writes are dropped in order: those before it, which it counts as well, are out by then.
        let taken = promise ?? context.eventLoop.makePromise(of: Void.self)
        taken.futureResult.whenComplete { [account = connection.replyMemory] _ in account.release(claimed) }
        return taken
    }

    private mutating func passOn(
        _ buffer: ByteBuffer, to context: ChannelHandlerContext, promise: EventLoopPromise<Void>? = nil
    ) {
        let rest = waiting.isEmpty ? passOnPart(of: buffer, to: context, promise: promise) : buffer
        guard let rest else { return }
        waitingBytes += rest.readableBytes
        waiting.append((rest, promise))
    }

    /// - Returns: what is too much for this turn; the promise goes with it.
    private mutating func passOnPart(
        of buffer: ByteBuffer, to context: ChannelHandlerContext, promise: EventLoopPromise<Void>?
    ) -> ByteBuffer? {
        let room = context.channel.isWritable ? max(0, Self.turnMaxBytes - turnBytes) : 0
        if room == 0, buffer.readableBytes > 0 { return buffer }
        var rest = buffer
        // All of it, or a slice that shares its memory.
        let part = buffer.readableBytes <= room ? nil : rest.readSlice(length: room)
        let count = (part ?? rest).readableBytes
        turnBytes += count
        passedOnBytes += count
        mustFlush = true
        context.write(NIOAny(part ?? rest), promise: part == nil ? promise : nil)
        return part == nil ? nil : rest
    }

    private static func buffer(over bytes: UnsafeRawBufferPointer) -> ByteBuffer {
        // Made mutable for the type only: nothing writes to an outbound buffer, and the allocator below would trap.
        ByteBuffer(takingOwnershipOf: UnsafeMutableRawBufferPointer(mutating: bytes), allocator: borrowing)
    }

    /// For memory that belongs to somebody else: frees nothing, and never makes memory of its own.
    private static let borrowing = ByteBufferAllocator(
        allocate: { _ in preconditionFailure("a mapped piece is sent, never changed") },
        reallocate: { _, _, _ in preconditionFailure("a mapped piece is sent, never changed") },
        deallocate: { _ in },
        copy: { _, _, _ in preconditionFailure("a mapped piece is sent, never changed") })
}
