"""Real clients and a topic that is compacted while they write and read it."""

import threading

import pytest

from client_aiokafka import AIOKafka
from client_confluent import Confluent
from client_kafka_python import KafkaPython
from harness import Broker, eventually, martlet_binary, run
from records import Record

KEYS, ROUNDS = 60, 25
CLIENTS = [Confluent(), KafkaPython(), AIOKafka()]


@pytest.fixture
def cleaning():
    """A broker that compacts at every opportunity."""
    broker = Broker({"log.cleaner.backoff.ms": "50", "log.segment.delete.delay.ms": "0"})
    try:
        yield broker.start()
    finally:
        broker.close()


def create(broker, topic, **configs):
    return broker.create_topic(
        topic, cleanup_policy="compact", segment_bytes=32_768, min_cleanable_dirty_ratio="0.01", **configs)


def history(rng):
    """Records of a few keys, again and again; every fifth key ends with a tombstone. The last record stands alone."""
    records = []
    for number in range(ROUNDS):
        for key in rng.sample(range(KEYS), KEYS):
            is_last = number == ROUNDS - 1 and key % 5 == 0
            value = None if is_last else b"%d in round %d " % (key, number) + rng.randbytes(rng.randrange(80))
            records.append(Record(b"key %d" % key, value, partition=0))
    # Enough to fill the active segment, which is never cleaned, with something else.
    for number in range(40):
        records.append(Record(b"other %d" % number, rng.randbytes(500), partition=0))
    records.append(Record(b"end", b"end", partition=0))
    return records


def write(client, broker, topic, records, codec="none", idempotent=False):
    """In pieces that fit into a segment each, whatever the client's batches are."""
    for start in range(0, len(records), 200):
        client.produce(broker.address, topic, records[start:start + 200], codec, idempotent=idempotent)


def read_to_the_end(client, address, topic, offset=0):
    found = []
    records = client.stream(address, topic, 0, offset)
    try:
        for record in records:
            found.append(record)
            if record.key == b"end":
                return found
    finally:
        records.close()


def table(records):
    """What a reader makes of the log: the last value of each key that has one."""
    last = {record.key: record.value for record in records}
    return {key: value for key, value in last.items() if value is not None}


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
@pytest.mark.parametrize("client", CLIENTS, ids=repr)
def test_the_last_value_of_each_key_stays(cleaning, topic, rng, client, codec):
    create(cleaning, topic)
    sent = history(rng)
    write(client, cleaning, topic, sent, codec)

    def compacted():
        found = read_to_the_end(client, cleaning.address, topic)
        return len(found) < len(sent) // 4 and found

    found = eventually(compacted, "most records are gone", 20)
    assert table(found) == table(sent)
    offsets = [record.offset for record in found]
    assert offsets == sorted(set(offsets)) 
    for record in found:
        assert (record.key, record.value) == (sent[record.offset].key, sent[record.offset].value)
    # From the middle of what is gone. (More may go between the two.)
    middle = offsets[0] // 2
    again = read_to_the_end(client, cleaning.address, topic, middle)
    assert table(again) == table(sent) and {record.offset for record in again} <= set(offsets)
    assert client.watermarks(cleaning.address, topic) == (0, len(sent))
    cleaning.kill9()
    cleaning.start()
    assert table(read_to_the_end(client, cleaning.address, topic)) == table(sent)
    run(martlet_binary(), "log", "check", cleaning.data_directory)


def test_readers_and_an_idempotent_writer_go_on_during_compaction(cleaning, topic, rng):
    create(cleaning, topic)
    sent = history(rng)
    writer = threading.Thread(target=write, args=(Confluent(), cleaning, topic, sent, "none", True))
    writer.start()
    try:
        tables = [table(read_to_the_end(client, cleaning.address, topic)) for client in CLIENTS]
    finally:
        writer.join()
    assert all(found == table(sent) for found in tables)


def test_tombstones_go_after_their_time(cleaning, topic):
    client = Confluent()
    create(cleaning, topic, delete_retention_ms=1)

    def rewrite(number):
        """Another segment's worth, so that there is something to clean."""
        client.produce(cleaning.address, topic, [
            Record(b"filler %d" % index, b"%d" % number + b"." * 250, partition=0) for index in range(100)])

    client.produce(cleaning.address, topic, [Record(b"gone", b"value", partition=0), Record(b"kept", b"v", partition=0)])
    client.produce(cleaning.address, topic, [Record(b"gone", None, partition=0)])
    rounds = iter(range(10_000))

    def keys():
        rewrite(next(rounds))
        client.produce(cleaning.address, topic, [Record(b"end", b"end", partition=0)])
        return [record.key for record in read_to_the_end(client, cleaning.address, topic)]

    found = eventually(lambda: (seen := keys()) and b"gone" not in seen and seen, "the tombstone is gone", 30)
    assert b"kept" in found
