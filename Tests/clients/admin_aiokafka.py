"""aiokafka's AIOKafkaAdminClient. It leaves most error codes in the responses."""

from __future__ import annotations

import asyncio

import aiokafka
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from adapter import Refused
from admin_adapter import AdminAdapter


def asked(address, question):
    """The answer of an admin client to `await question(admin)`."""
    async def ask():
        admin = AIOKafkaAdminClient(bootstrap_servers=address)
        await admin.start()
        try:
            return await question(admin)
        finally:
            await admin.close()

    try:
        return asyncio.run(ask())
    except KafkaError as error:
        raise Refused(error.errno, str(error)) from error


def checked(code, message=""):
    if code != 0:
        raise Refused(code, message)


class AIOKafkaAdmin(AdminAdapter):
    has_incremental_alter = False
    has_list_offsets = False

    def create(self, address, topic, partitions=1, replicas=1, configs=None, validate_only=False):
        new = NewTopic(topic, partitions, replicas, topic_configs=configs)
        [(_, code, *message)] = asked(
            address, lambda admin: admin.create_topics([new], validate_only=validate_only)).topic_errors
        checked(code, str(message))

    def delete(self, address, topic):
        [(_, code, *_)] = asked(address, lambda admin: admin.delete_topics([topic])).topic_error_codes
        checked(code)

    def add_partitions(self, address, topic, total, validate_only=False):
        wanted = {topic: NewPartitions(total)}
        asked(address, lambda admin: admin.create_partitions(wanted, validate_only=validate_only))

    def configs(self, address, topic):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        [answer] = asked(address, lambda admin: admin.describe_configs([resource]))
        [(code, message, _, _, entries)] = answer.resources
        checked(code, message)
        # Name, value, read-only, source: 1 is "set for this topic".
        return {entry[0]: (entry[1], entry[3] != 1) for entry in entries}

    def replace_configs(self, address, topic, configs):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)
        [answer] = asked(address, lambda admin: admin.alter_configs([resource]))
        [(code, message, *_)] = answer.resources
        checked(code, message)

    def delete_records(self, address, topic, before, partition=0):
        where = aiokafka.TopicPartition(topic, partition)
        return asked(address, lambda admin: admin.delete_records({where: RecordsToDelete(before)}))[where]

    def cluster(self, address):
        found = asked(address, lambda admin: admin.describe_cluster())
        return (
            [f"{broker['host']}:{broker['port']}" for broker in found["brokers"]], found["controller_id"],
            found["cluster_id"])
