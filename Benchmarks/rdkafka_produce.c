/* Load generator: one librdkafka producer that sends COUNT records of SIZE bytes to partition 0 of TOPIC.
 *
 * usage: rdkafka_produce BROKER TOPIC COUNT SIZE ACKS CODEC LINGER_MS
 * Prints the seconds from the first record to the last acknowledgement. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long failed;

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer;
    (void)opaque;
    if (message->err) failed++;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char error[512];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "error: %s\n", error);
        exit(2);
    }
}

int main(int argc, char **argv) {
    if (argc != 8) {
        fprintf(stderr, "usage: rdkafka_produce BROKER TOPIC COUNT SIZE ACKS CODEC LINGER_MS\n");
        return 2;
    }
    char error[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", argv[1]);
    set(conf, "acks", argv[5]);
    set(conf, "compression.codec", argv[6]);
    set(conf, "linger.ms", argv[7]);
    set(conf, "queue.buffering.max.messages", "2000000");
    set(conf, "batch.num.messages", "10000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (!producer) {
        fprintf(stderr, "error: %s\n", error);
        return 1;
    }
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, argv[2], NULL);
    long count = atol(argv[3]);
    size_t size = (size_t)atol(argv[4]);
    char *value = malloc(size);
    memset(value, 'x', size);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long sent = 0; sent < count; sent++) {
        while (rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, value, size, NULL, 0, NULL) == -1) rd_kafka_poll(producer, 1);
        if (sent % 1000 == 0) rd_kafka_poll(producer, 0);
    }
    rd_kafka_flush(producer, 60000);
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (failed || rd_kafka_outq_len(producer)) {
        fprintf(stderr, "error: %ld records failed, %d were not acknowledged\n", failed, rd_kafka_outq_len(producer));
        return 1;
    }
    printf("%.6f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    return 0;
}
