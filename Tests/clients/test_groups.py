"""Consumer groups with real clients: members come, go, are killed; the broker restarts; everything is read."""

from __future__ import annotations

import time

import pytest

from group_harness import REBALANCE_SECONDS, SESSION_SECONDS, Group, Member, produce
from harness import eventually

LIBRARIES = ["confluent", "kafka-python", "aiokafka"]
STRATEGIES = [
    ("confluent", "range"), ("confluent", "roundrobin"), ("confluent", "cooperative-sticky"),
    ("kafka-python", "range"), ("kafka-python", "cooperative-sticky"), ("aiokafka", "roundrobin")]
# Members that are killed are noticed after their session.
KILLED_SECONDS = SESSION_SECONDS + 2


@pytest.fixture
def group(shared, topic):
    group = Group(shared, f"group-of-{topic}")
    yield group
    group.close()


@pytest.mark.parametrize("library,strategy", STRATEGIES)
def test_members_come_and_go(shared, topic, group, library, strategy):
    shared.create_topic(topic, partitions=6)
    produce(shared.address, topic, 6, each=20)
    members = []
    for expected in [[6], [3, 3], [2, 2, 2]]:
        members.append(group.join(library, topic, strategy=strategy))
        group.settle(topic, 6)
        assert group.sizes() == expected
    group.leave(members[0])
    group.settle(topic, 6)
    assert group.sizes() == [3, 3]
    produce(shared.address, topic, 6, each=20, first=20)
    group.read_all(topic, {partition: 40 for partition in range(6)})
    group.leave(members[1])
    group.settle(topic, 6)
    group.leave(members[2])


def test_more_members_than_partitions(shared, topic, group):
    shared.create_topic(topic, partitions=3)
    for _ in range(5):
        group.join("confluent", topic)
    group.settle(topic, 3, idle=2)


@pytest.mark.parametrize("library", LIBRARIES)
def test_killed_member(shared, topic, group, library):
    """Its partitions go to the others within its session timeout, from its last commit on."""
    shared.create_topic(topic, partitions=4)
    first, second = group.join(library, topic), group.join(library, topic)
    group.settle(topic, 4)
    produce(shared.address, topic, 4, each=50)
    group.read_all(topic, {partition: 50 for partition in range(4)})
    eventually(lambda: sum(first.committed.values()) == 100, "the first has committed")
    group.kill(first)
    assert group.settle(topic, 4, seconds=KILLED_SECONDS) < KILLED_SECONDS
    produce(shared.address, topic, 4, each=50, first=50)
    group.read_all(topic, {partition: 100 for partition in range(4)})
    again = [record for record in second.records if record[:3] in {other[:3] for other in first.records}]
    assert not again, "what was committed is not read again"


@pytest.mark.parametrize("library", LIBRARIES)
def test_rolling_restart_of_static_members(shared, topic, group, library):
    """Each is stopped and comes back within its session: nobody else notices."""
    shared.create_topic(topic, partitions=4)
    options = {"session_ms": 20_000}
    members = {name: group.join(library, topic, instance=name, **options) for name in ["one", "two"]}
    group.settle(topic, 4)
    owned = {name: member.assigned for name, member in members.items()}
    for name in list(members):
        others = [member for other, member in members.items() if other != name]
        before = [member.changes for member in others]
        if library == "confluent":
            # It does not leave when it has an instance id.
            group.leave(members[name])
        else:
            group.kill(members[name])
        produce(shared.address, topic, 4, each=10)
        members[name] = group.join(library, topic, instance=name, **options)
        eventually(lambda: members[name].assigned, f"{name} is back", seconds=10)
        assert members[name].assigned == owned[name]
        assert [member.changes for member in others] == before, "the others were disturbed"
    produce(shared.address, topic, 4, each=10)
    group.read_all(topic, {partition: 30 for partition in range(4)})


@pytest.mark.parametrize("how", ["clean", "kill -9"])
def test_broker_restart(broker, topic, how):
    """Members go on where they were; nothing is skipped."""
    broker.create_topic(topic, partitions=6)
    group = Group(broker, "restarted")
    try:
        for library in LIBRARIES:
            group.join(library, topic)
        group.settle(topic, 6)
        produce(broker.address, topic, 6, each=30)
        group.read_all(topic, {partition: 30 for partition in range(6)})
        broker.restart() if how == "clean" else (broker.kill9(), broker.start())
        produce(broker.address, topic, 6, each=30, first=30)
        group.read_all(topic, {partition: 60 for partition in range(6)}, seconds=30)
        group.settle(topic, 6)
        late = group.join("confluent", topic)
        group.settle(topic, 6)
        assert late.assigned
    finally:
        group.close()


