// Codec: one door to the four codecs, each of which has a file of its own.

extension Compression {
    /// The span's bytes, compressed. `level` nil is the codec's default, others are clamped to its range; snappy has
    /// no levels. Throws `.invalidBatch` only for sizes that the codec cannot take.
    package func compress(_ bytes: RawSpan, level: Int? = nil) throws(RecordError) -> [UInt8] {
        switch self {
        case .none: [UInt8](copying: bytes)
        case .gzip: try GzipCodec.compress(bytes, level: level)
        case .snappy: try SnappyCodec.compress(bytes)
        case .lz4: try LZ4Codec.compress(bytes, level: level)
        case .zstd: try ZstdCodec.compress(bytes, level: level)
        }
    }

    /// What the span's bytes were before compressing.
    ///
    /// Never reserves much more memory than what really comes out; throws `.decompressedTooLarge` when that would be
    /// more than `limitBytes`, `.corruptCompressedData` for anything that the codec does not write.
    package func decompress(_ bytes: RawSpan, limitBytes: Int) throws(RecordError) -> [UInt8] {
        switch self {
        case .none:
            guard bytes.byteCount <= limitBytes else { throw .decompressedTooLarge(limitBytes: limitBytes) }
            return [UInt8](copying: bytes)
        case .gzip: return try GzipCodec.decompress(bytes, limitBytes: limitBytes)
        case .snappy: return try SnappyCodec.decompress(bytes, limitBytes: limitBytes)
        case .lz4: return try LZ4Codec.decompress(bytes, limitBytes: limitBytes)
        case .zstd: return try ZstdCodec.decompress(bytes, limitBytes: limitBytes)
        }
    }
}
