// ForeignPayloads: kinds of compressed data that we do not write but have to read, byte for byte.
//
// Recorded from Python's gzip, lz4 4.4.5 and zstandard 0.25.0. All but one hold `text`.

enum ForeignPayloads {
    static let text = Array(String(repeating: "a swift that never lands, ", count: 40).utf8)

    /// A gzip member with a file name in its header.
    static let gzipWithName = bytes(
        """
        1f8b08080000000002ff6e616d652e747874004b54282ecf4c2b5128c9482c51c84b2d4b2d52c849cc4b29d651481c951995
        19951961320023bc846b10040000
        """)

    /// Linked 64 KiB blocks, block and content checksums, content size; 100 times the text.
    static let lz4Linked = bytes(
        """
        04224d185c404096010000000000c425010000ff0b612073776966742074686174206e65766572206c616e64732c201a00ff
        ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        ffffffffffce5074206e657611377ab1a00000000ff0ffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        ffffffffffffffffffffffffffffffffffffffffffffffbe506e64732c20f8946421000000008a84b30b
        """)

    /// A frame with a checksum and without its content's size, as streaming writers make it.
    static let zstdStreamed = bytes(
        """
        28b52ffd04580c0100d0612073776966742074686174206e65766572206c616e64732c2001003eb43ac745000008650100e0
        2a20043261c70f
        """)

    /// A skippable frame, then one with the text.
    static let zstdSkippable = bytes(
        """
        502a4d180300000001020328b52ffd601003150100d0612073776966742074686174206e65766572206c616e64732c200100
        ceef6a8e01
        """)

    private static func bytes(_ hex: String) -> [UInt8] { RecordedBatches.bytes(hex) }
}
