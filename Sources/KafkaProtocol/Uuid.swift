/// A 16-byte id of a topic, directory or cluster, in network byte order on the wire; all zeros means "none" (KIP-516).
package struct Uuid: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package static let zero = Uuid(high: 0, low: 0)

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A random (version 4) id. Ids whose text starts with "-" are avoided, as Kafka does: they look like options in a shell.
    package static func random() -> Uuid {
        var generator = SystemRandomNumberGenerator()
        while true {
            let id = Uuid(
                high: generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000,
                low: generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
            if !id.description.hasPrefix("-") { return id }
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// 22 characters of URL-safe Base64 without padding, as Kafka's tools print ids.
    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(22)
        // 128 bits are 21 groups of six and one of two.
        for group in 0..<22 {
            let shift = 122 - group * 6
            text.append(Self.alphabet[Int(shift >= 0 ? bits(from: shift) & 63 : (low & 3) << 4)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The 64 bits that start `shift` bits above the lowest.
    private func bits(from shift: Int) -> UInt64 {
        shift >= 64
            ? high >> UInt64(shift - 64) : (shift == 0 ? low : high << UInt64(64 - shift) | low >> UInt64(shift))
    }

    /// Reads what `description` writes; nil if it is not 22 characters of that alphabet.
    package init?(_ text: String) {
        let characters = Array(text.utf8)
        guard characters.count == 22 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (position, character) in characters.enumerated() {
            guard let value = Self.alphabet.firstIndex(of: character) else { return nil }
            let width: UInt64 = position == 21 ? 2 : 6
            high = high << width | low >> (64 - width)
            low = low << width | UInt64(position == 21 ? value >> 4 : value)
        }
        self.init(high: high, low: low)
    }

    package static func < (left: Uuid, right: Uuid) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
