// Reads the text of a regular expression. Messages are those of RE2, which people know.

/// Sets of bytes that have names.
enum TopicPatternClasses {
    static let digit = set("0"..."9")
    static let word = set("0"..."9", "a"..."z", "A"..."Z", "_"..."_")
    static let space = set("\t"..."\n", "\u{0C}"..."\r", " "..." ")
    static let lower = set("a"..."z")
    static let upper = set("A"..."Z")
    static let letter = set("a"..."z", "A"..."Z")
    static let punctuation = set("!"..."/", ":"..."@", "["..."`", "{"..."~")

    /// `[[:name:]]`
    static let posix: [String: TopicPattern.ByteSet] = [
        "alnum": set("0"..."9", "a"..."z", "A"..."Z"), "alpha": letter, "ascii": .any,
        "blank": set("\t"..."\t", " "..." "),
        "cntrl": set("\u{00}"..."\u{1F}", "\u{7F}"..."\u{7F}"), "digit": digit, "graph": set("!"..."~"), "lower": lower,
        "print": set(" "..."~"), "punct": punctuation, "space": set("\t"..."\r", " "..." "), "upper": upper,
        "word": word,
        "xdigit": set("0"..."9", "a"..."f", "A"..."F"),
    ]

    /// `\p{name}`, as far as ASCII has such characters.
    static let unicode: [String: TopicPattern.ByteSet] = [
        "L": letter, "Lu": upper, "Ll": lower, "N": digit, "Nd": digit,
        "P": set("!"..."#", "%"..."*", ","..."/", ":"...";", "?"..."@", "["..."]", "_"..."_", "{"..."{", "}"..."}"),
        "S": set("$"..."$", "+"..."+", "<"...">", "^"..."^", "`"..."`", "|"..."|", "~"..."~"), "Z": set(" "..." "),
    ]

    private static func set(_ ranges: ClosedRange<Unicode.Scalar>...) -> TopicPattern.ByteSet {
        var set = TopicPattern.ByteSet()
        for range in ranges {
            for value in range.lowerBound.value...range.upperBound.value { set.insert(UInt8(value)) }
        }
        return set
    }
}

