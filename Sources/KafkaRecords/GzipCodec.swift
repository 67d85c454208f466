// GzipCodec: gzip (RFC 1952) by zlib. Concatenated members are read as one stream; writing makes one member.
//
// Threads: each call has a zlib stream of its own.

import CZlib

enum GzipCodec {
    /// 15 bits of window, plus 16 for "gzip framing and nothing else" (zlib.h, inflateInit2 and deflateInit2).
    private static let gzipWindowBits: Int32 = 15 + 16
    private static let defaultMemoryLevel: Int32 = 8

    /// `level` 1 (fast) to 9 (small), clamped; nil is zlib's default, 6.
    static func compress(_ input: RawSpan, level: Int?) throws(RecordError) -> [UInt8] {
        var stream = z_stream()
        let chosen = level.map { Int32(clamping: min(max($0, 1), 9)) } ?? Z_DEFAULT_COMPRESSION
        let started = deflateInit2_(
            &stream, chosen, Z_DEFLATED, gzipWindowBits, defaultMemoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { throw .corruptCompressedData(.gzip, "zlib could not start: \(started)") }
        defer { deflateEnd(&stream) }

        try give(input, to: &stream)
        // One call suffices: the bound holds whatever the bytes are.
        let bound = Int(deflateBound(&stream, UInt(input.byteCount)))
        guard bound <= UInt32.max else { throw .invalidBatch("\(input.byteCount) bytes are too many to compress") }
        return try input.withUnsafeBytes { (raw) throws(RecordError) -> [UInt8] in
            // zlib only reads through next_in, which lacks a const; the pointer is valid within the closure.
            stream.next_in = UnsafeMutableRawPointer(mutating: raw.baseAddress)?.assumingMemoryBound(to: UInt8.self)
            var result = Z_OK
            let output = [UInt8](unsafeUninitializedCapacity: bound) { free, count in
                stream.next_out = free.baseAddress
                stream.avail_out = UInt32(bound)
                result = deflate(&stream, Z_FINISH)
                count = bound - Int(stream.avail_out)
            }
            guard result == Z_STREAM_END else { throw .invalidBatch("zlib did not finish: \(result)") }
            return output
        }
    }

    static func decompress(_ input: RawSpan, limitBytes: Int) throws(RecordError) -> [UInt8] {
        var stream = z_stream()
        let started = inflateInit2_(&stream, gzipWindowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { throw .corruptCompressedData(.gzip, "zlib could not start: \(started)") }
        defer { inflateEnd(&stream) }

        try give(input, to: &stream)
        var output = DecompressedOutput(limitBytes: limitBytes, inputBytes: input.byteCount)
        return try input.withUnsafeBytes { (raw) throws(RecordError) -> [UInt8] in
            // As above: read only, and valid within the closure.
            stream.next_in = UnsafeMutableRawPointer(mutating: raw.baseAddress)?.assumingMemoryBound(to: UInt8.self)
            while true {
                var result = Z_OK
                try output.offerRoom { room in
                    stream.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.avail_out = UInt32(room.count)
                    result = inflate(&stream, Z_NO_FLUSH)
                    return room.count - Int(stream.avail_out)
                }
                switch result {
                case Z_STREAM_END:
                    if stream.avail_in == 0 { return output.bytes }
                    inflateReset(&stream)
                case Z_OK where stream.avail_in > 0 || stream.avail_out == 0:
                    continue
                case Z_OK, Z_BUF_ERROR:
                    throw .corruptCompressedData(.gzip, "it ends too early")
                default:
                    throw .corruptCompressedData(.gzip, stream.msg.map { String(cString: $0) } ?? "error \(result)")
                }
            }
        }
    }

    /// Tells zlib how much there is to read.
    private static func give(_ input: RawSpan, to stream: inout z_stream) throws(RecordError) {
        guard let count = UInt32(exactly: input.byteCount) else {
            throw .invalidBatch("\(input.byteCount) bytes are too many for zlib")
        }
        stream.avail_in = count
    }
}
