/// Writes the primitive types of the Kafka protocol into a growing array of bytes.
///
/// Layout: see `WireReader`. Bytes that the caller sends by itself (`Records.spliced`) are left out; `splices` says where
/// they belong. Threads: a value of one function.
package struct WireWriter: Sendable {
    /// A place where bytes are to be inserted.
    package struct Splice: Equatable, Sendable {
        /// Position in `bytes` before which they belong.
        package let position: Int
        package let byteCount: Int
    }

    package private(set) var bytes: [UInt8] = []
    package private(set) var splices: [Splice] = []
    /// Those of the message that say of an error, one for each place.
    package private(set) var errorCodes: [ErrorCode] = []

    package init(reservingBytes capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// Bytes of the message with everything that is spliced in.
    package var messageByteCount: Int { splices.reduce(bytes.count) { $0 + $1.byteCount } }

    private mutating func store<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    // MARK: Numbers

    package mutating func writeBool(_ value: Bool) { bytes.append(value ? 1 : 0) }
    package mutating func writeInt8(_ value: Int8) { bytes.append(UInt8(bitPattern: value)) }
    package mutating func writeInt16(_ value: Int16) { store(value) }
    package mutating func writeUInt16(_ value: UInt16) { store(value) }
    package mutating func writeInt32(_ value: Int32) { store(value) }
    package mutating func writeUInt32(_ value: UInt32) { store(value) }
    package mutating func writeInt64(_ value: Int64) { store(value) }
    package mutating func writeFloat64(_ value: Double) { store(value.bitPattern) }

    package mutating func writeErrorCode(_ code: ErrorCode) {
        if code != .none { errorCodes.append(code) }
        store(code.rawValue)
    }

    package mutating func writeUuid(_ value: Uuid) {
        store(value.high)
        store(value.low)
    }

    package mutating func writeUnsignedVarint(_ value: UInt32) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Overwrites four bytes, for a size that is known only after what it measures.
    package mutating func patchInt32(_ value: Int32, at position: Int) {
        for index in 0..<4 { bytes[position + index] = UInt8(truncatingIfNeeded: value >> Int32(24 - 8 * index)) }
    }

    // MARK: Strings and bytes

    private mutating func writeLength(_ length: Int?, _ flexible: Bool) {
        if flexible {
            writeUnsignedVarint(length.map { UInt32($0) + 1 } ?? 0)
        } else {
            writeInt32(length.map { Int32($0) } ?? -1)
        }
    }

    /// Longer strings than the wire can state (32,767 bytes in inflexible versions) are cut: only texts for people, such as
    /// error messages, can be that long.
    package mutating func writeNullableString(_ text: String?, _ flexible: Bool) {
        guard let text else { return flexible ? writeUnsignedVarint(0) : writeInt16(-1) }
        if flexible {
            writeUnsignedVarint(UInt32(text.utf8.count) + 1)
            bytes.append(contentsOf: text.utf8)
        } else {
            let cut =
                text.utf8.count <= Int(Int16.max) ? text : String(decoding: text.utf8.prefix(32_000), as: UTF8.self)
            writeInt16(Int16(clamping: cut.utf8.count))
            bytes.append(contentsOf: cut.utf8.prefix(Int(Int16.max)))
        }
    }

    package mutating func writeString(_ text: String, _ flexible: Bool) { writeNullableString(text, flexible) }

    package mutating func writeNullableBytes(_ value: [UInt8]?, _ flexible: Bool) {
        writeLength(value?.count, flexible)
        if let value { bytes.append(contentsOf: value) }
    }

    package mutating func writeBytes(_ value: [UInt8], _ flexible: Bool) { writeNullableBytes(value, flexible) }

    package mutating func writeNullableRecords(_ records: Records?, _ flexible: Bool) {
        writeLength(records?.byteCount, flexible)
        switch records {
        case nil: break
        case .bytes(let value): bytes.append(contentsOf: value)
        case .spliced(let byteCount): splices.append(Splice(position: bytes.count, byteCount: byteCount))
        case .frame:
            preconditionFailure("records that were decoded are a range of their frame; the writer does not have it")
        }
    }

    // MARK: Arrays and structures

    package mutating func writeNullableList<Element>(
        _ elements: [Element]?, _ flexible: Bool, _ writeElement: (Element, inout WireWriter) -> Void
    ) {
        writeLength(elements?.count, flexible)
        if let elements { for element in elements { writeElement(element, &self) } }
    }

    package mutating func writeList<Element>(
        _ elements: [Element], _ flexible: Bool, _ writeElement: (Element, inout WireWriter) -> Void
    ) {
        writeNullableList(elements, flexible, writeElement)
    }

    package mutating func writeStructurePresence(_ present: Bool) { writeInt8(present ? 1 : -1) }

    // MARK: Tagged fields

    /// Writes one tagged field: its number, its size, its content (KIP-482).
    package mutating func writeTaggedField(_ tag: UInt32, _ writeContent: (inout WireWriter) -> Void) {
        var content = WireWriter(reservingBytes: 32)
        writeContent(&content)
        precondition(content.splices.isEmpty, "no tagged field holds records")
        writeUnsignedVarint(tag)
        writeUnsignedVarint(UInt32(content.bytes.count))
        bytes.append(contentsOf: content.bytes)
        errorCodes += content.errorCodes
    }
}
