// Codec: one door to the four codecs, each of which has a file of its own.

extension Compression {
    /// The span's bytes, compressed. `level` nil is the codec's default; snappy has no levels.
    package func compress(_ bytes: RawSpan, level: Int? = nil) throws(RecordError) -> [UInt8] {
        throw .unsupportedCompression(rawValue)
    }

    /// What the span's bytes were before compressing.
    ///
    /// Never reserves much more memory than what really comes out; throws `.decompressedTooLarge` when that would be
    /// more than `limitBytes`, `.corruptCompressedData` for anything that the codec does not write.
    package func decompress(_ bytes: RawSpan, limitBytes: Int) throws(RecordError) -> [UInt8] {
        guard bytes.byteCount <= limitBytes else { throw .decompressedTooLarge(limitBytes: limitBytes) }
        return [UInt8](copying: bytes)
    }
}
