// DecompressedOutput: the bytes that come out of a codec, growing with what really comes and stopping at a limit.

/// Collects what a decompressor writes. It doubles: never more than twice what has come out (or its first guess).
struct DecompressedOutput {
    private(set) var bytes: [UInt8] = []
    private let limitBytes: Int
    private let firstRoomBytes: Int
    /// zlib counts room in 32 bits.
    private static let maximumRoomBytes = 1 << 30

    /// `inputBytes` is the size of what is decompressed; the first guess is four times that.
    init(limitBytes: Int, inputBytes: Int) {
        self.limitBytes = max(limitBytes, 0)
        firstRoomBytes = min(max(inputBytes, 64), 1 << 24) * 4
    }

    /// Offers memory to `write`, which returns how many bytes it filled, from the start.
    ///
    /// One byte more than the limit is offered, to tell "just full" from "too large". Throws `.decompressedTooLarge`
    /// if that byte was used, and what `write` throws.
    mutating func offerRoom(
        _ write: (UnsafeMutableRawBufferPointer) throws(RecordError) -> Int
    ) throws(RecordError) {
        let wanted = min(max(bytes.count, firstRoomBytes), Self.maximumRoomBytes)
        try fill(min(wanted - 1, limitBytes - bytes.count) + 1, write)
        if bytes.count > limitBytes { throw .decompressedTooLarge(limitBytes: limitBytes) }
    }

    /// Offers exactly `count` bytes, for a codec that says beforehand what it will write.
    mutating func offerExactly(
        _ count: Int, _ write: (UnsafeMutableRawBufferPointer) throws(RecordError) -> Int
    ) throws(RecordError) {
        guard count <= limitBytes - bytes.count else { throw .decompressedTooLarge(limitBytes: limitBytes) }
        try fill(count, write)
    }

    private mutating func fill(
        _ room: Int, _ write: (UnsafeMutableRawBufferPointer) throws(RecordError) -> Int
    ) throws(RecordError) {
        try bytes.append(addingCapacity: room) { (output: inout OutputSpan<UInt8>) throws(RecordError) in
            // The memory is ours for the closure; `write` reports how much of it it has initialized.
            try output.withUnsafeMutableBufferPointer { (free, initialized) throws(RecordError) in
                initialized = try write(
                    UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(free)[..<room]))
            }
        }
    }
}
