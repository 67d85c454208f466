// LZ4Codec: LZ4 frames. Every frame of the format is read, concatenated ones as one stream; writing makes one frame of
// independent 64 KiB blocks, the only kind that the Java client reads.
//
// Threads: each call has a context of its own.

import CLZ4

enum LZ4Codec {
    /// `level` up to 12 (3 and more are the slow "HC" kind), clamped; nil is LZ4's default, fast one.
    static func compress(_ input: RawSpan, level: Int?) throws(RecordError) -> [UInt8] {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        preferences.compressionLevel = min(Int32(clamping: level ?? 0), LZ4F_compressionLevel_max())
        let bound = LZ4F_compressFrameBound(input.byteCount, &preferences)
        var result = 0
        // Both pointers are valid within their closures, and LZ4 is told how long they are.
        let output = input.withUnsafeBytes { raw in
            [UInt8](unsafeUninitializedCapacity: bound) { free, count in
                result = LZ4F_compressFrame(free.baseAddress, bound, raw.baseAddress, raw.count, &preferences)
                count = LZ4F_isError(result) != 0 ? 0 : result
            }
        }
        guard LZ4F_isError(result) == 0 else { throw .invalidBatch("lz4: \(errorName(result))") }
        return output
    }

    static func decompress(_ input: RawSpan, limitBytes: Int) throws(RecordError) -> [UInt8] {
        var created: OpaquePointer?
        guard LZ4F_isError(LZ4F_createDecompressionContext(&created, UInt32(LZ4F_VERSION))) == 0, let context = created
        else { throw .corruptCompressedData(.lz4, "no memory for a context") }
        // The context is ours alone and freed once.
        defer { LZ4F_freeDecompressionContext(context) }
        var output = DecompressedOutput(limitBytes: limitBytes, inputBytes: input.byteCount)
        return try input.withUnsafeBytes { (raw) throws(RecordError) -> [UInt8] in
            guard let start = raw.baseAddress else { throw .corruptCompressedData(.lz4, "it ends too early") }
            var position = 0
            while true {
                var hint = 0
                var consumed = raw.count - position
                var isFull = false
                try output.offerRoom { room in
                    var written = room.count
                    hint = LZ4F_decompress(context, room.baseAddress, &written, start + position, &consumed, nil)
                    isFull = written == room.count
                    return LZ4F_isError(hint) != 0 ? 0 : written
                }
                guard LZ4F_isError(hint) == 0 else { throw .corruptCompressedData(.lz4, errorName(hint)) }
                position += consumed
                // 0 is the end of a frame, all of it written; anything else a hint how much more it wants to read.
                if hint == 0, position == raw.count { return output.bytes }
                if position == raw.count, !isFull { throw .corruptCompressedData(.lz4, "it ends too early") }
            }
        }
    }

    private static func errorName(_ code: Int) -> String { String(cString: LZ4F_getErrorName(code)) }
}
