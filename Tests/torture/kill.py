"""A broker that is killed (SIGKILL) again and again under real producers and consumer groups.

Demanded: every acknowledged record is there at the offset that was acknowledged, with its bytes and in its order, once for
idempotent producers and at least once for others, at acks=all and at acks=1; offsets have no gaps; on a compacted topic the
newest record of every key is there; what a group has committed never moves back.

    MARTLET_BIN=.build/debug/martlet python Tests/torture/kill.py --cycles 200 [--seed N]
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import confluent_kafka as ck

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))
from harness import Broker, eventually, martlet_binary, run  # noqa: E402

KEYS = 40
IN_FLIGHT = 200
# Of one producer. More would prove no more, and reading it back takes long.
RECORDS_A_SECOND = 400
GROUP = "torture"


class Stream(threading.Thread):
    """One producer on one topic: numbers the records of each partition and remembers what was acknowledged."""

    def __init__(self, broker: Broker, topic: str, partitions: int, seed, keyed=False, **settings):
        super().__init__(daemon=True, name=topic)
        self.topic, self.partitions, self.keyed = topic, partitions, keyed
        self.random = random.Random(seed)
        self.stopping = threading.Event()
        self.next = [0] * partitions
        # Per partition: offset to number.
        self.acknowledged: list[dict[int, int]] = [{} for _ in range(partitions)]
        self.errors: list[str] = []
        self.waiting = 0
        self.producer = ck.Producer({
            "bootstrap.servers": broker.address, "linger.ms": 2, "batch.size": 6000, "message.timeout.ms": 120_000,
            "retry.backoff.ms": 20, "retry.backoff.max.ms": 100, "reconnect.backoff.ms": 10,
            "reconnect.backoff.max.ms": 100, "log_level": 0, **settings})

    @staticmethod
    def value(topic: str, partition: int, number: int) -> bytes:
        return b"%s %d %d " % (topic.encode(), partition, number) + b"x" * (number * 7919 % 600)

    @staticmethod
    def key(number: int) -> bytes:
        return b"key %d" % (number * 31 % KEYS)

    @property
    def count(self) -> int:
        return sum(map(len, self.acknowledged))

    def run(self) -> None:
        while not self.stopping.is_set():
            if self.waiting >= IN_FLIGHT:
                self.producer.poll(0.01)
                continue
            partition = self.random.randrange(self.partitions)
            number = self.next[partition]
            self.next[partition] += 1
            self.waiting += 1
            self.producer.produce(
                self.topic, self.value(self.topic, partition, number), self.key(number) if self.keyed else None,
                partition=partition,
                on_delivery=lambda error, message, number=number: self.delivered(error, message, number))
            # In bursts: full batches and lonely records.
            self.producer.poll(self.random.random() * 2 * 20 / RECORDS_A_SECOND if number % 20 == 0 else 0)

    def delivered(self, error, message, number) -> None:
        self.waiting -= 1
        if error is not None:
            self.errors.append(f"{self.topic} {message.partition()} {number}: {error}")
            return
        self.acknowledged[message.partition()][message.offset()] = number

    def finish(self) -> None:
        self.stopping.set()
        self.join(30)
        assert self.producer.flush(60) == 0, f"{self.topic}: not everything was delivered"
        assert not self.errors, self.errors[:3]


class Member(threading.Thread):
    """A member of the group: reads, checks the order of what it reads, commits, remembers what was committed."""

    def __init__(self, broker: Broker, topics: list[str], commits: "Commits", number: int):
        super().__init__(daemon=True, name=f"member {number}")
        self.commits = commits
        self.stopping = threading.Event()
        self.problems: list[str] = []
        self.read = 0
        self.consumer = ck.Consumer({
            "bootstrap.servers": broker.address, "group.id": GROUP, "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "check.crcs": True, "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 300, "reconnect.backoff.ms": 10, "reconnect.backoff.max.ms": 100,
            "fetch.wait.max.ms": 50, "log_level": 0})
        self.positions: dict[tuple[str, int], int] = {}
        self.floor: dict[tuple[str, int], int] = {}
        self.consumer.subscribe(topics, on_assign=self.assigned)

    def assigned(self, consumer, partitions) -> None:
        self.positions = {}
        self.floor = self.commits.snapshot()

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                messages = self.consumer.consume(200, 0.1)
                for message in messages:
                    if message.error() is None:
                        self.check(message)
                if messages and self.positions:
                    self.commit()
        except Exception as error:  # A thread that ends silently would be a test that cannot fail.
            self.problems.append(repr(error))
        finally:
            self.consumer.close()

    def check(self, message) -> None:
        place = (message.topic(), message.partition())
        expected = self.positions.get(place)
        if expected is None and message.offset() < self.floor.get(place, 0):
            # Whoever is assigned starts at what was committed before.
            self.problems.append(f"{place}: starts at {message.offset()}, committed was {self.floor[place]}")
        if expected is not None and message.offset() != expected:
            self.problems.append(f"{place}: offset {message.offset()} instead of {expected}")
        fields = message.value().split(b" ")
        number = int(fields[2])
        if message.value() != Stream.value(message.topic(), message.partition(), number):
            self.problems.append(f"{place}: other bytes at {message.offset()}")
        self.positions[place] = message.offset() + 1
        self.read += 1

    def commit(self) -> None:
        offsets = [ck.TopicPartition(topic, partition, at) for (topic, partition), at in self.positions.items()]
        try:
            done = self.consumer.commit(offsets=offsets, asynchronous=False)
        except ck.KafkaException:
            return  # Killed, or no member any more: nothing was promised.
        self.commits.note(done)


class Commits:
    """What the broker has confirmed, by partition."""

    def __init__(self):
        self.lock = threading.Lock()
        self.offsets: dict[tuple[str, int], int] = defaultdict(int)
        self.count = 0

    def note(self, done) -> None:
        with self.lock:
            for item in done:
                if item.error is None:
                    place = (item.topic, item.partition)
                    self.offsets[place] = max(self.offsets[place], item.offset)
                    self.count += 1

    def snapshot(self) -> dict[tuple[str, int], int]:
        with self.lock:
            return dict(self.offsets)


def check_committed(broker: Broker, promised: dict[tuple[str, int], int]) -> None:
    if not promised:
        return
    consumer = ck.Consumer({"bootstrap.servers": broker.address, "group.id": GROUP, "log_level": 0})
    try:
        found = consumer.committed([ck.TopicPartition(*place) for place in promised], timeout=20)
        for item in found:
            owed = promised[item.topic, item.partition]
            assert item.error is None and item.offset >= owed, (
                f"{item.topic}-{item.partition}: committed was {owed}, now it is {item.offset}")
    finally:
        consumer.close()


def read_all(broker: Broker, topic: str, partition: int):
    """Offset, key and value of every record."""
    consumer = ck.Consumer({
        "bootstrap.servers": broker.address, "group.id": "unused", "enable.auto.commit": False, "check.crcs": True,
        "enable.partition.eof": True, "log_level": 0})
    try:
        consumer.assign([ck.TopicPartition(topic, partition, 0)])
        heard = time.monotonic()
        while True:
            # `consume` waits until it has all that it is asked for, also behind the end.
            messages = consumer.consume(1000, 0.1)
            if messages:
                heard = time.monotonic()
            assert time.monotonic() - heard < 20, f"{topic}-{partition}: nothing comes, and no end"
            for message in messages:
                if message.error() is None:
                    yield message.offset(), message.key(), message.value()
                elif message.error().code() == ck.KafkaError._PARTITION_EOF:
                    return
                else:
                    raise AssertionError(f"{topic}-{partition}: {message.error()}")
    finally:
        consumer.close()


def check_stream(broker: Broker, stream: Stream, exactly_once: bool) -> int:
    total = 0
    for partition, acknowledged in enumerate(stream.acknowledged):
        place = f"{stream.topic}-{partition}"
        found: dict[int, int] = {}
        newest: dict[bytes, int] = {}
        next_offset, highest = 0, -1
        for offset, key, value in read_all(broker, stream.topic, partition):
            number = int(value.split(b" ")[2])
            assert value == Stream.value(stream.topic, partition, number), f"{place}: other bytes at {offset}"
            assert offset >= next_offset if stream.keyed else offset == next_offset, (
                f"{place}: offset {offset} instead of {next_offset}")
            if exactly_once:
                assert number > highest, f"{place}: record {number} at {offset} behind record {highest}"
            assert number <= highest + 1 or stream.keyed, f"{place}: record {number} at {offset} follows {highest}"
            next_offset, highest = offset + 1, max(highest, number)
            found[offset] = number
            if key is not None:
                newest[key] = max(number, newest.get(key, -1))
        for offset, number in acknowledged.items():
            if stream.keyed and offset not in found:
                assert newest.get(Stream.key(number), -1) > number, f"{place}: record {number} at {offset} is lost"
                continue
            assert found.get(offset) == number, (
                f"{place}: record {number} was acknowledged at {offset}, there is {found.get(offset)}")
        if not stream.keyed:
            assert set(found.values()) == set(range(stream.next[partition])), f"{place}: records are missing"
            if exactly_once:
                assert len(found) == stream.next[partition], f"{place}: records are there twice"
        total += len(found)
    return total


def torture(broker: Broker, cycles: int, seed: int, say=print) -> None:
    rng = random.Random(seed)
    broker.create_topic("once", 6, segment_bytes=100_000)
    broker.create_topic("least", 4, segment_bytes=60_000)
    broker.create_topic("keyed", 2, segment_bytes=60_000, cleanup_policy="compact", min_cleanable_dirty_ratio=0.1)
    streams = [
        Stream(broker, "once", 6, rng.random(), acks="all", **{"enable.idempotence": True}),
        Stream(broker, "least", 4, rng.random(), acks="1", **{"max.in.flight": 1}),
        Stream(broker, "keyed", 2, rng.random(), keyed=True, acks="all", **{"enable.idempotence": True}),
    ]
    commits = Commits()
    members = [Member(broker, ["once", "least"], commits, number) for number in range(2)]
    for thread in streams + members:
        thread.start()
    began = time.monotonic()
    for cycle in range(cycles):
        # A kill counts when something was acknowledged since the last one; then it comes at any moment.
        before = [stream.count for stream in streams]
        eventually(
            lambda: all(stream.count > count for stream, count in zip(streams, before)),
            f"cycle {cycle}: records are acknowledged", 60)
        time.sleep(rng.random() * rng.choice([0.05, 0.5, 1.0]))
        problems = [problem for thread in members for problem in thread.problems]
        problems += [error for stream in streams for error in stream.errors]
        assert not problems, f"cycle {cycle}: {problems[:3]}"
        # What is confirmed until here is owed, whatever is under way.
        promised = commits.snapshot()
        if rng.random() < 0.1:
            broker.restart()
        else:
            broker.kill9()
            broker.start()
        check_committed(broker, promised)
        if cycle % 20 == 19:
            say(
                f"cycle {cycle + 1}: {sum(stream.count for stream in streams)} records acknowledged, "
                f"{commits.count} commits, {time.monotonic() - began:.0f} s", flush=True)
    for stream in streams:
        stream.finish()
    eventually(lambda: any(member.read for member in members), "the group reads", 60)
    for member in members:
        member.stopping.set()
    for member in members:
        member.join(60)
        assert not member.is_alive() and not member.problems, member.problems[:3]
    promised = commits.snapshot()
    assert promised, "nothing was committed"
    broker.restart()
    check_committed(broker, promised)
    records = [check_stream(broker, stream, exactly_once=stream.topic != "least") for stream in streams]
    run(martlet_binary(), "log", "check", broker.data_directory, seconds=120)
    say(
        f"{cycles} cycles, seed {seed}: {sum(records)} records are there, {commits.count} commits, "
        f"{sum(member.read for member in members)} read by the group, {time.monotonic() - began:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("MARTLET_TEST_SEED", random.randrange(2**32))))
    options = parser.parse_args()
    print(f"seed {options.seed} (--seed {options.seed} repeats the moments)", flush=True)
    broker = Broker({"offsets.topic.num.partitions": "4"})
    passed = False
    try:
        torture(broker.start(), options.cycles, options.seed)
        passed = True
    finally:
        if passed:
            broker.close()
        elif broker.process:
            broker.process.kill()
            print(f"data and log stay in {broker.root}", file=sys.stderr)


if __name__ == "__main__":
    main()
