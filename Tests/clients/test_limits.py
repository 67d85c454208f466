"""Limits of a whole broker, with many sockets: idle clients cost nothing, greedy ones are bounded, the others go on."""

import os
import resource
import socket
import struct
import time

import pytest

import wire
from harness import Broker, eventually

IDLE_POLLS = 5_000
OBSERVED_SECONDS = 4
# Of 1/100 s. What a broker does by itself once a second costs less than one; one wake-up of each poll costs hundreds.
CPU_TICKS_MAX = 40


@pytest.fixture
def many_sockets():
    """Room for the test's own ends; the broker inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE_POLLS + 1_000:
        pytest.skip(f"only {hard} descriptors may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def limited():
    """Makes a broker with these settings."""
    brokers = []

    def start(**settings: str) -> Broker:
        brokers.append(Broker({name.replace("_", "."): value for name, value in settings.items()}))
        return brokers[-1].start()

    yield start
    for each in brokers:
        each.close()


def fetch_request(topic: str, partition: int, max_wait_ms: int, max_bytes: int = 1 << 20) -> bytes:
    body = struct.pack(">iiiib", -1, max_wait_ms, 1, max_bytes, 0)
    body += wire.array([wire.string(topic) + wire.array([struct.pack(">iqi", partition, 0, max_bytes)])])
    request = struct.pack(">hhi", wire.FETCH, 4, 7) + wire.string("idle") + body
    return struct.pack(">i", len(request)) + request


def test_idle_long_polls(many_sockets, limited, topic):
    """Thousands of consumers that wait for records cost no CPU; all of them are answered when records come."""
    broker = limited()
    broker.create_topic(topic, partitions=10)
    sockets = []
    try:
        for number in range(IDLE_POLLS):
            sockets.append(socket.create_connection(("127.0.0.1", broker.port), timeout=20))
            sockets[-1].sendall(fetch_request(topic, number % 10, max_wait_ms=120_000))
        with wire.Connection(broker.port) as connection:
            # Answered behind the last poll on each event loop, so all of them are parked by then.
            for _ in range(8):
                with wire.Connection(broker.port) as other:
                    other.api_versions()
            ticks = 1 / os.sysconf("SC_CLK_TCK")
            before = broker.cpu_seconds()
            time.sleep(OBSERVED_SECONDS)
            used = round((broker.cpu_seconds() - before) / ticks)
            assert used <= CPU_TICKS_MAX, f"{used} ticks in {OBSERVED_SECONDS} s"
            assert broker.anonymous_bytes() < 200 << 20
            for partition in range(10):
                assert connection.produce(topic, wire.batch([b"at last"]), partition).error == wire.NONE
        for each in sockets:
            assert len(each.recv(4, socket.MSG_WAITALL)) == 4
    finally:
        for each in sockets:
            each.close()


def test_more_connections_than_descriptors():
    """Where descriptors are scarce, connections take no more than their share, and files and clients go on."""
    broker = Broker(open_files_max=128)
    try:
        broker.start()
        assert "at most 64 connections" in broker.log()
        broker.create_topic("t", partitions=60)
        with wire.Connection(broker.port) as first:
            others = [socket.create_connection(("127.0.0.1", broker.port), timeout=10) for _ in range(200)]
            try:
                eventually(lambda: "max.connections (64) is reached" in broker.log(), "connections are refused")
                for partition in range(60):
                    assert first.produce("t", wire.batch([b"v"]), partition).error == wire.NONE
                    assert first.fetch("t", 0, partition).high_watermark == 1
                assert broker.open_files() < 128
            finally:
                for each in others:
                    each.close()
        eventually(lambda: wire.Connection(broker.port, seconds=1).api_versions(), "and connections are taken again")
    finally:
        broker.close()


def ask_without_reading(broker, topic: str) -> socket.socket:
    """A client that asks for metadata as often as it can, and takes no answer."""
    request = struct.pack(">hhi", wire.METADATA, 1, 7) + wire.string("slow") + wire.array([wire.string(topic)])
    request = struct.pack(">i", len(request)) + request
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 10)
    client.connect(("127.0.0.1", broker.port))
    client.setblocking(False)
    try:
        for _ in range(2_000):
            client.send(request)
    except BlockingIOError:
        pass
    return client


def test_replies_that_nobody_takes(limited, topic):
    """Each client stays below the limit of a connection; where all together are above theirs, the greediest go."""
    budget = 16 << 20
    broker = limited(queued_max_reply_bytes=str(budget))
    broker.create_topic("wide", partitions=400)
    broker.create_topic(topic)
    before, slow = broker.anonymous_bytes(), []
    try:
        with wire.Connection(broker.port) as connection:
            for _ in range(20):
                slow.append(ask_without_reading(broker, "wide"))
                assert connection.produce(topic, wire.batch([b"v"]), acks=1).error == wire.NONE
                # Without the budget these would be 8 MiB for each.
                held = broker.anonymous_bytes() - before
                assert held < 4 * budget, f"{held >> 20} MB"
            eventually(lambda: "queued.max.reply.bytes (16777216)" in broker.log(), "some are closed")
            assert connection.produce(topic, wire.batch([b"v"])).error == wire.NONE
    finally:
        for client in slow:
            client.close()


def test_slow_readers(limited, topic):
    """Clients that ask and never read hold bounded memory, are closed after a time, and disturb nobody."""
    broker = limited(connection_write_stall_max_ms="15000", connection_queued_reply_max_bytes="1048576")
    # Metadata of it is an answer of memory, not of mapped records.
    broker.create_topic("wide", partitions=400)
    broker.create_topic(topic)
    with wire.Connection(broker.port) as connection:
        assert connection.produce(topic, wire.batch([b"v"]), acks=1).error == wire.NONE
    files, slow = broker.open_files(), []
    try:
        for _ in range(12):
            slow.append(ask_without_reading(broker, "wide"))
        with wire.Connection(broker.port) as connection:
            slowest = 0
            while "has not read any byte of its replies" not in broker.log():
                begin = time.monotonic()
                assert connection.produce(topic, wire.batch([b"v"]), acks=1).error == wire.NONE
                slowest = max(slowest, time.monotonic() - begin)
                # A limit and one reply for each, and what a broker holds anyway.
                assert broker.anonymous_bytes() < 200 << 20, f"{broker.anonymous_bytes() >> 20} MB"
            # Generous: a debug build on a busy machine. A loop that waited for a reader would wait for fifteen seconds.
            assert slowest < 12
            eventually(lambda: broker.open_files() <= files + 1, "all slow readers are gone", seconds=30)
            assert connection.produce(topic, wire.batch([b"v"])).error == wire.NONE
    finally:
        for client in slow:
            client.close()


def test_fetch_max_bytes(limited, topic):
    """A reply holds no more records than the broker's limit, whatever the client asks for, but one batch at least."""
    broker = limited(fetch_max_bytes="10000")
    broker.create_topic(topic, partitions=3)
    with wire.Connection(broker.port) as connection:
        for partition in range(3):
            for _ in range(4):
                assert connection.produce(topic, wire.batch([b"x" * 4_000]), partition).error == wire.NONE
        connection.send_raw(fetch_request(topic, 0, max_wait_ms=0, max_bytes=1 << 30))
        assert len(connection.receive().data) < 10_000
        assert connection.produce(topic, wire.batch([b"y" * 40_000]), 1).error == wire.NONE
        assert len(connection.fetch(topic, 4, 1).records) > 40_000


