"""aiokafka against the broker."""

from admin_aiokafka import AIOKafkaAdmin
from admin_contract import AdminContract
from client_aiokafka import AIOKafka
from contract import ClientContract


class TestAIOKafka(ClientContract):
    client = AIOKafka()


class TestAIOKafkaAdmin(AdminContract):
    admin = AIOKafkaAdmin()
