/// Writes the enumeration of API keys.
enum ApiKeyEmitter {
    static func source(of apis: [API]) -> String {
        var out = SourceText()
        out.line(SourceText.generatedNotice)
        out.line("")
        out.line("/// The number that names an API on the wire. Source: the Kafka protocol guide, \"Api Keys\".")
        out.block("package enum ApiKey: Int16, CaseIterable, Sendable") { out in
            for api in apis {
                out.line("/// \(api.summary)")
                out.line("case \(api.name.lowercasedFirst) = \(api.key)")
            }
            out.line("")
            out.line("/// The name that Kafka's documentation and tools use.")
            out.block("package var name: String") { out in
                out.line("switch self {")
                for api in apis { out.line("case .\(api.name.lowercasedFirst): \"\(api.kafkaName)\"") }
                out.line("}")
            }
            out.line("")
            out.line("/// The first version with compact lengths and tagged fields (KIP-482), nil if there is none.")
            out.block("package var firstFlexibleVersion: Int16?") { out in
                out.line("switch self {")
                for api in apis {
                    out.line("case .\(api.name.lowercasedFirst): \(api.flexibleFrom.map(String.init) ?? "nil")")
                }
                out.line("}")
            }
        }
        return out.text
    }
}

extension API {
    /// Swift writes "ID" where Kafka writes "Id".
    var kafkaName: String { name == "InitProducerID" ? "InitProducerId" : name }
}
