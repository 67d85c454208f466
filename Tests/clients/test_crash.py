"""The broker is killed again and again under an idempotent producer: everything arrives, once and in order."""

import confluent_kafka as ck
import pytest

from client_confluent import Confluent
from harness import run, martlet_binary

KILLS, RECORDS = 4, 40_000


@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_killed_under_an_idempotent_producer(broker, topic, codec):
    broker.create_topic(topic)
    errors, delivered = [], [0]

    def on_delivery(error, message):
        if error is not None:
            errors.append(error)
        delivered[0] += 1

    producer = ck.Producer({
        "bootstrap.servers": broker.address, "enable.idempotence": True, "acks": "all", "compression.type": codec,
        "linger.ms": 1, "batch.size": 4000, "message.timeout.ms": 40_000, "retry.backoff.ms": 20,
        "reconnect.backoff.ms": 10, "reconnect.backoff.max.ms": 100, "log_level": 0})
    kills = [RECORDS * (number + 1) // (KILLS + 1) for number in range(KILLS)]
    for number in range(RECORDS):
        while True:
            try:
                producer.produce(topic, b"%d" % number, on_delivery=on_delivery)
                break
            except BufferError:
                producer.poll(0.05)
        if number % 100 == 0:
            producer.poll(0)
        if kills and delivered[0] >= kills[0]:
            # With batches in flight: the producer cannot know which of them were stored.
            del kills[0]
            broker.kill9()
            broker.start()
    while kills and not errors:
        producer.poll(0.005)
        if delivered[0] >= kills[0]:
            del kills[0]
            broker.kill9()
            broker.start()
    assert producer.flush(40) == 0
    assert not errors, f"{len(errors)} of {RECORDS}: {errors[0]}"
    found = Confluent().read(broker.address, topic, RECORDS)
    assert [record.value for record in found] == [b"%d" % number for number in range(RECORDS)]
    assert broker.end_offset(topic) == RECORDS
    run(martlet_binary(), "log", "check", broker.data_directory)
