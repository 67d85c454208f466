// SeededGenerator: random numbers that come back, so that a test that failed once can be made to fail again.

import Glibc

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers for the same seed, on every machine.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    package let seed: UInt64
    private var state: UInt64

    /// The seed is printed. `MARTLET_TEST_SEED` in the environment replaces the one given here.
    package init(seed: UInt64, label: String = #function) {
        let chosen = getenv("MARTLET_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? seed
        print("\(label): seed \(chosen)")
        self.seed = chosen
        state = chosen
    }

    /// One of many generators of a test, whose seeds another one draws; nothing is printed.
    package init(drawing seed: UInt64) {
        self.seed = seed
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// `count` bytes that do not compress.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// `count` bytes that compress about as well as text does: words of a small vocabulary.
    package mutating func text(_ count: Int) -> [UInt8] {
        let words = ["martlet ", "never ", "lands ", "on ", "a ", "partition ", "log ", "offset "]
        var text: [UInt8] = []
        while text.count < count { text += words[Int(next() % UInt64(words.count))].utf8 }
        return Array(text.prefix(count))
    }
}
