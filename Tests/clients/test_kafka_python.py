"""kafka-python against the broker."""

from admin_kafka_python import KafkaPythonAdmin, client
from admin_contract import AdminContract
from client_kafka_python import KafkaPython
from contract import ClientContract
from records import Record


class TestKafkaPython(ClientContract):
    client = KafkaPython()


class TestKafkaPythonAdmin(AdminContract):
    admin = KafkaPythonAdmin()

    def test_log_directories(self, shared, topic):
        """Only this library asks for them: where the topic is, and how large."""
        shared.create_topic(topic, partitions=2)
        KafkaPython().produce(shared.address, topic, [Record(None, b"x" * 5000, partition=0)])
        with client(shared.address) as admin:
            [broker] = admin.describe_log_dirs([topic])
        [directory] = broker["log_dirs"]
        assert directory["error_code"] == 0
        [found] = [each for each in directory["topics"] if each["name"] == topic]
        sizes = {each["partition_index"]: each["partition_size"] for each in found["partitions"]}
        assert sizes.keys() == {0, 1} and sizes[0] > 5000 and sizes[1] == 0
