"""Compares Martlet with its peers: the same records produced and consumed, in turns, each by a client that is not in the way.

What is compared is the CPU time of the server (of all its processes) for one GB of record values or for one request. A pair of
loads runs one right after the other, every other time in the other order; the figure is the median of the ratios of the pairs.
Durability differs, and each row says what an acknowledgement means: where a peer can only do less than Martlet, it is compared
all the same, with Martlet's disk included.
"""

import argparse
import os
import statistics
import time

from peer import KafkaPeer, Load, Missing, Peer

import results
import usage
from bench import scratch, stop_in_order
from apache_kafka import ApacheKafka
from martlet_peer import Martlet
from nats_jetstream import NATSJetStream
from rabbitmq_streams import RabbitMQStreams, RabbitMQSubEntries
from redis_streams import RedisStreams
from results import Column, Section
from tansu import Tansu

PEERS = {
    "nats": NATSJetStream, "tansu": Tansu, "redis": RedisStreams, "rabbitmq": RabbitMQStreams,
    "rabbitmq-sub": RabbitMQSubEntries, "kafka": ApacheKafka,
}
LOADS = [
    Load("1 KiB records", 1024, batch=60, in_flight=16, consumes=True),
    Load("100 B records", 100, batch=600, in_flight=16, consumes=True),
    Load("1 record of 100 B a request, 32 ahead", 100, batch=1, in_flight=32, requests=200_000),
    Load("1 record of 100 B a request, one at a time", 100, batch=1, in_flight=1, requests=10_000),
    Load("1 KiB records, synced", 1024, batch=60, in_flight=16, megabytes=20, durable=True),
    Load("1 record of 100 B a request, synced, 32 ahead", 100, batch=1, in_flight=32, requests=20_000, durable=True),
]
COLUMNS = [
    Column("martlet", "Martlet CPU"), Column("peer", "peer CPU"), Column("unit", "unit"), Column("ratio", "peer to Martlet", 1),
    Column("martlet_rate", "Martlet MB/s", 0), Column("peer_rate", "peer MB/s", 0),
    Column("martlet_memory", "Martlet anon MB", 0), Column("peer_memory", "peer anon MB", 0),
]


def run(server, kind, stream, load, records):
    """One load; returns CPU in s/GB or µs for a request, MB/s, and the most anonymous MB."""
    server.settle()
    with usage.MemoryWatch(server.pids()) as memory:
        before = server.cpu_seconds()
        seconds = getattr(server, kind)(stream, load, records)
        server.settle()
        cpu = server.cpu_seconds() - before
    gigabytes = records * load.size / 1e9
    cost = cpu / records * 1e6 if load.batch == 1 else cpu / gigabytes
    return cost, gigabytes * 1e3 / seconds, memory.most_megabytes


def compare_load(section, martlet, peer, load, options):
    kinds = ["produce", "consume"] if load.consumes else ["produce"]
    samples = {(server, kind): [] for server in (martlet, peer) for kind in kinds}
    for index in range(options.rounds + 1):
        # The first round is small and only warms up.
        records = load.records(options.megabytes)
        if index == 0:
            unit = load.batch * load.in_flight
            records = max(1, records // 10 // unit) * unit
        # Eight bytes, as the raw client wants it.
        stream = f"peer{index:04}"
        for server in (martlet, peer) if index % 2 else (peer, martlet):
            server.create(stream)
            for kind in kinds:
                taken = run(server, kind, stream, load, records)
                if index > 0:
                    samples[server, kind].append(taken)
            server.delete(stream)
    for kind in kinds:
        add_row(section, kind, load, samples[martlet, kind], samples[peer, kind])


def add_row(section, kind, load, ours, theirs):
    def median(samples, place):
        return statistics.median(sample[place] for sample in samples)

    ratio = statistics.median(their[0] / our[0] for our, their in zip(ours, theirs))
    section.add(
        f"{kind}, {load.name}", martlet=median(ours, 0), peer=median(theirs, 0), unit="µs" if load.batch == 1 else "s/GB",
        ratio=ratio, martlet_rate=median(ours, 1), peer_rate=median(theirs, 1), martlet_memory=median(ours, 2),
        peer_memory=median(theirs, 2))
    section.target(f"{kind}, {load.name}, {section.short}: peer's CPU to Martlet's", ratio, 3, at_least=True, digits=1)


def compare(kind, options):
    """All loads against one peer; both start anew for the durable ones."""
    section = None
    for durable in (False, True):
        loads = [load for load in LOADS if load.durable == durable and (not options.load or options.load in load.name)]
        if not loads or (durable and kind.durable is None):
            continue
        with scratch() as ours, scratch() as theirs:
            peer = kind(options.tools, os.path.abspath(theirs), durable)
            try:
                martlet = Martlet(options.tools, os.path.abspath(ours), kind.uses_librdkafka)
                try:
                    if section is None:
                        section = section_of(kind, peer)
                    for load in loads:
                        compare_load(section, martlet, peer, load, options)
                finally:
                    martlet.stop()
            finally:
                peer.stop()
    return section


def section_of(kind, peer):
    client = "librdkafka for both" if kind.uses_librdkafka else "a raw client for each"
    note = f"{kind.title}: {kind.cached}; synced: {kind.durable or 'not to be had'}. Martlet: {Martlet.cached}; synced: " \
        f"{Martlet.durable}. Driven by {client}; one record a request by a raw client."
    name = next(name for name, found in PEERS.items() if found is kind)
    section = Section(f"peer-{name}", f"{kind.title} {peer.version}", COLUMNS, note)
    section.short = kind.title
    return section


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--tools", required=True, help="directory of the compiled load generators")
    parser.add_argument("--environment", required=True, help="bin directory of the virtual environment with the peers from PyPI")
    parser.add_argument("--only", action="append", choices=list(PEERS), help="only this peer; may be repeated")
    parser.add_argument("--load", help="only loads whose name holds this")
    # All of it has to fit into one segment (1 GiB): the raw client wants whole fetches, and those end where a segment does.
    parser.add_argument("--megabytes", type=float, default=800, help="record values of one load, at most 900")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="file to keep the results in")
    options = parser.parse_args()
    KafkaPeer.martlet, options.tools = os.path.abspath(options.martlet), os.path.abspath(options.tools)
    Peer.environment = os.path.abspath(options.environment)
    stop_in_order()
    sections = []
    for name in options.only or PEERS:
        started = time.monotonic()
        try:
            section = compare(PEERS[name], options)
        except Missing as missing:
            print(f"\n{PEERS[name].title} is not installed: {missing}", flush=True)
            continue
        section.print()
        sections.append(section)
        print(f"({name} took {time.monotonic() - started:.0f} s)", flush=True)
    results.write(options.json, "peers", sections)


if __name__ == "__main__":
    main()
