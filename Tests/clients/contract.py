"""What every client library has to find: the tests that test_kcat.py, test_confluent.py, … run, each with its adapter."""

from __future__ import annotations

import queue
import threading
import time

import pytest

import wire
from adapter import ClientAdapter, Refused
from client_confluent import Confluent
from harness import Broker, eventually
from records import CODECS, Record, contents, offset_for_time, sample


class ClientContract:
    """Subclasses set `client`."""

    client: ClientAdapter

    def write_and_compare(self, broker: Broker, topic: str, records: list[Record], **options) -> list[Record]:
        """One partition: what was written is what is read, at offsets without holes."""
        self.client.produce(broker.address, topic, records, **options)
        found = self.client.read(broker.address, topic, len(records))
        assert contents(found) == contents(records)
        assert [record.offset for record in found] == list(range(len(records)))
        return found

    # Metadata

    def test_metadata(self, shared, topic):
        shared.create_topic(topic, partitions=7)
        brokers, topics = self.client.metadata(shared.address)
        assert brokers == [shared.address], "the address that the client connected to"
        assert topics[topic] == 7

    # Produce and fetch

    @pytest.mark.parametrize("acks", ["0", "1", "all"])
    @pytest.mark.parametrize("codec", CODECS)
    def test_produce_and_fetch(self, shared, topic, rng, codec, acks):
        shared.create_topic(topic)
        records = sample(rng, 120)
        found = self.write_and_compare(shared, topic, records, codec=codec, acks=acks)
        now = time.time() * 1000
        assert all(abs(record.timestamp - now) < 60_000 for record in found)
        batches = shared.batches(topic)
        assert {batch["compression"] for batch in batches} <= {codec, "none"}, "stored as it was sent"
        assert any(batch["compression"] == codec for batch in batches)
        assert all(batch["damage"] is None for batch in batches)

    def test_idempotent(self, shared, topic, rng):
        shared.create_topic(topic)
        self.write_and_compare(shared, topic, sample(rng, 300), codec="lz4", idempotent=True)
        batches = shared.batches(topic)
        assert {batch["producer_id"] >= 0 for batch in batches} == {True}, "every batch carries a producer id"
        sequences = [batch["base_sequence"] for batch in batches]
        assert sequences == [batch["base_offset"] for batch in batches], "one producer, from sequence 0 on"

    def test_fetch_from_any_offset(self, shared, topic, rng):
        shared.create_topic(topic)
        records = []
        for codec in ["none", "zstd", "gzip"]:
            part = sample(rng, 11)
            self.client.produce(shared.address, topic, part, codec=codec)
            records += part
        for offset in range(0, len(records), 4):
            [first, second] = self.client.read(shared.address, topic, 2, offset=offset) if offset < 32 else [
                self.client.read(shared.address, topic, 1, offset=offset)[0], None]
            assert first.offset == offset and first.content == records[offset].content
            assert second is None or second.content == records[offset + 1].content

    def test_headers_and_nulls(self, shared, topic):
        shared.create_topic(topic)
        headers = (("trace", b"abc"), ("trace", b"again"), ("none", None))
        records = [
            Record(b"key", b"value", headers),
            Record(None, b"no key"),
            Record(b"tombstone", None),
            Record(b"with headers", None, headers[:1]),
        ]
        if self.client.sends_empty_values:
            records += [Record(b"", b""), Record(None, b""), Record(b"", None), Record(b"e", b"", (("empty", b""),))]
        self.write_and_compare(shared, topic, records)

    def test_partition_of_a_key(self, shared, topic, rng):
        shared.create_topic(topic, partitions=5)
        records = sample(rng, 60)
        self.client.produce(shared.address, topic, records)
        expected = {partition: [] for partition in range(5)}
        for record in records:
            expected[self.client.partition_of(record.key, 5)].append(record.content)
        for partition, content in expected.items():
            assert contents(self.client.read(shared.address, topic, len(content), partition)) == content
            assert shared.end_offset(topic, partition) == len(content)

    def test_named_partition(self, shared, topic):
        shared.create_topic(topic, partitions=3)
        self.client.produce(shared.address, topic, [Record(b"k", b"two", partition=2), Record(None, b"0", partition=0)])
        assert [shared.end_offset(topic, partition) for partition in range(3)] == [1, 0, 1]
        assert self.client.read(shared.address, topic, 1, 2)[0].value == b"two"

    def test_topic_created_by_producing(self, shared, topic):
        self.client.produce(shared.address, topic, [Record(b"k", b"first")])
        assert self.client.read(shared.address, topic, 1)[0].value == b"first"

    # Sizes

    def test_big_records(self, shared, topic, rng):
        shared.create_topic(topic)
        text = "".join(rng.choices("0123456789abcdef", k=900_000)).encode()
        self.write_and_compare(shared, topic, [Record(b"a", text), Record(b"b", text[::-1]), Record(b"c", b"small")])

    def test_larger_than_a_fetch(self, shared, topic, rng):
        """A record above the consumer's limits is returned all the same (KIP-74)."""
        shared.create_topic(topic, max_message_bytes=5_000_000)
        text = "".join(rng.choices("0123456789abcdef", k=3_000_000)).encode()
        self.write_and_compare(shared, topic, [Record(b"a", text), Record(b"b", b"after")])

    @pytest.mark.parametrize("limit, size", [(1_048_588, 1_100_000), (20_000, 21_000)])
    def test_too_large(self, shared, topic, limit, size):
        shared.create_topic(topic, max_message_bytes=limit)
        with pytest.raises(Refused) as refused:
            self.client.produce(shared.address, topic, [Record(b"k", b"x" * size)])
        assert refused.value.code == wire.MESSAGE_TOO_LARGE
        assert shared.end_offset(topic) == 0
        self.write_and_compare(shared, topic, [Record(b"k", b"x" * (limit - 1000))])

    # Times

    def test_offsets_for_times(self, shared, topic, rng):
        """Agrees with a linear scan, with times that go up and down, over many batches and index entries."""
        shared.create_topic(topic, index_interval_bytes=1000)
        start = 1_700_000_000_000
        writer = self.client if self.client.sets_timestamps else Confluent()
        records = [
            Record(record.key, record.value, timestamp=start + number * 50 + rng.randrange(-2000, 2000))
            for number, record in enumerate(sample(rng, 300))]
        for at in range(0, len(records), 50):
            writer.produce(shared.address, topic, records[at : at + 50], codec=rng.choice(CODECS))
        found = self.client.read(shared.address, topic, len(records))
        assert [record.timestamp for record in found] == [record.timestamp for record in records]
        times = [0, start, max(record.timestamp for record in found), max(record.timestamp for record in found) + 1]
        times += [rng.choice(found).timestamp + rng.randrange(2) for _ in range(6)]
        for timestamp in times:
            answer = self.client.offset_for_time(shared.address, topic, timestamp)
            assert answer == offset_for_time(found, timestamp), f"time {timestamp}"

    def test_log_append_time(self, shared, topic):
        shared.create_topic(topic, message_timestamp_type="LogAppendTime")
        before = int(time.time() * 1000)
        written = Record(b"k", b"v", timestamp=1_000_000 if self.client.sets_timestamps else None)
        self.client.produce(shared.address, topic, [written] * 3, codec="gzip")
        after = int(time.time() * 1000)
        for record in self.client.read(shared.address, topic, 3):
            assert before - 1 <= record.timestamp <= after + 1, "the broker's clock, not the producer's"

    # Topics with a codec of their own

    @pytest.mark.parametrize("wanted, sent", [("zstd", "gzip"), ("uncompressed", "lz4"), ("snappy", "none")])
    def test_recompression(self, shared, topic, rng, wanted, sent):
        shared.create_topic(topic, compression_type=wanted)
        self.write_and_compare(shared, topic, sample(rng, 80), codec=sent)
        stored = {batch["compression"] for batch in shared.batches(topic)}
        assert stored == {"none" if wanted == "uncompressed" else wanted}

    # Waiting

    def test_long_poll(self, shared, topic):
        """A consumer that waits ten seconds at most gets a record as soon as it was written."""
        shared.create_topic(topic)
        arrived: queue.Queue = queue.Queue()
        failures = []

        def consume():
            try:
                records = self.client.stream(shared.address, topic, wait_ms=10_000, seconds=20)
                for record in records:
                    arrived.put((record.value, time.monotonic()))
                    if record.value == b"last":
                        break
                records.close()
            except BaseException as error:
                failures.append(error)
                arrived.put((None, 0))

        reader = threading.Thread(target=consume)
        reader.start()
        delays = []
        with wire.Connection(shared.port) as writer:
            for value in [b"0", b"1", b"2", b"3", b"last"]:
                assert writer.produce(topic, wire.batch([value])).error == wire.NONE
                written = time.monotonic()
                # Only when it has arrived is the next one written, so the consumer waits again by then.
                got, at = arrived.get(timeout=20)
                assert not failures, failures
                assert got == value
                delays.append(at - written)
        reader.join(10)
        assert not reader.is_alive()
        # The first one includes connecting.
        assert max(delays[1:]) < 2, f"seconds from acknowledged to received: {delays}"

    def test_starts_at_the_end(self, shared, topic):
        shared.create_topic(topic)
        self.client.produce(shared.address, topic, [Record(None, b"old")])
        written = threading.Event()

        def write():
            number = 0
            with wire.Connection(shared.port) as writer:
                while not written.is_set():
                    writer.produce(topic, wire.batch([b"new"]))
                    number += 1
                    written.wait(0.05)

        # Where "the end" is depends on when the client asks: writes go on until it has something.
        writer = threading.Thread(target=write)
        writer.start()
        try:
            records = self.client.stream(shared.address, topic, offset="latest")
            first = next(records)
            records.close()
        finally:
            written.set()
            writer.join()
        assert first.value == b"new" and first.offset >= 1

    def test_watermarks(self, shared, topic, rng):
        shared.create_topic(topic)
        assert self.client.watermarks(shared.address, topic) == (0, 0)
        self.client.produce(shared.address, topic, sample(rng, 20), codec="gzip")
        assert self.client.watermarks(shared.address, topic) == (0, 20)

    # Stops and crashes

    def test_restart(self, broker, topic, rng):
        records = sample(rng, 500)
        broker.create_topic(topic, partitions=1)
        self.client.produce(broker.address, topic, records[:300], codec="zstd", acks="1")
        broker.restart()
        assert contents(self.client.read(broker.address, topic, 300)) == contents(records[:300])
        self.client.produce(broker.address, topic, records[300:], codec="snappy", idempotent=True)
        broker.restart()
        assert contents(self.client.read(broker.address, topic, 500)) == contents(records)
        assert broker.end_offset(topic) == 500

    def test_kill(self, broker, topic, rng):
        """What acks=all acknowledged is there after a kill -9, and new records follow it."""
        records = sample(rng, 500)
        broker.create_topic(topic)
        for at in range(0, 400, 100):
            self.client.produce(broker.address, topic, records[at : at + 100], codec="lz4", idempotent=at >= 200)
        broker.kill9()
        broker.start()
        assert contents(self.client.read(broker.address, topic, 400)) == contents(records[:400])
        self.client.produce(broker.address, topic, records[400:])
        assert contents(self.client.read(broker.address, topic, 500)) == contents(records)
        eventually(lambda: broker.end_offset(topic) == 500, "the end is at 500")
        assert broker.martlet("topic", "list").returncode == 0
