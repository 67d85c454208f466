/* The requests that `raw_client` sends and `floor` understands: real ones of Kafka's protocol, for one partition.
 *
 * Topic names have TOPIC_BYTES bytes, so that every field but the varint in front of the records has a fixed place. */
#ifndef FRAMES_H
#define FRAMES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum {
    TOPIC_BYTES = 8,
    SIZE_BYTES = 4,

    /* Every request: size, API key, version, correlation id, and here an empty client id. */
    API_KEY_AT = SIZE_BYTES,
    CORRELATION_AT = API_KEY_AT + 4,
    HEADER_END = CORRELATION_AT + 4 + 2,

    /* Produce 9: header tags, no transaction, acks, time-out, one topic, its name, one partition, records, tags. */
    PRODUCE_KEY = 0,
    PRODUCE_VERSION = 9,
    PRODUCE_ACKS_AT = HEADER_END + 2,
    PRODUCE_TOPIC_AT = PRODUCE_ACKS_AT + 2 + 4 + 1 + 1,
    PRODUCE_RECORDS_AT = PRODUCE_TOPIC_AT + TOPIC_BYTES + 1 + 4,
    PRODUCE_TAIL_BYTES = 3,
    /* Its reply: size, correlation id, tags, one topic, its name, one partition, error, offset, time, start, two empty
     * fields, tags, throttle time, tags. */
    PRODUCE_REPLY_TOPIC_AT = SIZE_BYTES + 4 + 1 + 1 + 1,
    PRODUCE_REPLY_ERROR_AT = PRODUCE_REPLY_TOPIC_AT + TOPIC_BYTES + 1 + 4,
    PRODUCE_REPLY_BYTES = PRODUCE_REPLY_ERROR_AT + 2 + 3 * 8 + 1 + 1 + 1 + 1 + 4 + 1,

    /* Fetch 11: replica, longest wait, least and most bytes, isolation, session and epoch, one topic, its name, one
     * partition, leader epoch, offset, start, most bytes, nothing forgotten, no rack. */
    FETCH_KEY = 1,
    FETCH_VERSION = 11,
    FETCH_TOPIC_AT = HEADER_END + 4 + 4 + 4 + 4 + 1 + 4 + 4 + 4 + 2,
    FETCH_OFFSET_AT = FETCH_TOPIC_AT + TOPIC_BYTES + 4 + 4 + 4,
    FETCH_BYTES_AT = FETCH_OFFSET_AT + 8 + 8,
    FETCH_BYTES = FETCH_BYTES_AT + 4 + 4 + 2,
    /* Its reply before the records: size, correlation id, throttle time, error, session, one topic, its name, one
     * partition, error, high watermark, stable offset, start, no transactions, no replica, length of the records. */
    FETCH_REPLY_ERROR_AT = SIZE_BYTES + 4 + 4 + 2 + 4 + 4 + 2 + TOPIC_BYTES + 4 + 4,
    FETCH_REPLY_RECORDS_AT = FETCH_REPLY_ERROR_AT + 2 + 8 + 8 + 8 + 4 + 4 + 4,

    /* Metadata 1 without topics: the small request. */
    METADATA_KEY = 3,
    METADATA_VERSION = 1,
    METADATA_BYTES = HEADER_END + 4,

    /* A record batch. */
    BATCH_HEADER_BYTES = 61,
    BATCH_LENGTH_AT = 8,
    BATCH_CRC_AT = 17,
    BATCH_ATTRIBUTES_AT = 21,
    BATCH_RECORD_COUNT_AT = 57,
};

static inline void put16(uint8_t *at, uint16_t value) {
    value = htobe16(value);
    memcpy(at, &value, sizeof value);
}

static inline void put32(uint8_t *at, uint32_t value) {
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}

static inline void put64(uint8_t *at, uint64_t value) {
    value = htobe64(value);
    memcpy(at, &value, sizeof value);
}

static inline uint16_t get16(const uint8_t *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return be16toh(value);
}

static inline uint32_t get32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return be32toh(value);
}

static inline uint64_t get64(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return be64toh(value);
}

static inline uint8_t *put_varint(uint8_t *at, uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static inline uint64_t get_varint(const uint8_t **at) {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
}

#endif
