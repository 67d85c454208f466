// JSONText: writes JSON (RFC 8259) into an array of bytes, value by value, without an object tree.

struct JSONText {
    private(set) var bytes: [UInt8] = []
    /// Whether a value stands before the next one in the same array or object.
    private var needsComma = false

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Ends a line of JSON lines.
    mutating func newLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    mutating func object(_ content: (inout JSONText) -> Void) { nested("{", "}", content) }
    mutating func array(_ content: (inout JSONText) -> Void) { nested("[", "]", content) }

    mutating func array<Element>(_ elements: [Element], _ write: (Element, inout JSONText) -> Void) {
        array { json in for element in elements { write(element, &json) } }
    }

    private mutating func nested(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ content: (inout JSONText) -> Void) {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    /// The name of the next value, within an object.
    mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: "\":".utf8)
        needsComma = false
    }

    mutating func string(_ value: String) {
        var value = value
        separate()
        value.withUTF8 { quote($0) }
        needsComma = true
    }

    /// A string whose bytes the caller knows to be UTF-8.
    mutating func string(utf8 value: UnsafeBufferPointer<UInt8>) {
        separate()
        quote(value)
        needsComma = true
    }

    mutating func number<Number: BinaryInteger>(_ value: Number) { literal(String(value)) }
    /// A whole number of thousandths as a decimal fraction, such as seconds from milliseconds.
    mutating func thousandths(_ value: Int64) {
        let digits = String(value.magnitude % 1000)
        let fraction = String(repeating: "0", count: 3 - digits.count) + digits
        literal("\(value < 0 ? "-" : "")\(value.magnitude / 1000).\(fraction)")
    }
    mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }
    mutating func null() { literal("null") }

    // Name and value at once.
    mutating func field(_ name: StaticString, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }
    mutating func field<Number: BinaryInteger>(_ name: StaticString, _ value: Number) {
        self.name(name)
        number(value)
    }
    mutating func field<Number: BinaryInteger>(_ name: StaticString, _ value: Number?) {
        self.name(name)
        if let value { number(value) } else { null() }
    }
    mutating func field(_ name: StaticString, thousandths value: Int64?) {
        self.name(name)
        if let value { thousandths(value) } else { null() }
    }
    mutating func field(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ value: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var plainStart = 0
        for (index, byte) in value.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            bytes.append(contentsOf: value[plainStart..<index])
            escape(byte)
            plainStart = index + 1
        }
        bytes.append(contentsOf: value[plainStart...])
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: bytes.append(contentsOf: "\\\"".utf8)
        case 0x5C: bytes.append(contentsOf: "\\\\".utf8)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
