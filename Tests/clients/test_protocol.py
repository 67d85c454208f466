"""What only raw bytes can show of the right way: duplicates, sequences, pipelining, coordinators, many partitions."""

import struct
import time

import wire
from harness import eventually

FIND_COORDINATOR = 10


def test_duplicates_are_acknowledged_once(shared, topic):
    """A batch that arrives twice is stored once, and answered with the same offset."""
    shared.create_topic(topic)
    with wire.Connection(shared.port) as connection:
        producer, epoch = connection.init_producer_id()
        batches = [
            wire.batch([b"a%d" % number, b"b%d" % number], producer_id=producer, epoch=epoch, sequence=2 * number)
            for number in range(5)]
        for number, batch in enumerate(batches):
            answer = connection.produce(topic, batch)
            assert (answer.error, answer.base_offset) == (wire.NONE, 2 * number)
        for number, batch in enumerate(batches):
            answer = connection.produce(topic, batch)
            assert (answer.error, answer.base_offset) == (wire.NONE, 2 * number), "a duplicate of the last five"
        assert connection.fetch(topic, 0).high_watermark == 10
    shared.restart()
    with wire.Connection(shared.port) as connection:
        answer = connection.produce(topic, batches[4])
        assert (answer.error, answer.base_offset) == (wire.NONE, 8), "remembered over a restart"
        answer = connection.produce(
            topic, wire.batch([b"next"], producer_id=producer, epoch=epoch, sequence=10))
        assert (answer.error, answer.base_offset) == (wire.NONE, 10)


def test_sequences_out_of_order_are_refused(shared, topic):
    shared.create_topic(topic)
    with wire.Connection(shared.port) as connection:
        producer, epoch = connection.init_producer_id()

        def produce(sequence, epoch=epoch):
            return connection.produce(
                topic, wire.batch([b"v"], producer_id=producer, epoch=epoch, sequence=sequence)).error

        assert produce(0) == wire.NONE
        assert produce(2) == wire.OUT_OF_ORDER_SEQUENCE, "1 is missing"
        assert produce(1) == wire.NONE
        assert produce(0, epoch + 1) == wire.NONE, "a new epoch begins at 0"
        assert produce(2) == wire.INVALID_PRODUCER_EPOCH, "the old epoch is fenced"
        assert produce(5, epoch + 2) == wire.OUT_OF_ORDER_SEQUENCE, "and no other number"
        assert connection.fetch(topic, 0).high_watermark == 3


def test_producer_ids_are_never_given_twice(broker):
    seen = []
    for life in range(3):
        with wire.Connection(broker.port) as connection:
            seen += [connection.init_producer_id()[0] for _ in range(50)]
        if life == 0:
            broker.restart()
        elif life == 1:
            broker.kill9()
            broker.start()
    assert len(set(seen)) == 150


def test_pipelined_requests_are_answered_in_order(shared, topic):
    shared.create_topic(topic)
    with wire.Connection(shared.port) as connection:
        body = lambda batch: wire.string(None) + struct.pack(">hi", -1, 10_000) + wire.array(
            [wire.string(topic) + wire.array([struct.pack(">ii", 0, len(batch)) + batch])])
        sent = []
        for number in range(50):
            sent.append(connection.send(wire.PRODUCE, 8, body(wire.batch([b"%d" % number]))))
            sent.append(connection.send(wire.API_VERSIONS, 0, b""))
        offsets = []
        for number, correlation in enumerate(sent):
            answer = connection.receive()
            assert answer.unpack("i") == correlation
            if number % 2 == 0:
                offsets.append(connection.produced(answer).base_offset)
        assert offsets == list(range(50))


def test_find_coordinator_names_the_address_that_was_used(shared):
    """librdkafka asks as soon as a group.id is set, and knows lz4 only of brokers that list this API."""
    with wire.Connection(shared.port) as connection:
        assert connection.api_versions()[FIND_COORDINATOR][0] == 0
        answer = connection.call(FIND_COORDINATOR, 0, wire.string("group"))
        assert answer.unpack("hi") == (wire.NONE, 1)
        assert (answer.string(), answer.unpack("i")) == ("127.0.0.1", shared.port)


def test_a_thousand_partitions(broker, topic):
    start = time.monotonic()
    broker.create_topic(topic, partitions=1000)
    created = time.monotonic() - start
    with wire.Connection(broker.port) as connection:
        assert connection.produce(topic, wire.batch([b"last"]), partition=999).error == wire.NONE
    start = time.monotonic()
    broker.restart()
    restarted = time.monotonic() - start
    with wire.Connection(broker.port) as connection:
        assert connection.fetch(topic, 0, partition=999).high_watermark == 1
    print(f"1,000 partitions: created in {created:.3f} s, stopped and started in {restarted:.3f} s")
    assert len(broker.martlet_json("topic", "describe", topic)["partitions"]) == 1000


def test_recreated_topic_is_another_one(broker, topic):
    """The old topic's records and its waiting consumers do not reach the new one."""
    broker.create_topic(topic)
    first = broker.martlet_json("topic", "describe", topic)["id"]
    with wire.Connection(broker.port) as connection:
        connection.produce(topic, wire.batch([b"old"]))
        broker.martlet("topic", "delete", topic, "--yes")
        assert connection.fetch(topic, 0).error == wire.UNKNOWN_TOPIC_OR_PARTITION
        broker.create_topic(topic)
        assert broker.martlet_json("topic", "describe", topic)["id"] != first
        assert connection.fetch(topic, 0).high_watermark == 0
        assert connection.produce(topic, wire.batch([b"new"])).base_offset == 0
    broker.restart()
    with wire.Connection(broker.port) as connection:
        found = connection.fetch(topic, 0)
        assert found.high_watermark == 1 and b"new" in found.records


def test_deleted_directories_go_away(shared, topic):
    shared.create_topic(topic, partitions=3)
    with wire.Connection(shared.port) as connection:
        connection.produce(topic, wire.batch([b"v"]))
    shared.martlet("topic", "delete", topic, "--yes")
    here = lambda: [path.name for path in shared.data_directory.iterdir() if path.name.startswith(f"{topic}-")]
    eventually(lambda: not here(), "nothing of the topic is left on disk")
