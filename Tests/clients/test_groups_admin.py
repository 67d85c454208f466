"""Groups and committed offsets through the admin clients: listed, described, altered, deleted; lag is what clients compute."""

from __future__ import annotations

import pytest

from adapter import Refused
from group_admin import AIOKafkaGroups, ConfluentGroups, KafkaPythonGroups
from group_harness import Group, produce
from harness import eventually

ADMINS = {"confluent": ConfluentGroups(), "kafka-python": KafkaPythonGroups(), "aiokafka": AIOKafkaGroups()}
UNKNOWN_MEMBER_ID, NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, GROUP_SUBSCRIBED_TO_TOPIC = 25, 68, 69, 86
# What is committed has to come back as it was, whatever it is.
METADATA = "metadata ✓ of a consumer"


@pytest.fixture(params=ADMINS)
def admin(request):
    return ADMINS[request.param]


@pytest.fixture
def group(shared, topic):
    group = Group(shared, f"group-of-{topic}")
    yield group
    group.close()


def refused(code: int, call, *arguments) -> None:
    with pytest.raises(Refused) as error:
        call(*arguments)
    assert error.value.code == code, error.value


def seen(admin, offsets: dict) -> dict:
    """What `admin` can tell of these offsets."""
    return {where: (offset, text if admin.reads_metadata else None) for where, (offset, text) in offsets.items()}


def test_life_of_a_group(shared, topic, group, admin):
    address = shared.address
    shared.create_topic(topic, partitions=3)
    produce(address, topic, 3, each=10)
    assert group.name not in admin.list(address)
    one, two = (group.join("confluent", topic, client=name) for name in ["first", "second"])
    group.settle(topic, 3)
    assert admin.list(address)[group.name] in ("Stable", None)
    state, members = admin.describe(address, group.name)
    assert state == "Stable"
    assert {client: parts for client, _, parts in members} == {
        "first": set(one.assigned), "second": set(two.assigned)}
    group.read_all(topic, {partition: 10 for partition in range(3)})
    expected = {(topic, partition): (10, "") for partition in range(3)}
    eventually(lambda: admin.offsets(address, group.name) == seen(admin, expected), "everything is committed", every=0.2)
    if admin.deletes:
        refused(NON_EMPTY_GROUP, admin.delete, address, group.name)
    if admin.alters_offsets:
        refused(UNKNOWN_MEMBER_ID, admin.alter_offsets, address, group.name, {(topic, 0): (3, "")})
    if admin.deletes_offsets:
        refused(GROUP_SUBSCRIBED_TO_TOPIC, admin.delete_offsets, address, group.name, topic, 0)
    group.leave(one)
    group.leave(two)
    eventually(lambda: admin.describe(address, group.name) == ("Empty", []), "the group is empty", every=0.1)
    assert admin.offsets(address, group.name) == seen(admin, expected), "offsets stay"
    if admin.alters_offsets:
        admin.alter_offsets(address, group.name, {(topic, 0): (4, METADATA)})
        expected[topic, 0] = (4, METADATA)
        assert admin.offsets(address, group.name) == seen(admin, expected)
    if admin.deletes_offsets:
        admin.delete_offsets(address, group.name, topic, 1)
        del expected[topic, 1]
        assert admin.offsets(address, group.name) == seen(admin, expected)
    if admin.deletes:
        admin.delete(address, group.name)
        assert group.name not in admin.list(address)
        assert admin.offsets(address, group.name) == {}
        refused(GROUP_ID_NOT_FOUND, admin.delete, address, group.name)


@pytest.mark.parametrize("name", [name for name, admin in ADMINS.items() if admin.alters_offsets])
def test_a_group_that_only_stores_offsets(broker, topic, name):
    """Tools may commit for a group that nobody has joined; it is there after a kill, too."""
    admin = ADMINS[name]
    broker.create_topic(topic, partitions=2)
    offsets = {(topic, 0): (17, METADATA), (topic, 1): (0, "x")}
    admin.alter_offsets(broker.address, "stored", offsets)
    broker.kill9()
    broker.start()
    for each in ADMINS.values():
        assert each.offsets(broker.address, "stored") == seen(each, offsets)
        assert "stored" in each.list(broker.address)


def test_offsets_with_metadata_through_every_library(shared, topic):
    """What one library commits, every other one finds."""
    import asyncio

    import aiokafka
    import confluent_kafka as ck
    import kafka

    shared.create_topic(topic, partitions=3)
    produce(shared.address, topic, 3, each=20)
    group = f"metadata-{topic}"
    consumer = ck.Consumer({"bootstrap.servers": shared.address, "group.id": group})
    consumer.commit(offsets=[ck.TopicPartition(topic, 0, 11, METADATA + " 0")], asynchronous=False)
    consumer.close()
    consumer = kafka.KafkaConsumer(bootstrap_servers=shared.address, group_id=group, enable_auto_commit=False)
    consumer.assign([kafka.TopicPartition(topic, 1)])
    consumer.commit({kafka.TopicPartition(topic, 1): kafka.OffsetAndMetadata(12, METADATA + " 1", -1)})
    consumer.close()

    async def commit():
        consumer = aiokafka.AIOKafkaConsumer(
            bootstrap_servers=shared.address, group_id=group, enable_auto_commit=False)
        await consumer.start()
        consumer.assign([aiokafka.TopicPartition(topic, 2)])
        await consumer.commit({aiokafka.TopicPartition(topic, 2): (13, METADATA + " 2")})
        await consumer.stop()

    asyncio.run(commit())
    expected = {(topic, number): (11 + number, f"{METADATA} {number}") for number in range(3)}
    for admin in ADMINS.values():
        assert admin.offsets(shared.address, group) == seen(admin, expected)
    # A consumer starts there.
    consumer = kafka.KafkaConsumer(bootstrap_servers=shared.address, group_id=group, enable_auto_commit=False)
    consumer.assign([kafka.TopicPartition(topic, number) for number in range(3)])
    assert [consumer.position(kafka.TopicPartition(topic, number)) for number in range(3)] == [11, 12, 13]
    consumer.close()


def test_lag(shared, topic, group):
    """End minus committed is the same for every client, and 0 when everything was read."""
    import confluent_kafka as ck

    shared.create_topic(topic, partitions=2)
    produce(shared.address, topic, 2, each=25)
    member = group.join("aiokafka", topic)
    group.settle(topic, 2)
    group.read_all(topic, {0: 25, 1: 25})
    eventually(lambda: set(member.committed.values()) == {25}, "everything is committed")
    group.leave(member)
    produce(shared.address, topic, 2, each=7, first=25)

    consumer = ck.Consumer({"bootstrap.servers": shared.address, "group.id": group.name})
    lag = 0
    for each in consumer.committed([ck.TopicPartition(topic, number) for number in range(2)], timeout=10):
        lag += consumer.get_watermark_offsets(each, timeout=10)[1] - each.offset
    consumer.close()
    assert lag == 14
    for admin in ADMINS.values():
        committed = admin.offsets(shared.address, group.name)
        assert sum(shared.end_offset(topic, number) - committed[topic, number][0] for number in range(2)) == 14
    group.join("confluent", topic)
    group.read_all(topic, {0: 32, 1: 32})
    ends = {(topic, 0): 32, (topic, 1): 32}
    eventually(
        lambda: {where: found[0] for where, found in ADMINS["kafka-python"].offsets(shared.address, group.name).items()}
        == ends, "no lag is left", every=0.1)
