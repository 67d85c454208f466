// BigEndian: loads from a RawSpan and stores into an array, in network byte order. Every access is bounds-checked,
// but for single bytes in `byte(at:)`.

extension RawSpan {
    /// The integer at `position`. The caller has checked that its bytes are there; if not, it traps.
    @inline(__always)
    package func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(at position: Int, as type: T.Type = T.self) -> T {
        // Unsafe in name only: the load is bounds-checked, and every bit pattern is an integer.
        T(bigEndian: unsafeLoadUnaligned(fromByteOffset: position, as: T.self))
    }

    /// The byte at `position`, which the caller has compared with `byteCount` or a limit that is no larger.
    ///
    /// Walking records spends most of its time here: the second comparison of a checked load made it twice as slow.
    @inline(__always)
    func byte(at position: Int) -> UInt8 {
        assert(position >= 0 && position < byteCount, "a byte outside of its span")
        // In bounds by the caller's comparison; the assertion checks that in every test.
        return unsafeLoad(fromUncheckedByteOffset: position, as: UInt8.self)
    }
}

extension RawSpan {
    /// Four bytes from `position` on, the first one lowest. The caller has compared `position + 4` with `byteCount`.
    @inline(__always)
    func littleEndianWord(at position: Int) -> UInt32 {
        assert(position >= 0 && position &+ 4 <= byteCount, "four bytes outside of their span")
        // In bounds by the caller's comparison; the assertion checks that in every test.
        return UInt32(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt32.self))
    }
}

extension Array where Element == UInt8 {
    /// Writes the integer over the bytes at `position`; traps if the array is too short.
    @inline(__always)
    package mutating func storeBigEndian<T: FixedWidthInteger>(_ value: T, at position: Int) {
        for index in 0..<(T.bitWidth / 8) {
            self[position + index] = UInt8(truncatingIfNeeded: value >> T(T.bitWidth - 8 - 8 * index))
        }
    }

    /// A copy of the span's bytes.
    package init(copying bytes: RawSpan) {
        self = bytes.withUnsafeBytes { [UInt8]($0) }
    }
}
