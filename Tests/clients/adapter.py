"""One face for the client libraries, so that every one of them passes the same tests (contract.py)."""

from __future__ import annotations

from itertools import islice

from records import Record, murmur2_partition


class Refused(Exception):
    """The broker said no. `code` is the protocol's number."""

    def __init__(self, code: int, message: str = ""):
        super().__init__(f"{code}: {message}")
        self.code = code


class ClientAdapter:
    """A client library. `address` is `host:port` of the broker; nothing is kept between calls."""

    name = "?"
    sets_timestamps = True
    sends_empty_values = True

    def __repr__(self):
        return self.name

    def partition_of(self, key: bytes, partitions: int) -> int:
        return murmur2_partition(key, partitions)

    def produce(self, address: str, topic: str, records: list[Record], codec="none", acks="all", idempotent=False):
        """Sends all records in order and waits for what `acks` promises. Raises Refused."""
        raise NotImplementedError

    def stream(self, address: str, topic: str, partition=0, offset=0, seconds=10.0, wait_ms=500):
        """Records from `offset` ("latest" too) on, without end; TimeoutError after `seconds` without one."""
        raise NotImplementedError

    def read(self, address: str, topic: str, count: int, partition=0, offset=0) -> list[Record]:
        records = self.stream(address, topic, partition, offset)
        try:
            return list(islice(records, count))
        finally:
            records.close()

    def offset_for_time(self, address: str, topic: str, timestamp: int, partition=0) -> int | None:
        raise NotImplementedError

    def watermarks(self, address: str, topic: str, partition=0) -> tuple[int, int]:
        raise NotImplementedError

    def metadata(self, address: str) -> tuple[list[str], dict[str, int]]:
        """Addresses of the brokers, and topics with their numbers of partitions."""
        raise NotImplementedError
