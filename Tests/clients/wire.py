"""A Kafka client of raw bytes, for what no client library would send. Independent of the broker's own codecs.

Only non-flexible versions are spoken: what is tested here is the broker's answer to bad bytes, not its version range.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, CREATE_TOPICS, INIT_PRODUCER_ID = 0, 1, 2, 3, 18, 19, 22

NONE, OFFSET_OUT_OF_RANGE, CORRUPT_MESSAGE, UNKNOWN_TOPIC_OR_PARTITION = 0, 1, 2, 3
MESSAGE_TOO_LARGE, UNSUPPORTED_VERSION, OUT_OF_ORDER_SEQUENCE = 10, 35, 45
FETCH_SESSION_ID_NOT_FOUND, INVALID_PRODUCER_EPOCH, INVALID_RECORD = 70, 47, 87


# Bytes


def string(text: str | None) -> bytes:
    return b"\xff\xff" if text is None else struct.pack(">h", len(text.encode())) + text.encode()


def array(items) -> bytes:
    items = list(items)
    return struct.pack(">i", len(items)) + b"".join(items)


def varint(number: int) -> bytes:
    """Zig-zag, as in records."""
    number = number << 1 ^ number >> 63
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc_table()


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def record(value: bytes | None, delta: int = 0, key: bytes | None = None, time_delta: int = 0) -> bytes:
    def field(data):
        return varint(-1) if data is None else varint(len(data)) + data

    body = b"\0" + varint(time_delta) + varint(delta) + field(key) + field(value) + varint(0)
    return varint(len(body)) + body


def batch(values, *, producer_id=-1, epoch=-1, sequence=-1, attributes=0, base_offset=0, timestamp=1_700_000_000_000,
          count=None, last_delta=None, payload=None, magic=2, length=None, crc=None) -> bytes:
    """A record batch v2. The keywords after `timestamp` are there to lie with."""
    values = list(values)
    body = payload if payload is not None else b"".join(record(value, at) for at, value in enumerate(values))
    count = len(values) if count is None else count
    last_delta = len(values) - 1 if last_delta is None else last_delta
    checked = struct.pack(
        ">hiqqqhii", attributes, last_delta, timestamp, timestamp, producer_id, epoch, sequence, count) + body
    crc = crc32c(checked) if crc is None else crc
    length = 9 + len(checked) if length is None else length
    return struct.pack(">qiibI", base_offset, length, -1, magic, crc) + checked


# Reading answers


class Reader:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def unpack(self, form: str):
        values = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return values if len(values) > 1 else values[0]

    def string(self) -> str | None:
        length = self.unpack("h")
        return None if length < 0 else self.bytes(length).decode()

    def bytes(self, length: int) -> bytes:
        self.at += length
        assert self.at <= len(self.data), "the answer ends early"
        return self.data[self.at - length : self.at]

    def array(self, item) -> list:
        return [item() for _ in range(max(0, self.unpack("i")))]


@dataclass
class Produced:
    error: int
    base_offset: int
    log_append_time: int
    message: str | None


@dataclass
class Fetched:
    error: int
    high_watermark: int
    records: bytes


class Connection:
    """One connection; requests may be pipelined with `send` and `receive`."""

    def __init__(self, port: int, seconds: float = 10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send(self, key: int, version: int, body: bytes) -> int:
        self.correlation += 1
        request = struct.pack(">hhi", key, version, self.correlation) + string("wire.py") + body
        self.send_raw(struct.pack(">i", len(request)) + request)
        return self.correlation

    def receive(self) -> Reader:
        """One answer, its correlation id not yet read."""
        size = struct.unpack(">i", self._exactly(4))[0]
        return Reader(self._exactly(size))

    def call(self, key: int, version: int, body: bytes) -> Reader:
        expected = self.send(key, version, body)
        answer = self.receive()
        assert answer.unpack("i") == expected, "an answer to another request"
        return answer

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError(f"closed after {len(data)} of {count} bytes")
            data += part
        return bytes(data)

    def is_closed_by_peer(self) -> bool:
        """Waits (up to the socket's time limit) for the end of the stream, whatever comes before it."""
        try:
            while self.socket.recv(65536):
                pass
            return True
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    # The few requests that tests need

    def api_versions(self) -> dict[int, tuple[int, int]]:
        answer = self.call(API_VERSIONS, 0, b"")
        assert answer.unpack("h") == NONE
        return {key: (low, high) for key, low, high in answer.array(lambda: answer.unpack("hhh"))}

    def produce(self, topic: str, records: bytes, partition: int = 0, acks: int = -1) -> Produced:
        data = struct.pack(">ii", partition, len(records)) + records
        body = string(None) + struct.pack(">hi", acks, 10_000) + array([string(topic) + array([data])])
        return self.produced(self.call(PRODUCE, 8, body))

    @staticmethod
    def produced(answer: Reader) -> Produced:
        def partition():
            _, error, base_offset, append_time, _ = answer.unpack("ihqqq")
            answer.array(lambda: (answer.unpack("i"), answer.string()))
            return Produced(error, base_offset, append_time, answer.string())

        [(_, [result])] = answer.array(lambda: (answer.string(), answer.array(partition)))
        return result

    def fetch(self, topic: str, offset: int, partition: int = 0, max_wait_ms: int = 0, min_bytes: int = 1) -> Fetched:
        body = struct.pack(">iiiib", -1, max_wait_ms, min_bytes, 1 << 20, 0)
        body += array([string(topic) + array([struct.pack(">iqi", partition, offset, 1 << 20)])])
        answer = self.call(FETCH, 4, body)
        answer.unpack("i")

        def one():
            _, error, high_watermark, _ = answer.unpack("ihqq")
            answer.array(lambda: answer.unpack("qq"))
            return Fetched(error, high_watermark, answer.bytes(max(0, answer.unpack("i"))))

        [(_, [result])] = answer.array(lambda: (answer.string(), answer.array(one)))
        return result

    def fetch_session_error(self, session: int, epoch: int) -> int:
        """The top-level error of a fetch without partitions in this session (version 7)."""
        body = struct.pack(">iiiibii", -1, 0, 1, 1 << 20, 0, session, epoch) + array([]) + array([])
        answer = self.call(FETCH, 7, body)
        answer.unpack("i")
        return answer.unpack("h")

    def init_producer_id(self) -> tuple[int, int]:
        answer = self.call(INIT_PRODUCER_ID, 0, string(None) + struct.pack(">i", 60_000))
        _, error, producer_id, epoch = answer.unpack("ihqh")
        assert error == NONE
        return producer_id, epoch
