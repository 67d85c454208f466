// One large receive buffer per event loop, instead of one per connection.
//
// The loop reads one socket at a time and the connection's handler has copied or executed everything when it returns, so
// all connections of a loop can read into the same buffer: ten thousand idle producers hold no buffers. The handler
// hands the buffer back with `giveBack`; if somebody still holds a slice of it, copy-on-write makes the next `take`
// allocate a new one, so a mistake here costs memory, never correctness.
//
// NIO pools what an allocator returns first (per channel, for ever), so the first buffer of a channel is a small one, and
// `maxMessagesPerRead` has to be 1: with a pool of one, later buffers are not kept.
//
// One buffer of a large frame is kept as well: getting that memory from the system and giving it back for every frame costs
// as much as validating all its records (docs/decisions/006-cost-of-produce.md).
//
// Thread rule: bound to its event loop.

import NIOCore

struct ReceiveBufferAllocator: RecvByteBufferAllocator {
    /// Measured on one loop, loopback, best of four, CPU seconds per GB received with 64 KiB, 256 KiB and 1 MiB:
    /// 64 KiB frames 0.55, 0.31, 0.32; 4 KiB frames 0.66, 0.39, 0.39; 300-byte frames 1.03, 0.93, 1.08 µs a frame.
    static let sharedBytes = 256 * 1_024
    private static let firstBytes = 2_048

    let shared: ReceiveBuffer
    private var isFirst = true

    init(_ shared: ReceiveBuffer) {
        self.shared = shared
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        isFirst ? allocator.buffer(capacity: Self.firstBytes) : shared.take(allocator)
    }

    /// "May grow" makes NIO ask `buffer` again instead of using the pooled one.
    mutating func record(actualReadBytes: Int) -> Bool {
        isFirst = false
        return true
    }
}

final class ReceiveBuffer: Sendable {
    /// A smaller buffer of a frame costs little to get, a larger one much to keep.
    static let spareBytes = 128 << 10...4 << 20

    private let shared: NIOLoopBoundBox<ByteBuffer?>
    private let spare: NIOLoopBoundBox<ByteBuffer?>

    init(eventLoop: any EventLoop) {
        shared = .makeEmptyBox(eventLoop: eventLoop)
        spare = .makeEmptyBox(eventLoop: eventLoop)
    }

    fileprivate func take(_ allocator: ByteBufferAllocator) -> ByteBuffer {
        guard var buffer = shared.value else {
            return allocator.buffer(capacity: ReceiveBufferAllocator.sharedBytes)
        }
        shared.value = nil
        buffer.clear()
        return buffer
    }

    /// Takes a buffer back when everything in it was used.
    func giveBack(_ buffer: ByteBuffer) {
        if buffer.storageCapacity >= ReceiveBufferAllocator.sharedBytes { shared.value = buffer }
    }

    // MARK: The spare

    /// Whether the spare holds a frame of that size and is not much larger: the budget counts the frame.
    func hasSpare(for size: Int) -> Bool {
        guard let capacity = spare.value?.storageCapacity else { return false }
        return (size..<4 * size).contains(capacity)
    }

    func takeSpare(for size: Int) -> ByteBuffer? {
        guard hasSpare(for: size), var buffer = spare.value else { return nil }
        spare.value = nil
        buffer.clear()
        return buffer
    }

    /// Takes the buffer of a frame that was executed.
    func giveBackSpare(_ buffer: ByteBuffer) {
        if Self.spareBytes.contains(buffer.storageCapacity) { spare.value = buffer }
    }
}
