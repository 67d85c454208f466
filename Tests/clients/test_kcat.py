"""kcat (Debian's librdkafka) against the broker."""

from client_kcat import Kcat
from contract import ClientContract


class TestKcat(ClientContract):
    client = Kcat()
