// CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected), the checksum of Kafka's record batch v2.
#ifndef MARTLET_CRC32C_H
#define MARTLET_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C of `length` bytes, continued from `crc` (0 to start). Uses the processor's instructions where it has them.
/// Reads `bytes` only; may be called from any thread at once.
uint32_t martlet_crc32c(uint32_t crc, const void *bytes, size_t length);

/// The same by tables alone, for processors without the instruction and for tests that compare the two.
uint32_t martlet_crc32c_portable(uint32_t crc, const void *bytes, size_t length);

#endif
