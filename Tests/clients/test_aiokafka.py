"""aiokafka against the broker."""

from client_aiokafka import AIOKafka
from contract import ClientContract


class TestAIOKafka(ClientContract):
    client = AIOKafka()
