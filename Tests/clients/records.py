"""Records as the tests compare them, and what clients compute about them: partitions of keys, offsets of times."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
ALPHABET = "abcdefghijklmnopqrstuvwxyz äöü ✓ "


@dataclass(frozen=True)
class Record:
    """One record. What a test leaves out (None) is not sent, or not compared."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp: int | None = None
    partition: int | None = None
    offset: int | None = None

    @property
    def content(self):
        return (self.key, self.value, self.headers)


def sample(rng: random.Random, count: int, value_bytes: int = 60) -> list[Record]:
    """Text records (every client can carry them) that compress somewhat, none empty."""
    words = ["".join(rng.choices(ALPHABET.replace(" ", ""), k=rng.randrange(3, 9))) for _ in range(50)]
    records = []
    for number in range(count):
        text = f"{number} "
        while len(text) < value_bytes:
            text += rng.choice(words) + " "
        records.append(Record(key=f"key-{rng.randrange(count)}".encode(), value=text.encode()))
    return records


def contents(records) -> list:
    return [record.content for record in records]


def murmur2_partition(key: bytes, partitions: int) -> int:
    """Where the Java client (and kafka-python, aiokafka, martlet) puts a key: murmur2, sign bit cleared, modulo."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(key)
    whole = len(key) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    if tail := key[whole:]:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions


def crc32_partition(key: bytes, partitions: int) -> int:
    """Where librdkafka puts a key unless told otherwise (`consistent_random`)."""
    return zlib.crc32(key) % partitions


def offset_for_time(records: list[Record], timestamp: int) -> int | None:
    """The linear scan: the first record, in order of offsets, that is not older."""
    return next((record.offset for record in records if record.timestamp >= timestamp), None)
