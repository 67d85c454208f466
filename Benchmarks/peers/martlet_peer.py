"""Martlet itself, as the peers see it: driven by the client that is like theirs."""

import os

from peer import KafkaPeer


class Martlet(KafkaPeer):
    title = "Martlet"
    cached = "acks=1: in the page cache; survives a killed process"
    durable = "acks=all: on the disk; survives a power cut"

    def __init__(self, tools, directory, uses_librdkafka):
        super().__init__(tools, directory)
        self.uses_librdkafka = uses_librdkafka
        self.start([self.martlet, "serve", "--data-dir", os.path.join(directory, "data"), "--port", str(self.port)])
        self.wait_until_it_listens()

    def produce(self, stream, load, records):
        if self.uses_librdkafka:
            return super().produce(stream, load, records)
        acks = -1 if load.durable else 1
        return float(self.raw("produce", stream, records // load.batch, load.in_flight, load.batch, load.size, acks))

    def consume(self, stream, load, records):
        if self.uses_librdkafka:
            return super().consume(stream, load, records)
        # As many batches in a fetch as make about 1 MiB, which Kafka's clients ask for; two fetches ahead.
        fetches = records // load.batch // load.in_flight
        return float(self.raw("fetch", stream, fetches, 2, load.batch, load.size, load.in_flight))

    def raw(self, *arguments):
        return self.run(os.path.join(self.tools, "raw_client"), self.port, *arguments).split()[0]
