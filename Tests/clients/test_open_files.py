"""More partitions than descriptors: what nobody uses is closed, and nobody notices.

Eight partitions for each descriptor that the broker may have, 2,000 of them; MARTLET_PARTITIONS=10000 is the long form
(`make torture-files`), under a limit of 1,250 descriptors or what MARTLET_OPEN_FILES says.
"""

import os
import struct

import pytest

import wire
from harness import Broker, martlet_binary, run

TOPICS = 10
PARTITIONS = int(os.environ.get("MARTLET_PARTITIONS", 2_000)) // TOPICS
OPEN_FILES_MAX = int(os.environ.get("MARTLET_OPEN_FILES", PARTITIONS * TOPICS // 8))
# In one request: so many partitions are dirty at once.
BURST = 250


@pytest.fixture
def crowded():
    broker = Broker({"num.network.threads": "2"}, open_files_max=OPEN_FILES_MAX, patience=6)
    try:
        yield broker.start()
    finally:
        broker.close()


def topics() -> list[str]:
    return [f"many-{number}" for number in range(TOPICS)]


def value(topic: str, partition: int, turn: int) -> bytes:
    return f"{topic}/{partition}/{turn}".encode()


def produce_everywhere(connection: wire.Connection, turn: int, acks: int) -> None:
    """One batch for each partition, round robin: the next one is always the coldest."""
    for first in range(0, PARTITIONS, BURST // TOPICS):
        partitions = range(first, min(first + BURST // TOPICS, PARTITIONS))
        data = []
        for topic in topics():
            batches = [(partition, wire.batch([value(topic, partition, turn)])) for partition in partitions]
            data.append(wire.string(topic) + wire.array(
                [struct.pack(">ii", partition, len(batch)) + batch for partition, batch in batches]))
        answer = connection.call(
            wire.PRODUCE, 8, wire.string(None) + struct.pack(">hi", acks, 30_000) + wire.array(data))

        def partition():
            _, error, base_offset, _, _ = answer.unpack("ihqqq")
            answer.array(lambda: (answer.unpack("i"), answer.string()))
            return error, base_offset, answer.string()

        results = [each for _, found in answer.array(lambda: (answer.string(), answer.array(partition))) for each in found]
        assert len(results) == TOPICS * len(partitions)
        assert set(results) == {(wire.NONE, turn, None)}


def check_everything(connection: wire.Connection, turns: int) -> None:
    """Reads every partition from its start: whole, in order, nothing else."""
    for topic in topics():
        for first in range(0, PARTITIONS, BURST):
            partitions = range(first, min(first + BURST, PARTITIONS))
            body = struct.pack(">iiiib", -1, 0, 1, 50 << 20, 0) + wire.array([wire.string(topic) + wire.array(
                [struct.pack(">iqi", partition, 0, 1 << 20) for partition in partitions])])
            answer = connection.call(wire.FETCH, 4, body)
            answer.unpack("i")

            def one():
                partition, error, high_watermark, _ = answer.unpack("ihqq")
                answer.array(lambda: answer.unpack("qq"))
                return partition, error, high_watermark, answer.bytes(max(0, answer.unpack("i")))

            [(_, found)] = answer.array(lambda: (answer.string(), answer.array(one)))
            assert len(found) == len(partitions)
            for partition, error, high_watermark, records in found:
                assert (error, high_watermark) == (wire.NONE, turns), (topic, partition)
                expected = [wire.batch([value(topic, partition, turn)])[16:] for turn in range(turns)]
                # Base offset, length and epoch are in front of the checked part.
                size = len(records) // turns
                assert [records[at + 16 : at + size] for at in range(0, len(records), size)] == expected


def check_limits(broker: Broker) -> None:
    # A part of them is kept for connections.
    assert broker.open_files() < OPEN_FILES_MAX * 3 // 4
    assert broker.anonymous_bytes() < 300 << 20, f"{broker.anonymous_bytes() >> 20} MB of memory of its own"
    assert "oo many open files" not in broker.log()


@pytest.mark.timeout(600)
def test_many_partitions(crowded):
    """Created, written round robin with acks=1 and acks=all, read, restarted cleanly and after a kill."""
    for topic in topics():
        crowded.create_topic(topic, partitions=PARTITIONS)
    with wire.Connection(crowded.port, seconds=60) as connection:
        for turn, acks in enumerate([1, -1, 1]):
            produce_everywhere(connection, turn, acks)
            check_limits(crowded)
        check_everything(connection, 3)
        check_limits(crowded)
    crowded.restart()
    with wire.Connection(crowded.port, seconds=60) as connection:
        check_everything(connection, 3)
        produce_everywhere(connection, 3, acks=1)
        check_limits(crowded)
    crowded.kill9()
    crowded.start()
    with wire.Connection(crowded.port, seconds=60) as connection:
        check_everything(connection, 4)
        produce_everywhere(connection, 4, acks=-1)
        check_everything(connection, 5)
        check_limits(crowded)
    crowded.stop()
    run(martlet_binary(), "log", "check", crowded.data_directory, seconds=300)
