/* Load generator: sends the same bytes to a broker and to `floor`, IN_FLIGHT requests ahead of the replies.
 *
 * usage: raw_client PORT produce TOPIC REQUESTS IN_FLIGHT RECORDS SIZE ACKS
 *        raw_client PORT fetch TOPIC REQUESTS IN_FLIGHT RECORDS SIZE BATCHES
 *        raw_client PORT small TOPIC REQUESTS IN_FLIGHT
 *
 * produce: each request is one batch of RECORDS records with values of SIZE bytes.
 * fetch: each request reads the next BATCHES of such batches, from the beginning of the topic's partition 0.
 * Prints the seconds from the first request to the last reply and, with one request at a time, the median of their round trips
 * in microseconds. */
#include "crc32c.h"
#include "frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { COPIES_BYTES = 256 * 1024, REPLIES_BYTES = 256 * 1024 };

static void fail(const char *what) {
    fprintf(stderr, "error: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

/* --- Requests ------------------------------------------------------------------------------------------------------- */

static uint8_t *put_header(uint8_t *frame, uint16_t key, uint16_t version) {
    put16(frame + API_KEY_AT, key);
    put16(frame + API_KEY_AT + 2, version);
    put16(frame + HEADER_END - 2, 0);
    return frame + HEADER_END;
}

static size_t batch_bytes(int records, int size) {
    uint8_t scratch[16];
    size_t total = BATCH_HEADER_BYTES;
    for (int index = 0; index < records; index++) {
        size_t body = 2 + (size_t)(put_varint(scratch, 2u * (unsigned)index) - scratch) + 1 +
                      (size_t)(put_varint(scratch, 2u * (unsigned)size) - scratch) + (size_t)size + 1;
        total += (size_t)(put_varint(scratch, 2 * body) - scratch) + body;
    }
    return total;
}

static uint8_t *put_batch(uint8_t *batch, int records, int size) {
    uint8_t scratch[16], *at = batch + BATCH_HEADER_BYTES;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000;
    for (int index = 0; index < records; index++) {
        size_t body = 2 + (size_t)(put_varint(scratch, 2u * (unsigned)index) - scratch) + 1 +
                      (size_t)(put_varint(scratch, 2u * (unsigned)size) - scratch) + (size_t)size + 1;
        at = put_varint(at, 2 * body);
        *at++ = 0; /* attributes */
        *at++ = 0; /* timestamp delta */
        at = put_varint(at, 2u * (unsigned)index);
        *at++ = 1; /* no key */
        at = put_varint(at, 2u * (unsigned)size);
        memset(at, 'x', (size_t)size);
        at += size;
        *at++ = 0; /* headers */
    }
    memset(batch, 0, BATCH_HEADER_BYTES);
    put32(batch + BATCH_LENGTH_AT, (uint32_t)(at - batch) - BATCH_LENGTH_AT - 4);
    put32(batch + 12, UINT32_MAX);
    batch[16] = 2; /* magic */
    put32(batch + 23, (uint32_t)records - 1);
    put64(batch + 27, milliseconds);
    put64(batch + 35, milliseconds);
    memset(batch + 43, 0xFF, 8 + 2 + 4); /* no idempotence */
    put32(batch + BATCH_RECORD_COUNT_AT, (uint32_t)records);
    put32(batch + BATCH_CRC_AT,
        martlet_crc32c(0, batch + BATCH_ATTRIBUTES_AT, (size_t)(at - batch) - BATCH_ATTRIBUTES_AT));
    return at;
}

static size_t make_produce(uint8_t *frame, const char *topic, int records, int size, int acks) {
    uint8_t *at = put_header(frame, PRODUCE_KEY, PRODUCE_VERSION);
    *at++ = 0; /* header tags */
    *at++ = 0; /* no transaction */
    put16(at, (uint16_t)acks);
    put32(at + 2, 30000);
    at += 6;
    *at++ = 2; /* one topic */
    *at++ = TOPIC_BYTES + 1;
    memcpy(at, topic, TOPIC_BYTES);
    at += TOPIC_BYTES;
    *at++ = 2; /* one partition */
    put32(at, 0);
    at = put_varint(at + 4, batch_bytes(records, size) + 1);
    at = put_batch(at, records, size);
    memset(at, 0, PRODUCE_TAIL_BYTES);
    return (size_t)(at - frame) + PRODUCE_TAIL_BYTES;
}

static size_t make_fetch(uint8_t *frame, const char *topic, size_t bytes) {
    uint8_t *at = put_header(frame, FETCH_KEY, FETCH_VERSION);
    put32(at, UINT32_MAX);
    put32(at + 4, 1000);
    put32(at + 8, (uint32_t)bytes); /* least bytes: all */
    put32(at + 12, INT32_MAX);
    at[16] = 0;
    put32(at + 17, 0);
    put32(at + 21, UINT32_MAX); /* no session */
    put32(at + 25, 1);
    put16(at + 29, TOPIC_BYTES);
    memcpy(frame + FETCH_TOPIC_AT, topic, TOPIC_BYTES);
    at = frame + FETCH_TOPIC_AT + TOPIC_BYTES;
    put32(at, 1);
    put32(at + 4, 0);
    put32(at + 8, UINT32_MAX);
    put64(frame + FETCH_OFFSET_AT + 8, UINT64_MAX);
    put32(frame + FETCH_BYTES_AT, (uint32_t)bytes);
    memset(frame + FETCH_BYTES_AT + 4, 0, 4 + 2);
    return FETCH_BYTES;
}

/* --- Traffic -------------------------------------------------------------------------------------------------------- */

struct traffic {
    int socket;
    long requests, in_flight;
    size_t frame_bytes, reply_bytes;
    /* Copies of the frame back to back, so that small requests leave in one call. */
    uint8_t *copies;
    long copies_max;
    int error_at; /* in a reply, 0 if there is none */
    uint64_t offset_step; /* of a fetch */
    long sent, answered;
    double *round_trips; /* seconds, NULL if they are not taken */
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void send_requests(struct traffic *traffic) {
    while (traffic->sent < traffic->requests && traffic->sent - traffic->answered < traffic->in_flight) {
        long count = traffic->in_flight - (traffic->sent - traffic->answered);
        if (count > traffic->requests - traffic->sent) count = traffic->requests - traffic->sent;
        if (count > traffic->copies_max) count = traffic->copies_max;
        for (long index = 0; index < count; index++) {
            uint8_t *frame = traffic->copies + (size_t)index * traffic->frame_bytes;
            put32(frame + CORRELATION_AT, (uint32_t)(traffic->sent + index));
            if (traffic->offset_step) {
                put64(frame + FETCH_OFFSET_AT, (uint64_t)(traffic->sent + index) * traffic->offset_step);
            }
        }
        size_t left = (size_t)count * traffic->frame_bytes;
        for (const uint8_t *next = traffic->copies; left > 0;) {
            ssize_t done = send(traffic->socket, next, left, MSG_NOSIGNAL);
            if (done < 0) fail("cannot send");
            next += done;
            left -= (size_t)done;
        }
        traffic->sent += count;
    }
}

static void check_reply(struct traffic *traffic, const uint8_t *reply) {
    errno = 0;
    if (get32(reply) + SIZE_BYTES != traffic->reply_bytes) fail("a reply has an unexpected size");
    if (get32(reply + SIZE_BYTES) != (uint32_t)traffic->answered) fail("a reply is out of order");
    if (traffic->error_at && get16(reply + traffic->error_at)) fail("a request was refused");
    traffic->answered++;
}

/* Small replies: as many as there are, in one call. */
static void receive_small(struct traffic *traffic, uint8_t *replies, size_t *filled) {
    ssize_t count = recv(traffic->socket, replies + *filled, REPLIES_BYTES - *filled, 0);
    if (count <= 0) fail("the connection was closed");
    *filled += (size_t)count;
    size_t at = 0;
    for (; *filled - at >= traffic->reply_bytes; at += traffic->reply_bytes) check_reply(traffic, replies + at);
    memmove(replies, replies + at, *filled - at);
    *filled -= at;
}

/* Large ones: their beginning is looked at, the rest is dropped by the kernel without a copy. */
static void receive_large(struct traffic *traffic) {
    uint8_t head[FETCH_REPLY_RECORDS_AT];
    if (recv(traffic->socket, head, sizeof head, MSG_WAITALL) != sizeof head) fail("the connection was closed");
    check_reply(traffic, head);
    for (size_t left = traffic->reply_bytes - sizeof head; left > 0;) {
        ssize_t count = recv(traffic->socket, NULL, left, MSG_TRUNC);
        if (count <= 0) fail("the connection was closed");
        left -= (size_t)count;
    }
}

static void run(struct traffic *traffic) {
    uint8_t *replies = malloc(REPLIES_BYTES);
    size_t filled = 0;
    while (traffic->answered < traffic->requests) {
        double started = traffic->round_trips ? now() : 0;
        send_requests(traffic);
        if (traffic->offset_step) receive_large(traffic);
        else receive_small(traffic, replies, &filled);
        if (traffic->round_trips) traffic->round_trips[traffic->answered - 1] = now() - started;
    }
    free(replies);
}

static int compare(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

static int connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int connection = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address)) fail("cannot connect");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return connection;
}

int main(int argc, char **argv) {
    int is_produce = argc == 9 && !strcmp(argv[2], "produce");
    int is_fetch = argc == 9 && !strcmp(argv[2], "fetch");
    if (!(is_produce || is_fetch || (argc == 6 && !strcmp(argv[2], "small"))) || strlen(argv[3]) != TOPIC_BYTES) {
        fprintf(stderr, "usage: see the head of raw_client.c; topic names have %d bytes\n", TOPIC_BYTES);
        return 2;
    }
    struct traffic traffic = {.requests = atol(argv[4]), .in_flight = atol(argv[5])};
    int records = is_produce || is_fetch ? atoi(argv[6]) : 0, size = records ? atoi(argv[7]) : 0;
    size_t batch = batch_bytes(records, size);
    uint8_t *frame = calloc(1, batch + 256);
    if (is_produce) {
        traffic.frame_bytes = make_produce(frame, argv[3], records, size, atoi(argv[8]));
        traffic.reply_bytes = PRODUCE_REPLY_BYTES;
        traffic.error_at = PRODUCE_REPLY_ERROR_AT;
    } else if (is_fetch) {
        size_t batches = (size_t)atol(argv[8]);
        traffic.frame_bytes = make_fetch(frame, argv[3], batches * batch);
        traffic.reply_bytes = FETCH_REPLY_RECORDS_AT + batches * batch;
        traffic.error_at = FETCH_REPLY_ERROR_AT;
        traffic.offset_step = batches * (size_t)records;
    } else {
        put32(put_header(frame, METADATA_KEY, METADATA_VERSION), 0);
        traffic.frame_bytes = METADATA_BYTES;
    }
    put32(frame, (uint32_t)traffic.frame_bytes - SIZE_BYTES);
    traffic.copies_max = traffic.frame_bytes < COPIES_BYTES ? (long)(COPIES_BYTES / traffic.frame_bytes) : 1;
    traffic.copies = malloc((size_t)traffic.copies_max * traffic.frame_bytes);
    for (long index = 0; index < traffic.copies_max; index++) {
        memcpy(traffic.copies + (size_t)index * traffic.frame_bytes, frame, traffic.frame_bytes);
    }
    free(frame);
    traffic.socket = connect_to(atoi(argv[1]));
    if (!traffic.reply_bytes) {
        /* How large the reply is, the first one tells. */
        struct traffic first = traffic;
        uint8_t size_field[SIZE_BYTES];
        first.requests = first.in_flight = 1;
        send_requests(&first);
        if (recv(traffic.socket, size_field, SIZE_BYTES, MSG_WAITALL) != SIZE_BYTES) fail("the connection was closed");
        traffic.reply_bytes = get32(size_field) + SIZE_BYTES;
        recv(traffic.socket, NULL, traffic.reply_bytes - SIZE_BYTES, MSG_TRUNC | MSG_WAITALL);
    }
    if (traffic.in_flight == 1 && !is_fetch) traffic.round_trips = calloc((size_t)traffic.requests, sizeof(double));
    double start = now();
    run(&traffic);
    printf("%.6f", now() - start);
    if (traffic.round_trips) {
        qsort(traffic.round_trips, (size_t)traffic.requests, sizeof(double), compare);
        printf(" %.3f", traffic.round_trips[traffic.requests / 2] * 1e6);
    }
    printf("\n");
    return 0;
}
