/* Load generator: one librdkafka consumer that reads COUNT records of partition 0 of TOPIC from the beginning.
 *
 * usage: rdkafka_consume BROKER TOPIC COUNT
 * Prints the seconds from the start of the consumer to the last record. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MESSAGES = 10000, PATIENCE_SECONDS = 60 };

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char error[512];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "error: %s\n", error);
        exit(2);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: rdkafka_consume BROKER TOPIC COUNT\n");
        return 2;
    }
    char error[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", argv[1]);
    set(conf, "check.crcs", "false");
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    if (!consumer) {
        fprintf(stderr, "error: %s\n", error);
        return 1;
    }
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer, argv[2], NULL);
    long wanted = atol(argv[3]), taken = 0;
    static rd_kafka_message_t *messages[MESSAGES];
    double started = now(), last = started;
    if (rd_kafka_consume_start(topic, 0, RD_KAFKA_OFFSET_BEGINNING)) {
        fprintf(stderr, "error: the consumer does not start\n");
        return 1;
    }
    while (taken < wanted) {
        /* It waits for as many as it is asked for: never for more than there will be. */
        size_t most = wanted - taken < MESSAGES ? (size_t)(wanted - taken) : MESSAGES;
        ssize_t count = rd_kafka_consume_batch(topic, 0, 1000, messages, most);
        for (ssize_t index = 0; index < count; index++) {
            if (!messages[index]->err) taken++;
            rd_kafka_message_destroy(messages[index]);
        }
        if (count > 0) last = now();
        if (now() - last > PATIENCE_SECONDS) {
            fprintf(stderr, "error: %ld of %ld records came\n", taken, wanted);
            return 1;
        }
    }
    printf("%.6f\n", now() - started);
    rd_kafka_consume_stop(topic, 0);
    return 0;
}
