/// A `records` field: record batches that the codec carries but never copies or looks into.
package enum Records: Equatable, Sendable {
    /// Where the bytes stand in the frame that was decoded, in bytes from its start.
    case frame(Range<Int>)
    /// Bytes to encode.
    case bytes([UInt8])
    /// Bytes that the sender of the encoded message puts in by itself: the writer only notes the place (`WireWriter.splices`).
    case spliced(byteCount: Int)

    package var byteCount: Int {
        switch self {
        case .frame(let range): range.count
        case .bytes(let bytes): bytes.count
        case .spliced(let count): count
        }
    }
}
