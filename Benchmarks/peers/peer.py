"""Peer: another server that keeps streams of records, started for a benchmark, and what drives it.

A file for each peer: how it is started on a port and in a directory of its own, what its acknowledgement means, and which
client sends it the same records as Martlet gets. All its processes count.
"""

import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import usage  # noqa: E402
from bench import Server, free_port  # noqa: E402, F401


class Missing(Exception):
    """The peer is not installed; says what would install it."""


@dataclasses.dataclass(frozen=True)
class Load:
    """Records of one size, sent in batches."""

    name: str
    size: int
    batch: int
    in_flight: int
    megabytes: float = 0
    requests: int = 0
    consumes: bool = False
    durable: bool = False

    def records(self, megabytes):
        """A whole number of what is under way at a time, which is also what Martlet is asked for in one fetch."""
        unit = self.batch * self.in_flight
        return self.requests or max(1, int(min(self.megabytes or megabytes, megabytes) * 1e6 / self.size) // unit) * unit


class Peer(Server):
    """Subclasses start `process` and answer the questions below."""

    title = ""
    # What a record has survived when it is acknowledged, in words; durable is None where it cannot be had.
    cached = ""
    durable = None
    # Whether Martlet is driven by librdkafka in this comparison, as the peer is; else by a raw client, as the peer is.
    uses_librdkafka = False

    def __init__(self, tools, directory):
        self.tools, self.directory, self.port = tools, directory, free_port()

    def start(self, command, environment=None):
        self.log = open(os.path.join(self.directory, "output.log"), "w")
        self.process = subprocess.Popen(
            command, cwd=self.directory, env=environment, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)

    def wait_until_it_listens(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"error: {self.title} ended: {self.last_words()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                    return
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise SystemExit(f"error: {self.title} did not listen: {self.last_words()}")

    def last_words(self):
        with open(self.log.name) as log:
            return log.read()[-2000:]

    def pids(self):
        return usage.tree(self.process.pid)

    def settle(self):
        """Lets it finish what it does after a load: its CPU is asked for until it rests."""
        last, deadline = self.cpu_seconds(), time.monotonic() + 10
        while time.monotonic() < deadline:
            time.sleep(0.1)
            used = self.cpu_seconds()
            if used - last < 0.01:
                return
            last = used

    def run(self, *command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise SystemExit(f"error: {' '.join(map(str, command))}: {done.stderr.strip()}")
        return done.stdout

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()


class NativePeer(Peer):
    """One with a load generator of its own, beside this file."""

    load_generator = ""

    def load(self, *arguments):
        return self.run(os.path.join(self.tools, self.load_generator), self.port, *arguments)

    def create(self, stream):
        self.load("create", stream)

    def delete(self, stream):
        self.load("delete", stream)

    def produce(self, stream, load, records):
        return float(self.load("produce", stream, records, load.size, load.batch, load.in_flight))

    def consume(self, stream, load, records):
        return float(self.load("consume", stream, records, load.size, self.consume_batch))

    consume_batch = 1000


class KafkaPeer(Peer):
    """One that speaks Kafka's protocol: the clients are Martlet's. librdkafka is that of PyPI's confluent-kafka, since Debian's is
    too old for one of them."""

    uses_librdkafka = True
    martlet = None  # The binary, whose commands make topics on any such broker.

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def create(self, stream):
        self.run(self.martlet, "topic", "create", stream, "--partitions", 1, "-b", self.address)

    def delete(self, stream):
        self.run(self.martlet, "topic", "delete", stream, "--yes", "-b", self.address)

    def produce(self, stream, load, records):
        acks = -1 if load.durable else 1
        if load.batch == 1:
            return float(self.run(
                os.path.join(self.tools, "raw_client"), self.port, "produce", stream, records, load.in_flight, 1, load.size, acks
            ).split()[0])
        return float(self.run(
            os.path.join(self.tools, "rdkafka_produce_new"), self.address, stream, records, load.size, acks, "none", 5))

    def consume(self, stream, load, records):
        return float(self.run(os.path.join(self.tools, "rdkafka_consume_new"), self.address, stream, records))


def executable(name, *places, install):
    """The path of a program, searched for in places and then in PATH."""
    for place in places:
        path = os.path.join(place, name)
        if os.access(path, os.X_OK):
            return path
    found = shutil.which(name)
    if not found:
        raise Missing(install)
    return found
