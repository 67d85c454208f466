// KeyValue: arguments of the form key=value.

struct KeyValue: Equatable, Sendable {
    let key: String
    let value: String

    /// Cuts at the first "="; nil if there is none or nothing stands before it.
    init?(_ text: String) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else { return nil }
        key = String(text[..<equals])
        value = String(text[text.index(after: equals)...])
    }
}
