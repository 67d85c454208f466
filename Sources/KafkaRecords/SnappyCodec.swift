// SnappyCodec: raw snappy, and the framing that the Java library puts around it.
//
// The Java framing: 82 "SNAPPY" 00, version int32, oldest compatible version int32, then blocks, each an int32 length
// and that many bytes of raw snappy. Most clients write it, some write raw snappy; both are read. A second header
// between blocks is what appending two streams leaves. Source: xerial/snappy-java, SnappyOutputStream.

import CSnappy

enum SnappyCodec {
    private static let magic: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00]
    static let headerBytes = 8 + 4 + 4
    /// What one block holds before compressing, as the Java library has it.
    private static let blockBytes = 32 * 1024
    /// No element of the format makes more than 64 bytes out of its 3: a larger claim is a lie.
    static let maximumRatio = 22

    static func compress(_ input: RawSpan) throws(RecordError) -> [UInt8] {
        var output = magic
        output += [0, 0, 0, 1, 0, 0, 0, 1]
        var position = 0
        while position < input.byteCount {
            let count = min(blockBytes, input.byteCount - position)
            let block = try compressRaw(input.extracting(position..<(position + count)))
            output += [0, 0, 0, 0]
            output.storeBigEndian(Int32(block.count), at: output.count - 4)
            output += block
            position += count
        }
        return output
    }

    static func decompress(_ input: RawSpan, limitBytes: Int) throws(RecordError) -> [UInt8] {
        var output = DecompressedOutput(limitBytes: limitBytes, inputBytes: input.byteCount)
        guard isFramed(input, at: 0) else {
            try decompressRaw(input, into: &output)
            return output.bytes
        }
        var position = headerBytes
        guard position <= input.byteCount else { throw tooEarly }
        while position < input.byteCount {
            if isFramed(input, at: position) {
                position += headerBytes
                guard position <= input.byteCount else { throw tooEarly }
                continue
            }
            guard input.byteCount - position >= 4 else { throw tooEarly }
            let length = Int(input.bigEndian(at: position, as: Int32.self))
            position += 4
            guard length >= 0 else { throw .corruptCompressedData(.snappy, "a block of \(length) bytes") }
            guard length <= input.byteCount - position else { throw tooEarly }
            try decompressRaw(input.extracting(position..<(position + length)), into: &output)
            position += length
        }
        return output.bytes
    }

    private static var tooEarly: RecordError { .corruptCompressedData(.snappy, "it ends too early") }

    static func isFramed(_ input: RawSpan, at position: Int) -> Bool {
        guard input.byteCount - position >= magic.count else { return false }
        for index in 0..<magic.count where input.byte(at: position + index) != magic[index] { return false }
        return true
    }

    private static func compressRaw(_ input: RawSpan) throws(RecordError) -> [UInt8] {
        let bound = snappy_max_compressed_length(input.byteCount)
        var status = SNAPPY_OK
        // Both pointers are valid within their closures, and snappy is told how long they are.
        let output = input.withUnsafeBytes { raw in
            [UInt8](unsafeUninitializedCapacity: bound) { free, count in
                var written = bound
                status = snappy_compress(
                    raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count,
                    UnsafeMutableRawPointer(free.baseAddress)?.assumingMemoryBound(to: CChar.self), &written)
                count = status == SNAPPY_OK ? written : 0
            }
        }
        guard status == SNAPPY_OK else { throw .invalidBatch("snappy: status \(status.rawValue)") }
        return output
    }

    private static func decompressRaw(_ input: RawSpan, into output: inout DecompressedOutput) throws(RecordError) {
        try input.withUnsafeBytes { (raw) throws(RecordError) in
            // As above; and what comes out is no longer than the length that was asked for just before.
            let start = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            var claimed = 0
            guard raw.count > 0, snappy_uncompressed_length(start, raw.count, &claimed) == SNAPPY_OK,
                claimed <= raw.count * maximumRatio
            else { throw .corruptCompressedData(.snappy, "its length is malformed") }
            try output.offerExactly(claimed) { (room) throws(RecordError) in
                var written = room.count
                let target = room.baseAddress?.assumingMemoryBound(to: CChar.self)
                guard snappy_uncompress(start, raw.count, target, &written) == SNAPPY_OK else {
                    throw .corruptCompressedData(.snappy, "a block is malformed")
                }
                return written
            }
        }
    }
}
