"""confluent against the broker."""

from client_confluent import Confluent
from contract import ClientContract


class TestConfluent(ClientContract):
    client = Confluent()
