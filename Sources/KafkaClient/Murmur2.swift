// Murmur2: the hash that the Java client partitions keys with. Every client that shares a topic has to agree on it.

/// 32-bit MurmurHash2 with the seed 0x9747b28c (Austin Appleby; org.apache.kafka.common.utils.Utils.murmur2).
package func murmur2(_ bytes: RawSpan) -> UInt32 {
    let multiplier: UInt32 = 0x5bd1_e995
    let count = bytes.byteCount
    var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: count)
    var position = 0
    while count - position >= 4 {
        // Unsafe in name only: the load is bounds-checked, and every bit pattern is an integer.
        let word = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self))
        var mixed = word &* multiplier
        mixed ^= mixed >> 24
        hash = (hash &* multiplier) ^ (mixed &* multiplier)
        position += 4
    }
    if position < count {
        for index in stride(from: count - 1, through: position, by: -1) {
            hash ^= UInt32(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) << UInt32(8 * (index - position))
        }
        hash = hash &* multiplier
    }
    hash ^= hash >> 13
    hash = hash &* multiplier
    return hash ^ (hash >> 15)
}
