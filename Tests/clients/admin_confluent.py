"""confluent-kafka's AdminClient."""

from __future__ import annotations

import confluent_kafka as ck
from confluent_kafka import admin as ca

from adapter import Refused
from admin_adapter import AdminAdapter


def asked(address, question):
    """The result of the one future that `question(admin)` returns; errors as Refused."""
    # Held until the answer is there: a client that is collected cancels what is in flight.
    admin = ca.AdminClient({"bootstrap.servers": address})
    try:
        [future] = question(admin).values()
        return future.result(timeout=20)
    except ck.KafkaException as error:
        raise Refused(error.args[0].code(), error.args[0].str()) from error


class ConfluentAdmin(AdminAdapter):
    def create(self, address, topic, partitions=1, replicas=1, configs=None, validate_only=False):
        new = ca.NewTopic(topic, partitions, replicas, config=configs or {})
        asked(address, lambda admin: admin.create_topics([new], validate_only=validate_only))

    def delete(self, address, topic):
        asked(address, lambda admin: admin.delete_topics([topic]))

    def add_partitions(self, address, topic, total, validate_only=False):
        asked(address, lambda admin: admin.create_partitions([ca.NewPartitions(topic, total)], validate_only=validate_only))

    def configs(self, address, topic):
        entries = asked(address, lambda admin: admin.describe_configs([ca.ConfigResource("topic", topic)]))
        return {name: (entry.value, entry.is_default) for name, entry in entries.items()}

    def set_config(self, address, topic, name, value):
        operation = ca.AlterConfigOpType.DELETE if value is None else ca.AlterConfigOpType.SET
        entry = ca.ConfigEntry(name, value, incremental_operation=operation)
        resource = ca.ConfigResource("topic", topic, incremental_configs=[entry])
        asked(address, lambda admin: admin.incremental_alter_configs([resource]))

    def replace_configs(self, address, topic, configs):
        asked(address, lambda admin: admin.alter_configs([ca.ConfigResource("topic", topic, set_config=configs)]))

    def delete_records(self, address, topic, before, partition=0):
        where = ck.TopicPartition(topic, partition, before)
        return asked(address, lambda admin: admin.delete_records([where])).low_watermark

    def list_offset(self, address, topic, which, partition=0):
        spec = {
            "earliest": ca.OffsetSpec.earliest, "latest": ca.OffsetSpec.latest,
            "max_timestamp": ca.OffsetSpec.max_timestamp}[which]()
        found = asked(address, lambda admin: admin.list_offsets({ck.TopicPartition(topic, partition): spec}))
        return found.offset, found.timestamp

    def cluster(self, address):
        found = asked(address, lambda admin: {None: admin.describe_cluster()})
        return [f"{node.host}:{node.port}" for node in found.nodes], found.controller.id, found.cluster_id
