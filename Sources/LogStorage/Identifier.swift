// 128-bit ids as Kafka writes them: 16 bytes in URL-safe base64 without padding, 22 characters.
//
// Thread rule: plain value.

package struct Identifier: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A random (version 4) id that does not start with a dash, so that command lines take it for a value.
    package static func random() -> Identifier {
        while true {
            let high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
            let low = UInt64.random(in: .min ... .max) & ~(0b11 << 62) | (0b10 << 62)
            let id = Identifier(high: high, low: low)
            if !id.description.hasPrefix("-") { return id }
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let textLength = 22

    package var description: String {
        var text: [UInt8] = []
        // 22 digits of 6 bits hold 132: the last has 4 zero bits at its end.
        for digit in 0..<Self.textLength {
            var value = 0
            for bit in digit * 6..<digit * 6 + 6 {
                value =
                    value << 1
                    | (bit < 64 ? Int(high >> UInt64(63 - bit) & 1) : bit < 128 ? Int(low >> UInt64(127 - bit) & 1) : 0)
            }
            text.append(Self.alphabet[value])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// nil for anything that `description` does not write.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.textLength else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (digit, character) in text.utf8.enumerated() {
            guard let value = Self.alphabet.firstIndex(of: character) else { return nil }
            for bit in 0..<6 {
                let isSet = UInt64(value >> (5 - bit) & 1)
                let place = digit * 6 + bit
                if place < 64 {
                    high |= isSet << UInt64(63 - place)
                } else if place < 128 {
                    low |= isSet << UInt64(127 - place)
                } else if isSet == 1 {
                    return nil
                }
            }
        }
        self.init(high: high, low: low)
    }

    /// 32 hexadecimal digits.
    package var hexadecimal: String {
        [high, low].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
