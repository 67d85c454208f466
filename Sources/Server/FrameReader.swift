// Cuts the stream of one connection into frames: four bytes of size (big-endian), then so many bytes of request.
//
// A frame that lies whole in what was read is a slice of it, without a copy. Any other is collected in a buffer that grows
// with the bytes that really arrive: a claim of 100 MiB costs 64 KiB until more is sent. Growing beyond the first 64 KiB
// needs the consent of the server's memory budget (`needsMemory`, `grant`).
//
// Thread rule: a plain value; its connection's event loop owns it.

import NIOCore

struct FrameReader {
    enum Step {
        /// A whole frame without its size. `isCollected`: it has its own memory.
        case frame(ByteBuffer, isCollected: Bool)
        /// All usable bytes were taken; up to three bytes of a size may be left in the input.
        case needsBytes
        /// The frame that is being collected wants so many bytes of memory more.
        case needsMemory(bytes: Int)
        case malformed(Malformation)
    }

    enum Malformation: Equatable {
        /// The first bytes of the connection belong to another protocol.
        case foreign(ForeignProtocol)
        case size(Int32)
    }

    /// Memory of a collected frame that is not asked for.
    static let freeBytes = 64 * 1_024
    /// API key, version and correlation id: no request header is shorter.
    static let frameMinBytes = 8

    private let frameMaxBytes: Int
    private let spares: ReceiveBuffer?
    private var isFirstFrame = true
    /// The frame that is being collected.
    private var body: ByteBuffer?
    private var bodySize = 0
    private var grantedBytes = 0

    /// - Parameter spares: where the memory of collected frames comes from, if there is any.
    init(frameMaxBytes: Int, spares: ReceiveBuffer? = nil) {
        self.frameMaxBytes = frameMaxBytes
        self.spares = spares
    }

    /// Whether a frame that holds memory of the budget waits for bytes.
    var holdsMemory: Bool { body != nil && grantedBytes > Self.freeBytes }

    /// Consents to what `needsMemory` asked for.
    mutating func grant(bytes: Int) { grantedBytes += bytes }

    mutating func next(_ input: inout ByteBuffer) -> Step {
        if body != nil { return collect(&input) }
        guard let size = input.getInteger(at: input.readerIndex, as: Int32.self) else { return .needsBytes }
        if isFirstFrame, let foreign = ForeignProtocol(firstBytes: UInt32(bitPattern: size)) {
            return .malformed(.foreign(foreign))
        }
        guard size >= Self.frameMinBytes, size <= frameMaxBytes else { return .malformed(.size(size)) }
        isFirstFrame = false
        input.moveReaderIndex(forwardBy: 4)
        if let whole = input.readSlice(length: Int(size)) { return .frame(whole, isCollected: false) }
        bodySize = Int(size)
        grantedBytes = min(bodySize, Self.freeBytes)
        body = ByteBufferAllocator().buffer(capacity: grantedBytes)
        return collect(&input)
    }

    private mutating func collect(_ input: inout ByteBuffer) -> Step {
        guard var body = self.body.take() else { preconditionFailure("only a frame that was begun is collected") }
        if grantedBytes > body.capacity { grow(&body) }
        let count = min(grantedBytes - body.readableBytes, input.readableBytes)
        if var part = input.readSlice(length: count) { body.writeBuffer(&part) }
        if body.readableBytes == bodySize { return .frame(body, isCollected: true) }
        let received = body.readableBytes
        self.body = body
        // Asked for at the first byte that has no room, not before.
        guard received == grantedBytes, input.readableBytes > 0 else { return .needsBytes }
        // A spare is memory that exists: then all of it is claimed at once.
        let next = spares?.hasSpare(for: bodySize) == true ? bodySize : min(bodySize, 2 * received)
        return .needsMemory(bytes: next - grantedBytes)
    }

    private func grow(_ body: inout ByteBuffer) {
        if grantedBytes == bodySize, var spare = spares?.takeSpare(for: bodySize) {
            spare.writeBuffer(&body)
            body = spare
        } else {
            body.reserveCapacity(grantedBytes)
        }
    }
}