def test_partitions_max(limited, topic):
    broker = limited(partitions_max="20")
    broker.create_topic(topic, partitions=12)
    refused = broker.martlet("topic", "create", f"{topic}-2", "-p", "9", check=False)
    assert refused.returncode != 0 and b"partitions.max" in refused.stderr
    refused = broker.martlet("topic", "add-partitions", topic, "-p", "21", check=False)
    assert refused.returncode != 0 and b"partitions.max" in refused.stderr
    broker.create_topic(f"{topic}-3", partitions=8)


def test_idle_connections_are_closed(limited):
    broker = limited(connections_max_idle_ms="1000")
    with wire.Connection(broker.port) as connection:
        connection.api_versions()
        assert connection.is_closed_by_peer()


def test_replication_factor(limited, topic):
    """One node stores one copy, but takes what applications ask for that were written for clusters."""
    broker = limited(replication_factor_accept_max="3")
    with wire.Connection(broker.port) as connection:
        for factor, expected in [(3, wire.NONE), (4, 38), (0, 38)]:
            name = f"{topic}-{factor}"
            new = wire.string(name) + struct.pack(">ih", 1, factor) + wire.array([]) + wire.array([])
            answer = connection.call(wire.CREATE_TOPICS, 0, wire.array([new]) + struct.pack(">i", 10_000))
            assert answer.array(lambda: (answer.string(), answer.unpack("h"))) == [(name, expected)]
