"""Measures a martlet binary: time to the first metadata reply, idle memory, and what produce and fetch cost in CPU.

Costs are CPU time of the server, for one GB of record values or for one request. `floor` does the same system calls and
the checksum without a broker around them; it is driven by the same client with the same bytes, in turns with the broker,
so the ratio says what is ours to make better and holds on a busy machine too.

The first rounds warm up: memory that a virtual machine has never used costs ten times more to touch than later, so topics
are filled and deleted until their pages have been used once. Figures are medians of the rounds after that.
"""

import argparse
import contextlib
import dataclasses
import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import results
import usage
from frames import frame
from results import Column, Section

METADATA = frame(3, 1, struct.pack(">i", 0))  # version 1, no topics


# Where servers have their data: a disk, which /tmp is not everywhere, and a place that git ignores.
WORK = ".build-bench"


def scratch():
    os.makedirs(WORK, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=WORK, ignore_cleanup_errors=True)


def stop_in_order():
    """A benchmark that is told to end stops its servers first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def first_metadata(port, deadline_seconds=10):
    """Connects until it works, asks for metadata, returns when the reply is there."""
    deadline = time.monotonic() + deadline_seconds
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(METADATA)
                if connection.recv(4):
                    return
        except ConnectionRefusedError:
            time.sleep(0.0005)
    raise SystemExit("error: the server did not answer")


def drop_from_cache(paths):
    """Pages that no process has mapped; the broker maps what it has read, so this comes before its first reading."""
    for path in paths:
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Server:
    """A server under measurement: one process, or more."""

    def pids(self):
        return [self.process.pid]

    def usage(self):
        return usage.of_processes(self.pids())

    def cpu_seconds(self):
        return sum(usage.cpu_seconds(pid) for pid in self.pids())

    def anonymous_megabytes(self):
        return usage.anonymous_megabytes(self.pids())

    def settle(self):
        """Lets it finish what it does for connections that were closed."""
        first_metadata(self.port)


class Broker(Server):
    name = "broker"

    def __init__(self, binary, directory, settings=()):
        self.binary = binary
        self.port = free_port()
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [binary, "serve", "--data-dir", directory, "--port", str(self.port)]
            + [argument for setting in settings for argument in ("--set", setting)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        first_metadata(self.port)
        self.ready_milliseconds = (time.monotonic() - self.started) * 1000

    def topic(self, *arguments):
        command = [self.binary, "topic", *arguments, "-b", f"127.0.0.1:{self.port}"]
        subprocess.run(command, check=True, capture_output=True)

    def create(self, topic):
        self.topic("create", topic)

    def delete(self, topic):
        self.topic("delete", topic, "--yes")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=30) != 0:
            raise SystemExit("error: the broker did not stop cleanly")


class Floor(Server):
    name = "floor"

    def __init__(self, binary, directory):
        self.directory = directory
        self.process = subprocess.Popen([binary, directory], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def create(self, topic):
        pass

    def delete(self, topic):
        self.settle()
        os.unlink(os.path.join(self.directory, topic))

    def stop(self):
        self.process.kill()
        self.process.wait()


def start_and_memory(binary, rounds):
    times, memory = [], []
    for _ in range(rounds):
        with scratch() as directory:
            broker = Broker(binary, directory)
            times.append(broker.ready_milliseconds)
            memory.append(broker.anonymous_megabytes())
            broker.stop()
    section = Section(
        "idle", "an empty broker",
        [Column("milliseconds", "first metadata ms", 1), Column("anonymous", "anon MB", 1)],
        "From the start of the process to the first reply to Metadata.")
    section.add("broker", milliseconds=statistics.median(times), anonymous=statistics.median(memory))
    section.target("start", statistics.median(times), 100, " ms", digits=1)
    section.target("anonymous memory, idle", statistics.median(memory), 30, " MB", digits=1)
    section.print()
    return section


def throughput(binary, before, producer, records, size, rounds, warm_ups):
    """One librdkafka producer."""
    gigabytes = records * size / 1e9
    section = Section(
        "librdkafka", f"one librdkafka producer, {size} B, acks=1",
        [Column("rate", "records/s", 0), Column("cpu", "CPU s/GB"), Column("system", "system s/GB"),
         Column("anonymous", "anon MB after", 1)],
        "CPU is the broker's, for one GB of record values.")
    with contextlib.ExitStack() as stack:
        brokers = [Broker(binary, stack.enter_context(scratch()))]
        if before:
            brokers.append(Broker(before, stack.enter_context(scratch())))
            brokers[-1].name = "before"
        samples = {broker.name: [] for broker in brokers}
        for index in range(warm_ups + rounds):
            for broker in brokers if index % 2 else brokers[::-1]:
                used = broker.usage()
                address = f"127.0.0.1:{broker.port}"
                command = [producer, address, f"bench-{index}", str(records), str(size), "1", "none", "5"]
                seconds = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                used = broker.usage() - used
                # Deleting gives the pages back, so that the next round touches used memory.
                broker.delete(f"bench-{index}")
                if index >= warm_ups:
                    samples[broker.name].append((records / seconds, used.cpu / gigabytes, used.system / gigabytes))
        for broker in brokers:
            rate, cost, system = (statistics.median(values) for values in zip(*samples[broker.name]))
            section.add(broker.name, rate=rate, cpu=cost, system=system, anonymous=broker.anonymous_megabytes())
            broker.stop()
    section.target("records/s of one producer", section.rows[0]["rate"], 1_000_000, at_least=True, digits=0)
    section.target("CPU for a GB of them", section.rows[0]["cpu"], 1.5, " s")
    section.print()
    if before:
        ratios = [ours[1] / theirs[1] for ours, theirs in zip(samples["broker"], samples["before"])]
        print(f"CPU, broker to before: {statistics.median(ratios):.2f}")
    return section


@dataclasses.dataclass
class Load:
    """What is sent to broker and floor: requests of one batch each, then perhaps fetches of the same batches."""

    name: str
    requests: int
    in_flight: int
    records: int = 0
    size: int = 100
    acks: int = 1
    fetches: bool = False

    def cost(self, cpu):
        """Seconds for a GB, or microseconds for a request where the requests are small."""
        if self.records > 1:
            return cpu / (self.requests * self.records * self.size / 1e9)
        return cpu / self.requests * 1e6

    @property
    def unit(self):
        return "s/GB" if self.records > 1 else "µs"


LOADS = [
    Load("1 MB requests", 400, 4, records=9_500, fetches=True),
    Load("64 KiB requests", 6_000, 16, records=600, fetches=True),
    Load("4 KiB requests", 40_000, 32, records=37, fetches=True),
    Load("one record, pipelined", 200_000, 32, records=1),
    Load("one record, one at a time", 20_000, 1, records=1),
    Load("one record, acks=all, pipelined", 20_000, 32, records=1, acks=-1),
    Load("one record, acks=all, one at a time", 3_000, 1, records=1, acks=-1),
    Load("small request, pipelined", 200_000, 32),
    Load("small request, one at a time", 20_000, 1),
]


def measure(server, client, load, topic, kind):
    """Runs one load; returns CPU seconds, seconds, and the median round trip in microseconds if there is one."""
    command = [client, str(server.port), kind, topic, str(load.requests), str(load.in_flight)]
    if kind == "produce":
        command += [str(load.records), str(load.size), str(load.acks)]
    if kind == "fetch":
        # Two ahead are enough for replies of this size, and more only fill the socket's buffers.
        command[-1] = "2"
        command += [str(load.records), str(load.size), "1"]
    server.settle()
    before = server.cpu_seconds()
    taken = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return server.cpu_seconds() - before, float(taken[0]), float(taken[1]) if len(taken) > 1 else None


def against_floor(binary, before, floor, client, rounds, warm_ups, only):
    with contextlib.ExitStack() as stack:
        def directory():
            return stack.enter_context(scratch())

        servers = [Floor(floor, directory()), Broker(binary, directory())]
        if before:
            servers.append(Broker(before, directory()))
            servers[-1].name = "before"
        others = [server.name for server in servers if server.name != "broker"]
        section = Section(
            "floor", "CPU against the floor",
            [Column(server.name, server.name) for server in servers] + [Column("unit", "unit")]
            + [Column(f"to_{name}", f"broker to {name}") for name in others]
            + [Column("broker_rate", "broker requests/s", 0), Column("broker_trip", "round trip p50 µs", 1),
               Column("trip_ratio", "round trip to floor")],
            "The floor does the same system calls and the checksum without a broker around them, for the same client. Ratios are "
            "medians of the ratios within a round.")
        print(f"\n{section.title:40}" + "".join(f"{server.name:>9}" for server in servers)
              + "      " + "".join(f"{'to ' + name:>11}" for name in others))
        for load in LOADS:
            if only and only not in load.name:
                continue
            kinds = ["small"] if load.records == 0 else ["produce", "fetch"] if load.fetches else ["produce"]
            costs = {(server.name, kind): [] for server in servers for kind in kinds}
            rates = {(server.name, kind): [] for server in servers for kind in kinds}
            trips = {server.name: [] for server in servers}
            for index in range(warm_ups + rounds):
                topic = f"load-{index:03}"
                # The order changes, so that neither always runs behind the other.
                for server in servers if index % 2 else servers[::-1]:
                    if "produce" in kinds:
                        server.create(topic)
                    for kind in kinds:
                        cpu, seconds, trip = measure(server, client, load, topic, kind)
                        if index >= warm_ups:
                            trips[server.name] += [trip] if trip else []
                            costs[server.name, kind].append(load.cost(cpu))
                            rates[server.name, kind].append(load.requests / seconds)
                    if "produce" in kinds:
                        server.delete(topic)
            for kind in kinds:
                add_row(section, load, kind, costs, rates, trips)
        for server in servers:
            server.stop()
    add_floor_targets(section)
    for target in section.targets:
        print(results.target_sentence(target))
    return section


def add_row(section, load, kind, costs, rates, trips):
    """Medians, and the medians of the ratios within each round."""
    name = load.name if kind == "small" else f"{kind}, {load.name}"
    values = {server: statistics.median(taken) for (server, of_kind), taken in costs.items() if of_kind == kind}
    ratios = {f"to_{server}": median_ratio(costs["broker", kind], costs[server, kind])
              for server in values if server != "broker"}
    if load.records <= 1:
        values |= {f"{server}_rate": statistics.median(rates[server, kind]) for server in ("broker", "floor")}
    if trips["broker"]:
        values |= {f"{server}_trip": statistics.median(trips[server]) for server in ("broker", "floor")}
        values["trip_ratio"] = median_ratio(trips["broker"], trips["floor"])
    section.add(name, unit=load.unit, **values, **ratios)
    row = f"{name:40}" + "".join(f"{values[server]:9.2f}" for server in values if (server, kind) in costs)
    row += f" {load.unit:5}" + "".join(f"{ratio:11.2f}" for ratio in ratios.values())
    if load.records <= 1:
        row += f"   {values['broker_rate']:8,.0f} requests/s"
    if trips["broker"]:
        row += f", round trip {values['broker_trip']:.1f} µs, {values['trip_ratio']:.2f} times the floor's"
    print(row, flush=True)


def median_ratio(ours, theirs):
    return statistics.median(a / b for a, b in zip(ours, theirs))


def add_floor_targets(section):
    """What the project has promised of these loads."""
    promised = {
        "produce, 1 MB requests": ("to_floor", 1.3, "CPU to the floor", ""),
        "fetch, 1 MB requests": ("to_floor", 1.3, "CPU to the floor", ""),
        "produce, one record, pipelined": ("broker", 12, "CPU", " µs"),
        "produce, one record, one at a time": ("trip_ratio", 1.3, "round trip p50 to the floor", ""),
    }
    for row in section.rows:
        if row["name"] in promised:
            key, limit, what, unit = promised[row["name"]]
            section.target(f"{row['name']}: {what}", row[key], limit, unit)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--producer", help="rdkafka_produce; without it librdkafka is not measured")
    parser.add_argument("--before", help="another martlet binary, to compare with")
    parser.add_argument("--floor", help="floor, with --client; without it nothing is compared")
    parser.add_argument("--client", help="raw_client")
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm-ups", type=int, default=3)
    parser.add_argument("--only", help="only loads whose name holds this")
    parser.add_argument("--json", help="file to keep the results in")
    options = parser.parse_args()
    sections = []
    if options.producer:
        sections.append(start_and_memory(options.martlet, options.rounds))
        sections.append(throughput(
            options.martlet, options.before, options.producer, options.records, 100, options.rounds, options.warm_ups))
    if options.floor:
        sections.append(against_floor(
            options.martlet, options.before, options.floor, options.client, options.rounds, options.warm_ups, options.only))
    results.write(options.json, "bench", sections)


if __name__ == "__main__":
    main()
