/// The parts of a regular expression.
indirect enum TopicPatternNode: Sendable {
    case bytes(TopicPattern.ByteSet)
    case assertion(TopicPattern.Assertion)
    case sequence([TopicPatternNode])
    case alternatives([TopicPatternNode])
    /// `most` is nil for "as often as you like".
    case repetition(TopicPatternNode, least: Int, most: Int?)
}

/// Makes the program of a pattern, from its end to its beginning.
struct TopicPatternCompiler {
    private(set) var program: [TopicPattern.State] = []

    /// - Returns: the state to start with.
    mutating func compile(_ node: TopicPatternNode) throws(TopicPatternError) -> Int {
        try emit(node, before: try append(.match))
    }

    private mutating func append(_ state: TopicPattern.State) throws(TopicPatternError) -> Int {
        guard program.count < TopicPattern.programMax else {
            throw TopicPatternError(description: "expression too large")
        }
        program.append(state)
        return program.count - 1
    }

    private mutating func emit(_ node: TopicPatternNode, before next: Int) throws(TopicPatternError) -> Int {
        switch node {
        case .bytes(let set): return try append(.take(set, next: next))
        case .assertion(let assertion): return try append(.assert(assertion, next: next))
        case .sequence(let nodes):
            var entry = next
            for node in nodes.reversed() { entry = try emit(node, before: entry) }
            return entry
        case .alternatives(let nodes):
            guard let last = nodes.last else { return next }
            var entry = try emit(last, before: next)
            for node in nodes.dropLast().reversed() {
                entry = try append(.split(try emit(node, before: next), entry))
            }
            return entry
        case .repetition(let node, let least, let most): return try emit(node, least, most, before: next)
        }
    }

    private mutating func emit(
        _ node: TopicPatternNode, _ least: Int, _ most: Int?, before next: Int
    ) throws(TopicPatternError) -> Int {
        var entry = next
        if let most {
            // Each optional one may end the repetition.
            for _ in least..<most { entry = try append(.split(try emit(node, before: entry), next)) }
        } else {
            let loop = try append(.split(next, next))
            program[loop] = .split(try emit(node, before: loop), next)
            entry = loop
        }
        for _ in 0..<least {
            let first = try emit(node, before: entry)
            // What is empty once is empty however often; repetitions of it within each other would take for ever.
            if first == entry { break }
            entry = first
        }
        return entry
    }
}
