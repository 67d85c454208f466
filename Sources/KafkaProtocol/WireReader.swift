/// Reads the primitive types of the Kafka protocol from a frame; the frame is borrowed, never copied.
///
/// Layout: big-endian integers; strings, bytes and arrays behind a length (fixed width, or "compact": unsigned varint of
/// length + 1, in flexible versions, KIP-482). Every length is checked against the bytes left before memory is reserved.
/// Threads: a value of one function.
///
/// Source: the Kafka protocol guide, "Protocol Primitive Types"; KIP-482.
package struct WireReader: ~Escapable {
    private let frame: RawSpan
    /// Bytes from the start of the frame to the next field.
    package private(set) var position = 0

    @_lifetime(copy frame)
    package init(_ frame: RawSpan) {
        self.frame = frame
    }

    package var remaining: Int { frame.byteCount - position }

    package func expectEnd() throws(WireError) {
        guard remaining == 0 else { throw .trailingBytes(remaining) }
    }

    private mutating func advance(_ count: Int) throws(WireError) -> Int {
        guard count <= remaining else { throw .truncated(needed: count, available: remaining) }
        let start = position
        position += count
        return start
    }

    private mutating func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) throws(WireError) -> T {
        let start = try advance(MemoryLayout<T>.size)
        // `advance` proved that the bytes are there, and every bit pattern is a value of a fixed-width integer.
        return T(bigEndian: unsafe frame.unsafeLoadUnaligned(fromByteOffset: start, as: type))
    }

    // MARK: Numbers

    package mutating func readBool() throws(WireError) -> Bool { try load(UInt8.self) != 0 }
    package mutating func readInt8() throws(WireError) -> Int8 { try load(Int8.self) }
    package mutating func readInt16() throws(WireError) -> Int16 { try load(Int16.self) }
    package mutating func readUInt16() throws(WireError) -> UInt16 { try load(UInt16.self) }
    package mutating func readInt32() throws(WireError) -> Int32 { try load(Int32.self) }
    package mutating func readUInt32() throws(WireError) -> UInt32 { try load(UInt32.self) }
    package mutating func readInt64() throws(WireError) -> Int64 { try load(Int64.self) }
    package mutating func readFloat64() throws(WireError) -> Double { Double(bitPattern: try load(UInt64.self)) }

    package mutating func readUuid() throws(WireError) -> Uuid {
        let high = try load(UInt64.self)
        return Uuid(high: high, low: try load(UInt64.self))
    }

    package mutating func readUnsignedVarint() throws(WireError) -> UInt32 {
        var value: UInt32 = 0
        for shift: UInt32 in stride(from: 0, through: 28, by: 7) {
            let byte = try load(UInt8.self)
            guard shift < 28 || byte & 0xF0 == 0 else { throw .invalidVarint }
            value |= UInt32(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw .invalidVarint
    }

    // MARK: Lengths

    /// A compact length: nil for null, else at most what is left.
    private mutating func readCompactLength() throws(WireError) -> Int? {
        let stored = Int(try readUnsignedVarint())
        return stored == 0 ? nil : stored - 1
    }

    /// A length of a string (two bytes wide or compact), nil for null.
    private mutating func readStringLength(_ flexible: Bool) throws(WireError) -> Int? {
        if flexible { return try readCompactLength() }
        return try Self.optional(Int(try readInt16()))
    }

    /// A length of bytes or an array (four bytes wide or compact), nil for null.
    private mutating func readLength(_ flexible: Bool) throws(WireError) -> Int? {
        if flexible { return try readCompactLength() }
        return try Self.optional(Int(try readInt32()))
    }

    private static func optional(_ length: Int) throws(WireError) -> Int? {
        guard length >= -1 else { throw .invalidLength(length) }
        return length == -1 ? nil : length
    }

    // MARK: Strings and bytes

    package mutating func readNullableString(_ flexible: Bool) throws(WireError) -> String? {
        guard let length = try readStringLength(flexible) else { return nil }
        let start = try advance(length)
        let bytes = frame.extracting(start..<start + length)
        // UTF8Span and not String(validating:as:), which looks up generic types at run time.
        let text: String? = bytes.withUnsafeBytes { bytes in
            do {
                return String(copying: try UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span))
            } catch {
                return nil
            }
        }
        guard let text else { throw .invalidString }
        return text
    }

    package mutating func readString(_ flexible: Bool) throws(WireError) -> String {
        guard let text = try readNullableString(flexible) else { throw .invalidLength(-1) }
        return text
    }

    package mutating func readNullableBytes(_ flexible: Bool) throws(WireError) -> [UInt8]? {
        guard let length = try readLength(flexible) else { return nil }
        let start = try advance(length)
        return frame.extracting(start..<start + length).withUnsafeBytes { Array($0) }
    }

    package mutating func readBytes(_ flexible: Bool) throws(WireError) -> [UInt8] {
        guard let bytes = try readNullableBytes(flexible) else { throw .invalidLength(-1) }
        return bytes
    }

    package mutating func readNullableRecords(_ flexible: Bool) throws(WireError) -> Records? {
        guard let length = try readLength(flexible) else { return nil }
        let start = try advance(length)
        return .frame(start..<start + length)
    }

    // MARK: Arrays and structures

    /// Reads an array. Each element takes at least one byte, so a count is never larger than the bytes left.
    package mutating func readNullableList<Element>(
        _ flexible: Bool, _ readElement: (inout WireReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element]? {
        guard let count = try readLength(flexible) else { return nil }
        guard count <= remaining else { throw .invalidLength(count) }
        var elements: [Element] = []
        // A hostile count may still claim one element a byte: memory grows with what was really read, not with the claim.
        elements.reserveCapacity(min(count, 64))
        for _ in 0..<count { elements.append(try readElement(&self)) }
        return elements
    }

    package mutating func readList<Element>(
        _ flexible: Bool, _ readElement: (inout WireReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        guard let elements = try readNullableList(flexible, readElement) else { throw .invalidLength(-1) }
        return elements
    }

    /// Reads the byte in front of a structure that may be null.
    package mutating func readStructurePresence() throws(WireError) -> Bool { try readInt8() >= 0 }

    /// The same in a tagged field, where null is zero; null is the default there, so it is rarely written at all.
    package mutating func readTaggedStructurePresence() throws(WireError) -> Bool { try readUnsignedVarint() > 0 }

    // MARK: Tagged fields

    /// Reads the tagged fields of a structure (KIP-482); `readField` returns false for a tag that it does not know, which is
    /// then skipped.
    package mutating func readTaggedFields(
        _ readField: (UInt32, inout WireReader) throws(WireError) -> Bool
    ) throws(WireError) {
        for _ in 0..<(try readUnsignedVarint()) {
            let tag = try readUnsignedVarint()
            let size = Int(try readUnsignedVarint())
            guard size <= remaining else { throw .truncated(needed: size, available: remaining) }
            let end = position + size
            if try !readField(tag, &self) { position = end }
            guard position == end else { throw .invalidTaggedField(tag: tag) }
        }
    }

    package mutating func skipTaggedFields() throws(WireError) {
        try readTaggedFields { (_, _) throws(WireError) in false }
    }
}
