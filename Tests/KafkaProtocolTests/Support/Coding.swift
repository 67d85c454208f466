import KafkaProtocol
import Testing

extension WireStructure {
    func encoded(version: Int16) -> [UInt8] {
        var writer = WireWriter()
        encode(into: &writer, version: version)
        return writer.bytes
    }

    init(decoding bytes: [UInt8], version: Int16) throws(WireError) {
        try self.init(decoding: bytes.span.bytes, version: version)
    }
}

/// Reads from bytes with a closure; a reader cannot escape, so it cannot be returned.
func reading<Value>(
    _ bytes: [UInt8], _ body: (inout WireReader) throws(WireError) -> Value
) throws(WireError) -> Value {
    var reader = WireReader(bytes.span.bytes)
    return try body(&reader)
}

func written(_ body: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter()
    body(&writer)
    return writer.bytes
}

/// The error that `body` throws, nil if it throws none.
func wireError<Value>(_ body: () throws(WireError) -> Value) -> WireError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

/// The bytes of hexadecimal digits; white space is skipped.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue!) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
