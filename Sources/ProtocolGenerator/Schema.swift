/// One API of the protocol: a request and its response. The schema in `Schema/` is made of these values.
struct API: Sendable {
    let key: Int
    let name: String
    /// Versions that the codec covers.
    let versions: ClosedRange<Int>
    /// The first version with compact lengths and tagged fields (KIP-482), nil if there is none.
    let flexibleFrom: Int?
    /// What the API is for, in a sentence.
    let summary: String
    let request: [Field]
    let response: [Field]
}

/// A structure with versions of its own that is no request: a record that is stored, or a part that clients embed.
struct PlainStructure: Sendable {
    let name: String
    /// Versions that the codec covers.
    let versions: ClosedRange<Int>
    /// The first version with compact lengths and tagged fields (KIP-482), nil if there is none.
    let flexibleFrom: Int?
    /// What the structure is for, in a sentence.
    let summary: String
    let fields: [Field]
}

/// A field of a message: one line of the schema.
struct Field: Sendable {
    let name: String
    let type: FieldType
    /// First and last version that has the field; the enclosing structure limits them further.
    let from: Int
    let to: Int
    let nullable: Bool
    /// The first version in which a nullable field may be null on the wire; before it, null is written as an empty value.
    let nullableFrom: Int
    /// Number of a tagged field, which is written only if it differs from its default.
    let tag: Int?
    /// A Swift literal; nil for zero, empty or null.
    let `default`: String?

    static func field(
        _ name: String, _ type: FieldType, from: Int = 0, to: Int = .max, nullable: Bool = false, nullableFrom: Int = 0,
        tag: Int? = nil, default: String? = nil
    ) -> Field {
        Field(
            name: name, type: type, from: from, to: to, nullable: nullable, nullableFrom: nullableFrom, tag: tag,
            default: `default`)
    }

    /// An array of values.
    static func list(
        _ name: String, of element: FieldType, from: Int = 0, to: Int = .max, nullable: Bool = false, tag: Int? = nil
    ) -> Field {
        field(name, .list(element), from: from, to: to, nullable: nullable, tag: tag)
    }

    /// An array of structures; `of` becomes the name of the Swift type.
    static func list(
        _ name: String, of structure: String, from: Int = 0, to: Int = .max, nullable: Bool = false,
        nullableFrom: Int = 0, tag: Int? = nil, _ fields: [Field]
    ) -> Field {
        field(
            name, .list(.structure(structure, fields)), from: from, to: to, nullable: nullable,
            nullableFrom: nullableFrom, tag: tag)
    }

    static func structure(
        _ name: String, of structure: String, from: Int = 0, to: Int = .max, nullable: Bool = false, tag: Int? = nil,
        _ fields: [Field]
    ) -> Field {
        field(name, .structure(structure, fields), from: from, to: to, nullable: nullable, tag: tag)
    }
}

indirect enum FieldType: Sendable {
    case bool, int8, int16, uint16, int32, uint32, int64, float64, string, uuid, bytes
    /// Record batches, which the codec does not look into.
    case records
    case errorCode
    case list(FieldType)
    case structure(String, [Field])
}

/// A structure with the versions in which it can occur: what the emitters turn into a Swift type.
struct Structure {
    let name: String
    let fields: [Field]
    let versions: ClosedRange<Int>

    var versionText: String {
        versions.count == 1
            ? "version \(versions.lowerBound)" : "versions \(versions.lowerBound) to \(versions.upperBound)"
    }

    /// The structures below these fields, in order of appearance, each once.
    static func nested(in fields: [Field], versions: ClosedRange<Int>) -> [Structure] {
        var found: [Structure] = []
        for field in fields {
            guard case .structure(let name, let inner) = field.type.element else { continue }
            let range = max(versions.lowerBound, field.from)...min(versions.upperBound, field.to)
            let structures =
                [Structure(name: name, fields: inner, versions: range)] + nested(in: inner, versions: range)
            for structure in structures where !found.contains(where: { $0.name == structure.name }) {
                found.append(structure)
            }
        }
        return found
    }
}

extension API {
    var requestStructure: Structure { Structure(name: name + "Request", fields: request, versions: versions) }
    var responseStructure: Structure { Structure(name: name + "Response", fields: response, versions: versions) }
    var messages: [Structure] { [requestStructure, responseStructure] }
}

extension PlainStructure {
    var structure: Structure { Structure(name: name, fields: fields, versions: versions) }
}

extension FieldType {
    /// The element of a list, or the type itself.
    var element: FieldType {
        if case .list(let element) = self { return element }
        return self
    }

    var isList: Bool {
        if case .list = self { return true }
        return false
    }
}
