import KafkaProtocol
import LogStorage

/// An encoded response frame, with its size in front, whose record batches are still ranges of mapped segments.
///
/// The server writes the pieces in order and copies none of them.
package struct Reply: Sendable {
    package enum Piece {
        case bytes(ArraySlice<UInt8>)
        /// Bytes of a mapping; they stay readable as long as somebody holds the owner.
        case mapped(UnsafeRawBufferPointer, owner: any AnyObject & Sendable)
    }

    /// The protocol's size has 31 bits; far below that nobody would take it.
    static let maxBytes = 1 << 30 + 64 << 20

    private let message: WireWriter
    private let slices: [LogSlice]
    /// Whether it has to be replaced by the end of the connection: it would have had more than `maxBytes`.
    package let isTooLarge: Bool

    /// The n-th slice belongs to the n-th splice of the message.
    init(_ message: WireWriter, slices: [LogSlice] = []) {
        precondition(message.splices.count == slices.count, "a spliced field has no bytes")
        self.message = message
        self.slices = slices
        isTooLarge = false
    }

    private init() {
        message = WireWriter(reservingBytes: 0)
        slices = []
        isTooLarge = true
    }

    static let tooLarge = Reply()

    package var byteCount: Int { message.messageByteCount }

    /// Bytes that are not those of a mapped segment.
    package var ownByteCount: Int { message.bytes.count }

    package func forEachPiece(_ body: (Piece) -> Void) {
        var start = 0
        for (splice, slice) in zip(message.splices, slices) {
            if splice.position > start { body(.bytes(message.bytes[start..<splice.position])) }
            // The pointer is good for as long as the mapping lives, and the piece carries the mapping.
            let bytes = UnsafeRawBufferPointer(start: slice.address, count: slice.count)
            if slice.count > 0 { body(.mapped(bytes, owner: slice.mapping)) }
            start = splice.position
        }
        if start < message.bytes.count { body(.bytes(message.bytes[start...])) }
    }
}

/// What became of a request.
package enum Outcome: Sendable {
    case reply(Reply)
    /// The reply will come through the completion, from whichever thread.
    case pending
    /// The request wants no reply (acks=0).
    case noReply
    /// The stream makes no sense any more, or the protocol asks for it: close the connection after the replies before it.
    case close(reason: String)
}
