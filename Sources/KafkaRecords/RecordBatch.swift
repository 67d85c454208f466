// RecordBatch: a view over the bytes of one whole batch v2. It owns nothing and copies nothing.
//
// Layout: BatchLayout, then the records, compressed or not. Threads: a view lives where its bytes are borrowed.

/// One record batch in bytes that somebody else owns.
package struct RecordBatch: ~Escapable {
    package let header: BatchHeader
    /// Exactly the batch, header included.
    package let bytes: RawSpan

    /// A view over the batch at the start of `bytes`, which may be longer.
    ///
    /// Throws what `BatchHeader.init(parsing:at:)` throws, and `.truncated` if the batch goes on behind the bytes.
    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) throws(RecordError) {
        let header = try BatchHeader(parsing: bytes)
        guard bytes.byteCount >= header.sizeInBytes else {
            throw .truncated(needed: header.sizeInBytes, available: bytes.byteCount)
        }
        self.header = header
        self.bytes = bytes.extracting(first: header.sizeInBytes)
    }

    /// The records as they are stored: compressed if the header says so.
    package var payload: RawSpan {
        @_lifetime(copy self)
        get { bytes.extracting(droppingFirst: BatchLayout.headerSize) }
    }

    /// Throws `.checksumMismatch` unless the CRC-32C of everything from the attributes on is the stored one.
    package func verifyChecksum() throws(RecordError) {
        let computed = crc32c(bytes.extracting(droppingFirst: BatchLayout.checksummed))
        guard computed == header.crc else { throw .checksumMismatch(stored: header.crc, computed: computed) }
    }

    /// The records as plain bytes: decompressed, or copied if they were not compressed.
    ///
    /// Throws `.unsupportedCompression`, `.corruptCompressedData`, or `.decompressedTooLarge` as soon as more than
    /// `limitBytes` come out.
    package func decompressedPayload(limitBytes: Int) throws(RecordError) -> [UInt8] {
        guard let compression = header.compression else { throw .unsupportedCompression(header.compressionID) }
        return try compression.decompress(payload, limitBytes: limitBytes)
    }
}
