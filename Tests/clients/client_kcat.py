"""kcat: Debian's, with Debian's (old) librdkafka."""

from __future__ import annotations

import itertools
import json
import select
import shutil
import subprocess
import time

from adapter import ClientAdapter, Refused
from harness import run
from records import Record, crc32_partition

KEY_SEPARATOR, RECORD_SEPARATOR = "\x1f", "\x1e"


class Kcat(ClientAdapter):
    name = "kcat"
    sets_timestamps = False
    sends_empty_values = False

    def partition_of(self, key, partitions):
        return crc32_partition(key, partitions)

    def produce(self, address, topic, records, codec="none", acks="all", idempotent=False):
        """One process for each run of records with the same headers, partition and nullness of keys and values."""
        shape = lambda record: (record.headers, record.partition, record.key is None, record.value is None)
        for (headers, partition, null_key, null_value), group in itertools.groupby(records, shape):
            options = ["-P", "-t", topic, "-D", RECORD_SEPARATOR, "-z", codec, "-X", f"acks={acks}"]
            options += ["-X", "message.max.bytes=20000000"]
            for name, value in headers:
                options += ["-H", name if value is None else f"{name}={value.decode()}"]
            if partition is not None:
                options += ["-p", str(partition)]
            if not null_key:
                options += ["-K", KEY_SEPARATOR]
            if null_value:
                options += ["-Z"]
            if idempotent:
                options += ["-X", "enable.idempotence=true"]
            separator = KEY_SEPARATOR.encode()
            lines = [
                (b"" if null_key else record.key + separator) + (record.value or b"") for record in group]
            done = run("kcat", "-b", address, *options, input=RECORD_SEPARATOR.encode().join(lines), check=False)
            if done.returncode != 0:
                text = done.stderr.decode()
                raise Refused(10 if "Message size too large" in text else -1, text)
            assert b"Delivery failed" not in done.stderr, done.stderr

    def stream(self, address, topic, partition=0, offset=0, seconds=10.0, wait_ms=500):
        start = "end" if offset == "latest" else str(offset)
        command = ["kcat", "-b", address, "-C", "-t", topic, "-p", str(partition), "-o", start, "-J", "-u", "-q",
                   "-X", f"fetch.wait.max.ms={wait_ms}", "-X", "check.crcs=true"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        try:
            pending = b""
            deadline = time.monotonic() + seconds
            while True:
                while b"\n" in pending:
                    line, pending = pending.split(b"\n", 1)
                    yield self._record(json.loads(line))
                    deadline = time.monotonic() + seconds
                ready, _, _ = select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))
                if not ready:
                    raise TimeoutError(f"no record for {seconds} s")
                part = process.stdout.read(1 << 20)
                if not part:
                    raise AssertionError(f"kcat ended: {process.stderr.read().decode()}")
                pending += part
        finally:
            process.kill()
            process.communicate()

    @staticmethod
    def _record(line: dict) -> Record:
        encode = lambda text: None if text is None else text.encode()
        fields = line.get("headers", [])
        headers = tuple((name, encode(value)) for name, value in zip(fields[::2], fields[1::2]))
        return Record(
            encode(line["key"]), encode(line["payload"]), headers, line["ts"], line["partition"], line["offset"])

    def offset_for_time(self, address, topic, timestamp, partition=0):
        done = run("kcat", "-b", address, "-Q", "-t", f"{topic}:{partition}:{timestamp}")
        # "topic [0] offset 5"; -1 (the end) when nothing is that young.
        offset = int(done.stdout.split()[-1])
        return None if offset < 0 else offset

    def watermarks(self, address, topic, partition=0):
        # As a query for the special times "beginning" (-2) and "end" (-1).
        ask = lambda time: int(
            run("kcat", "-b", address, "-Q", "-t", f"{topic}:{partition}:{time}").stdout.split()[-1])
        return ask(-2), ask(-1)

    def metadata(self, address):
        answer = json.loads(run("kcat", "-b", address, "-L", "-J").stdout)
        brokers = [broker["name"] for broker in answer["brokers"]]
        return brokers, {topic["topic"]: len(topic["partitions"]) for topic in answer["topics"]}


assert shutil.which("kcat"), "kcat is missing: `make deps`"
