"""kafka-python's KafkaAdminClient."""

from __future__ import annotations

import re
from contextlib import contextmanager

import kafka
from kafka.admin import ConfigResource, OffsetSpec
from kafka.errors import KafkaError

from adapter import Refused
from admin_adapter import AdminAdapter


@contextmanager
def client(address):
    admin = kafka.KafkaAdminClient(bootstrap_servers=address)
    try:
        yield admin
    except KafkaError as error:
        raise Refused(error.errno, str(error)) from error
    finally:
        admin.close()


class KafkaPythonAdmin(AdminAdapter):
    # describe_configs drops the error code of a resource.
    tells_errors_of_describe = False

    def create(self, address, topic, partitions=1, replicas=1, configs=None, validate_only=False):
        options = {"num_partitions": partitions, "replication_factor": replicas, "configs": configs or {}}
        with client(address) as admin:
            admin.create_topics({topic: options}, validate_only=validate_only)

    def delete(self, address, topic):
        with client(address) as admin:
            admin.delete_topics([topic])

    def add_partitions(self, address, topic, total, validate_only=False):
        with client(address) as admin:
            admin.create_partitions({topic: total}, validate_only=validate_only)

    def configs(self, address, topic):
        with client(address) as admin:
            found = admin.describe_configs([ConfigResource("topic", topic)], config_filter="all")["topic"][topic]
        return {name: (entry["value"], entry["config_source"] != "DYNAMIC_TOPIC_CONFIG") for name, entry in found.items()}

    def _alter(self, address, topic, configs, incremental):
        # Unknown names are for the broker to refuse.
        with client(address) as admin:
            said = admin.alter_configs(
                [ConfigResource("topic", topic, configs)], raise_on_unknown=False, incremental=incremental)
        said = said["topic"][topic]
        if said != "OK":
            raise Refused(int(re.search(r"\[Error (\d+)\]", said).group(1)), said)

    def set_config(self, address, topic, name, value):
        self._alter(address, topic, {name: ("DELETE" if value is None else "SET", value)}, incremental=True)

    def replace_configs(self, address, topic, configs):
        # The library adds the settings that are there to those that it is given: those are reset first.
        with client(address) as admin:
            admin.reset_configs([ConfigResource("topic", topic, {})], incremental=False)
        self._alter(address, topic, configs, incremental=False)

    def delete_records(self, address, topic, before, partition=0):
        where = kafka.TopicPartition(topic, partition)
        with client(address) as admin:
            return admin.delete_records({where: before})[where]["low_watermark"]

    def list_offset(self, address, topic, which, partition=0):
        spec = getattr(OffsetSpec, which.upper())
        where = kafka.TopicPartition(topic, partition)
        with client(address) as admin:
            found = admin.list_partition_offsets({where: spec})[where]
        return found.offset, found.timestamp

    def cluster(self, address):
        with client(address) as admin:
            found = admin.describe_cluster()
        return (
            [f"{broker['host']}:{broker['port']}" for broker in found["brokers"]], found["controller_id"],
            found["cluster_id"])
