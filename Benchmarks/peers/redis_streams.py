"""Redis Streams: redis-server from Debian, with its append-only file. All data is in memory as well."""

from peer import NativePeer, executable


class RedisStreams(NativePeer):
    title = "Redis Streams"
    load_generator = "redis_load"
    cached = "append-only file, synced every second: survives a killed process"
    durable = "appendfsync always"

    def __init__(self, tools, directory, durable=False):
        super().__init__(tools, directory)
        server = executable("redis-server", install="apt-get install redis-server")
        self.version = self.run(server, "--version").split("v=")[1].split()[0]
        # Rewriting the file costs a process and a copy of everything: it is left out, to Redis's advantage.
        self.start([
            server, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "yes",
            "--appendfsync", "always" if durable else "everysec", "--auto-aof-rewrite-percentage", "0"])
        self.wait_until_it_listens()

    def create(self, stream):
        """The first entry makes it."""
