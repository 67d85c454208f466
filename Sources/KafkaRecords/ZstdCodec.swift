// ZstdCodec: Zstandard frames (RFC 8878, KIP-110). Concatenated frames are read as one stream; writing makes one frame.
//
// Threads: each call has a context of its own.

import CZstd

enum ZstdCodec {
    /// `level` as zstd counts (negative to 22), clamped; nil is zstd's default, 3.
    static func compress(_ input: RawSpan, level: Int?) throws(RecordError) -> [UInt8] {
        let chosen = min(max(Int32(clamping: level ?? Int(ZSTD_defaultCLevel())), ZSTD_minCLevel()), ZSTD_maxCLevel())
        let bound = ZSTD_compressBound(input.byteCount)
        var result = 0
        // Both pointers are valid within their closures, and zstd is told how long they are.
        let output = input.withUnsafeBytes { raw in
            [UInt8](unsafeUninitializedCapacity: bound) { free, count in
                result = ZSTD_compress(free.baseAddress, bound, raw.baseAddress, raw.count, chosen)
                count = ZSTD_isError(result) != 0 ? 0 : result
            }
        }
        guard ZSTD_isError(result) == 0 else { throw .invalidBatch("zstd: \(errorName(result))") }
        return output
    }

    static func decompress(_ input: RawSpan, limitBytes: Int) throws(RecordError) -> [UInt8] {
        guard let context = ZSTD_createDCtx() else {
            throw .corruptCompressedData(.zstd, "no memory for a context")
        }
        // The context is ours alone and freed once; windows are limited by zstd's default, 128 MiB, and only reserved.
        defer { ZSTD_freeDCtx(context) }
        var output = DecompressedOutput(limitBytes: limitBytes, inputBytes: input.byteCount)
        return try input.withUnsafeBytes { (raw) throws(RecordError) -> [UInt8] in
            var source = ZSTD_inBuffer(src: raw.baseAddress, size: raw.count, pos: 0)
            while true {
                var result = 0
                var isFull = false
                let before = source.pos
                try output.offerRoom { room in
                    var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
                    result = ZSTD_decompressStream(context, &target, &source)
                    isFull = target.pos == target.size
                    return target.pos
                }
                guard ZSTD_isError(result) == 0 else { throw .corruptCompressedData(.zstd, errorName(result)) }
                // 0 is the end of a frame, all of it written.
                if result == 0, source.pos == source.size, source.pos > 0 { return output.bytes }
                if source.pos == source.size, !isFull, result != 0 || before == source.pos {
                    throw .corruptCompressedData(.zstd, "it ends too early")
                }
            }
        }
    }

    private static func errorName(_ code: Int) -> String { String(cString: ZSTD_getErrorName(code)) }
}
