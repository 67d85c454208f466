/// Reads `server.properties`: lines of `name=value`; `#` and `!` begin comments; a backslash at the end joins lines.
enum PropertiesFile {
    struct Property: Equatable {
        let name: String
        let value: String
        let line: Int
    }

    static func parse(_ text: String, path: String) throws(SettingsError) -> [Property] {
        var properties: [Property] = []
        var pending = ""
        var firstLine = 1
        // "\r\n" is one character, and not equal to "\n"; the line behind the last ends what a backslash left open.
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        lines.append("")
        for (index, raw) in lines.enumerated() {
            if pending.isEmpty { firstLine = index + 1 }
            let line = raw.trimmingBlanks()
            if pending.isEmpty, line.isEmpty || line.hasPrefix("#") || line.hasPrefix("!") { continue }
            if line.hasSuffix("\\") {
                pending += line.dropLast()
                continue
            }
            let whole = pending + line
            pending = ""
            guard let separator = whole.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                throw SettingsError("\(path):\(firstLine): expected name=value, found \"\(whole)\".")
            }
            let name = whole[..<separator].trimmingBlanks()
            let value = whole[whole.index(after: separator)...].trimmingBlanks()
            properties.append(Property(name: name, value: value, line: firstLine))
        }
        return properties
    }
}