struct TopicPatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var flags = Flags()

    private struct Flags {
        var ignoresCase = false
        var dotTakesNewline = false
        /// `^` and `$` at lines; topic names have one line, so it changes nothing.
        var multiline = false
        var swapsGreed = false
    }

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    mutating func parse() throws(TopicPatternError) -> TopicPatternNode {
        let node = try alternatives()
        guard position == scalars.count else { throw error("unexpected )", "") }
        return node
    }

    // MARK: Structure

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func error(_ problem: String, _ part: String) -> TopicPatternError {
        TopicPatternError(description: part.isEmpty ? problem : "\(problem): `\(part)`")
    }

    private func text(from start: Int) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<position])
        return String(view)
    }

    private mutating func take(_ expected: String) -> Bool {
        let wanted = Array(expected.unicodeScalars)
        guard position + wanted.count <= scalars.count, Array(scalars[position..<position + wanted.count]) == wanted
        else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternatives() throws(TopicPatternError) -> TopicPatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= TopicPattern.nestingMax else { throw error("expression nests too deeply", "") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(TopicPatternError) -> TopicPatternNode {
        var nodes: [TopicPatternNode] = []
        while let next = peek, next != "|", next != ")" {
            let start = position
            if take("\\Q") {
                nodes += quoted()
                if let last = nodes.popLast() { nodes.append(try repeated(last, from: start)) }
                continue
            }
            guard let node = try atom() else { continue }
            nodes.append(try repeated(node, from: start))
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    /// `\Q...\E`; the end may be missing.
    private mutating func quoted() -> [TopicPatternNode] {
        var nodes: [TopicPatternNode] = []
        while let next = peek, !take("\\E") {
            nodes.append(literal(next))
            position += 1
        }
        return nodes
    }

    /// nil for what changes the flags only.
    private mutating func atom() throws(TopicPatternError) -> TopicPatternNode? {
        guard let next = peek else { return nil }
        position += 1
        switch next {
        case "(": return try group()
        case "[": return .bytes(try characterClass())
        case "\\": return try escape()
        case ".":
            var set = TopicPattern.ByteSet.any
            if !flags.dotTakesNewline { set.low &= ~(1 << 10) }
            return .bytes(set)
        case "^": return .assertion(.begin)
        case "$": return .assertion(.end)
        case "*", "+", "?": throw error("missing argument to repetition operator", String(next))
        default: return literal(next)
        }
    }

    private func literal(_ scalar: Unicode.Scalar) -> TopicPatternNode {
        var set = TopicPattern.ByteSet()
        insert(scalar...scalar, into: &set)
        return .bytes(set)
    }

    private func insert(_ range: ClosedRange<Unicode.Scalar>, into set: inout TopicPattern.ByteSet) {
        guard range.lowerBound.value < 128 else { return }
        for value in range.lowerBound.value...min(range.upperBound.value, 127) {
            let byte = UInt8(value)
            set.insert(byte)
            if flags.ignoresCase, TopicPatternClasses.letter.contains(byte) { set.insert(byte ^ 0x20) }
        }
    }

    // MARK: Groups

    private mutating func group() throws(TopicPatternError) -> TopicPatternNode? {
        let start = position - 1
        let outer = flags
        if take("?") {
            if take("P<") || beginsName && take("<") {
                try groupName(from: start)
            } else if try changeFlags(from: start) {
                return nil
            }
        }
        let node = try alternatives()
        guard take(")") else { throw error("missing closing )", "") }
        flags = outer
        return node
    }

    /// Whether `<` stands for a name here, and not for a look behind, which there is none of.
    private var beginsName: Bool {
        guard position + 1 < scalars.count else { return false }
        return scalars[position + 1] != "=" && scalars[position + 1] != "!"
    }

    private mutating func groupName(from start: Int) throws(TopicPatternError) {
        let nameStart = position
        while let next = peek, next != ">" {
            guard next.isASCII, TopicPatternClasses.word.contains(UInt8(next.value)) else {
                position += 1
                throw error("invalid named capture", text(from: start))
            }
            position += 1
        }
        guard position > nameStart, take(">") else { throw error("invalid named capture", text(from: start)) }
    }

    /// `(?flags)` and `(?flags:...)`.
    ///
    /// - Returns: whether the parenthesis is closed already; then the flags hold until the end of the group around it.
    private mutating func changeFlags(from start: Int) throws(TopicPatternError) -> Bool {
        var isOn = true
        var hasFlag = false
        while let next = peek {
            position += 1
            switch next {
            case "i": flags.ignoresCase = isOn
            case "s": flags.dotTakesNewline = isOn
            case "m": flags.multiline = isOn
            case "U": flags.swapsGreed = isOn
            case "-" where isOn:
                isOn = false
                hasFlag = false
                continue
            case ":" where isOn || hasFlag: return false
            case ")" where hasFlag: return true
            default: throw error("invalid or unsupported Perl syntax", text(from: start))
            }
            hasFlag = true
        }
        throw error("missing closing )", "")
    }

    // MARK: Repetition

    /// Whether less or more is tried first makes no difference to whether a name matches.
    private mutating func repeated(
        _ node: TopicPatternNode, from start: Int
    ) throws(TopicPatternError) -> TopicPatternNode {
        let operatorStart = position
        let repeated: TopicPatternNode
        if take("*") {
            repeated = .repetition(node, least: 0, most: nil)
        } else if take("+") {
            repeated = .repetition(node, least: 1, most: nil)
        } else if take("?") {
            repeated = .repetition(node, least: 0, most: 1)
        } else if let (least, most) = try count() {
            repeated = .repetition(node, least: least, most: most)
        } else {
            return node
        }
        _ = take("?")
        let again = position
        if take("*") || take("+") || take("?") {
            throw error("invalid nested repetition operator", text(from: operatorStart))
        }
        if try count() != nil { throw error("invalid nested repetition operator", text(from: operatorStart)) }
        position = again
        return repeated
    }

    /// `{n}`, `{n,}`, `{n,m}`; a brace that begins none of them stands for itself.
    private mutating func count() throws(TopicPatternError) -> (Int, Int?)? {
        let start = position
        guard take("{"), let least = number() else {
            position = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = peek == "}" ? nil : number() ?? -1 }
        guard most != -1, take("}") else {
            position = start
            return nil
        }
        guard max(least, most ?? 0) <= TopicPattern.repetitionMax, most ?? least >= least else {
            throw error("invalid repeat count", text(from: start))
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let next = peek, ("0"..."9").contains(next) {
            value = min((value ?? 0) * 10 + Int(next.value - 48), 1_000_000)
            position += 1
        }
        return value
    }

    // MARK: Escapes

    private mutating func escape() throws(TopicPatternError) -> TopicPatternNode {
        let start = position - 1
        guard let next = peek else { throw error("trailing backslash at end of expression", "") }
        switch next {
        case "A": return assertion(.begin)
        case "z": return assertion(.end)
        case "b": return assertion(.wordBoundary)
        case "B": return assertion(.noWordBoundary)
        default: break
        }
        if let set = try namedClass(from: start) { return .bytes(set) }
        return literal(try escapedScalar(from: start))
    }

    private mutating func assertion(_ assertion: TopicPattern.Assertion) -> TopicPatternNode {
        position += 1
        return .assertion(assertion)
    }

    /// `\d`, `\W`, `\pL`, `\p{Lu}` and the like, behind the backslash.
    private mutating func namedClass(from start: Int) throws(TopicPatternError) -> TopicPattern.ByteSet? {
        let set: TopicPattern.ByteSet
        switch peek {
        case "d": set = TopicPatternClasses.digit
        case "D": set = TopicPatternClasses.digit.inverted
        case "w": set = TopicPatternClasses.word
        case "W": set = TopicPatternClasses.word.inverted
        case "s": set = TopicPatternClasses.space
        case "S": set = TopicPatternClasses.space.inverted
        case "p", "P": return try unicodeClass(from: start)
        default: return nil
        }
        position += 1
        return set
    }

    private mutating func unicodeClass(from start: Int) throws(TopicPatternError) -> TopicPattern.ByteSet {
        var isNegated = peek == "P"
        position += 1
        var name = ""
        if take("{") {
            if take("^") { isNegated.toggle() }
            while let next = peek, next != "}" {
                name.unicodeScalars.append(next)
                position += 1
            }
            guard take("}") else { throw error("invalid character class range", text(from: start)) }
        } else if let next = peek {
            name.unicodeScalars.append(next)
            position += 1
        }
        guard let set = TopicPatternClasses.unicode[name] else {
            throw error("invalid character class range", text(from: start))
        }
        return isNegated ? set.inverted : set
    }

    /// One character behind a backslash.
    private mutating func escapedScalar(from start: Int) throws(TopicPatternError) -> Unicode.Scalar {
        guard let next = peek else { throw error("trailing backslash at end of expression", "") }
        position += 1
        switch next {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try hexadecimal(from: start)
        case "0"..."7": return try octal(next, from: start)
        default:
            guard next.isASCII, !TopicPatternClasses.word.contains(UInt8(next.value)) || next == "_" else {
                throw error("invalid escape sequence", text(from: start))
            }
            return next
        }
    }

    private mutating func hexadecimal(from start: Int) throws(TopicPatternError) -> Unicode.Scalar {
        var digits = ""
        if take("{") {
            while let next = peek, next != "}", digits.utf8.count <= 8 {
                digits.unicodeScalars.append(next)
                position += 1
            }
            guard take("}") else { throw error("invalid escape sequence", text(from: start)) }
        } else {
            while let next = peek, digits.utf8.count < 2 {
                digits.unicodeScalars.append(next)
                position += 1
            }
            guard digits.utf8.count == 2 else { throw error("invalid escape sequence", text(from: start)) }
        }
        guard digits.utf8.allSatisfy({ TopicPatternClasses.posix["xdigit"]?.contains($0) == true }),
            let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw error("invalid escape sequence", text(from: start)) }
        return scalar
    }

    /// One to three octal digits; a single one that is not 0 would be a back reference.
    private mutating func octal(_ first: Unicode.Scalar, from start: Int) throws(TopicPatternError) -> Unicode.Scalar {
        var value = first.value - 48
        var count = 1
        while count < 3, let next = peek, ("0"..."7").contains(next) {
            value = value * 8 + next.value - 48
            position += 1
            count += 1
        }
        guard count > 1 || first == "0", let scalar = Unicode.Scalar(value) else {
            throw error("invalid escape sequence", text(from: start))
        }
        return scalar
    }

    // MARK: Classes

    /// `[...]`, behind the bracket.
    private mutating func characterClass() throws(TopicPatternError) -> TopicPattern.ByteSet {
        let start = position - 1
        var set = TopicPattern.ByteSet()
        let isNegated = take("^")
        var isFirst = true
        while isFirst || peek != "]" {
            guard let next = peek else { throw error("missing closing ]", text(from: start)) }
            isFirst = false
            if next == "[", let named = try posixClass() {
                set.formUnion(named)
                continue
            }
            let itemStart = position
            if take("\\"), let named = try namedClass(from: itemStart) {
                set.formUnion(named)
                continue
            }
            position = itemStart
            let first = try classScalar(from: start)
            var last = first
            if peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 1
                last = try classScalar(from: start)
            }
            guard first <= last else { throw error("invalid character class range", text(from: itemStart)) }
            insert(first...last, into: &set)
        }
        position += 1
        return isNegated ? set.inverted : set
    }

    private mutating func classScalar(from start: Int) throws(TopicPatternError) -> Unicode.Scalar {
        guard let next = peek else { throw error("missing closing ]", text(from: start)) }
        let itemStart = position
        position += 1
        return next == "\\" ? try escapedScalar(from: itemStart) : next
    }

    /// `[:alpha:]` and `[:^alpha:]` within a class; nil if it is no such thing.
    private mutating func posixClass() throws(TopicPatternError) -> TopicPattern.ByteSet? {
        let start = position
        guard take("[:") else { return nil }
        let isNegated = take("^")
        let nameStart = position
        while let next = peek, next.isASCII, TopicPatternClasses.letter.contains(UInt8(next.value)) { position += 1 }
        let name = text(from: nameStart)
        guard take(":]") else {
            position = start
            return nil
        }
        guard let set = TopicPatternClasses.posix[name] else {
            throw error("invalid character class range", text(from: start))
        }
        return isNegated ? set.inverted : set
    }
}
