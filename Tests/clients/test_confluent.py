"""confluent against the broker."""

from admin_confluent import ConfluentAdmin
from admin_contract import AdminContract
from client_confluent import Confluent
from contract import ClientContract


class TestConfluent(ClientContract):
    client = Confluent()


class TestConfluentAdmin(AdminContract):
    admin = ConfluentAdmin()
