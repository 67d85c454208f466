/* What the load generators of the peers have in common: a connection, a reader with a buffer, arguments, time.
 *
 * usage of each: X_load PORT create NAME
 *                X_load PORT delete NAME
 *                X_load PORT produce NAME RECORDS SIZE BATCH IN_FLIGHT
 *                X_load PORT consume NAME RECORDS SIZE BATCH
 *
 * produce: sends BATCH records of SIZE bytes in one go, up to IN_FLIGHT times ahead of what is acknowledged.
 * consume: reads RECORDS records from the beginning, about BATCH at a time.
 * Both print the seconds from the first request to the last reply. Whatever is not as expected ends the program with an error. */
#ifndef LOAD_H
#define LOAD_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 4 << 20 };

struct load {
    int socket;
    const char *name;
    long records, batch, in_flight;
    size_t size;
    uint8_t *buffer; /* READ_BYTES; what was received and not yet taken is from start to end */
    size_t start, end;
};

__attribute__((noreturn, format(printf, 1, 2))) static inline void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "error: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "%s%s\n", errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static inline double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline void send_all(struct load *load, const void *bytes, size_t count) {
    for (const uint8_t *next = bytes; count > 0;) {
        ssize_t done = send(load->socket, next, count, MSG_NOSIGNAL);
        if (done < 0) fail("cannot send");
        next += done;
        count -= (size_t)done;
    }
}

/* Receives at least one byte more. */
static inline void receive(struct load *load) {
    if (load->start > READ_BYTES / 2) {
        memmove(load->buffer, load->buffer + load->start, load->end - load->start);
        load->end -= load->start;
        load->start = 0;
    }
    if (load->end == READ_BYTES) fail("a reply is too large");
    ssize_t count = recv(load->socket, load->buffer + load->end, READ_BYTES - load->end, 0);
    if (count <= 0) fail("the connection was closed");
    load->end += (size_t)count;
    errno = 0;
}

/* So many bytes, as soon as they are there, and takes them. They are good until the next call. */
static inline uint8_t *take(struct load *load, size_t count) {
    while (load->end - load->start < count) receive(load);
    uint8_t *bytes = load->buffer + load->start;
    load->start += count;
    if (load->start == load->end) load->start = load->end = 0;
    return bytes;
}

/* One line, its CR LF replaced by an end of string. */
static inline char *take_line(struct load *load) {
    for (size_t searched = 0;;) {
        uint8_t *from = load->buffer + load->start;
        size_t count = load->end - load->start;
        uint8_t *end = count > searched ? memchr(from + searched, '\n', count - searched) : NULL;
        if (end) {
            if (end == from || end[-1] != '\r') fail("a line does not end as it should");
            end[-1] = 0;
            return (char *)take(load, (size_t)(end - from) + 1);
        }
        searched = count;
        receive(load);
    }
}

static inline int is(const char *text, const char *other) { return !strcmp(text, other); }

/* Reads the arguments and connects; returns what is to be done. */
static inline const char *begin(struct load *load, int argc, char **argv) {
    int is_right = argc >= 4 && ((argc == 4 && (is(argv[2], "create") || is(argv[2], "delete"))) ||
                                 (argc == 8 && is(argv[2], "produce")) || (argc == 7 && is(argv[2], "consume")));
    if (!is_right) {
        fprintf(stderr, "usage: see the head of load.h\n");
        exit(2);
    }
    *load = (struct load){.name = argv[3], .buffer = malloc(READ_BYTES)};
    if (argc > 4) {
        load->records = atol(argv[4]);
        load->size = (size_t)atol(argv[5]);
        load->batch = atol(argv[6]);
    }
    if (argc > 7) load->in_flight = atol(argv[7]);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int yes = 1;
    load->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (load->socket < 0 || connect(load->socket, (struct sockaddr *)&address, sizeof address)) fail("cannot connect");
    setsockopt(load->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return argv[2];
}

/* Sends batches as far ahead as allowed. `send_batch` sends records from `first` on; `take_acknowledgements` waits for at least
 * one and returns how many came. */
static inline void produce(
    struct load *load, void (*send_batch)(struct load *, long first, long count), long (*take_acknowledgements)(struct load *)) {
    long sent = 0, acknowledged = 0;
    double started = now();
    while (acknowledged < load->records) {
        while (sent < load->records && sent - acknowledged <= load->batch * (load->in_flight - 1)) {
            long count = load->records - sent < load->batch ? load->records - sent : load->batch;
            send_batch(load, sent, count);
            sent += count;
        }
        acknowledged += take_acknowledgements(load);
    }
    printf("%.6f\n", now() - started);
}

#endif
