"""A member of a consumer group as a process of its own, so that tests can stop it, kill it and start it again.

    group_member.py LIBRARY '{"address": …, "group": …, "topics": […], "strategy": "range", …}'

It consumes, prints one JSON line for everything that happens, and commits what it has printed: so what was committed was seen.
    {"assigned": [[topic, partition], …]}     what it owns from now on
    {"record": [topic, partition, offset, value]}
    {"committed": {"topic/partition": offset}}
    {"refused": "…"}                          a commit that was not taken, which a rebalance explains
SIGTERM: it leaves and ends with exit code 0.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

stopping = False


def stop(*_) -> None:
    global stopping
    stopping = True


def say(**what) -> None:
    sys.stdout.write(json.dumps(what) + "\n")


def say_record(topic: str, partition: int, offset: int, value: bytes | None) -> None:
    say(record=[topic, partition, offset, (value or b"").decode()])


class Assignment:
    """Says what is owned whenever it is not what was said last."""

    def __init__(self):
        self.said = None

    def update(self, partitions) -> None:
        owned = sorted([each.topic, each.partition] for each in partitions)
        if owned != self.said:
            self.said = owned
            say(assigned=owned)
            sys.stdout.flush()


def confluent(options: dict) -> None:
    import confluent_kafka as ck

    settings = {
        "bootstrap.servers": options["address"], "group.id": options["group"], "client.id": options["client"],
        "partition.assignment.strategy": options["strategy"], "session.timeout.ms": options["session_ms"],
        "heartbeat.interval.ms": options["heartbeat_ms"], "auto.offset.reset": "earliest", "enable.auto.commit": False,
        "topic.metadata.refresh.interval.ms": 500, "reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 200,
        "retry.backoff.ms": 20, "log_level": 0}
    if options["instance"]:
        settings["group.instance.id"] = options["instance"]
    consumer = ck.Consumer(settings)
    consumer.subscribe([options["pattern"]] if options["pattern"] else options["topics"])
    assignment = Assignment()
    while not stopping:
        messages = consumer.consume(options["batch"], 0.1)
        for message in messages:
            if message.error() is None:
                say_record(message.topic(), message.partition(), message.offset(), message.value())
        sys.stdout.flush()
        if any(message.error() is None for message in messages):
            try:
                answer = consumer.commit(asynchronous=False)
                say(committed={f"{each.topic}/{each.partition}": each.offset for each in answer if each.offset >= 0})
            except ck.KafkaException as error:
                say(refused=str(error))
        assignment.update(consumer.assignment())
    consumer.close()


def kafka_python(options: dict) -> None:
    import kafka
    from kafka.coordinator.assignors import cooperative_sticky, range as range_assignor, roundrobin
    from kafka.coordinator.assignors.sticky import sticky_assignor
    from kafka.errors import KafkaError

    strategy = {
        "range": range_assignor.RangePartitionAssignor, "roundrobin": roundrobin.RoundRobinPartitionAssignor,
        "sticky": sticky_assignor.StickyPartitionAssignor,
        "cooperative-sticky": cooperative_sticky.CooperativeStickyAssignor}[options["strategy"]]
    consumer = kafka.KafkaConsumer(
        bootstrap_servers=options["address"], group_id=options["group"], client_id=options["client"],
        partition_assignment_strategy=(strategy,), session_timeout_ms=options["session_ms"],
        heartbeat_interval_ms=options["heartbeat_ms"], group_instance_id=options["instance"],
        auto_offset_reset="earliest", enable_auto_commit=False, metadata_max_age_ms=500, retry_backoff_ms=20,
        reconnect_backoff_ms=20, reconnect_backoff_max_ms=200, max_poll_records=options["batch"])
    if options["pattern"]:
        consumer.subscribe(pattern=options["pattern"])
    else:
        consumer.subscribe(options["topics"])
    assignment = Assignment()
    while not stopping:
        # Long enough for a rebalance: the library (3.0.12) loses an assignment that arrives behind the end of its poll.
        polled = consumer.poll(timeout_ms=1000)
        for messages in polled.values():
            for message in messages:
                say_record(message.topic, message.partition, message.offset, message.value)
        sys.stdout.flush()
        if polled:
            try:
                consumer.commit()
                say(committed={f"{each.topic}/{each.partition}": found[-1].offset + 1 for each, found in polled.items()})
            except KafkaError as error:
                say(refused=str(error))
        assignment.update(consumer.assignment())
    consumer.close(autocommit=False)


async def aiokafka(options: dict) -> None:
    import aiokafka
    from aiokafka.coordinator.assignors.range import RangePartitionAssignor
    from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
    from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
    from aiokafka.errors import KafkaError

    strategy = {
        "range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor,
        "sticky": StickyPartitionAssignor}[options["strategy"]]
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=options["address"], group_id=options["group"], client_id=options["client"],
        partition_assignment_strategy=(strategy,), session_timeout_ms=options["session_ms"],
        heartbeat_interval_ms=options["heartbeat_ms"], group_instance_id=options["instance"],
        auto_offset_reset="earliest", enable_auto_commit=False, metadata_max_age_ms=500, retry_backoff_ms=20,
        max_poll_records=options["batch"])
    if options["pattern"]:
        consumer.subscribe(pattern=options["pattern"])
    else:
        consumer.subscribe(options["topics"])
    await consumer.start()
    assignment = Assignment()
    while not stopping:
        polled = await consumer.getmany(timeout_ms=100)
        for messages in polled.values():
            for message in messages:
                say_record(message.topic, message.partition, message.offset, message.value)
        sys.stdout.flush()
        if polled:
            try:
                offsets = {each: found[-1].offset + 1 for each, found in polled.items()}
                await consumer.commit(offsets)
                say(committed={f"{each.topic}/{each.partition}": offset for each, offset in offsets.items()})
            except KafkaError as error:
                say(refused=str(error))
        assignment.update(consumer.assignment())
    await consumer.stop()


LIBRARIES = {
    "confluent": confluent, "kafka-python": kafka_python, "aiokafka": lambda options: asyncio.run(aiokafka(options))}

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    defaults = {
        "client": f"member-{os.getpid()}", "topics": [], "pattern": None, "strategy": "range", "instance": None,
        "session_ms": 6000, "heartbeat_ms": 200, "batch": 100}
    LIBRARIES[sys.argv[1]]({**defaults, **json.loads(sys.argv[2])})
    sys.stdout.flush()
