/* Load generator for RabbitMQ Streams, in their binary protocol: Publish frames of BATCH messages, confirmed by lists of ids;
 * consuming by credit, a chunk for a chunk. See load.h for the usage.
 *
 * Compiled with SUB_ENTRIES, a batch is one sub-entry: the server keeps it as it is and confirms it as one. */
#include "load.h"

#include <endian.h>

enum {
    DECLARE_PUBLISHER = 1, PUBLISH = 2, PUBLISH_CONFIRM = 3, SUBSCRIBE = 7, DELIVER = 8, CREDIT = 9, CREATE = 13, DELETE = 14,
    PEER_PROPERTIES = 17, SASL_HANDSHAKE = 18, SASL_AUTHENTICATE = 19, TUNE = 20, OPEN = 21, HEARTBEAT = 23,
    RESPONSE = 0x8000, OK = 1,
    FIRST_OFFSET = 1, CHUNKS_AHEAD = 10,
    /* A Deliver frame: subscription, then the chunk: magic, type, entries (2), records (4), … */
    DELIVER_RECORDS_AT = 1 + 1 + 1 + 2,
};

/* --- Frames ----------------------------------------------------------------------------------------------------------------------- */

struct frame {
    uint8_t *bytes;
    size_t count;
};

static void put8(struct frame *frame, uint8_t value) { frame->bytes[frame->count++] = value; }

static void put16(struct frame *frame, uint16_t value) {
    value = htobe16(value);
    memcpy(frame->bytes + frame->count, &value, sizeof value);
    frame->count += sizeof value;
}

static void put32(struct frame *frame, uint32_t value) {
    value = htobe32(value);
    memcpy(frame->bytes + frame->count, &value, sizeof value);
    frame->count += sizeof value;
}

static void put64(struct frame *frame, uint64_t value) {
    value = htobe64(value);
    memcpy(frame->bytes + frame->count, &value, sizeof value);
    frame->count += sizeof value;
}

static void put_string(struct frame *frame, const char *text) {
    put16(frame, (uint16_t)strlen(text));
    memcpy(frame->bytes + frame->count, text, strlen(text));
    frame->count += strlen(text);
}

static uint32_t get32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return be32toh(value);
}

static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

/* Starts a frame: size (filled in when it is sent), key, version. */
static void start(struct frame *frame, uint16_t key) {
    frame->count = 0;
    put32(frame, 0);
    put16(frame, key);
    put16(frame, 1);
}

static void send_frame(struct load *load, struct frame *frame) {
    uint32_t size = htobe32((uint32_t)frame->count - 4);
    memcpy(frame->bytes, &size, sizeof size);
    send_all(load, frame->bytes, frame->count);
}

/* What follows key and version of the next frame that is not a heartbeat. */
static uint8_t *take_frame(struct load *load, uint16_t *key, size_t *count) {
    while (1) {
        *count = get32(take(load, 4)) - 4;
        uint8_t *body = take(load, *count + 4);
        *key = get16(body);
        if (*key != HEARTBEAT) return body + 4;
    }
}

static uint8_t *expect(struct load *load, uint16_t wanted, size_t *count) {
    uint16_t key;
    uint8_t *body = take_frame(load, &key, count);
    if (key != wanted) fail("frame %#x instead of %#x", key, wanted);
    return body;
}

/* Sends a request with a correlation id and reads its response. */
static void ask(struct load *load, struct frame *frame, uint16_t key) {
    size_t count;
    send_frame(load, frame);
    uint8_t *body = expect(load, RESPONSE | key, &count);
    if (get16(body + 4) != OK) fail("request %d was refused with code %d", key, get16(body + 4));
}

static void start_request(struct frame *frame, uint16_t key) {
    start(frame, key);
    put32(frame, 1);
}

