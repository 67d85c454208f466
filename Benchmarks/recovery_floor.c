/* The floor of a recovery: reads segments through a mapping, walks their batches, verifies each checksum. It knows no indexes,
 * producers or epochs.
 *
 * usage: recovery_floor FILE...
 * Prints bytes of batches and milliseconds. One thread. */
#define _GNU_SOURCE
#include "crc32c.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LENGTH_AT = 8, LENGTH_OVERHEAD = 12, MAGIC_AT = 16, CRC_AT = 17, CHECKSUMMED_AT = 21, HEADER_BYTES = 61 };

static uint32_t get32(const uint8_t *from) {
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static size_t walk(const char *path) {
    int file = open(path, O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status)) fail(path);
    size_t size = (size_t)status.st_size, position = 0;
    if (size == 0) return close(file), 0;
    const uint8_t *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED) fail("mmap");
    while (size - position >= HEADER_BYTES && bytes[position + MAGIC_AT] == 2) {
        size_t length = get32(bytes + position + LENGTH_AT) + (size_t)LENGTH_OVERHEAD;
        if (length < HEADER_BYTES || length > size - position) break;
        const uint8_t *batch = bytes + position;
        if (martlet_crc32c(0, batch + CHECKSUMMED_AT, length - CHECKSUMMED_AT) != get32(batch + CRC_AT)) break;
        position += length;
    }
    munmap((void *)bytes, size);
    close(file);
    return position;
}

int main(int argc, char **argv) {
    struct timespec start, end;
    size_t total = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int index = 1; index < argc; index++) total += walk(argv[index]);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%zu %.1f\n", total, (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6);
    return 0;
}
