"""The demonstration (`make demo`): real text in through kcat, out through two consumers, nothing lost or changed.

Every line of the text files under /usr/share becomes a record, keyed by the name of its file, so the
records of a key must come back complete, in order and from one partition. Each codec carries a share.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import confluent_kafka

from harness import Broker, martlet_binary

TEXT = Path("/usr/share")
FIRST = ["doc", "dict", "vim", "perl", "man"]  # Then everything else below TEXT, by name.
TOPIC, PARTITIONS = "library", 6
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
SEPARATOR = b"\x1f"
LONGEST_LINE = 500_000
SILENCE_SECONDS = 30
MB = 1_000_000


class Different(Exception):
    """The sentence to end with: what went in is not what came out, or a program failed."""


class Digests:
    """For each key: the number of its records, the SHA-256 of their values in order, the partitions it was seen in."""

    def __init__(self):
        self.counts: dict[bytes, int] = {}
        self.hashes: dict[bytes, object] = {}
        self.partitions: dict[bytes, set[int]] = {}
        self.bytes = 0

    def add(self, key: bytes, value: bytes, partition: int | None = None) -> None:
        if key not in self.counts:
            self.counts[key], self.hashes[key], self.partitions[key] = 0, hashlib.sha256(), set()
        self.counts[key] += 1
        self.hashes[key].update(value + b"\n")  # No value has a line feed, so this marks where it ends.
        self.partitions[key].add(partition)
        self.bytes += len(value)

    @property
    def records(self) -> int:
        return sum(self.counts.values())

    def compare(self, sent: Digests, reader: str) -> None:
        """Raises Different unless these digests, of what `reader` read, are those of what was sent."""
        for key in sent.counts.keys() | self.counts.keys():
            name = key.decode(errors="replace")
            expected, found = sent.counts.get(key, 0), self.counts.get(key, 0)
            if expected != found:
                raise Different(f"{reader} read {found} records of {name}, but {expected} were sent.")
            if sent.hashes[key].digest() != self.hashes[key].digest():
                raise Different(f"{reader} read other text than was sent, or in another order, for {name}.")
            if len(self.partitions[key]) != 1:
                raise Different(f"{reader} found {name} in more than one partition: {sorted(self.partitions[key])}.")


# The text


def files():
    """Regular files below TEXT, each once, always in the same order."""
    rest = sorted(entry.name for entry in TEXT.iterdir() if entry.is_dir() and entry.name not in FIRST)
    for name in FIRST + rest:
        for folder, folders, names in os.walk(TEXT / name):
            folders.sort()
            yield from (path for path in (Path(folder, name) for name in sorted(names))
                        if path.is_file() and not path.is_symlink())


def lines_of(path: Path) -> list[bytes]:
    """The lines of a text file that can be records; none of a binary or unreadable file."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error):
        return []
    return [] if b"\0" in content[:8192] else [line for line in content.split(b"\n") if can_be_record(line)]


def can_be_record(line: bytes) -> bool:
    if not line or len(line) > LONGEST_LINE or SEPARATOR in line or b"\0" in line:
        return False
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def library():
    """(key, lines) of file after file; begins again, with other keys, when the machine has no more text."""
    reading = 1
    while True:
        anything = False
        for path in files():
            key = os.fsencode(path) + (b"" if reading == 1 else b" (reading %d)" % reading)
            lines = lines_of(path)
            if lines and can_be_record(key) and b"\n" not in key:
                anything = True
                yield key, lines
        if not anything:
            raise Different(f"There is no text below {TEXT} to send.")
        reading += 1
        print(f"  (all text below {TEXT} is sent; reading it once more, under other keys)")


def write_share(texts, share: int, file, sent: Digests) -> int:
    """Fills `file` with kcat's input, at least `share` bytes of values; returns how many."""
    before = sent.bytes
    while sent.bytes - before < share:
        key, lines = next(texts)
        for line in lines:
            sent.add(key, line)
        file.write(b"".join(key + SEPARATOR + line + b"\n" for line in lines))
    file.flush()
    file.seek(0)
    return sent.bytes - before


# In and out


def produce(broker: Broker, texts, share: int, codec: str, sent: Digests) -> None:
    records, log_bytes = sent.records, size_of_log(broker)
    with tempfile.TemporaryFile() as file:
        size = write_share(texts, share, file, sent)
        started = time.monotonic()
        kcat = subprocess.run(
            ["kcat", "-b", broker.address, "-P", "-t", TOPIC, "-K", SEPARATOR.decode(), "-z", codec,
             "-X", "enable.idempotence=true", "-X", "message.timeout.ms=60000"], stdin=file)
    seconds = time.monotonic() - started
    if kcat.returncode != 0:
        raise Different(f"kcat failed to send with codec {codec}: exit code {kcat.returncode}.")
    print(f"  {codec:<7}{sent.records - records:>10,} records {size / MB:>8.1f} MB {size / MB / seconds:>7.1f} MB/s"
          f" {(size_of_log(broker) - log_bytes) / MB:>9.1f} MB in the log")


