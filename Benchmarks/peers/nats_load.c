/* Load generator for NATS JetStream, in its text protocol. A record is a message; each is acknowledged by a message, as with the
 * asynchronous publishing of its clients. Consuming is pulling, without acknowledgements, two pulls ahead. See load.h for the usage. */
#include "text_batch.h"

static char inbox[32];

/* The payload of the next message, NULL-terminated; lines that carry none are passed over. */
static char *take_message(struct load *load, size_t *count) {
    while (1) {
        char *line = take_line(load);
        if (is(line, "PING")) {
            send_all(load, "PONG\r\n", 6);
        } else if (!strncmp(line, "MSG ", 4)) {
            *count = (size_t)atol(strrchr(line, ' ') + 1);
            char *payload = (char *)take(load, *count + 2);
            payload[*count] = 0;
            return payload;
        } else if (!strncmp(line, "HMSG ", 5)) {
            char *payload = (char *)take(load, (size_t)atol(strrchr(line, ' ') + 1) + 2);
            fail("a status instead of a message: %.40s", payload);
        } else if (!strncmp(line, "-ERR", 4)) {
            fail("%s", line);
        }
    }
}

/* A request to the JetStream API; its answer must not be an error. */
static void ask(struct load *load, const char *subject, const char *body) {
    char frame[4096];
    size_t count, bytes = (size_t)snprintf(
        frame, sizeof frame, "PUB $JS.API.%s %s %zu\r\n%s\r\n", subject, inbox, strlen(body), body);
    send_all(load, frame, bytes);
    char *answer = take_message(load, &count);
    if (strstr(answer, "\"error\"")) fail("%s: %s", subject, answer);
}

static long take_acknowledgement(struct load *load) {
    size_t count;
    char *answer = take_message(load, &count);
    if (!strstr(answer, "\"seq\"")) fail("not acknowledged: %s", answer);
    return 1;
}

static void pull(struct load *load) {
    char frame[512], body[64];
    int body_bytes = snprintf(body, sizeof body, "{\"batch\":%ld,\"expires\":60000000000}", load->batch);
    int bytes = snprintf(
        frame, sizeof frame, "PUB $JS.API.CONSUMER.MSG.NEXT.%s.load %s %d\r\n%s\r\n", load->name, inbox, body_bytes,
        body);
    send_all(load, frame, (size_t)bytes);
}

static void consume(struct load *load) {
    char subject[256], body[512];
    snprintf(subject, sizeof subject, "CONSUMER.CREATE.%s.load", load->name);
    snprintf(
        body, sizeof body,
        "{\"stream_name\":\"%s\",\"config\":{\"name\":\"load\",\"ack_policy\":\"none\",\"deliver_policy\":\"all\","
        "\"mem_storage\":true,\"inactive_threshold\":60000000000}}",
        load->name);
    ask(load, subject, body);
    double started = now();
    pull(load);
    pull(load);
    for (long taken = 1; taken <= load->records; taken++) {
        size_t count;
        take_message(load, &count);
        if (count != load->size) fail("a record of %zu bytes", count);
        if (taken % load->batch == 0) pull(load);
    }
    printf("%.6f\n", now() - started);
}

int main(int argc, char **argv) {
    struct load load;
    const char *what = begin(&load, argc, argv);
    take_line(&load); /* INFO */
    char hello[256];
    snprintf(inbox, sizeof inbox, "_INBOX.load%d", (int)getpid());
    int hello_bytes = snprintf(
        hello, sizeof hello,
        "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true}\r\nSUB %s 1\r\nPING\r\n", inbox);
    send_all(&load, hello, (size_t)hello_bytes);
    if (!is(take_line(&load), "PONG")) fail("no PONG");
    char subject[256], body[512] = "";
    snprintf(subject, sizeof subject, "STREAM.%s.%s", is(what, "create") ? "CREATE" : "DELETE", load.name);
    snprintf(
        body, sizeof body, "{\"name\":\"%s\",\"subjects\":[\"%s\"],\"storage\":\"file\",\"num_replicas\":1}", load.name, load.name);
    if (is(what, "create")) ask(&load, subject, body);
    if (is(what, "delete")) ask(&load, subject, "");
    if (is(what, "produce")) {
        char head[256];
        snprintf(head, sizeof head, "PUB %s %s %zu\r\n", load.name, inbox, load.size);
        make_batch(&load, head);
        produce(&load, send_batch, take_acknowledgement);
    }
    if (is(what, "consume")) consume(&load);
    return 0;
}
