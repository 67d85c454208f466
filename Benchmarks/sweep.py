"""Sweeps what changes the cost of a martlet broker, one factor at a time around a base case, and measures what was promised.

Loads come from `martlet bench`, in processes of their own; each load is a fixed amount of work, so that costs compare. The whole
list runs several times, every other time backwards, and figures are medians. What is compared directly (targets) runs in pairs,
one right after the other, and the figure is the median of the ratios of the pairs.
The first loads warm up: memory that a virtual machine has never used costs ten times more to touch than later.
"""

import argparse
import contextlib
import ctypes
import dataclasses
import glob
import json
import mmap
import os
import signal
import statistics
import subprocess
import tempfile
import time

import results
import usage
from bench import Broker, scratch, stop_in_order
from results import Column, Section

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p


@dataclasses.dataclass(frozen=True)
class Case:
    """What producers send."""

    record_bytes: int = 1024
    producers: int = 1
    partitions: int = 6
    acks: str = "1"
    codec: str = "none"
    batch_bytes: int = 64 << 10
    in_flight: int = 5

    @property
    def batch_records(self):
        """As `martlet bench` fills a batch; a record has about 12 bytes around its value."""
        return max(1, self.batch_bytes // (self.record_bytes + 12))

    def records(self, megabytes):
        return max(1, int(megabytes * 1e6) // self.record_bytes)

    def shape(self):
        return [
            "--record-bytes", str(self.record_bytes), "--batch-bytes", str(self.batch_bytes), "--acks", self.acks,
            "--codec", self.codec,
        ]


BASE = Case()
ONE_RECORD = dataclasses.replace(BASE, batch_bytes=1, in_flight=32)
FACTORS = [
    ("base: 1 KiB, 1 producer, 6 partitions, acks=1, 64 KiB", BASE),
    ("records of 100 B", dataclasses.replace(BASE, record_bytes=100)),
    ("records of 10 KiB", dataclasses.replace(BASE, record_bytes=10 << 10)),
    ("16 producers", dataclasses.replace(BASE, producers=16)),
    ("1 partition", dataclasses.replace(BASE, partitions=1)),
    ("100 partitions", dataclasses.replace(BASE, partitions=100)),
    ("1,000 partitions", dataclasses.replace(BASE, partitions=1000)),
    ("acks=all", dataclasses.replace(BASE, acks="all")),
    ("lz4", dataclasses.replace(BASE, codec="lz4")),
    ("zstd", dataclasses.replace(BASE, codec="zstd")),
    ("batches of 1 record", ONE_RECORD),
    ("batches of 4 KiB", dataclasses.replace(BASE, batch_bytes=4 << 10, in_flight=16)),
    ("batches of 16 KiB", dataclasses.replace(BASE, batch_bytes=16 << 10)),
    ("batches of 256 KiB", dataclasses.replace(BASE, batch_bytes=256 << 10)),
    ("batches of 1 MiB", dataclasses.replace(BASE, batch_bytes=1 << 20)),
]

COSTS = [
    Column("megabytes_per_second", "MB/s", 0), Column("user", "user s/GB"), Column("system", "system s/GB"),
    Column("cpu", "CPU s/GB"), Column("reads", "reads/req"), Column("writes", "writes/req"),
    Column("switches", "switches/req"), Column("anonymous", "anon MB", 1),
]
LATENCIES = [Column("p50", "p50 ms"), Column("p99", "p99 ms"), Column("max", "max ms")]


class Sweep:
    def __init__(self, options):
        self.martlet = options.martlet
        self.seconds, self.rounds, self.megabytes = options.seconds, options.rounds, options.megabytes
        self.strace = options.strace
        self.topics = 0

    # --- Loads --------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def broker(self, *settings):
        with scratch() as directory:
            broker = Broker(self.martlet, directory, settings)
            broker.directory = directory
            try:
                yield broker
            finally:
                broker.stop()

    @contextlib.contextmanager
    def topic(self, broker, partitions):
        self.topics += 1
        name = f"sweep-{self.topics:05}"
        broker.topic("create", name, "--partitions", str(partitions))
        yield name
        broker.delete(name)

    def load(self, broker, kind, topic, *arguments):
        """Runs `martlet bench` to its end; returns its report."""
        with self.loading(broker, kind, topic, *arguments) as load:
            return finished(load)

    def loading(self, broker, kind, topic, *arguments):
        command = [self.martlet, "bench", kind, topic, "-b", f"127.0.0.1:{broker.port}", "--json", *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def produce(self, broker, topic, case, megabytes=None, rate=None, seconds=None):
        arguments = [
            *case.shape(), "--producers", str(case.producers), "--in-flight", str(case.in_flight),
            "--seconds", str(seconds or self.seconds),
        ]
        arguments += ["--rate", str(rate)] if rate else []
        arguments += ["--records", str(case.records(megabytes))] if megabytes else []
        return self.load(broker, "produce", topic, *arguments)

    def touch(self, broker, topic, case):
        """One batch for every partition, so that no load pays for opening files."""
        few = dataclasses.replace(case, producers=1, acks="1")
        self.produce(broker, topic, few, megabytes=case.partitions * case.batch_records * case.record_bytes / 1e6, seconds=60)

    def measured(self, broker, work, gigabytes_of, requests_of):
        """What the broker uses while `work` runs, for a GB of values and for a request."""
        broker.settle()
        with usage.MemoryWatch(broker.pids()) as memory:
            before = broker.usage()
            report = work()
            broker.settle()
            used = broker.usage() - before
        gigabytes, requests = gigabytes_of(report), requests_of(report)
        return report, {
            "megabytes_per_second": gigabytes * 1e3 / (report["microseconds"] / 1e6),
            "user": used.user / gigabytes, "system": used.system / gigabytes, "cpu": used.cpu / gigabytes,
            "microseconds": used.cpu / requests * 1e6, "reads": used.reads / requests, "writes": used.writes / requests,
            "switches": (used.voluntary_switches + used.forced_switches) / requests, "anonymous": memory.most_megabytes,
        }

    def measured_produce(self, broker, topic, case, megabytes=None):
        report, figures = self.measured(
            broker, lambda: self.produce(broker, topic, case, megabytes=megabytes or self.megabytes),
            lambda report: report["bytes"] / 1e9, lambda report: report["records"] / case.batch_records)
        return figures | milliseconds(report["acknowledged_us"])

    def warm_up(self, broker, times=3):
        for _ in range(times):
            with self.topic(broker, 6) as topic:
                self.produce(broker, topic, BASE, megabytes=2 * self.megabytes)

    def alternately(self, names):
        """Each round in the other order, so that nobody always runs behind the same."""
        for index in range(self.rounds):
            yield from (names if index % 2 == 0 else names[::-1])

    # --- Parts --------------------------------------------------------------------------------------------------------

    def produce_factors(self):
        """What producing costs, by what is sent."""
        section = Section(
            "produce", "produce", COSTS + [Column("microseconds", "CPU µs/req", 1)] + LATENCIES,
            "One factor at a time around the base case. Costs are the broker's, for one GB of record values and for one request; "
            "latency is that of a closed loop with several requests under way, so it is mostly waiting for one's turn.")
        samples = {name: [] for name, _ in FACTORS}
        with self.broker() as broker:
            self.warm_up(broker)
            for name, case in self.alternately(FACTORS):
                with self.topic(broker, case.partitions) as topic:
                    self.touch(broker, topic, case)
                    samples[name].append(self.measured_produce(broker, topic, case))
        for name, _ in FACTORS:
            section.add(name, **medians(samples[name]))
        return [section]

    def consume_factors(self):
        """What consuming costs, by where the data is and what is asked for."""
        section = Section(
            "consume", "consume", COSTS,
            "Each topic holds as much as one produce load has written, in 6 partitions and batches of 64 KiB where nothing else "
            "is said. Cold: synced and dropped from the page cache before. Costs are for a GB that has reached a consumer.")
        cases = [
            ("behind, in cache", BASE, 1, False),
            ("behind, in cache, records of 100 B", dataclasses.replace(BASE, record_bytes=100), 1, False),
            ("behind, in cache, batches of 4 KiB", dataclasses.replace(BASE, batch_bytes=4 << 10, in_flight=16), 1, False),
            ("behind, in cache, lz4", dataclasses.replace(BASE, codec="lz4"), 1, False),
            ("behind, in cache, 1,000 partitions", dataclasses.replace(BASE, partitions=1000), 1, False),
            ("behind, in cache, 8 consumers", BASE, 8, False),
            ("behind, cold", BASE, 1, True),
            ("behind, cold, 8 consumers", BASE, 8, True),
        ]
        samples = {name: [] for name, *_ in cases}
        with self.broker() as broker:
            self.warm_up(broker)
            for name, case, consumers, is_cold in self.alternately(cases):
                with self.topic(broker, case.partitions) as topic:
                    self.produce(broker, topic, case, megabytes=self.megabytes, seconds=60)
                    if is_cold:
                        drop_from_cache(broker.directory, topic)
                    # Requests are not counted here: a figure for a MiB takes their place.
                    _, figures = self.measured(
                        broker, lambda: self.load(broker, "consume", topic, "--consumers", str(consumers)),
                        lambda report: report["bytes"] / 1e9, lambda report: report["bytes"] / (1 << 20))
                    samples[name].append(figures)
        for name, *_ in cases:
            section.add(name, **medians(samples[name]))
        for column in section.columns:
            column.title = column.title.replace("/req", "/MiB")
        return [section]

    def tail_readers(self):
        """Consumers that wait at the end of the log, and one producer for 8 of them."""
        section = Section(
            "tail", "at the end of the log", [
                Column("consumers", "consumers", 0), Column("megabytes_per_second", "MB/s in", 0),
                Column("cpu", "CPU s/GB in"), Column("delivered", "CPU s/GB out"), Column("switches", "switches/MB", 0),
                Column("p50", "produce p50 ms"), Column("p99", "produce p99 ms"), Column("end_p50", "end to end p50 ms"),
                Column("end_p99", "end to end p99 ms"),
            ], "One producer at a fixed rate (open loop, 50 MB/s of 1 KiB records, acks=1, one partition).")
        samples = {consumers: [] for consumers in (1, 8)}
        with self.broker() as broker:
            self.warm_up(broker)
            for consumers in self.alternately(list(samples)):
                with self.topic(broker, 1) as topic:
                    arguments = [
                        *BASE.shape(), "--rate", "50000", "--consumers", str(consumers), "--seconds", str(self.seconds)]
                    report, figures = self.measured(
                        broker, lambda: self.load(broker, "latency", topic, *arguments),
                        lambda report: report["bytes"] / 1e9, lambda report: report["bytes"] / 1e6)
                    figures |= {"delivered": figures["cpu"] / consumers, "consumers": consumers}
                    figures |= milliseconds(report["acknowledged_us"]) | milliseconds(report["end_to_end_us"], "end_")
                    samples[consumers].append(figures)
        for consumers, taken in samples.items():
            section.add(f"1 producer, {consumers} consumer{'s' if consumers > 1 else ''}", **medians(taken))
        return [section]

    def tail_latency(self):
        """Promise: p99 at 20 MB/s with acks=all, with and without somebody who reads cold."""
        section = Section(
            "latency", "tail latency", [
                Column("p50", "produce p50 ms"), Column("p99", "produce p99 ms"), Column("p999", "produce p99.9 ms"),
                Column("max", "produce max ms"), Column("end_p50", "end to end p50 ms"), Column("end_p99", "end to end p99 ms"),
                Column("end_max", "end to end max ms"), Column("cold", "cold MB/s", 0),
            ], "Open loop: 20 MB/s of 1 KiB records, acks=all, one producer, one consumer at the end. Records that are due within "
            "a millisecond are sent together, so up to one millisecond of each latency is the client's.")
        alone, beside, growth = [], [], []
        arguments = [*dataclasses.replace(BASE, acks="all").shape(), "--rate", "20000", "--seconds", str(10 * self.seconds)]
        with self.broker() as broker:
            self.warm_up(broker)
            for _ in range(2):
                # What was deleted is given back to the disk at the next commit of the file system: not in the middle of the load.
                os.sync()
                with self.topic(broker, 1) as topic:
                    alone.append(two_latencies(self.load(broker, "latency", topic, *arguments)))
                with self.topic(broker, 1) as topic, self.topic(broker, 6) as history:
                    self.produce(broker, history, BASE, megabytes=2 * self.megabytes, seconds=60)
                    drop_from_cache(broker.directory, history)
                    os.sync()
                    with self.loading(broker, "latency", topic, *arguments) as load:
                        time.sleep(min(2, self.seconds / 4))
                        cold = self.load(broker, "consume", history)
                        beside.append(two_latencies(finished(load)))
                    beside[-1]["cold"] = cold["bytes"] / cold["microseconds"]
                growth.append(beside[-1]["p99"] / alone[-1]["p99"])
        section.add("alone", **medians(alone))
        section.add("while another consumer reads cold", **medians(beside))
        section.target("produce p99", section.rows[0]["p99"], 5, " ms")
        section.target("end to end p99", section.rows[0]["end_p99"], 10, " ms")
        section.target("produce p99 beside a cold reader", section.rows[1]["p99"], 5, " ms")
        section.target("end to end p99 beside a cold reader", section.rows[1]["end_p99"], 10, " ms")
        section.target("growth of p99 by a cold reader", statistics.median(growth), 1.5, " times")
        return [section]

    def group_commit(self):
        """Promise: acks=all reaches 90 % of acks=1 with 16 producers, p99 under 3 times one fdatasync."""
        section = Section(
            "commit", "group commit, 16 producers of 1 KiB records", [
                Column("one", "acks=1 MB/s", 0), Column("all", "acks=all MB/s", 0), Column("ratio", "all to 1"),
                Column("p50", "acks=all p50 ms"), Column("p99", "acks=all p99 ms"), Column("cpu", "acks=all CPU s/GB"),
                Column("disk", "disk alone MB/s", 0),
            ], "6 partitions, 5 requests under way for each producer where nothing else is said. Disk alone: what one program reaches "
            "that writes 1 MiB and calls fdatasync, again and again, in the same minute; acks=all cannot be much faster, whatever "
            "acks=1 is.")
        latency = Section(
            "commit-latency", "one record a request, acks=all", [
                Column("sync", "one fdatasync ms", 3), Column("p50", "p50 ms", 3), Column("p99", "p99 ms", 3),
                Column("ratio", "p99 to fdatasync"),
            ], "Closed loop with one request of one record under way for each producer, so that nothing waits for its turn in the "
            "client. The fdatasync is that of one program alone, 1 KiB written before each, its median before and after the load.")
        one = dataclasses.replace(BASE, producers=16)
        batches = [("batches of 1 record", dataclasses.replace(one, batch_bytes=1)),
                   ("batches of 1 record, 64 under way", dataclasses.replace(one, batch_bytes=1, in_flight=64)),
                   ("batches of 16 KiB", dataclasses.replace(one, batch_bytes=16 << 10)), ("batches of 64 KiB", one),
                   ("batches of 1 MiB", dataclasses.replace(one, batch_bytes=1 << 20))]
        with self.broker() as broker:
            self.warm_up(broker)
            for name, case in batches:
                durable = dataclasses.replace(case, acks="all")
                pairs = []
                for _ in range(self.rounds):
                    pair = {}
                    for of, acks in self.in_turns(len(pairs), [("one", case), ("all", durable)]):
                        with self.topic(broker, case.partitions) as topic:
                            self.touch(broker, topic, case)
                            # What the last load has left to write back is not this one's to wait for.
                            os.sync()
                            pair[of] = self.measured_produce(broker, topic, acks)
                    pair["all"]["disk"] = synced_megabytes_per_second(broker.directory)
                    pairs.append(pair)
                ratio = statistics.median(
                    pair["all"]["megabytes_per_second"] / pair["one"]["megabytes_per_second"] for pair in pairs)
                section.add(
                    name, **medians([pair["all"] for pair in pairs]),
                    **{of: statistics.median(pair[of]["megabytes_per_second"] for pair in pairs) for of in ("one", "all")},
                    ratio=ratio)
                section.target(f"acks=all to acks=1, {name}", ratio, 0.9, at_least=True)
            for producers in (1, 16):
                case = dataclasses.replace(BASE, producers=producers, acks="all", batch_bytes=1, in_flight=1)
                taken = []
                for _ in range(self.rounds):
                    os.sync()
                    syncs = single_syncs(broker.directory)
                    with self.topic(broker, 1) as topic:
                        self.touch(broker, topic, case)
                        report = self.produce(broker, topic, case, seconds=self.seconds / 2)
                    sync = statistics.median(syncs + single_syncs(broker.directory)) * 1e3
                    figures = milliseconds(report["acknowledged_us"])
                    taken.append(figures | {"sync": sync, "ratio": figures["p99"] / sync})
                latency.add(f"{producers} producer{'s' if producers > 1 else ''}", **medians(taken))
                latency.target(
                    f"p99 to one fdatasync, {producers} producer{'s' if producers > 1 else ''}", latency.rows[-1]["ratio"], 3)
        return [section, latency]

    def in_turns(self, index, pair):
        return pair if index % 2 == 0 else pair[::-1]

    def partitions(self):
        """Promise: a record costs the same in one partition as among 1,000."""
        section = Section(
            "partitions", "cost of a record by partitions", [
                Column("few", "1 partition"), Column("many", "1,000 partitions"), Column("ratio", "1,000 to 1")],
            "Batches go to all partitions in turn. CPU seconds for a GB, or microseconds for a request of one record.")
        with self.broker() as broker:
            self.warm_up(broker)
            for name, case, figure, megabytes in [
                ("batches of 64 KiB, s/GB", BASE, "cpu", self.megabytes),
                ("batches of 1 record, µs", ONE_RECORD, "microseconds", self.megabytes / 10),
            ]:
                cases = {"few": dataclasses.replace(case, partitions=1), "many": dataclasses.replace(case, partitions=1000)}
                samples = {of: [] for of in cases}
                with self.topic(broker, 1) as few, self.topic(broker, 1000) as many:
                    topics = {"few": few, "many": many}
                    for of, topic in topics.items():
                        self.touch(broker, topic, cases[of])
                        # Files grow by doubling: the first rounds would pay for it in one of the two only.
                        self.produce(broker, topic, cases[of], megabytes=megabytes, seconds=60)
                    for index in range(self.rounds + 2):
                        for of, topic in self.in_turns(index, list(topics.items())):
                            samples[of].append(self.measured_produce(broker, topic, cases[of], megabytes)[figure])
                ratio = statistics.median(many / few for few, many in zip(samples["few"], samples["many"]))
                section.add(name, ratio=ratio, **{of: statistics.median(taken) for of, taken in samples.items()})
                section.target(f"1,000 partitions to 1, {name}", ratio, 1.3)
        return [section]

    def connections(self):
        """Promise: little memory with 1,000 connections and 1,000 partitions."""
        section = Section(
            "connections", "1,000 connections, 1,000 partitions", [
                Column("megabytes_per_second", "MB/s", 0), Column("anonymous", "most anon MB", 1),
                Column("cpu", "CPU s/GB"), Column("microseconds", "CPU µs/req", 1)] + LATENCIES,
            "Every producer has a connection of its own and goes through all partitions.")
        many = dataclasses.replace(BASE, producers=1000, partitions=1000, in_flight=1)
        loads = [
            ("20 MB/s, acks=1", dataclasses.replace(many, in_flight=5), 20_000),
            ("20 MB/s, acks=all", dataclasses.replace(many, in_flight=5, acks="all"), 20_000),
            ("as many one-record requests as go", dataclasses.replace(many, batch_bytes=1), None),
            ("as many requests of 64 KiB as go", many, None),
        ]
        for name, case, rate in loads:
            with self.broker() as broker, self.topic(broker, 1000) as topic:
                self.touch(broker, topic, case)
                per_request = case.batch_records if rate is None else 1
                report, figures = self.measured(
                    broker, lambda: self.produce(broker, topic, case, rate=rate, megabytes=None if rate else self.megabytes),
                    lambda report: report["bytes"] / 1e9, lambda report: report["records"] / per_request)
                section.add(name, **figures | milliseconds(report["acknowledged_us"]))
                section.target(f"anonymous memory, {name}", figures["anonymous"], 64, " MB", digits=1)
        return [section]

    def start(self):
        """Promise: a quick start with 1 GB in 1,000 partitions."""
        section = Section(
            "start", "start with 1 GB in 1,000 partitions", [
                Column("milliseconds", "first metadata ms", 0), Column("cpu", "CPU ms", 0), Column("anonymous", "anon MB", 1)],
            "From the start of the process to the first reply to Metadata. Killed: the broker of before was killed after a "
            "second without writes.")
        case = dataclasses.replace(BASE, partitions=1000)
        with scratch() as directory:
            broker = Broker(self.martlet, directory)
            broker.topic("create", "history", "--partitions", "1000")
            self.produce(broker, "history", case, megabytes=1000, seconds=120)
            samples = {"after a clean stop": [], "after a kill": []}
            for _ in range(self.rounds + 2):
                for name, taken in samples.items():
                    if name == "after a kill":
                        time.sleep(1)
                        broker.process.send_signal(signal.SIGKILL)
                        broker.process.wait()
                    else:
                        broker.stop()
                    broker = Broker(self.martlet, directory)
                    taken.append({
                        "milliseconds": broker.ready_milliseconds, "cpu": broker.cpu_seconds() * 1e3,
                        "anonymous": broker.anonymous_megabytes()})
            broker.stop()
        for name, taken in samples.items():
            section.add(name, **medians(taken))
        section.target("start with clean data", section.rows[0]["milliseconds"], 150, " ms", digits=0)
        return [section]

    def system_calls(self):
        """A pass of its own, under strace, which slows the broker down: counts are good, times are not."""
        cases = [
            ("base", BASE), ("batches of 1 record", ONE_RECORD), ("acks=all", dataclasses.replace(BASE, acks="all")),
            ("batches of 1 MiB", dataclasses.replace(BASE, batch_bytes=1 << 20)),
        ]
        counted = {}
        for name, case in cases:
            with self.broker() as broker, self.topic(broker, case.partitions) as topic:
                self.touch(broker, topic, case)
                with tempfile.NamedTemporaryFile("r") as output:
                    command = [self.strace, "-c", "-f", "-U", "name,calls", "-o", output.name, "-p", str(broker.process.pid)]
                    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
                        strace.stderr.readline()  # It says when it has attached.
                        report = self.produce(broker, topic, case, seconds=min(2, self.seconds))
                        strace.send_signal(signal.SIGINT)
                        strace.communicate(timeout=30)
                    requests = report["records"] / case.batch_records
                    counted[name] = {call: count / requests for call, count in call_counts(output.read()).items()}
        calls = sorted({call for counts in counted.values() for call, count in counts.items() if count >= 0.005})
        section = Section(
            "calls", "system calls a request, under strace", [Column(call, call) for call in calls],
            "Calls that are rarer than one in 200 requests in every case are left out.")
        for name, counts in counted.items():
            section.add(name, **{call: counts.get(call, 0.0) for call in calls})
        return [section]


# --- Helpers ------------------------------------------------------------------------------------------------------------


def finished(load):
    output, errors = load.communicate(timeout=300)
    if load.returncode != 0:
        raise SystemExit(f"error: {' '.join(load.args)}: {errors.strip()}")
    return json.loads(output)


def medians(samples):
    return {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}


def milliseconds(summary, prefix=""):
    return {prefix + key: summary[key] / 1e3 for key in ("p50", "p99", "p999", "max")}


def two_latencies(report):
    return milliseconds(report["acknowledged_us"]) | milliseconds(report["end_to_end_us"], "end_")


def single_syncs(directory, count=200):
    """Seconds that an fdatasync of one dirty KiB takes, in a file that has its blocks."""
    seconds, block = [], b"x" * 1024
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        os.posix_fallocate(file.fileno(), 0, count * len(block))
        os.fsync(file.fileno())
        for index in range(count):
            os.pwrite(file.fileno(), block, index * len(block))
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            seconds.append(time.perf_counter() - started)
    return seconds


def synced_megabytes_per_second(directory, count=200):
    """What one program writes to the disk in pieces of 1 MiB, each synced before the next."""
    piece = os.urandom(1 << 20)
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        os.posix_fallocate(file.fileno(), 0, count * len(piece))
        os.fsync(file.fileno())
        started = time.perf_counter()
        for index in range(count):
            os.pwrite(file.fileno(), piece, index * len(piece))
            os.fdatasync(file.fileno())
        return count * len(piece) / 1e6 / (time.perf_counter() - started)


def drop_from_cache(directory, topic):
    """Writes a topic's segments back, drops them from the page cache, and makes sure of it."""
    paths = glob.glob(os.path.join(directory, f"{topic}-*", "*.log"))
    for path in paths:
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    resident = sum(resident_bytes(path) for path in paths) / sum(os.path.getsize(path) for path in paths)
    if resident > 0.01:
        raise SystemExit(f"error: {resident:.0%} of {topic} stayed in the page cache")


def resident_bytes(path):
    size = os.path.getsize(path)
    if size == 0:
        return 0
    pages = (size + mmap.PAGESIZE - 1) // mmap.PAGESIZE
    found = (ctypes.c_ubyte * pages)()
    with open(path, "rb") as file:
        # Not the module's mapping: its address cannot be had of one that is read-only.
        address = LIBC.mmap(None, ctypes.c_size_t(size), mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), ctypes.c_long(0))
    if address in (None, ctypes.c_void_p(-1).value):
        raise SystemExit(f"error: {path} cannot be mapped")
    if LIBC.mincore(ctypes.c_void_p(address), ctypes.c_size_t(size), found):
        raise SystemExit(f"error: mincore of {path}: {os.strerror(ctypes.get_errno())}")
    LIBC.munmap(ctypes.c_void_p(address), ctypes.c_size_t(size))
    return min(size, sum(page & 1 for page in found) * mmap.PAGESIZE)


def call_counts(text):
    counts = {}
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 2 and fields[1].isdigit() and fields[0] != "total":
            counts[fields[0]] = int(fields[1])
    return counts


PARTS = {
    "produce": Sweep.produce_factors, "consume": Sweep.consume_factors, "tail": Sweep.tail_readers,
    "latency": Sweep.tail_latency, "commit": Sweep.group_commit, "partitions": Sweep.partitions,
    "connections": Sweep.connections, "start": Sweep.start, "calls": Sweep.system_calls,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--only", action="append", choices=list(PARTS), help="only this part; may be repeated")
    parser.add_argument("--seconds", type=float, default=6, help="most seconds of one load; tail latency takes ten times as long")
    parser.add_argument("--megabytes", type=float, default=1000, help="record values of one load, if the seconds allow it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--strace", default="strace")
    parser.add_argument("--json", help="file to keep the results in")
    options = parser.parse_args()
    stop_in_order()
    sweep = Sweep(options)
    sections = []
    for name in options.only or PARTS:
        started = time.monotonic()
        for section in PARTS[name](sweep):
            section.print()
            sections.append(section)
        print(f"({name} took {time.monotonic() - started:.0f} s)", flush=True)
    results.write(options.json, "sweep", sections)


if __name__ == "__main__":
    main()
