/* A batch of equal commands of a text protocol, made once and sent again and again: each is a head, SIZE bytes, CR LF. */
#ifndef TEXT_BATCH_H
#define TEXT_BATCH_H

#include "load.h"

static char *batch_bytes;
static size_t command_bytes;

static inline void make_batch(struct load *load, const char *head) {
    size_t head_bytes = strlen(head);
    command_bytes = head_bytes + load->size + 2;
    batch_bytes = malloc(command_bytes * (size_t)load->batch);
    for (long index = 0; index < load->batch; index++) {
        char *at = batch_bytes + command_bytes * (size_t)index;
        memcpy(at, head, head_bytes);
        memset(at + head_bytes, 'x', load->size);
        memcpy(at + head_bytes + load->size, "\r\n", 2);
    }
}

/* For `produce` of load.h. */
static inline void send_batch(struct load *load, long first, long count) {
    (void)first;
    send_all(load, batch_bytes, command_bytes * (size_t)count);
}

#endif
