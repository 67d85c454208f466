"""Groups of the consumer protocol (KIP-848) with confluent-kafka: members come, go and are killed, the broker restarts, topics
change, and groups move from one protocol to the other with their members."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

import confluent_kafka as ck
import pytest
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from harness import Broker, eventually

SETTINGS = {
    "group.consumer.session.timeout.ms": "6000", "group.consumer.min.session.timeout.ms": "1000",
    "group.consumer.heartbeat.interval.ms": "200", "group.consumer.min.heartbeat.interval.ms": "100"}
SETTLE_SECONDS = 20
KILLED_SECONDS = 6 + SETTLE_SECONDS
STOP_SECONDS = 15


class Member:
    def __init__(self, address: str, group: str, topics: list[str], **options):
        self.assigned: list[tuple[str, int]] | None = None
        self.records: list[tuple[str, int, int]] = []
        self.errors: list[str] = []
        self._stderr = tempfile.TemporaryFile()
        options = {"address": address, "group": group, "topics": topics, "protocol": "consumer", "strategy": "range", **options}
        program = Path(__file__).with_name("consumer_protocol_member.py")
        self.process = subprocess.Popen(
            [sys.executable, str(program), json.dumps(options)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self._stderr, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            said = json.loads(line)
            if "assigned" in said:
                self.assigned = [tuple(each) for each in said["assigned"]]
            elif "record" in said:
                self.records.append(tuple(said["record"]))
            else:
                self.errors.append(said["error"])

    def log(self) -> str:
        self._stderr.seek(0)
        return f"{self.errors[-5:]}\n{self._stderr.read().decode(errors='replace')[-3000:]}"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(STOP_SECONDS) == 0, self.log()
        self._reader.join(STOP_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(STOP_SECONDS)


class Group:
    def __init__(self, broker: Broker, name: str):
        self.broker, self.name = broker, name
        self.admin = AdminClient({"bootstrap.servers": broker.address, "log_level": 0})
        self.members: list[Member] = []
        self.gone: list[Member] = []

    def join(self, *topics: str, **options) -> Member:
        member = Member(self.broker.address, self.name, list(topics), **options)
        self.members.append(member)
        return member

    def leave(self, member: Member) -> None:
        self.members.remove(member)
        self.gone.append(member)
        member.stop()

    def kill(self, member: Member) -> None:
        self.members.remove(member)
        self.gone.append(member)
        member.kill()

    def close(self) -> None:
        for member in self.members:
            member.kill()

    def settle(self, partitions: dict[str, int], seconds: float = SETTLE_SECONDS, idle: int = 0) -> None:
        """Waits until each partition has one owner, and all members but `idle` have some, as many as each other or one more."""
        expected = {(topic, number) for topic, count in partitions.items() for number in range(count)}

        def settled() -> bool:
            for member in self.members:
                assert member.process.poll() is None, f"a member has ended: {member.log()}"
            owners = Counter(part for member in self.members for part in member.assigned or [])
            sizes = [len(member.assigned) for member in self.members if member.assigned]
            return (
                owners.keys() == expected and set(owners.values()) <= {1} and len(sizes) == len(self.members) - idle
                and max(sizes) - min(sizes) <= 1)

        try:
            eventually(settled, f"{self.name} is stable", seconds)
        except AssertionError as error:
            state = [(member.assigned, member.log()) for member in self.members]
            raise AssertionError(f"{error}\n{state}") from None

    def sizes(self) -> list[int]:
        return sorted(len(member.assigned or []) for member in self.members)

    def has_read(self, topic: str, partitions: int, each: int) -> None:
        expected = {(topic, number, offset) for number in range(partitions) for offset in range(each)}
        eventually(
            lambda: expected <= {record for member in self.gone + self.members for record in list(member.records)},
            f"{len(expected)} records of {topic} are read", SETTLE_SECONDS)

    def describe(self):
        return self.admin.describe_consumer_groups([self.name])[self.name].result()

    def type(self) -> str:
        listed = self.admin.list_consumer_groups().result().valid
        return next(group.type.name for group in listed if group.group_id == self.name)


def produce(address: str, topic: str, partitions: int, each: int) -> None:
    producer = ck.Producer({"bootstrap.servers": address, "linger.ms": 2, "log_level": 0})
    errors = []
    for number in range(each):
        for partition in range(partitions):
            producer.produce(
                topic, b"%d" % number, partition=partition, on_delivery=lambda error, _: error and errors.append(error))
    assert producer.flush(30) == 0 and not errors, errors[:1]


@pytest.fixture(scope="module")
def shared():
    broker = Broker(SETTINGS)
    try:
        yield broker.start()
    finally:
        broker.close()


@pytest.fixture
def broker():
    broker = Broker(SETTINGS)
    try:
        yield broker.start()
    finally:
        broker.close()


@pytest.fixture
def group(request, topic):
    group = Group(request.getfixturevalue("broker" if "broker" in request.fixturenames else "shared"), f"g-{topic}")
    yield group
    group.close()


def create(group: Group, topic: str, partitions: int) -> None:
    group.admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result()


def delete(group: Group, topic: str) -> None:
    group.admin.delete_topics([topic])[topic].result()


@pytest.mark.parametrize("assignor", [None, "uniform", "range"])
def test_members_come_and_go(shared, topic, group, assignor):
    create(group, topic, 6)
    produce(shared.address, topic, 6, each=20)
    for expected in [[6], [3, 3], [2, 2, 2]]:
        group.join(topic, assignor=assignor)
        group.settle({topic: 6})
        assert group.sizes() == expected
    described = group.describe()
    assert described.state.name == "STABLE" and described.partition_assignor == (assignor or "uniform")
    assert sorted(len(member.assignment.topic_partitions) for member in described.members) == [2, 2, 2]
    assert group.type() == "CONSUMER"
    group.leave(group.members[0])
    group.settle({topic: 6})
    group.has_read(topic, 6, 20)
    for member in list(group.members):
        group.leave(member)
    assert group.describe().state.name == "EMPTY"
    group.admin.delete_consumer_groups([group.name])[group.name].result()


def test_more_members_than_partitions(shared, topic, group):
    create(group, topic, 2)
    for _ in range(4):
        group.join(topic)
    group.settle({topic: 2}, idle=2)


def test_killed_member(shared, topic, group):
    create(group, topic, 4)
    first = group.join(topic)
    group.join(topic)
    group.settle({topic: 4})
    group.kill(first)
    produce(shared.address, topic, 4, each=20)
    group.settle({topic: 4}, KILLED_SECONDS)
    group.has_read(topic, 4, 20)


def test_topics_change(shared, topic, group):
    create(group, topic, 2)
    group.join(topic, f"{topic}-later")
    group.settle({topic: 2})
    group.admin.create_partitions([NewPartitions(topic, 5)])[topic].result()
    group.settle({topic: 5})
    create(group, f"{topic}-later", 2)
    group.settle({topic: 5, f"{topic}-later": 2})
    delete(group, topic)
    group.settle({f"{topic}-later": 2})


def test_pattern(shared, topic, group):
    create(group, f"{topic}-a", 2)
    group.join(f"^{topic}-[a-c]$")
    group.settle({f"{topic}-a": 2})
    create(group, f"{topic}-b", 3)
    create(group, f"{topic}-x", 3)
    group.join(f"^{topic}-[a-c]$")
    group.settle({f"{topic}-a": 2, f"{topic}-b": 3})
    delete(group, f"{topic}-a")
    group.settle({f"{topic}-b": 3})


@pytest.mark.parametrize("kill", [True, False])
def test_broker_restarts(broker, topic, group, kill):
    create(group, topic, 6)
    for _ in range(3):
        group.join(topic)
    group.settle({topic: 6})
    before = [member.assigned for member in group.members]
    if kill:
        broker.kill9()
    else:
        broker.stop()
    broker.start()
    produce(broker.address, topic, 6, each=20)
    group.has_read(topic, 6, 20)
    assert [member.assigned for member in group.members] == before, "nobody had to move"
    group.join(topic)
    group.settle({topic: 6})


def test_static_member_keeps_its_partitions(shared, topic, group):
    create(group, topic, 4)
    static = group.join(topic, instance="one")
    other = group.join(topic, instance="two")
    group.settle({topic: 4})
    had, others = static.assigned, other.assigned
    group.leave(static)
    back = group.join(topic, instance="one")
    group.settle({topic: 4})
    assert back.assigned == had and other.assigned == others


@pytest.mark.parametrize("strategy", ["range", "cooperative-sticky"])
def test_rolling_upgrade_and_downgrade(shared, topic, group, strategy):
    """Members are exchanged one by one for such of the other protocol, and back; everything is read."""
    create(group, topic, 6)
    for _ in range(3):
        group.join(topic, protocol="classic", strategy=strategy)
    group.settle({topic: 6})
    assert group.type() == "CLASSIC"
    for old in list(group.members):
        group.leave(old)
        group.join(topic)
        group.settle({topic: 6}, KILLED_SECONDS)
        assert group.type() == "CONSUMER"
    produce(shared.address, topic, 6, each=20)
    group.has_read(topic, 6, 20)
    for old in list(group.members):
        group.leave(old)
        group.join(topic, protocol="classic", strategy=strategy)
        group.settle({topic: 6}, KILLED_SECONDS)
    assert group.type() == "CLASSIC"
    produce(shared.address, topic, 6, each=20)
    group.has_read(topic, 6, 40)
