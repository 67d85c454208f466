"""What the admin client of every library has to find: run by test_confluent.py, test_kafka_python.py, test_aiokafka.py."""

from __future__ import annotations

import pytest

import wire
from adapter import Refused
from admin_adapter import AdminAdapter
from harness import Broker

TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR, INVALID_TOPIC, INVALID_CONFIG = 36, 37, 38, 17, 40
WEEK_MS = str(7 * 24 * 3600 * 1000)


def fill(broker: Broker, topic: str, timestamps: list[int]) -> None:
    with wire.Connection(broker.port) as connection:
        for number, timestamp in enumerate(timestamps):
            answer = connection.produce(topic, wire.batch([b"v%d" % number], timestamp=timestamp))
            assert (answer.error, answer.base_offset) == (wire.NONE, number)


def refused(code: int, call, *arguments, **options) -> None:
    with pytest.raises(Refused) as error:
        call(*arguments, **options)
    assert error.value.code == code, error.value


class AdminContract:
    """Subclasses set `admin`."""

    admin: AdminAdapter

    def topics(self, broker: Broker) -> dict[str, dict]:
        return {each["topic"]: each for each in broker.martlet_json("topic", "list")}

    def test_create_delete_create(self, shared, topic):
        """A topic of the same name is another topic: new id, nothing in it."""
        self.admin.create(shared.address, topic, 3, configs={"retention.ms": "1234567"})
        first = self.topics(shared)[topic]
        assert first["partitions"] == 3
        assert self.admin.configs(shared.address, topic)["retention.ms"] == ("1234567", False)
        fill(shared, topic, [1, 2, 3])
        self.admin.delete(shared.address, topic)
        assert topic not in self.topics(shared)
        self.admin.create(shared.address, topic)
        second = self.topics(shared)[topic]
        assert second["id"] != first["id"] and second["partitions"] == 1
        assert shared.end_offset(topic) == 0
        assert self.admin.configs(shared.address, topic)["retention.ms"] == (WEEK_MS, True)
        fill(shared, topic, [5])

    def test_create_refused(self, shared, topic):
        create = lambda *arguments, **options: self.admin.create(shared.address, *arguments, **options)
        create(topic)
        refused(TOPIC_ALREADY_EXISTS, create, topic)
        other = f"{topic}-other"
        refused(INVALID_TOPIC, create, "not allowed")
        refused(INVALID_CONFIG, create, other, configs={"retention.ms": "soon"})
        refused(INVALID_CONFIG, create, other, configs={"no.such.setting": "1"})
        refused(INVALID_REPLICATION_FACTOR, create, other, replicas=9)
        create(other, 4, validate_only=True)
        refused(TOPIC_ALREADY_EXISTS, create, topic, validate_only=True)
        assert other not in self.topics(shared), "neither refused nor validated topics exist"

    def test_replication_factor_of_a_cluster(self, shared, topic):
        """Applications written for clusters ask for three replicas: that is accepted, and metadata names the one there is."""
        self.admin.create(shared.address, topic, replicas=3)
        assert self.topics(shared)[topic]["replication_factor"] == 1
        catalogue = (shared.data_directory / "catalogue").read_text()
        assert any(line.split()[2:] == [topic, "1", "3"] for line in catalogue.splitlines()), "what was asked for is kept"

    def test_delete_unknown(self, shared):
        refused(wire.UNKNOWN_TOPIC_OR_PARTITION, self.admin.delete, shared.address, "no-such-topic")

    def test_add_partitions(self, shared, topic):
        shared.create_topic(topic, partitions=2)
        add = lambda total, **options: self.admin.add_partitions(shared.address, topic, total, **options)
        add(4, validate_only=True)
        assert self.topics(shared)[topic]["partitions"] == 2
        add(4)
        assert self.topics(shared)[topic]["partitions"] == 4
        refused(INVALID_PARTITIONS, add, 4)
        refused(INVALID_PARTITIONS, add, 1)
        refused(wire.UNKNOWN_TOPIC_OR_PARTITION, self.admin.add_partitions, shared.address, "no-such-topic", 5)
        with wire.Connection(shared.port) as connection:
            assert connection.produce(topic, wire.batch([b"v"]), partition=3).error == wire.NONE

    def test_describe_configs(self, shared, topic):
        """Every setting of a topic is listed with its default, because clients read some unasked."""
        shared.create_topic(topic, compression_type="lz4")
        configs = self.admin.configs(shared.address, topic)
        assert configs["compression.type"] == ("lz4", False)
        assert configs["retention.ms"] == (WEEK_MS, True)
        assert configs["cleanup.policy"] == ("delete", True)
        assert configs["max.message.bytes"] == ("1048588", True)
        assert {"segment.bytes", "min.insync.replicas", "message.timestamp.type", "retention.bytes"} <= configs.keys()
        if self.admin.tells_errors_of_describe:
            refused(wire.UNKNOWN_TOPIC_OR_PARTITION, self.admin.configs, shared.address, "no-such-topic")

    def test_incremental_alter(self, broker, topic):
        if not self.admin.has_incremental_alter:
            pytest.skip("the library has no such call")
        broker.create_topic(topic, retention_ms=5000)
        change = lambda name, value: self.admin.set_config(broker.address, topic, name, value)
        value = lambda name: self.admin.configs(broker.address, topic)[name]
        change("max.message.bytes", "2000")
        assert value("max.message.bytes") == ("2000", False)
        assert value("retention.ms") == ("5000", False), "what is not named stays"
        with wire.Connection(broker.port) as connection:
            answer = connection.produce(topic, wire.batch([b"x" * 3000]))
            assert answer.error == wire.MESSAGE_TOO_LARGE, "in force at once"
        refused(INVALID_CONFIG, change, "max.message.bytes", "many")
        refused(INVALID_CONFIG, change, "no.such.setting", "1")
        broker.restart()
        assert value("max.message.bytes") == ("2000", False)
        change("max.message.bytes", None)
        assert value("max.message.bytes") == ("1048588", True)

    def test_replace_configs(self, shared, topic):
        shared.create_topic(topic, retention_ms=5000)
        self.admin.replace_configs(shared.address, topic, {"segment.bytes": "2000000"})
        configs = self.admin.configs(shared.address, topic)
        assert configs["segment.bytes"] == ("2000000", False)
        assert configs["retention.ms"] == (WEEK_MS, True), "what is not named goes back to its default"
        refused(INVALID_CONFIG, self.admin.replace_configs, shared.address, topic, {"segment.bytes": "-5"})

    def test_delete_records(self, broker, topic):
        broker.create_topic(topic)
        fill(broker, topic, list(range(1000, 1010)))
        delete = lambda before: self.admin.delete_records(broker.address, topic, before)
        assert delete(4) == 4
        for _ in range(2):
            with wire.Connection(broker.port) as connection:
                assert connection.fetch(topic, 3).error == wire.OFFSET_OUT_OF_RANGE
                assert b"v4" in connection.fetch(topic, 4).records
            broker.restart()
        assert delete(2) == 4, "never backwards"
        refused(wire.OFFSET_OUT_OF_RANGE, delete, 11)
        # -1 is "everything up to the end".
        assert delete(-1) == 10
        with wire.Connection(broker.port) as connection:
            assert connection.produce(topic, wire.batch([b"next"])).base_offset == 10

    def test_list_offsets(self, shared, topic):
        if not self.admin.has_list_offsets:
            pytest.skip("the library has no such call")
        shared.create_topic(topic)
        listed = lambda which: self.admin.list_offset(shared.address, topic, which)
        assert listed("earliest")[0] == 0 and listed("latest")[0] == 0
        assert listed("max_timestamp")[0] == -1
        fill(shared, topic, [1000, 9000, 2000, 9000, 3000])
        assert listed("earliest")[0] == 0 and listed("latest")[0] == 5
        assert listed("max_timestamp") == (1, 9000), "the first record with the largest timestamp"

    def test_cluster(self, shared):
        brokers, controller, cluster = self.admin.cluster(shared.address)
        assert brokers == [shared.address]
        assert controller == 1
        assert cluster, "a cluster has an id"
        before = cluster
        shared.restart()
        assert self.admin.cluster(shared.address)[2] == before, "and keeps it"
