"""Measures a martlet binary: time to the first metadata reply, idle memory, produce throughput and CPU.

The first rounds warm up: memory that a virtual machine has never used costs ten times more to touch than later, so the
topic is filled and deleted until its pages have been used once. Figures are medians of the rounds after that.
"""

import argparse
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
    raise SystemExit("error: the broker did not answer")


class Broker:
    def __init__(self, binary, directory):
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

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=30) != 0:
            raise SystemExit("error: the broker did not stop cleanly")


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


def throughput(binary, producer, records, size, rounds, warm_ups):
    rates, costs = [], []
    with tempfile.TemporaryDirectory(dir=".") as directory:
        broker = Broker(binary, directory)
        for index in range(warm_ups + rounds):
            before = broker.cpu_seconds()
            command = [producer, f"127.0.0.1:{broker.port}", f"bench-{index}", str(records), str(size), "1", "none", "5"]
            seconds = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            cpu = broker.cpu_seconds() - before
            # Deleting gives the pages back, so that the next round touches used memory.
            address = f"127.0.0.1:{broker.port}"
            subprocess.run([binary, "topic", "delete", f"bench-{index}", "--yes", "-b", address], check=True, capture_output=True)
            if index >= warm_ups:
                rates.append(records / seconds)
                costs.append(cpu / (records * size / 1e9))
        memory = broker.anonymous_megabytes()
        broker.stop()
    print(f"produce, {size} B, acks=1          {statistics.median(rates):8,.0f} records/s (target 1,000,000)")
    print(f"broker CPU for it               {statistics.median(costs):8.2f} s/GB of record values (target under 1.5)")
    print(f"anonymous memory, after load    {memory:8.1f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--producer", required=True)
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm-ups", type=int, default=3)
    options = parser.parse_args()
    start_and_memory(options.martlet, options.rounds)
    throughput(options.martlet, options.producer, options.records, 100, options.rounds, options.warm_ups)


if __name__ == "__main__":
    main()
