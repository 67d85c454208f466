/// Writes the Swift file of one API (its request and its response) or of one plain structure, with decoders and encoders.
struct MessageEmitter {
    let flexibleFrom: Int?

    static func source(of api: API) -> String {
        let emitter = MessageEmitter(flexibleFrom: api.flexibleFrom)
        var out = SourceText()
        out.line(SourceText.generatedNotice)
        out.line("")
        let versions = api.requestStructure.versionText
        let apiKey = "package static let apiKey = ApiKey.\(api.name.lowercasedFirst)"
        out.line("/// \(api.name) request, key \(api.key), \(versions). \(api.summary)")
        emitter.emit(api.requestStructure, conformingTo: "RequestMessage", into: &out) { out in
            out.line("package typealias Response = \(api.name)Response")
            out.line(apiKey)
        }
        out.line("")
        out.line("/// \(api.name) response, key \(api.key), \(versions). \(api.summary)")
        emitter.emit(api.responseStructure, conformingTo: "WireMessage", into: &out) { $0.line(apiKey) }
        return out.text
    }

    static func source(of plain: PlainStructure) -> String {
        var out = SourceText()
        out.line(SourceText.generatedNotice)
        out.line("")
        out.line("/// \(plain.summary) \(plain.structure.versionText.uppercasedFirst).")
        let emitter = MessageEmitter(flexibleFrom: plain.flexibleFrom)
        emitter.emit(plain.structure, conformingTo: "WireStructure", into: &out) { _ in }
        return out.text
    }

    private func emit(
        _ structure: Structure, conformingTo conformance: String, into out: inout SourceText,
        _ emitHead: (inout SourceText) -> Void
    ) {
        out.block("package struct \(structure.name): \(conformance)") { out in
            emitHead(&out)
            let versions = structure.versions
            out.line(
                "package static let versions: ClosedRange<Int16> = \(versions.lowerBound)...\(versions.upperBound)")
            out.line("package static let firstFlexibleVersion: Int16? = \(flexibleFrom.map(String.init) ?? "nil")")
            out.line("")
            emitBody(structure, into: &out)
            for nested in Structure.nested(in: structure.fields, versions: versions) {
                out.line("")
                out.block("package struct \(nested.name): Equatable, Sendable") { emitBody(nested, into: &$0) }
            }
        }
    }

    private func emitBody(_ structure: Structure, into out: inout SourceText) {
        for field in structure.fields {
            if let note = versionNote(field, in: structure) { out.line("/// \(note)") }
            out.line("package var \(field.name): \(field.swiftType) = \(field.swiftDefault)")
        }
        emitMemberwise(structure, into: &out)
        emitDecoder(structure, into: &out)
        emitEncoder(structure, into: &out)
    }

    private func versionNote(_ field: Field, in structure: Structure) -> String? {
        var notes: [String] = []
        let first = max(field.from, structure.versions.lowerBound)
        let last = min(field.to, structure.versions.upperBound)
        switch (first > structure.versions.lowerBound, last < structure.versions.upperBound) {
        case (true, true): notes.append("versions \(first) to \(last)")
        case (true, false): notes.append("since version \(first)")
        case (false, true): notes.append("up to version \(last)")
        case (false, false): break
        }
        if field.nullableFrom > structure.versions.lowerBound {
            notes.append("may be null since version \(field.nullableFrom)")
        }
        if let tag = field.tag { notes.append("tag \(tag)") }
        return notes.isEmpty ? nil : notes.joined(separator: ", ").uppercasedFirst + "."
    }

    private func emitMemberwise(_ structure: Structure, into out: inout SourceText) {
        out.line("")
        guard !structure.fields.isEmpty else { return out.line("package init() {}") }
        out.line("package init(")
        let last = structure.fields.count - 1
        for (index, field) in structure.fields.enumerated() {
            out.line("    \(field.name): \(field.swiftType) = \(field.swiftDefault)\(index == last ? "" : ",")")
        }
        out.block(")") { out in
            for field in structure.fields { out.line("self.\(field.name) = \(field.name)") }
        }
    }

    // MARK: Decoding

    private func emitDecoder(_ structure: Structure, into out: inout SourceText) {
        out.line("")
        out.block("package init(from reader: inout WireReader, version: Int16) throws(WireError)") { out in
            emitFlexible(structure, into: &out)
            for field in structure.fields where field.tag == nil {
                emitGuarded(field, structure, into: &out) { $0.line("\(field.name) = \(field.readExpression)") }
            }
            emitTaggedDecoder(structure, into: &out)
        }
    }

