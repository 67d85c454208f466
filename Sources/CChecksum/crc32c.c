// CRC-32C three ways: SSE4.2 + PCLMULQDQ, ARMv8 CRC, and slicing tables where neither is there.
//
// The crc32 instruction has a latency of three cycles and a throughput of one, so long inputs are cut into three
// stripes whose checksums run side by side. Joining them means "append n zero bytes" to the first two: a carry-less
// multiplication by x^(8n-33) mod P, reduced by one more crc32 instruction (which itself multiplies by x^32; the
// reflected product stands one bit too high, hence 33).
//
// Threads: no state but the tables, which are built once under pthread_once.

#include "crc32c.h"

#include <pthread.h>
#include <string.h>

// --- tables -------------------------------------------------------------------------------------------------------

#define REFLECTED_POLYNOMIAL 0x82F63B78u

static uint32_t slices[8][256];
static pthread_once_t slices_once = PTHREAD_ONCE_INIT;

static void build_slices(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (REFLECTED_POLYNOMIAL & (0u - (crc & 1)));
        }
        slices[0][byte] = crc;
    }
    for (int slice = 1; slice < 8; slice++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = slices[slice - 1][byte];
            slices[slice][byte] = (before >> 8) ^ slices[0][before & 0xFF];
        }
    }
}

static uint32_t load_little_endian_32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint32_t martlet_crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    pthread_once(&slices_once, build_slices);
    const uint8_t *next = bytes;
    crc = ~crc;
    for (; length >= 8; next += 8, length -= 8) {
        uint32_t low = crc ^ load_little_endian_32(next);
        uint32_t high = load_little_endian_32(next + 4);
        crc = slices[7][low & 0xFF] ^ slices[6][(low >> 8) & 0xFF] ^ slices[5][(low >> 16) & 0xFF] ^
              slices[4][low >> 24] ^ slices[3][high & 0xFF] ^ slices[2][(high >> 8) & 0xFF] ^
              slices[1][(high >> 16) & 0xFF] ^ slices[0][high >> 24];
    }
    for (; length > 0; next++, length--) {
        crc = (crc >> 8) ^ slices[0][(crc ^ *next) & 0xFF];
    }
    return ~crc;
}

// --- x86-64 -------------------------------------------------------------------------------------------------------

#if defined(__x86_64__)

#include <immintrin.h>

#define X86_TARGET __attribute__((target("sse4.2,pclmul")))

static inline uint64_t load_64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

/// `crc` times the reflected constant, not yet reduced.
X86_TARGET static inline uint64_t multiply(uint64_t crc, uint32_t constant) {
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)crc), _mm_cvtsi32_si128((int)constant), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

/// Consumes as many blocks of three stripes as there are. `after_two` is x^(16 stripe - 33), `after_one` x^(8 stripe - 33).
X86_TARGET static inline uint32_t crc_stripes(
    uint32_t crc, const uint8_t **bytes, size_t *length, size_t stripe, uint32_t after_two, uint32_t after_one) {
    while (*length >= 3 * stripe) {
        const uint8_t *first = *bytes, *second = first + stripe, *third = second + stripe;
        uint64_t a = crc, b = 0, c = 0;
        for (size_t at = 0; at < stripe; at += 8) {
            a = _mm_crc32_u64(a, load_64(first + at));
            b = _mm_crc32_u64(b, load_64(second + at));
            c = _mm_crc32_u64(c, load_64(third + at));
        }
        uint64_t shifted = multiply(a, after_two) ^ multiply(b, after_one);
        crc = (uint32_t)c ^ (uint32_t)_mm_crc32_u64(0, shifted);
        *bytes += 3 * stripe;
        *length -= 3 * stripe;
    }
    return crc;
}

X86_TARGET static uint32_t crc_x86(uint32_t crc, const uint8_t *bytes, size_t length) {
    crc = ~crc;
    crc = crc_stripes(crc, &bytes, &length, 1024, 0xa51b6135, 0x170076fa);
    crc = crc_stripes(crc, &bytes, &length, 128, 0xb9e02b86, 0x0d3b6092);
    for (; length >= 8; bytes += 8, length -= 8) {
        crc = (uint32_t)_mm_crc32_u64(crc, load_64(bytes));
    }
    for (; length > 0; bytes++, length--) {
        crc = _mm_crc32_u8(crc, *bytes);
    }
    return ~crc;
}

uint32_t martlet_crc32c(uint32_t crc, const void *bytes, size_t length) {
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")) {
        return crc_x86(crc, bytes, length);
    }
    return martlet_crc32c_portable(crc, bytes, length);
}

// --- ARMv8 --------------------------------------------------------------------------------------------------------

#elif defined(__aarch64__) && defined(__linux__)

#include <sys/auxv.h>

#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif

// The instructions by hand, so that no header depends on which -march the compiler was given.
#define CRC_INSTRUCTION(crc, value, mnemonic, width) \
    __asm__(".arch_extension crc\n\t" mnemonic " %w0, %w0, %" width "1" : "+r"(crc) : "r"(value))

static uint32_t crc_arm(uint32_t crc, const uint8_t *bytes, size_t length) {
    crc = ~crc;
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        CRC_INSTRUCTION(crc, word, "crc32cx", "x");
    }
    for (; length > 0; bytes++, length--) {
        CRC_INSTRUCTION(crc, (uint32_t)*bytes, "crc32cb", "w");
    }
    return ~crc;
}

uint32_t martlet_crc32c(uint32_t crc, const void *bytes, size_t length) {
    if (getauxval(AT_HWCAP) & HWCAP_CRC32) {
        return crc_arm(crc, bytes, length);
    }
    return martlet_crc32c_portable(crc, bytes, length);
}

#else

uint32_t martlet_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return martlet_crc32c_portable(crc, bytes, length);
}

#endif
