"""One face for what the libraries offer for groups and committed offsets, run by test_groups_admin.py."""

from __future__ import annotations

import confluent_kafka as ck
import kafka
from confluent_kafka import admin as ca

import admin_aiokafka
import admin_confluent
import admin_kafka_python
from adapter import Refused

# (topic, partition) -> (offset, metadata), None where the library cannot read the metadata
Offsets = dict[tuple[str, int], tuple[int, str | None]]


def plain(metadata: str) -> str:
    """Without the end of a C string, which confluent-kafka sends along."""
    return metadata.removesuffix("\0")


class GroupAdmin:
    """Every call connects anew and raises `Refused` with the protocol's error code."""

    alters_offsets = True
    deletes = True
    deletes_offsets = True
    reads_metadata = True

    def list(self, address: str) -> dict[str, str | None]:
        """Every group with its state, None where the library does not tell it."""
        raise NotImplementedError

    def describe(self, address: str, group: str) -> tuple[str, list[tuple[str, str | None, set[tuple[str, int]]]]]:
        """The state and the members: client id, instance id, partitions."""
        raise NotImplementedError

    def delete(self, address: str, group: str) -> None:
        raise NotImplementedError

    def offsets(self, address: str, group: str) -> Offsets:
        raise NotImplementedError

    def alter_offsets(self, address: str, group: str, offsets: Offsets) -> None:
        raise NotImplementedError

    def delete_offsets(self, address: str, group: str, topic: str, partition: int) -> None:
        raise NotImplementedError


class ConfluentGroups(GroupAdmin):
    # The Python package has no call for it.
    deletes_offsets = hasattr(ca.AdminClient, "delete_consumer_group_offsets")
    # It takes metadata for a C string, and reads on behind what others have committed.
    reads_metadata = False

    def list(self, address):
        found = admin_confluent.asked(address, lambda admin: {None: admin.list_consumer_groups()})
        assert not found.errors, found.errors
        return {each.group_id: each.state.name.title().replace("_", "") for each in found.valid}

    def describe(self, address, group):
        found = admin_confluent.asked(address, lambda admin: admin.describe_consumer_groups([group]))
        members = [
            (each.client_id, each.group_instance_id, {
                (part.topic, part.partition) for part in each.assignment.topic_partitions})
            for each in found.members]
        return found.state.name.title().replace("_", ""), members

    def delete(self, address, group):
        admin_confluent.asked(address, lambda admin: admin.delete_consumer_groups([group]))

    def offsets(self, address, group):
        wanted = [ck.ConsumerGroupTopicPartitions(group)]
        found = admin_confluent.asked(address, lambda admin: admin.list_consumer_group_offsets(wanted))
        return {(each.topic, each.partition): (each.offset, None) for each in found.topic_partitions}

    def alter_offsets(self, address, group, offsets):
        parts = [
            ck.TopicPartition(topic, partition, offset, metadata)
            for (topic, partition), (offset, metadata) in offsets.items()]
        wanted = [ck.ConsumerGroupTopicPartitions(group, parts)]
        found = admin_confluent.asked(address, lambda admin: admin.alter_consumer_group_offsets(wanted))
        for each in found.topic_partitions:
            if each.error is not None:
                raise Refused(each.error.code(), each.error.str())


class KafkaPythonGroups(GroupAdmin):
    def list(self, address):
        with admin_kafka_python.client(address) as admin:
            return {each["group_id"]: each["group_state"] for each in admin.list_groups()}

    def describe(self, address, group):
        with admin_kafka_python.client(address) as admin:
            found = admin.describe_groups([group])[group]
        members = [
            (each["client_id"], each["group_instance_id"], {
                (part["topic"], number) for part in each["member_assignment"]["assigned_partitions"]
                for number in part["partitions"]})
            for each in found["members"]]
        return found["group_state"], members

    def delete(self, address, group):
        with admin_kafka_python.client(address) as admin:
            said = admin.delete_groups([group])[group]
        if said != "OK":
            raise Refused(getattr(kafka.errors, said).errno, said)

    def offsets(self, address, group):
        with admin_kafka_python.client(address) as admin:
            found = admin.list_group_offsets(group)[group]
        return {(each.topic, each.partition): (value.offset, plain(value.metadata)) for each, value in found.items()}

    def alter_offsets(self, address, group, offsets):
        wanted = {
            kafka.TopicPartition(*where): kafka.OffsetAndMetadata(offset, metadata, None)
            for where, (offset, metadata) in offsets.items()}
        with admin_kafka_python.client(address) as admin:
            for error in admin.alter_group_offsets(group, wanted).values():
                if error.errno != 0:
                    raise Refused(error.errno, error.__name__)

    def delete_offsets(self, address, group, topic, partition):
        with admin_kafka_python.client(address) as admin:
            [error] = admin.delete_group_offsets(group, [kafka.TopicPartition(topic, partition)]).values()
        if error.errno != 0:
            raise Refused(error.errno, error.__name__)


class AIOKafkaGroups(GroupAdmin):
    deletes = hasattr(admin_aiokafka.AIOKafkaAdminClient, "delete_consumer_groups")
    alters_offsets = False
    deletes_offsets = False

    def list(self, address):
        found = admin_aiokafka.asked(address, lambda admin: admin.list_consumer_groups())
        return {each[0]: None for each in found}

    def describe(self, address, group):
        [found] = admin_aiokafka.asked(address, lambda admin: admin.describe_consumer_groups([group]))
        [(code, name, state, _, _, members, *_)] = found.groups
        admin_aiokafka.checked(code)
        assert name == group
        from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

        described = []
        for member in members:
            client, assignment = member[-4], ConsumerProtocolMemberAssignment.decode(member[-1])
            parts = {(topic, number) for topic, numbers in assignment.assignment for number in numbers}
            described.append((client, None, parts))
        return state, described

    def offsets(self, address, group):
        found = admin_aiokafka.asked(address, lambda admin: admin.list_consumer_group_offsets(group))
        return {(each.topic, each.partition): (value.offset, plain(value.metadata)) for each, value in found.items()}
