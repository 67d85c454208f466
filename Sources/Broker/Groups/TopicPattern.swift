// A regular expression over topic names, in RE2's syntax, as members of consumer groups subscribe with (KIP-848).
//
// Clients send what they like, so time is bounded: the expression becomes a small program of states that is run over a name
// once, all states side by side. A name of n bytes costs at most n times the size of the program, which is limited; nothing is
// ever tried twice. Topic names are ASCII, so a state looks at one byte. What a character outside of ASCII asks for never
// matches.
// Threads: a value.
// Source: RE2's syntax page. Not there, as not in RE2: back references, looking ahead and behind.

/// Why a pattern is none.
struct TopicPatternError: Error, Equatable {
    let description: String
}

struct TopicPattern: Sendable {
    static let lengthMaxBytes = 4_096
    /// States of the program; counted repetitions multiply.
    static let programMax = 1_000
    static let nestingMax = 100
    static let repetitionMax = 1_000

    /// Bytes that a state takes, as two words of bits: 0 to 63 and 64 to 127.
    struct ByteSet: Equatable, Sendable {
        var low: UInt64 = 0
        var high: UInt64 = 0

        static let any = ByteSet(low: .max, high: .max)

        func contains(_ byte: UInt8) -> Bool {
            byte < 64 ? low >> UInt64(byte) & 1 != 0 : byte < 128 && high >> UInt64(byte - 64) & 1 != 0
        }

        mutating func insert(_ byte: UInt8) {
            if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
        }

        mutating func formUnion(_ other: ByteSet) {
            low |= other.low
            high |= other.high
        }

        var inverted: ByteSet { ByteSet(low: ~low, high: ~high) }
    }

    enum Assertion: Sendable {
        case begin
        case end
        case wordBoundary
        case noWordBoundary
    }

    enum State: Sendable {
        case take(ByteSet, next: Int)
        case split(Int, Int)
        case assert(Assertion, next: Int)
        case match
    }

    let text: String
    private let program: [State]
    private let start: Int

    init(_ text: String) throws(TopicPatternError) {
        guard text.utf8.count <= Self.lengthMaxBytes else {
            throw TopicPatternError(description: "expression is longer than \(Self.lengthMaxBytes) bytes")
        }
        self.text = text
        var parser = TopicPatternParser(text)
        var compiler = TopicPatternCompiler()
        start = try compiler.compile(try parser.parse())
        program = compiler.program
    }

    /// Whether the pattern matches the name as a whole.
    func matches(_ name: String) -> Bool {
        var run = Run(stateCount: program.count)
        let bytes = Array(name.utf8)
        add(start, at: 0, of: bytes, to: &run)
        for position in bytes.indices {
            guard !run.active.isEmpty else { return false }
            let byte = bytes[position]
            let active = run.next()
            for state in active {
                if case .take(let set, let next) = program[state], set.contains(byte) {
                    add(next, at: position + 1, of: bytes, to: &run)
                }
            }
        }
        return run.active.contains { if case .match = program[$0] { true } else { false } }
    }

    /// The states that are possible at one place in the name.
    private struct Run {
        var active: [Int] = []
        /// The place for which a state was added last, so that each is added once for a place.
        private var stamps: [Int]
        private var stamp = 1

        init(stateCount: Int) {
            stamps = Array(repeating: 0, count: stateCount)
        }

        mutating func mark(_ state: Int) -> Bool {
            guard stamps[state] != stamp else { return false }
            stamps[state] = stamp
            return true
        }

        mutating func next() -> [Int] {
            stamp += 1
            defer { active = [] }
            return active
        }
    }

    /// Adds a state with all that follow without taking a byte.
    private func add(_ state: Int, at position: Int, of bytes: [UInt8], to run: inout Run) {
        var pending = [state]
        while let state = pending.popLast() {
            guard run.mark(state) else { continue }
            switch program[state] {
            case .take, .match: run.active.append(state)
            case .split(let first, let second):
                pending.append(second)
                pending.append(first)
            case .assert(let assertion, let next):
                if Self.holds(assertion, at: position, of: bytes) { pending.append(next) }
            }
        }
    }

    private static func holds(_ assertion: Assertion, at position: Int, of bytes: [UInt8]) -> Bool {
        switch assertion {
        case .begin: position == 0
        case .end: position == bytes.count
        case .wordBoundary: isWord(bytes, position - 1) != isWord(bytes, position)
        case .noWordBoundary: isWord(bytes, position - 1) == isWord(bytes, position)
        }
    }

    private static func isWord(_ bytes: [UInt8], _ position: Int) -> Bool {
        bytes.indices.contains(position) && TopicPatternClasses.word.contains(bytes[position])
    }
}

/// What a pattern matches among the topics of one moment; internal topics are never matched.
struct ResolvedPattern: Equatable, Sendable {
    let pattern: String
    let topics: Set<String>
    let topicsVersion: UInt64
}
