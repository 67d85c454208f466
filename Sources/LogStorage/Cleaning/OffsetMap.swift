// Keys to the last offset that each has, in a fixed amount of memory: what the cleaner knows of the dirty part of a log.
//
// Layout: open addressing with linear probing; 24-byte slots: 16 bytes of the key's digest and the offset plus one, so that
// untouched memory, which the kernel gives as zeros, is empty slots.
// The digest is two runs of the standard library's `Hasher` (SipHash-1-3 under a key that is random in every process),
// each behind a random word of its own: 128 bits that nobody outside can steer, a fifth of the time of MD5. Two keys that
// share a digest would lose one of their records: with ten million keys the odds are 1 to 10^24.
// Thread rule: owned by one cleaning.

import Glibc
import KafkaRecords

struct OffsetMap: ~Copyable {
    static let slotBytes = MemoryLayout<Slot>.stride

    private struct Slot {
        var high: UInt64 = 0
        var low: UInt64 = 0
        /// 0 in an empty slot.
        var offsetPlusOne: Int64 = 0
    }

    /// Safe: allocated for `capacity` slots by `init`, freed by `deinit`, never handed out, and indexed modulo `capacity`
    /// only. Zero bytes are a valid `Slot`.
    private let slots: UnsafeMutablePointer<Slot>
    private let capacity: Int
    private let first: Hasher
    private let second: Hasher
    /// Keys that fit.
    let countMax: Int
    private(set) var count = 0

    /// - Parameters:
    ///   - keysMax: keys that will be put at most, as far as it is known: no more memory is used than they need.
    ///   - bytesMax: memory at most.
    init(keysMax: Int64, bytesMax: Int, loadFactor: Double) throws(StorageError) {
        precondition(loadFactor > 0 && loadFactor < 1, "some slots stay empty, or a search would not end")
        let wanted = min(Double(keysMax) / loadFactor + 2, Double(bytesMax / Self.slotBytes))
        capacity = max(2, Int(wanted))
        countMax = max(1, Int(Double(capacity) * loadFactor))
        guard let memory = calloc(capacity, Self.slotBytes) else {
            throw .system(ENOMEM, "reserve \(capacity * Self.slotBytes) bytes to clean", "a log")
        }
        slots = memory.bindMemory(to: Slot.self, capacity: capacity)
        var generator = SystemRandomNumberGenerator()
        first = Self.hasher(UInt64.random(in: .min ... .max, using: &generator))
        second = Self.hasher(UInt64.random(in: .min ... .max, using: &generator))
    }

    deinit { free(slots) }

    private static func hasher(_ word: UInt64) -> Hasher {
        var hasher = Hasher()
        hasher.combine(word)
        return hasher
    }

    /// Takes note of a key's offset; false, and nothing changed, when there is no room for another key.
    mutating func put(_ key: RawSpan, offset: Int64) -> Bool {
        let (high, low) = digest(key)
        let slot = search(high, low)
        if slots[slot].offsetPlusOne == 0 {
            if count >= countMax { return false }
            count += 1
        }
        slots[slot] = Slot(high: high, low: low, offsetPlusOne: offset + 1)
        return true
    }

    /// The last offset of a key, -1 if it was never put.
    func offset(of key: RawSpan) -> Int64 {
        let (high, low) = digest(key)
        return slots[search(high, low)].offsetPlusOne - 1
    }

    /// The slot of a digest, or the empty one where it belongs.
    private func search(_ high: UInt64, _ low: UInt64) -> Int {
        var slot = Int(high.multipliedFullWidth(by: UInt64(capacity)).high)
        while slots[slot].offsetPlusOne != 0, slots[slot].high != high || slots[slot].low != low {
            slot = slot + 1 == capacity ? 0 : slot + 1
        }
        return slot
    }

    private func digest(_ key: RawSpan) -> (UInt64, UInt64) {
        key.withUnsafeBytes { bytes in
            var (first, second) = (first, second)
            first.combine(bytes: bytes)
            second.combine(bytes: bytes)
            return (UInt64(bitPattern: Int64(first.finalize())), UInt64(bitPattern: Int64(second.finalize())))
        }
    }
}