def size_of_log(broker: Broker) -> int:
    return sum(partition["size_bytes"] for partition in broker.martlet_json("topic", "describe", TOPIC)["partitions"])


def read_with_confluent(broker: Broker, expected: int) -> Digests:
    """All partitions to their ends, with the library's check of every batch's CRC."""
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": broker.address, "group.id": "demo", "enable.auto.commit": False,
        "enable.partition.eof": True, "check.crcs": True})
    consumer.assign([confluent_kafka.TopicPartition(TOPIC, number, 0) for number in range(PARTITIONS)])
    read, ended, last = Digests(), set(), time.monotonic()
    while len(ended) < PARTITIONS:
        messages = consumer.consume(10_000, timeout=0.2)
        for message in messages:
            if message.error() is None:
                read.add(message.key(), message.value(), message.partition())
            elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                ended.add(message.partition())
            else:
                raise Different(f"confluent-kafka failed to read: {message.error()}.")
        last = time.monotonic() if messages else last
        if time.monotonic() - last > SILENCE_SECONDS:
            raise Different(f"confluent-kafka got nothing for {SILENCE_SECONDS} s, after {read.records} of {expected}.")
    consumer.close()
    return read


def read_with_martlet(broker: Broker, expected: int) -> Digests:
    read = Digests()
    command = [martlet_binary(), "consume", TOPIC, "-f", r"%p\x1f%k\x1f%v\n", "--bootstrap-server", broker.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            fields = line.rstrip(b"\n").split(SEPARATOR)
            if len(fields) != 3:
                process.kill()
                raise Different(f"martlet consume printed what is no record, after {read.records}: {line[:100]!r}.")
            read.add(fields[1], fields[2], int(fields[0]))
    if process.returncode != 0:
        raise Different(f"martlet consume ended with {process.returncode}, after {read.records} of {expected} records.")
    return read


def read_back(broker: Broker, reader: str, read_with, sent: Digests) -> None:
    started, cpu = time.monotonic(), broker.cpu_seconds()
    read = read_with(broker, sent.records)
    seconds = time.monotonic() - started
    read.compare(sent, reader)
    print(f"  {reader:<16}{read.records:>10,} records {read.bytes / MB:>8.1f} MB"
          f" {read.bytes / MB / seconds:>7.1f} MB/s, identical (broker: {broker.cpu_seconds() - cpu:.1f} s of CPU)")


# The tour


def tour(broker: Broker, megabytes: int) -> None:
    started, sent, texts = time.monotonic(), Digests(), library()
    print(f"A broker runs at {broker.address}, on an empty directory; "
          f"{broker.anonymous_bytes() / MB:.1f} MB of memory of its own.")
    broker.create_topic(TOPIC, PARTITIONS)
    print(f"Topic {TOPIC}: {PARTITIONS} partitions. kcat sends the text below {TEXT}, keyed by file.")
    print("(MB are of values. The log also holds the keys, which are longer than many lines.)")
    for codec in CODECS:
        produce(broker, texts, megabytes * MB // len(CODECS) + 1, codec, sent)
    print(f"Sent: {sent.records:,} records of {len(sent.counts):,} files, {sent.bytes / MB:.1f} MB; "
          f"the broker used {broker.cpu_seconds():.1f} s of CPU, {broker.anonymous_bytes() / MB:.1f} MB of memory.")
    print("Read back, and compared by number and SHA-256 of each file's records in order")
    print("(MB/s are of the reader and the hashing together; the broker's part is its CPU time):")
    read_back(broker, "confluent-kafka", read_with_confluent, sent)
    read_back(broker, "martlet consume", read_with_martlet, sent)
    print(f"The broker: {broker.cpu_seconds():.1f} s of CPU, {broker.anonymous_bytes() / MB:.1f} MB of memory "
          f"of its own (anonymous), {size_of_log(broker) / MB:.1f} MB of log, in {time.monotonic() - started:.0f} s.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=100, help="how much text to send at least (default: 100)")
    megabytes = parser.parse_args().megabytes
    if megabytes < 1:
        parser.error("--megabytes must be at least 1")
    sys.stdout.reconfigure(line_buffering=True)
    broker = Broker()
    try:
        try:
            tour(broker.start(), megabytes)
        finally:
            broker.close()
    except (Different, AssertionError, OSError) as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        return 1
    print("All is there, unchanged and in order; the broker stopped cleanly.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
