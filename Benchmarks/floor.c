/* The floor: what the system calls and the checksum of a broker's work cost without a broker. It knows no topics, settings,
 * offsets or errors; it answers the frames of `raw_client` with canned bytes.
 *
 * usage: floor DIRECTORY
 *        floor --connections
 * Prints the port that it listens on, ends when it is killed. With a directory it serves one connection after the other; with
 * `--connections` many at once, but only small requests that come whole: epoll_wait, recv and send for each burst.
 *
 * produce: receive, CRC-32C of the batch, pwrite behind the last one in a preallocated file, a small reply; with acks=all
 *          one fdatasync for all requests of a burst.
 * fetch:   a header and bytes of a mapping of that file, in one sendmsg.
 * other:   a small reply.
 *
 * Before each recv it asks poll, as a server of many connections has to ask which one is ready. */
#define _GNU_SOURCE
#include "crc32c.h"
#include "frames.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { RECEIVE_BYTES = 256 * 1024, FRAME_MAX_BYTES = 16 << 20, FILE_BYTES = 1 << 30, REPLIES_BYTES = 64 * 1024 };

static const char *directory;

struct connection {
    int socket, file;
    char topic[TOPIC_BYTES + 1];
    off_t end;
    const uint8_t *mapping;
    size_t batch_bytes, batch_records;
    int must_sync;
    uint8_t replies[REPLIES_BYTES];
    size_t replies_filled;
};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void send_all(int to, struct iovec *parts, size_t count) {
    while (count > 0) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        ssize_t done = sendmsg(to, &message, MSG_NOSIGNAL);
        if (done < 0) fail("sendmsg");
        for (; count > 0 && (size_t)done >= parts->iov_len; parts++, count--) done -= (ssize_t)parts->iov_len;
        if (count > 0) {
            parts->iov_base = (uint8_t *)parts->iov_base + done;
            parts->iov_len -= (size_t)done;
        }
    }
}

static void flush_replies(struct connection *connection) {
    if (connection->must_sync && fdatasync(connection->file)) fail("fdatasync");
    connection->must_sync = 0;
    if (!connection->replies_filled) return;
    struct iovec part = {connection->replies, connection->replies_filled};
    send_all(connection->socket, &part, 1);
    connection->replies_filled = 0;
}

/* A zeroed reply of so many bytes, with its size and correlation id. */
static uint8_t *reply(struct connection *connection, const uint8_t *frame, size_t bytes) {
    if (connection->replies_filled + bytes > REPLIES_BYTES) flush_replies(connection);
    uint8_t *made = connection->replies + connection->replies_filled;
    memset(made, 0, bytes);
    put32(made, (uint32_t)bytes - SIZE_BYTES);
    memcpy(made + SIZE_BYTES, frame + CORRELATION_AT, 4);
    connection->replies_filled += bytes;
    return made;
}

static void open_topic(struct connection *connection, const uint8_t *topic) {
    char path[4096];
    memcpy(connection->topic, topic, TOPIC_BYTES);
    snprintf(path, sizeof path, "%s/%s", directory, connection->topic);
    connection->file = open(path, O_RDWR | O_CREAT, 0644);
    if (connection->file < 0) fail(path);
}

/* When the next connection comes: a measurement that ends with the last reply does not pay for it. */
static void forget_topic(struct connection *connection) {
    if (connection->mapping) munmap((void *)connection->mapping, FILE_BYTES);
    if (connection->file >= 0) close(connection->file);
    connection->mapping = NULL;
    connection->file = -1;
    connection->end = 0;
    connection->must_sync = 0;
    connection->replies_filled = 0;
}

static void produce(struct connection *connection, const uint8_t *frame) {
    if (connection->file < 0) {
        open_topic(connection, frame + PRODUCE_TOPIC_AT);
        if (fallocate(connection->file, 0, 0, FILE_BYTES)) fail("fallocate");
    }
    const uint8_t *batch = frame + PRODUCE_RECORDS_AT;
    size_t bytes = get_varint(&batch) - 1;
    uint32_t crc = martlet_crc32c(0, batch + BATCH_ATTRIBUTES_AT, bytes - BATCH_ATTRIBUTES_AT);
    if (crc != get32(batch + BATCH_CRC_AT)) {
        fprintf(stderr, "a checksum does not match\n");
        exit(1);
    }
    if (pwrite(connection->file, batch, bytes, connection->end) != (ssize_t)bytes) fail("pwrite");
    connection->end += (off_t)bytes;
    if (get16(frame + PRODUCE_ACKS_AT) == UINT16_MAX) connection->must_sync = 1;
    reply(connection, frame, PRODUCE_REPLY_BYTES);
}

