"""kafka-python against the broker."""

from client_kafka_python import KafkaPython
from contract import ClientContract


class TestKafkaPython(ClientContract):
    client = KafkaPython()
