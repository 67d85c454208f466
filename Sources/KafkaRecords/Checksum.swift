// Checksum: CRC-32C over a span, the work done by CChecksum.

import CChecksum

/// CRC-32C (Castagnoli) of the bytes. `seed` is the checksum of what came before them, 0 at the start.
package func crc32c(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
    // The pointer is valid for `count` bytes within the closure, and the function only reads them.
    bytes.withUnsafeBytes { martlet_crc32c(seed, $0.baseAddress, $0.count) }
}
