import KafkaProtocol

/// A seeded source of random field values (SplitMix64): the same seed gives the same message, on every machine.
struct SampleSource {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// Each type gets values of its own.
    init(seed: UInt64, for type: any SampleMessage.Type) {
        state = "\(type)".utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` - 1.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// Small numbers, extreme ones and arbitrary ones: each finds other mistakes.
    private mutating func integer<T: FixedWidthInteger>() -> T {
        switch below(8) {
        case 0: 0
        case 1: T.max
        case 2: T.min
        case 3: T(below(100))
        default: T(truncatingIfNeeded: next())
        }
    }

    mutating func value() -> Bool { below(2) == 1 }
    mutating func value() -> Int8 { integer() }
    mutating func value() -> Int16 { integer() }
    mutating func value() -> UInt16 { integer() }
    mutating func value() -> Int32 { integer() }
    mutating func value() -> UInt32 { integer() }
    mutating func value() -> Int64 { integer() }
    mutating func value() -> Double { Double(below(1_000_000)) / 64 }
    mutating func value() -> ErrorCode { ErrorCode(rawValue: integer()) }
    mutating func value() -> Uuid { Uuid(high: next(), low: next()) }

    private static let characters = Array("abcXYZ019._-/ äß→日本🐦\u{0}")

    /// Mostly short; sometimes so long that its compact length takes two bytes.
    mutating func value() -> String {
        let length = below(40) == 0 ? 120 + below(30) : below(7)
        var text = ""
        for _ in 0..<length { text.append(Self.characters[below(Self.characters.count)]) }
        return text
    }

    mutating func value() -> [UInt8] { bytes(below(12)) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes.append(UInt8(truncatingIfNeeded: next())) }
        return bytes
    }

    /// None, one or two elements: messages nest four lists deep.
    mutating func list<Element>(_ make: (inout SampleSource) -> Element) -> [Element] {
        let count = below(3)
        var elements: [Element] = []
        for _ in 0..<count { elements.append(make(&self)) }
        return elements
    }

    /// Null one time out of three, never if the version does not allow it.
    mutating func nullable<Value>(_ allowed: Bool = true, _ make: (inout SampleSource) -> Value) -> Value? {
        allowed && below(3) == 0 ? nil : make(&self)
    }
}

/// A structure that can fill itself with random values; fields that `version` does not have keep their defaults.
protocol Sample {
    static func sample(_ random: inout SampleSource, version: Int16) -> Self
}

/// A message or stored structure that can fill itself with random values.
protocol SampleMessage: Sample, WireStructure {}