static void fetch(struct connection *connection, const uint8_t *frame) {
    if (!connection->mapping) {
        open_topic(connection, frame + FETCH_TOPIC_AT);
        connection->mapping = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, connection->file, 0);
        if (connection->mapping == MAP_FAILED) fail("mmap");
        connection->batch_bytes = get32(connection->mapping + BATCH_LENGTH_AT) + BATCH_LENGTH_AT + 4;
        connection->batch_records = get32(connection->mapping + BATCH_RECORD_COUNT_AT);
    }
    size_t bytes = get32(frame + FETCH_BYTES_AT);
    size_t position = get64(frame + FETCH_OFFSET_AT) / connection->batch_records * connection->batch_bytes;
    uint8_t *head = reply(connection, frame, FETCH_REPLY_RECORDS_AT);
    put32(head, (uint32_t)(FETCH_REPLY_RECORDS_AT - SIZE_BYTES + bytes));
    struct iovec parts[2] = {
        {connection->replies, connection->replies_filled}, {(void *)(connection->mapping + position), bytes}};
    send_all(connection->socket, parts, 2);
    connection->replies_filled = 0;
}

static void answer(struct connection *connection, const uint8_t *frame) {
    switch (get16(frame + API_KEY_AT)) {
        case PRODUCE_KEY: produce(connection, frame); break;
        case FETCH_KEY: fetch(connection, frame); break;
        default: reply(connection, frame, 64);
    }
}

/* A large frame is received to its end and no further, so that nothing has to be moved; small ones as they come. */
static void serve(int accepted, uint8_t *buffer) {
    static struct connection connection = {.file = -1};
    forget_topic(&connection);
    connection.socket = accepted;
    size_t filled = 0;
    while (1) {
        size_t wanted = RECEIVE_BYTES - (filled < RECEIVE_BYTES ? filled : 0);
        if (filled >= SIZE_BYTES && get32(buffer) + SIZE_BYTES > RECEIVE_BYTES) {
            if (get32(buffer) + SIZE_BYTES > FRAME_MAX_BYTES) fail("a frame is too large");
            wanted = get32(buffer) + SIZE_BYTES - filled;
        }
        struct pollfd ready = {.fd = accepted, .events = POLLIN};
        if (poll(&ready, 1, -1) < 0) fail("poll");
        ssize_t count = recv(accepted, buffer + filled, wanted, 0);
        if (count <= 0) break;
        filled += (size_t)count;
        size_t at = 0;
        while (filled - at >= SIZE_BYTES && filled - at >= get32(buffer + at) + SIZE_BYTES) {
            answer(&connection, buffer + at);
            at += get32(buffer + at) + SIZE_BYTES;
        }
        flush_replies(&connection);
        if (at > 0) memmove(buffer, buffer + at, filled - at);
        filled -= at;
    }
    close(accepted);
}

/* Answers what has come on one of many connections; 0 if it was closed. */
static int answer_burst(int from, uint8_t *buffer) {
    static struct connection connection = {.file = -1};
    ssize_t count = recv(from, buffer, RECEIVE_BYTES, 0);
    if (count <= 0) return 0;
    connection.socket = from;
    size_t filled = (size_t)count, at = 0;
    while (filled - at >= SIZE_BYTES && filled - at >= get32(buffer + at) + SIZE_BYTES) {
        reply(&connection, buffer + at, 64);
        at += get32(buffer + at) + SIZE_BYTES;
    }
    if (at != filled) {
        fprintf(stderr, "a request came in pieces\n");
        exit(1);
    }
    flush_replies(&connection);
    return 1;
}

static void serve_many(int listener, uint8_t *buffer) {
    int poll = epoll_create1(0), yes = 1;
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = listener}, ready[64];
    if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, listener, &wanted)) fail("epoll");
    while (1) {
        int count = epoll_wait(poll, ready, 64, -1);
        if (count < 0) fail("epoll_wait");
        for (int index = 0; index < count; index++) {
            int from = ready[index].data.fd;
            if (from == listener) {
                wanted.data.fd = accept(listener, NULL, NULL);
                if (wanted.data.fd < 0) fail("accept");
                setsockopt(wanted.data.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                if (epoll_ctl(poll, EPOLL_CTL_ADD, wanted.data.fd, &wanted)) fail("epoll_ctl");
            } else if (!answer_burst(from, buffer)) {
                close(from);
            }
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: floor DIRECTORY | --connections\n");
        return 2;
    }
    directory = argv[1];
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096) ||
        getsockname(listener, (struct sockaddr *)&address, &length))
        fail("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    uint8_t *buffer = malloc(FRAME_MAX_BYTES);
    if (!strcmp(directory, "--connections")) serve_many(listener, buffer);
    while (1) {
        int accepted = accept(listener, NULL, NULL);
        if (accepted < 0) fail("accept");
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        serve(accepted, buffer);
    }
}
