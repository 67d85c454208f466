// CompressedShape: whether compressed bytes have the outer form of their codec, found out without decompressing them.
//
// What is looked at: headers, and the lengths of the blocks behind them, up to the very end. So a wrong codec, something
// that is cut off, or bytes behind the end are seen, at about a ten-thousandth of the cost of decompressing; what is wrong
// inside of a block is not. Raw snappy and gzip have no block lengths: there it is the header, and for snappy that the
// claimed size is possible. What it costs and why it is no more: docs/decisions/004-compressed-batches.md.
//
// Threads: no state.

import CZstd

extension Compression {
    /// Whether bytes that are to be decompressed by this codec could be.
    package func hasShape(_ bytes: RawSpan) -> Bool {
        switch self {
        case .none: true
        case .gzip: Self.isGzip(bytes)
        case .snappy: Self.isSnappy(bytes)
        case .lz4: Self.isLZ4(bytes)
        case .zstd: Self.isZstd(bytes)
        }
    }

    /// Marks, deflate, no reserved flag, and room for header and trailer (RFC 1952).
    private static func isGzip(_ bytes: RawSpan) -> Bool {
        bytes.byteCount >= 18 && bytes.byte(at: 0) == 0x1F && bytes.byte(at: 1) == 0x8B && bytes.byte(at: 2) == 8
            && bytes.byte(at: 3) & 0xE0 == 0
    }

    // MARK: Snappy

    private static func isSnappy(_ bytes: RawSpan) -> Bool {
        guard SnappyCodec.isFramed(bytes, at: 0) else { return isRawSnappy(bytes, 0..<bytes.byteCount) }
        var position = SnappyCodec.headerBytes
        while position < bytes.byteCount {
            if SnappyCodec.isFramed(bytes, at: position) {
                position += SnappyCodec.headerBytes
                continue
            }
            guard bytes.byteCount - position >= 4 else { return false }
            let length = Int(bytes.bigEndian(at: position, as: Int32.self))
            position += 4
            guard length > 0, length <= bytes.byteCount - position,
                isRawSnappy(bytes, position..<(position + length))
            else { return false }
            position += length
        }
        return position == bytes.byteCount && position > SnappyCodec.headerBytes
    }

    /// A size as a varint, which so many bytes can be made of: literals grow by no more than 6 bytes each, and copies shrink
    /// 22-fold at best.
    private static func isRawSnappy(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        var size = 0
        for (shift, position) in zip(stride(from: 0, through: 28, by: 7), range) {
            let byte = bytes.byte(at: position)
            size |= Int(byte & 0x7F) << shift
            guard byte < 0x80 else { continue }
            let elements = range.upperBound - position - 1
            return size <= elements * SnappyCodec.maximumRatio && elements <= size * 6
        }
        return false
    }

    // MARK: LZ4

    private enum LZ4Flag {
        static let version: UInt8 = 0xC0
        static let blockChecksum: UInt8 = 0x10
        static let contentSize: UInt8 = 0x08
        static let contentChecksum: UInt8 = 0x04
        static let reserved: UInt8 = 0x02
        static let dictionary: UInt8 = 0x01
    }

    private static let lz4Magic: UInt32 = 0x184D_2204
    private static let lz4Skippable: ClosedRange<UInt32> = 0x184D_2A50...0x184D_2A5F

    /// Frames up to the end, each with its blocks (LZ4 frame format 1.6).
    private static func isLZ4(_ bytes: RawSpan) -> Bool {
        var position = 0
        repeat {
            guard let end = lz4FrameEnd(bytes, from: position) else { return false }
            position = end
        } while position < bytes.byteCount
        return true
    }

    private static func lz4FrameEnd(_ bytes: RawSpan, from start: Int) -> Int? {
        guard bytes.byteCount - start >= 8 else { return nil }
        let magic = bytes.littleEndianWord(at: start)
        if lz4Skippable.contains(magic) {
            let length = Int(bytes.littleEndianWord(at: start + 4))
            return length <= bytes.byteCount - start - 8 ? start + 8 + length : nil
        }
        let flags = bytes.byte(at: start + 4)
        let blockBytes = bytes.byte(at: start + 5)
        guard magic == lz4Magic, flags & LZ4Flag.version == 0x40, flags & LZ4Flag.reserved == 0,
            blockBytes & 0x8F == 0, blockBytes >> 4 >= 4
        else { return nil }
        var position = start + 7
        if flags & LZ4Flag.contentSize != 0 { position += 8 }
        if flags & LZ4Flag.dictionary != 0 { position += 4 }
        let trailer = flags & LZ4Flag.blockChecksum != 0 ? 4 : 0
        let largest = 1 << (8 + 2 * Int(blockBytes >> 4))
        while true {
            guard position <= bytes.byteCount - 4 else { return nil }
            let block = bytes.littleEndianWord(at: position)
            position += 4
            // The highest bit says "not compressed".
            let length = Int(block & 0x7FFF_FFFF)
            guard block != 0 else { break }
            guard length <= largest, length + trailer <= bytes.byteCount - position else { return nil }
            position += length + trailer
        }
        if flags & LZ4Flag.contentChecksum != 0 { position += 4 }
        return position <= bytes.byteCount ? position : nil
    }

    // MARK: Zstandard

    /// Frames up to the end; zstd walks from block header to block header.
    private static func isZstd(_ bytes: RawSpan) -> Bool {
        // The pointer is valid within the closure, and zstd is told how many bytes are left behind it.
        bytes.withUnsafeBytes { raw in
            guard let start = raw.baseAddress else { return false }
            var position = 0
            repeat {
                let size = ZSTD_findFrameCompressedSize(start + position, raw.count - position)
                guard ZSTD_isError(size) == 0, size > 0 else { return false }
                position += size
            } while position < raw.count
            return true
        }
    }
}