def test_broker_restart_in_the_middle_of_a_rebalance(broker, topic):
    """Members have joined and wait for the others, and the assignment is not there yet."""
    broker.settings["group.initial.rebalance.delay.ms"] = "3000"
    broker.restart()
    broker.create_topic(topic, partitions=4)
    produce(broker.address, topic, 4, each=10)
    group = Group(broker, "interrupted")
    try:
        group.join("confluent", topic)
        group.join("kafka-python", topic)
        groups = lambda: [each for each in states(broker, "interrupted") if each == "PreparingRebalance"]
        eventually(groups, "the members wait")
        broker.kill9()
        broker.start()
        group.settle(topic, 4, seconds=30)
        group.read_all(topic, {partition: 10 for partition in range(4)})
    finally:
        group.close()


def states(broker, group: str) -> list[str]:
    import kafka

    admin = kafka.KafkaAdminClient(bootstrap_servers=broker.address)
    try:
        return [each["group_state"] for each in admin.list_groups() if each["group_id"] == group]
    finally:
        admin.close()


def test_two_groups_on_one_topic(shared, topic):
    """Each reads everything, whatever the other has committed."""
    shared.create_topic(topic, partitions=3)
    produce(shared.address, topic, 3, each=30)
    one, two = Group(shared, f"one-{topic}"), Group(shared, f"two-{topic}")
    try:
        one.join("confluent", topic)
        one.settle(topic, 3)
        one.read_all(topic, {partition: 30 for partition in range(3)})
        two.join("aiokafka", topic)
        two.settle(topic, 3)
        two.read_all(topic, {partition: 30 for partition in range(3)})
        produce(shared.address, topic, 3, each=5, first=30)
        for group in [one, two]:
            group.read_all(topic, {partition: 35 for partition in range(3)})
            assert len(group.records()) == 105, "once each"
    finally:
        one.close()
        two.close()


@pytest.mark.parametrize("library", LIBRARIES)
def test_subscription_by_pattern(shared, topic, group, library):
    """A topic that is created later is found, and its partitions are shared out as well."""
    prefix = topic.replace("_", "-")
    shared.create_topic(f"{prefix}-a", partitions=2)
    shared.create_topic(f"not-{prefix}", partitions=2)
    for _ in range(2):
        group.join(library, pattern=f"^{prefix}-.*")
    expected = {(f"{prefix}-a", 0), (f"{prefix}-a", 1)}
    # What does not match is nobody's.
    group.settle_on(expected)
    shared.create_topic(f"{prefix}-b", partitions=2)
    produce(shared.address, f"{prefix}-b", 2, each=10)
    group.settle_on(expected | {(f"{prefix}-b", 0), (f"{prefix}-b", 1)}, seconds=20)
    group.read_all(f"{prefix}-b", {0: 10, 1: 10})


def test_mixed_libraries(shared, topic, group):
    """The members of one group speak through different libraries; the leader's reads the metadata of the others."""
    shared.create_topic(topic, partitions=6)
    produce(shared.address, topic, 6, each=20)
    for count, library in enumerate(LIBRARIES, 1):
        group.join(library, topic, strategy="range")
        group.settle(topic, 6)
        assert group.sizes() == [6 // count] * count
    # Another of them leads.
    group.leave(group.members[0])
    group.settle(topic, 6)
    produce(shared.address, topic, 6, each=20, first=20)
    group.read_all(topic, {partition: 40 for partition in range(6)})


def test_kcat(shared, topic, group):
    """The oldest librdkafka there is, together with the newest."""
    shared.create_topic(topic, partitions=4)
    produce(shared.address, topic, 4, each=20)
    kcat = group.join("kcat", topic)
    group.settle(topic, 4)
    group.read_all(topic, {partition: 20 for partition in range(4)})
    group.join("confluent", topic)
    group.settle(topic, 4)
    assert group.sizes() == [2, 2]
    group.leave(kcat)
    group.settle(topic, 4)
    produce(shared.address, topic, 4, each=20, first=20)
    group.read_all(topic, {partition: 40 for partition in range(4)})


@pytest.mark.timeout(120)
def test_nothing_is_skipped_whatever_happens(broker, topic, rng):
    """Three members keep consuming while members are killed and the broker is restarted under them."""
    partitions, rounds, each = 6, 3, 40
    broker.create_topic(topic, partitions=partitions)
    group = Group(broker, "tossed")
    try:
        for library in LIBRARIES:
            group.join(library, topic, batch=7)
        group.settle(topic, partitions)
        written = 0
        for number in range(rounds):
            produce(broker.address, topic, partitions, each, first=written)
            written += each
            victim = rng.choice(group.members)
            group.kill(victim)
            if number % 2 == 0:
                broker.kill9()
                broker.start()
            else:
                broker.restart()
            produce(broker.address, topic, partitions, each, first=written)
            written += each
            start = time.monotonic()
            group.join(victim.library, topic, batch=7)
            group.settle(topic, partitions, seconds=KILLED_SECONDS + REBALANCE_SECONDS)
            took = time.monotonic() - start
            assert took < KILLED_SECONDS, f"stable after {took:.1f} s"
        group.read_all(topic, {partition: written for partition in range(partitions)}, seconds=30)
        # Values are what was written there, whoever read them.
        assert all(int(value) == offset for _, _, offset, value in group.records())
    finally:
        group.close()
