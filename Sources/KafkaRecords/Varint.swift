// Varint: the zigzag variable-length integers of records (protocol buffers' sint32/sint64), read and written.
//
// Seven bits a byte, the lowest first, the high bit set on every byte but the last. Source:
// https://kafka.apache.org/documentation/#record

extension RawSpan {
    // In all of these `position` is not negative and `limit` is at most `byteCount`.

    /// The 32-bit integer at `position`, which moves behind it. nil if it goes on behind `limit` or a fifth byte.
    @inline(__always)
    func varint(at position: inout Int, limit: Int) -> Int32? {
        guard let raw = unsignedVarint(at: &position, limit: limit, maximumBytes: 5) else { return nil }
        let low = UInt32(truncatingIfNeeded: raw)
        return Int32(bitPattern: low >> 1) ^ -Int32(bitPattern: low & 1)
    }

    /// The 64-bit integer at `position`, which moves behind it. nil if it goes on behind `limit` or a tenth byte.
    @inline(__always)
    func varlong(at position: inout Int, limit: Int) -> Int64? {
        guard let raw = unsignedVarint(at: &position, limit: limit, maximumBytes: 10) else { return nil }
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// The integer at `position`, not yet unzigzagged, if it has no more than three bytes; else nil. The caller has compared
    /// `position + 4` with `byteCount`.
    @inline(__always)
    func shortVarint(at position: inout Int) -> UInt32? {
        let word = littleEndianWord(at: position)
        if word & 0x80 == 0 {
            position &+= 1
            return word & 0x7F
        }
        if word & 0x8000 == 0 {
            position &+= 2
            return word & 0x7F | word >> 1 & 0x3F80
        }
        guard word & 0x80_0000 == 0 else { return nil }
        position &+= 3
        return word & 0x7F | word >> 1 & 0x3F80 | word >> 2 & 0x1F_C000
    }

    @inline(__always)
    private func unsignedVarint(at position: inout Int, limit: Int, maximumBytes: Int) -> UInt64? {
        guard position < limit else { return nil }
        let first = byte(at: position)
        if first < 0x80 {
            position &+= 1
            return UInt64(first)
        }
        // Two bytes say up to ±8191: most lengths, and the offsets and times of most batches.
        if position &+ 1 < limit {
            let second = byte(at: position &+ 1)
            if second < 0x80 {
                position &+= 2
                return UInt64(first & 0x7F) | UInt64(second) << 7
            }
        }
        return longUnsignedVarint(at: &position, limit: limit, maximumBytes: maximumBytes)
    }

    private func longUnsignedVarint(at position: inout Int, limit: Int, maximumBytes: Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        let end = min(limit, position + maximumBytes)
        while position < end {
            let next = byte(at: position)
            position &+= 1
            // Bits that are shifted out are lost, as in Kafka's own reader.
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift &+= 7
        }
        return nil
    }
}

enum Varint {
    /// Bytes that `value` takes as a 32-bit or 64-bit varint (both are the same encoding).
    @inline(__always)
    static func sizeInBytes(_ value: Int64) -> Int {
        let significant = 64 - (zigzag(value) | 1).leadingZeroBitCount
        return (significant + 6) / 7
    }

    @inline(__always)
    static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value << 1) ^ (value >> 63))
    }
}

extension Array where Element == UInt8 {
    mutating func appendVarint(_ value: Int64) {
        var rest = Varint.zigzag(value)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func append(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { append(contentsOf: $0) }
    }
}
