/* Load generator for Redis Streams: XADD in pipelines, XREAD of BATCH entries at a time. See load.h for the usage. */
#include "text_batch.h"

static long take_number(struct load *load, char kind) {
    char *line = take_line(load);
    if (line[0] != kind) fail("%c expected: %s", kind, line);
    return atol(line + 1);
}

static uint8_t *take_text(struct load *load, size_t *count) {
    *count = (size_t)take_number(load, '$');
    uint8_t *bytes = take(load, *count + 2);
    bytes[*count] = 0;
    return bytes;
}

static long take_acknowledgement(struct load *load) {
    size_t count;
    take_text(load, &count);
    return 1;
}

static void consume(struct load *load) {
    char command[256], last[64] = "0-0", count_text[32];
    size_t count;
    double started = now();
    for (long taken = 0; taken < load->records;) {
        snprintf(count_text, sizeof count_text, "%ld", load->batch);
        int bytes = snprintf(
            command, sizeof command, "*6\r\n$5\r\nXREAD\r\n$5\r\nCOUNT\r\n$%zu\r\n%s\r\n$7\r\nSTREAMS\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n",
            strlen(count_text), count_text, strlen(load->name), load->name, strlen(last), last);
        send_all(load, command, (size_t)bytes);
        if (take_number(load, '*') != 1) fail("the stream ends after %ld entries", taken);
        take_number(load, '*');
        take_text(load, &count);
        long entries = take_number(load, '*');
        for (long entry = 0; entry < entries; entry++) {
            take_number(load, '*');
            uint8_t *id = take_text(load, &count);
            if (count >= sizeof last) fail("a long id");
            memcpy(last, id, count + 1);
            if (take_number(load, '*') != 2) fail("an entry has one field");
            take_text(load, &count);
            take_text(load, &count);
            if (count != load->size) fail("a record of %zu bytes", count);
        }
        taken += entries;
    }
    printf("%.6f\n", now() - started);
}

int main(int argc, char **argv) {
    struct load load;
    const char *what = begin(&load, argc, argv);
    if (is(what, "delete")) {
        char command[256];
        int bytes = snprintf(command, sizeof command, "*2\r\n$3\r\nDEL\r\n$%zu\r\n%s\r\n", strlen(load.name), load.name);
        send_all(&load, command, (size_t)bytes);
        take_number(&load, ':');
    }
    if (is(what, "produce")) {
        char head[256];
        snprintf(
            head, sizeof head, "*5\r\n$4\r\nXADD\r\n$%zu\r\n%s\r\n$1\r\n*\r\n$1\r\nv\r\n$%zu\r\n", strlen(load.name), load.name,
            load.size);
        make_batch(&load, head);
        produce(&load, send_batch, take_acknowledgement);
    }
    if (is(what, "consume")) consume(&load);
    return 0;
}
