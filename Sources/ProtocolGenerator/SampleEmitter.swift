/// Writes the test support that fills every message with random values, for the tests of round trips and truncation.
enum SampleEmitter {
    static func source(of apis: [API], _ plain: [PlainStructure]) -> String {
        var out = SourceText()
        out.line(SourceText.generatedNotice)
        out.line("")
        out.line("import KafkaProtocol")
        out.line("")
        out.line(
            "/// Every message with a function that fills it; fields that a version does not have keep their defaults.")
        out.line("let sampleMessages: [any SampleMessage.Type] = [")
        for api in apis { out.line("    \(api.name)Request.self, \(api.name)Response.self,") }
        for structure in plain { out.line("    \(structure.name).self,") }
        out.line("]")
        for structure in apis.flatMap(\.messages) + plain.map(\.structure) {
            out.line("")
            emit(structure.name, structure, "SampleMessage", &out)
            for nested in Structure.nested(in: structure.fields, versions: structure.versions) {
                out.line("")
                emit("\(structure.name).\(nested.name)", nested, "Sample", &out)
            }
        }
        return out.text
    }

    private static func emit(_ type: String, _ structure: Structure, _ conformance: String, _ out: inout SourceText) {
        out.block("extension \(type): \(conformance)") { out in
            out.block("static func sample(_ random: inout SampleSource, version: Int16) -> Self") { out in
                let assignments = structure.fields.compactMap { field -> String? in
                    guard let value = value(field) else { return nil }
                    var conditions: [String] = []
                    if field.from > structure.versions.lowerBound { conditions.append("version >= \(field.from)") }
                    if field.to < structure.versions.upperBound { conditions.append("version <= \(field.to)") }
                    let guardText = conditions.isEmpty ? "" : "if \(conditions.joined(separator: " && ")) { "
                    return "\(guardText)value.\(field.name) = \(value)\(conditions.isEmpty ? "" : " }")"
                }
                if assignments.isEmpty { return out.line("Self()") }
                out.line("var value = Self()")
                for assignment in assignments { out.line(assignment) }
                out.line("return value")
            }
        }
    }

    /// Records are left at their default: a decoded one is a range of its frame, which a round trip cannot compare.
    private static func value(_ field: Field) -> String? {
        if case .records = field.type { return nil }
        guard field.nullable else { return value(field.type, "random") }
        let allowed = field.nullableFrom > 0 ? "(version >= \(field.nullableFrom))" : ""
        return "random.nullable\(allowed) { \(value(field.type, "$0")) }"
    }

    private static func value(_ type: FieldType, _ source: String) -> String {
        switch type {
        case .list(let element): "\(source).list { \(value(element, "$0")) }"
        case .structure: ".sample(&\(source), version: version)"
        default: "\(source).value()"
        }
    }
}
