// LineSplitter: cuts blocks of bytes into lines. A line that goes on in the next block is the only thing that is kept.

import Glibc

struct LineSplitter {
    /// The beginning of a line whose end has not come yet.
    private var carry: [UInt8] = []

    /// Bytes that wait for the end of their line.
    var carriedBytes: Int { carry.count }

    /// Hands out each line that ends in this block, without its newline.
    mutating func feed<Failure: Error>(
        _ block: RawSpan, _ body: (RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        var start = 0
        while let end = Self.newline(in: block, from: start) {
            let part = block.extracting(start..<end)
            start = end + 1
            if carry.isEmpty {
                try body(part)
            } else {
                part.withUnsafeBytes { carry.append(contentsOf: $0) }
                try body(carry.span.bytes)
                carry.removeAll(keepingCapacity: carry.capacity < 1 << 20)
            }
        }
        block.extracting(droppingFirst: start).withUnsafeBytes { carry.append(contentsOf: $0) }
    }

    /// Hands out what stands behind the last newline, if anything does.
    mutating func finish<Failure: Error>(_ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        guard !carry.isEmpty else { return }
        try body(carry.span.bytes)
        carry = []
    }

    @inline(__always)
    private static func newline(in block: RawSpan, from start: Int) -> Int? {
        block.withUnsafeBytes { raw in
            // The pointer and the count lie within the buffer that this closure borrows.
            guard start < raw.count, let base = raw.baseAddress,
                let found = memchr(base + start, 0x0A, raw.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}

/// Where `separator` first stands in `line`; nil if nowhere. The separator is not empty.
func firstRange(of separator: [UInt8], in line: RawSpan) -> Range<Int>? {
    line.withUnsafeBytes { raw in
        separator.withUnsafeBytes { wanted in
            guard let base = raw.baseAddress, let needle = wanted.baseAddress else { return nil }
            var start = 0
            // Both pointers stay within the borrowed buffers: what is compared ends at or before the line's end.
            while start + wanted.count <= raw.count {
                let candidates = raw.count - wanted.count - start + 1
                guard let found = memchr(base + start, Int32(wanted[0]), candidates) else { return nil }
                start = UnsafeRawPointer(found) - base
                if memcmp(base + start, needle, wanted.count) == 0 { return start..<start + wanted.count }
                start += 1
            }
            return nil
        }
    }
}
