"""The endpoint for Prometheus: its numbers are those that clients see, and bad HTTP disturbs nobody."""

import http.client
import re
import socket

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from harness import Broker, eventually, free_port

SAMPLE = re.compile(r'^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


@pytest.fixture(scope="module")
def measured():
    port = free_port()
    broker = Broker({"metrics.listener": f"127.0.0.1:{port}"}).start()
    broker.metrics_port = port
    # Clients are served a moment before.
    eventually(lambda: socket.create_connection(("127.0.0.1", port), timeout=1).close() is None, "metrics are served")
    yield broker
    broker.close()


def ask(broker, method="GET", path="/metrics", **options):
    connection = http.client.HTTPConnection("127.0.0.1", broker.metrics_port, timeout=10)
    try:
        connection.request(method, path, **options)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def scrape(broker) -> dict[tuple, float]:
    status, headers, body = ask(broker)
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    values = {}
    for line in body.decode().splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        key = (name, *(value for _, value in LABEL.findall(labels or "")))
        assert key not in values, line
        values[key] = float(value)
    return values


def test_the_numbers_are_those_of_the_clients(measured):
    before = scrape(measured)
    producer = Producer({"bootstrap.servers": measured.address, "acks": "all"})
    for number in range(1000):
        producer.produce("measured", value=b"x" * 100, partition=0)
    assert producer.flush(30) == 0
    consumer = Consumer(
        {"bootstrap.servers": measured.address, "group.id": "meters", "auto.offset.reset": "earliest",
         "enable.auto.commit": False})
    consumer.assign([TopicPartition("measured", 0, 0)])
    read = 0
    while read < 1000:
        read += len(consumer.consume(1000, timeout=5))
    consumer.commit(offsets=[TopicPartition("measured", 0, 600)], asynchronous=False)
    after = scrape(measured)
    assert after["kafka_log_log_logendoffset", "measured", "0"] == 1000
    assert after["kafka_server_brokertopicmetrics_messagesin_total", "measured"] == 1000
    assert after["kafka_server_brokertopicmetrics_bytesin_total", "measured"] > 100_000
    assert after["kafka_server_brokertopicmetrics_bytesout_total", "measured"] > 100_000
    assert after["kafka_log_log_size", "measured", "0"] == after["kafka_server_brokertopicmetrics_bytesin_total", "measured"]
    assert after["kafka_consumergroup_current_offset", "meters", "measured", "0"] == 600
    assert after["kafka_consumergroup_lag", "meters", "measured", "0"] == 400
    for request in ["Produce", "Fetch", "Metadata", "OffsetCommit", "ApiVersions"]:
        name = "kafka_network_requestmetrics_requests_total"
        assert after[name, request] > before.get((name, request), 0), request
    assert after["kafka_server_socketservermetrics_connection_count",] >= 2
    assert after["martlet_received_bytes_total",] > 100_000 and after["martlet_sent_bytes_total",] > 100_000
    assert after["kafka_log_logflushstats_logflush_seconds_count",] > 0
    assert abs(after["martlet_anonymous_memory_bytes",] - measured.anonymous_bytes()) < 32 << 20
    assert after["martlet_metrics_truncated",] == 0
    consumer.close()
    del producer
    # What is under way comes to its end.
    eventually(lambda: scrape(measured)["kafka_network_requestchannel_requestqueuesize",] == 0, "no request waits")
    eventually(lambda: scrape(measured)["kafka_server_socketservermetrics_connection_count",] == 0, "all have gone")


def test_other_paths_and_methods(measured):
    assert ask(measured, path="/")[0] == 404
    assert ask(measured, path="/metrics/x")[0] == 404
    assert ask(measured, path="/metrics?name[]=x")[0] == 200
    assert ask(measured, "DELETE")[0] == 405
    status, headers, body = ask(measured, "HEAD")
    assert status == 200 and body == b"" and int(headers["Content-Length"]) > 1000
    assert ask(measured, "POST", body=b"x" * 100_000)[0] in (405, 413)


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\0\0\0\x0a garbage",
        b"GET /metrics HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\n" + b"A: b\r\n" * 10_000 + b"\r\n",
        b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        bytes(range(256)) * 40,
    ],
)
def test_bad_http_disturbs_nobody(measured, bytes_sent):
    with socket.create_connection(("127.0.0.1", measured.metrics_port), timeout=10) as client:
        try:
            client.sendall(bytes_sent)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65_536):
                pass
        except OSError:
            pass  # The server has closed it already.
    assert scrape(measured)["martlet_metrics_truncated",] == 0


def test_connections_are_bounded(measured):
    clients = [socket.create_connection(("127.0.0.1", measured.metrics_port), timeout=10) for _ in range(40)]
    # Those beyond the limit are closed at once; the others wait for a request.
    closed = 0
    for client in clients[20:]:
        try:
            closed += client.recv(1) == b""
        except ConnectionError:
            closed += 1
    assert closed == 20
    for client in clients:
        client.close()
    eventually(lambda: ask(measured)[0] == 200, "served again")


def test_pipelined_requests_are_answered_in_order(measured):
    with socket.create_connection(("127.0.0.1", measured.metrics_port), timeout=10) as client:
        client.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := client.recv(65_536):
            answer += piece
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"404", b"200"]


def test_off_by_default():
    broker = Broker().start()
    try:
        assert "metrics" not in broker.log()
    finally:
        broker.close()


def test_a_taken_port_is_told(measured):
    broker = Broker({"metrics.listener": f"127.0.0.1:{measured.metrics_port}"})
    broker.spawn()
    assert broker.process.wait(15) != 0
    assert "metrics.listener" in broker.log() and "in use" in broker.log()
    broker.process = None
    broker.close()