static void log_in(struct load *load, struct frame *frame) {
    static const char plain[] = "\0guest\0guest";
    size_t count;
    start_request(frame, PEER_PROPERTIES);
    put32(frame, 0);
    ask(load, frame, PEER_PROPERTIES);
    start_request(frame, SASL_HANDSHAKE);
    ask(load, frame, SASL_HANDSHAKE);
    start_request(frame, SASL_AUTHENTICATE);
    put_string(frame, "PLAIN");
    put32(frame, sizeof plain - 1);
    memcpy(frame->bytes + frame->count, plain, sizeof plain - 1);
    frame->count += sizeof plain - 1;
    ask(load, frame, SASL_AUTHENTICATE);
    uint8_t *tune = expect(load, TUNE, &count);
    uint32_t frame_max = get32(tune);
    start(frame, RESPONSE | TUNE);
    put32(frame, frame_max);
    put32(frame, 0); /* no heartbeats */
    send_frame(load, frame);
    start_request(frame, OPEN);
    put_string(frame, "/");
    ask(load, frame, OPEN);
}

/* --- Loads ------------------------------------------------------------------------------------------------------------------------ */

static struct frame frame;

static void put_messages(struct load *load, long first, long count, int with_ids) {
    for (long index = 0; index < count; index++) {
        if (with_ids) put64(&frame, (uint64_t)(first + index));
        put32(&frame, (uint32_t)load->size);
        frame.count += load->size; /* what was there before */
    }
}

static void send_batch(struct load *load, long first, long count) {
    start(&frame, PUBLISH);
    put8(&frame, 0);
#ifdef SUB_ENTRIES
    uint32_t bytes = (uint32_t)count * (uint32_t)(load->size + 4);
    put32(&frame, 1);
    put64(&frame, (uint64_t)(first / load->batch));
    put8(&frame, 0x80); /* a sub-entry, not compressed */
    put16(&frame, (uint16_t)count);
    put32(&frame, bytes);
    put32(&frame, bytes);
    put_messages(load, first, count, 0);
#else
    put32(&frame, (uint32_t)count);
    put_messages(load, first, count, 1);
#endif
    send_frame(load, &frame);
}

/* Records that were confirmed; with sub-entries all batches are full. */
static long take_confirmations(struct load *load) {
    size_t count;
    long confirmed = (long)get32(expect(load, PUBLISH_CONFIRM, &count) + 1);
#ifdef SUB_ENTRIES
    confirmed *= load->batch;
#endif
    return confirmed;
}

static void consume(struct load *load) {
    start_request(&frame, SUBSCRIBE);
    put8(&frame, 0);
    put_string(&frame, load->name);
    put16(&frame, FIRST_OFFSET);
    put16(&frame, CHUNKS_AHEAD);
    double started = now();
    ask(load, &frame, SUBSCRIBE);
    for (long taken = 0; taken < load->records;) {
        size_t count;
        taken += get32(expect(load, DELIVER, &count) + DELIVER_RECORDS_AT);
        start(&frame, CREDIT);
        put8(&frame, 0);
        put16(&frame, 1);
        send_frame(load, &frame);
    }
    printf("%.6f\n", now() - started);
}

int main(int argc, char **argv) {
    struct load load;
    const char *what = begin(&load, argc, argv);
    frame.bytes = calloc(1, 4096 + (size_t)load.batch * (load.size + 12));
    log_in(&load, &frame);
    if (is(what, "create") || is(what, "delete")) {
        uint16_t key = is(what, "create") ? CREATE : DELETE;
        start_request(&frame, key);
        put_string(&frame, load.name);
        if (key == CREATE) put32(&frame, 0);
        ask(&load, &frame, key);
    }
    if (is(what, "produce")) {
        start_request(&frame, DECLARE_PUBLISHER);
        put8(&frame, 0);
        put_string(&frame, "");
        put_string(&frame, load.name);
        ask(&load, &frame, DECLARE_PUBLISHER);
        produce(&load, send_batch, take_confirmations);
    }
    if (is(what, "consume")) consume(&load);
    return 0;
}
