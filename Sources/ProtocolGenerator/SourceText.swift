/// Swift source in the making, with its indentation.
struct SourceText {
    static let generatedNotice = "// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit."

    private(set) var text = ""
    private var depth = 0

    mutating func line(_ content: String) {
        text += content.isEmpty ? "\n" : String(repeating: "    ", count: depth) + content + "\n"
    }

    mutating func block(_ head: String, opening: String = " {", _ body: (inout SourceText) -> Void) {
        line(head + opening)
        depth += 1
        body(&self)
        depth -= 1
        line("}")
    }
}

extension String {
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
    var uppercasedFirst: String { prefix(1).uppercased() + dropFirst() }
}