    private func emitTaggedDecoder(_ structure: Structure, into out: inout SourceText) {
        guard let condition = flexibleCondition(structure) else { return }
        let tagged = structure.fields.filter { $0.tag != nil }
        switch (tagged.isEmpty, condition == "true") {
        case (true, true): out.line("try reader.skipTaggedFields()")
        case (true, false): out.line("if \(condition) { try reader.skipTaggedFields() }")
        case (false, true): emitTaggedDecoder(tagged, structure, into: &out)
        case (false, false): out.block("if \(condition)") { emitTaggedDecoder(tagged, structure, into: &$0) }
        }
    }

    /// A closure cannot assign to fields of a value that is being made, so it fills variables beside them.
    private func emitTaggedDecoder(_ tagged: [Field], _ structure: Structure, into out: inout SourceText) {
        for field in tagged { out.line("var \(field.name)Tagged = \(field.name)") }
        out.block("try reader.readTaggedFields { (tag, reader) throws(WireError) in", opening: "") { out in
            out.line("switch tag {")
            for field in tagged {
                let expression = field.readExpression
                out.line("case \(field.tag!)\(tagGuard(field, structure)): \(field.name)Tagged = \(expression)")
            }
            out.line("default: return false")
            out.line("}")
            out.line("return true")
        }
        for field in tagged { out.line("\(field.name) = \(field.name)Tagged") }
    }

    private func tagGuard(_ field: Field, _ structure: Structure) -> String {
        versionCondition(field, taggedFloor(structure)...structure.versions.upperBound).map { " where \($0)" } ?? ""
    }

    private func taggedFloor(_ structure: Structure) -> Int {
        max(structure.versions.lowerBound, flexibleFrom ?? 0)
    }

    // MARK: Encoding

    private func emitEncoder(_ structure: Structure, into out: inout SourceText) {
        out.line("")
        out.block("package func encode(into writer: inout WireWriter, version: Int16)") { out in
            emitFlexible(structure, into: &out)
            for field in structure.fields where field.tag == nil {
                emitGuarded(field, structure, into: &out) { $0.line(field.writeStatement(field.name)) }
            }
            guard let condition = flexibleCondition(structure) else { return }
            if condition == "true" {
                emitTaggedEncoder(structure, into: &out)
            } else {
                out.block("if \(condition)") { emitTaggedEncoder(structure, into: &$0) }
            }
        }
    }

    private func emitTaggedEncoder(_ structure: Structure, into out: inout SourceText) {
        let tagged = structure.fields.filter { $0.tag != nil }.sorted { $0.tag! < $1.tag! }
        guard !tagged.isEmpty else {
            out.line("writer.writeUnsignedVarint(0)")
            return
        }
        // Defaults are left out: some old clients give up on a peer that writes them.
        for field in tagged {
            let version = versionCondition(field, taggedFloor(structure)...structure.versions.upperBound)
            let present = "\(field.name) != \(field.comparableDefault)"
            out.line("let has\(field.name.uppercasedFirst) = \(version.map { "\($0) && " } ?? "")\(present)")
        }
        let counts = tagged.map { "(has\($0.name.uppercasedFirst) ? 1 : 0)" }.joined(separator: " + ")
        out.line("writer.writeUnsignedVarint(\(counts))")
        for field in tagged {
            out.block("if has\(field.name.uppercasedFirst)") { out in
                out.line("writer.writeTaggedField(\(field.tag!)) { writer in \(field.writeStatement(field.name)) }")
            }
        }
    }

    // MARK: Versions

    private func emitFlexible(_ structure: Structure, into out: inout SourceText) {
        guard structure.fields.contains(where: \.type.hasLength) else { return }
        let condition = flexibleCondition(structure) ?? "false"
        out.line("let flexible = \(condition)")
    }

    /// The condition under which versions of this structure are flexible; nil if they never are.
    private func flexibleCondition(_ structure: Structure) -> String? {
        guard let first = flexibleFrom, first <= structure.versions.upperBound else { return nil }
        return first <= structure.versions.lowerBound ? "true" : "version >= \(first)"
    }

    private func versionCondition(_ field: Field, _ versions: ClosedRange<Int>) -> String? {
        var conditions: [String] = []
        if field.from > versions.lowerBound { conditions.append("version >= \(field.from)") }
        if field.to < versions.upperBound { conditions.append("version <= \(field.to)") }
        return conditions.isEmpty ? nil : conditions.joined(separator: " && ")
    }

    private func emitGuarded(
        _ field: Field, _ structure: Structure, into out: inout SourceText, _ body: (inout SourceText) -> Void
    ) {
        if let condition = versionCondition(field, structure.versions) {
            out.block("if \(condition)") { body(&$0) }
        } else {
            body(&out)
        }
    }
}
