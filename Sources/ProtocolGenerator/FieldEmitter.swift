/// How a field reads in Swift: its type, its default, the expression that decodes it and the statement that encodes it.
extension Field {
    var swiftType: String { type.swiftType + (nullable ? "?" : "") }

    var swiftDefault: String {
        if let value = self.default { return value }
        return nullable ? "nil" : type.zero
    }

    /// The default in an expression where the type is not written beside it.
    var comparableDefault: String {
        if case .structure(let name, _) = type, !nullable { return "\(name)()" }
        return swiftDefault
    }

    var readExpression: String {
        if case .structure(let name, _) = type, nullable {
            let presence = tag == nil ? "readStructurePresence" : "readTaggedStructurePresence"
            return "try reader.\(presence)() ? \(name)(from: &reader, version: version) : nil"
        }
        return type.read(nullable: nullable)
    }

    func writeStatement(_ value: String) -> String {
        if case .structure = type, nullable {
            return "writer.writeStructurePresence(\(value) != nil); \(value)?.encode(into: &writer, version: version)"
        }
        // A peer that knows only versions without null would take it for a broken message.
        let written = nullableFrom > 0 ? "version >= \(nullableFrom) ? \(value) : \(value) ?? \(type.zero)" : value
        return type.write(written, nullable: nullable)
    }
}

extension FieldType {
    var swiftType: String {
        switch self {
        case .bool: "Bool"
        case .int8: "Int8"
        case .int16: "Int16"
        case .uint16: "UInt16"
        case .int32: "Int32"
        case .uint32: "UInt32"
        case .int64: "Int64"
        case .float64: "Double"
        case .string: "String"
        case .uuid: "Uuid"
        case .bytes: "[UInt8]"
        case .records: "Records"
        case .errorCode: "ErrorCode"
        case .list(let element): "[\(element.swiftType)]"
        case .structure(let name, _): name
        }
    }

    var zero: String {
        switch self {
        case .bool: "false"
        case .string: "\"\""
        case .uuid: ".zero"
        case .errorCode: ".none"
        case .bytes, .list: "[]"
        case .records: ".bytes([])"
        case .structure(let name, _): "\(name)()"
        default: "0"
        }
    }

    /// Whether its coding depends on the version being flexible.
    var hasLength: Bool {
        switch self {
        case .string, .bytes, .records, .list: true
        default: false
        }
    }

    private var methodName: String {
        switch self {
        case .bytes: "Bytes"
        case .float64: "Float64"
        case .records: "Records"
        default: swiftType
        }
    }

    func read(nullable: Bool) -> String {
        let prefix = nullable ? "Nullable" : ""
        switch self {
        case .errorCode: return "ErrorCode(rawValue: try reader.readInt16())"
        case .string, .bytes, .records: return "try reader.read\(prefix)\(methodName)(flexible)"
        case .structure(let name, _): return "try \(name)(from: &reader, version: version)"
        case .list(let element):
            let body = element.read(nullable: false)
            return "try reader.read\(prefix)List(flexible) { (reader: inout WireReader) throws(WireError) in \(body) }"
        default: return "try reader.read\(methodName)()"
        }
    }

    func write(_ value: String, nullable: Bool) -> String {
        let prefix = nullable ? "Nullable" : ""
        switch self {
        case .errorCode: return "writer.writeErrorCode(\(value))"
        case .string, .bytes, .records: return "writer.write\(prefix)\(methodName)(\(value), flexible)"
        case .structure: return "\(value).encode(into: &writer, version: version)"
        case .list(let element):
            let body = element.write("element", nullable: false)
            return "writer.write\(prefix)List(\(value), flexible) { element, writer in \(body) }"
        default: return "writer.write\(methodName)(\(value))"
        }
    }
}
