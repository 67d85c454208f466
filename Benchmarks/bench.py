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
import tempfile
import time

METADATA = struct.pack(">hhihi", 3, 1, 1, -1, 0)  # Metadata version 1, no client id, no topics


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
                connection.sendall(struct.pack(">i", len(METADATA)) + METADATA)
                if connection.recv(4):
                    return
        except ConnectionRefusedError:
            time.sleep(0.0005)
    raise SystemExit("error: the server did not answer")


class Server:
    """A process under measurement."""

    def cpu_seconds(self):
        # The CPU clock of a process, as clock_getcpuclockid(3) makes it of the process id.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def system_seconds(self):
        """Time in the kernel, in whole ticks."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return int(fields[12]) / os.sysconf("SC_CLK_TCK")

    def settle(self):
        """Lets it finish what it does for connections that were closed."""
        first_metadata(self.port)


class Broker(Server):
    name = "broker"

    def __init__(self, binary, directory):
        self.binary = binary
        self.port = free_port()
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [binary, "serve", "--data-dir", directory, "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        first_metadata(self.port)
        self.ready_milliseconds = (time.monotonic() - self.started) * 1000

    def anonymous_megabytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) / 1024
        raise SystemExit("error: the kernel does not tell anonymous memory")

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
        with tempfile.TemporaryDirectory() as directory:
            broker = Broker(binary, directory)
            times.append(broker.ready_milliseconds)
            memory.append(broker.anonymous_megabytes())
            broker.stop()
    print(f"start to first metadata reply   {statistics.median(times):8.1f} ms     (target under 100)")
    print(f"anonymous memory, idle          {statistics.median(memory):8.1f} MB     (target under 30)")


def throughput(binary, before, producer, records, size, rounds, warm_ups):
    """One librdkafka producer."""
    gigabytes = records * size / 1e9
    with contextlib.ExitStack() as stack:
        brokers = [Broker(binary, stack.enter_context(tempfile.TemporaryDirectory(dir=".")))]
        if before:
            brokers.append(Broker(before, stack.enter_context(tempfile.TemporaryDirectory(dir="."))))
            brokers[-1].name = "before"
        samples = {broker.name: [] for broker in brokers}
        for index in range(warm_ups + rounds):
            for broker in brokers if index % 2 else brokers[::-1]:
                cpu, system = broker.cpu_seconds(), broker.system_seconds()
                address = f"127.0.0.1:{broker.port}"
                command = [producer, address, f"bench-{index}", str(records), str(size), "1", "none", "5"]
                seconds = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                cpu, system = broker.cpu_seconds() - cpu, broker.system_seconds() - system
                # Deleting gives the pages back, so that the next round touches used memory.
                broker.delete(f"bench-{index}")
                if index >= warm_ups:
                    samples[broker.name].append((records / seconds, cpu / gigabytes, system / gigabytes))
        for broker in brokers:
            rate, cost, system = (statistics.median(values) for values in zip(*samples[broker.name]))
            print(f"librdkafka, {size} B, acks=1       {rate:8,.0f} records/s (target 1,000,000)")
            print(
                f"{broker.name} CPU for it               {cost:8.2f} s/GB of record values (target under 1.5), "
                f"{system:.2f} of it in the kernel"
            )
            print(f"anonymous memory, after load    {broker.anonymous_megabytes():8.1f} MB")
            broker.stop()
        if before:
            ratios = [ours[1] / theirs[1] for ours, theirs in zip(samples["broker"], samples["before"])]
            print(f"broker to before                {statistics.median(ratios):8.2f}")


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
    """Runs one load; returns CPU seconds and seconds."""
    command = [client, str(server.port), kind, topic, str(load.requests), str(load.in_flight)]
    if kind == "produce":
        command += [str(load.records), str(load.size), str(load.acks)]
    if kind == "fetch":
        # Two ahead are enough for replies of this size, and more only fill the socket's buffers.
        command[-1] = "2"
        command += [str(load.records), str(load.size), "1"]
    server.settle()
    before = server.cpu_seconds()
    seconds = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return server.cpu_seconds() - before, seconds


def against_floor(binary, before, floor, client, rounds, warm_ups, only):
    with contextlib.ExitStack() as stack:
        def directory():
            return stack.enter_context(tempfile.TemporaryDirectory(dir="."))

        servers = [Floor(floor, directory()), Broker(binary, directory())]
        if before:
            servers.append(Broker(before, directory()))
            servers[-1].name = "before"
        names = "".join(f"{server.name:>9}" for server in servers)
        print(f"\n{'':44}{names}      {'  broker to ' + ', '.join(s.name for s in servers if s.name != 'broker')}")
        for load in LOADS:
            if only and only not in load.name:
                continue
            kinds = ["small"] if load.records == 0 else ["produce", "fetch"] if load.fetches else ["produce"]
            costs = {(server.name, kind): [] for server in servers for kind in kinds}
            rates = {(server.name, kind): [] for server in servers for kind in kinds}
            for index in range(warm_ups + rounds):
                topic = f"load-{index:03}"
                # The order changes, so that neither always runs behind the other.
                for server in servers if index % 2 else servers[::-1]:
                    if "produce" in kinds:
                        server.create(topic)
                    for kind in kinds:
                        cpu, seconds = measure(server, client, load, topic, kind)
                        if index >= warm_ups:
                            costs[server.name, kind].append(load.cost(cpu))
                            rates[server.name, kind].append(load.requests / seconds)
                    if "produce" in kinds:
                        server.delete(topic)
            for kind in kinds:
                print_row(load, kind, costs, rates)
        for server in servers:
            server.stop()


def print_row(load, kind, costs, rates):
    """Medians, and the medians of the ratios within each round."""
    broker = costs["broker", kind]
    name = load.name if kind == "small" else f"{kind}, {load.name}"
    row = f"{name:44}"
    ratios = ""
    for (server, of_kind), values in costs.items():
        if of_kind != kind:
            continue
        row += f"{statistics.median(values):9.2f}"
        if server != "broker":
            ratios += f"{statistics.median(ours / theirs for ours, theirs in zip(broker, values)):8.2f}"
    row += f" {load.unit:5}{ratios}"
    if load.records <= 1:
        row += f"   {statistics.median(rates['broker', kind]):8,.0f} requests/s"
    print(row, flush=True)


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
    options = parser.parse_args()
    if options.producer:
        start_and_memory(options.martlet, options.rounds)
        throughput(
            options.martlet, options.before, options.producer, options.records, 100, options.rounds, options.warm_ups)
    if options.floor:
        against_floor(
            options.martlet, options.before, options.floor, options.client, options.rounds, options.warm_ups, options.only)


if __name__ == "__main__":
    main()
