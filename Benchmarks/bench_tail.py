"""Measures what a consumer of old records costs those at the end of the log: the latency of produce and of end to end, without
and with another consumer that reads a topic from the disk meanwhile.

The broker's directory has to lie on a disk (not tmpfs). A topic is filled and its pages are dropped from the page cache. Then
`martlet bench latency` writes and reads another topic in an open loop, `acks=all`; a cold consumer reads the old topic
from its beginning, as fast as it can or evenly over the whole time (`--pace`). With `--before` another binary is measured in
turns. All connections share one event loop (`--event-loops`): that is where they meet. What counts are the ratios.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import struct
import subprocess
import tempfile
import time

import bench
from frames import Connection, string

FETCH, VERSION = 1, 4
PARTITION_BYTES = 1 << 20
RECORD_BYTES = 1024


class Broker(bench.Broker):
    def __init__(self, name, binary, directory, event_loops):
        super().__init__(binary, directory, [f"num.network.threads={event_loops}"])
        self.name, self.directory = name, directory

    def bench(self, *arguments):
        command = [self.binary, "bench", *arguments, "-b", f"127.0.0.1:{self.port}", "--json", "--timeout", "120"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def files(self, topic):
        partition = os.path.join(self.directory, f"{topic}-0")
        return [os.path.join(partition, name) for name in sorted(os.listdir(partition))]


class ColdConsumer(Connection):
    """Reads a topic from its beginning with plain fetches, one at a time."""

    def __init__(self, port, topic):
        super().__init__(port)
        self.topic, self.offset = string(topic), 0

    def fetch(self):
        """Bytes of the records that came; 0 at the end."""
        body = struct.pack(">iiiib", -1, 500, 1, 1 << 26, 0) + struct.pack(">i", 1) + self.topic
        answer = self.call(FETCH, VERSION, body + struct.pack(">iiqi", 1, 0, self.offset, PARTITION_BYTES))
        # Throttle time, topics, name, partitions, index; then error, three offsets... aborted, records.
        at = 4 + 4 + len(self.topic) + 4 + 4
        error, end = struct.unpack_from(">hq", answer, at)
        assert error == 0, error
        aborted, count = struct.unpack_from(">ii", answer, at + 2 + 8 + 8)
        assert aborted <= 0
        at = at + 2 + 8 + 8 + 8
        while at + 61 <= len(answer):
            base, length = struct.unpack_from(">qi", answer, at)
            self.offset = base + struct.unpack_from(">i", answer, at + 23)[0] + 1
            at += 12 + length
        return count if self.offset < end else 0


def read_cold(port, topic, megabytes_per_second, result):
    consumer = ColdConsumer(port, topic)
    start = time.monotonic()
    total, slowest = 0, 0
    while True:
        before = time.monotonic()
        count = consumer.fetch()
        slowest = max(slowest, time.monotonic() - before)
        if count <= 0:
            break
        total += count
        if megabytes_per_second:
            time.sleep(max(0, start + total / (megabytes_per_second * 1e6) - time.monotonic()))
    result.put((total, time.monotonic() - start, slowest))


def fill(broker, topic, gigabytes):
    rate = 100_000
    seconds = gigabytes * 1e9 / (rate * RECORD_BYTES)
    broker.create(topic)
    broker.bench(
        "produce", topic, "--rate", str(rate), "--seconds", f"{seconds:.2f}", "--record-bytes", str(RECORD_BYTES), "--acks", "1")


def latency(broker, topic, megabytes_per_second, seconds):
    rate = megabytes_per_second * 1e6 / RECORD_BYTES
    return broker.bench(
        "latency", topic, "--rate", f"{rate:.0f}", "--seconds", str(seconds), "--record-bytes", str(RECORD_BYTES))


def measure(broker, options):
    """Both latencies without and with a cold consumer, and how fast that one was."""
    fill(broker, "old", options.gigabytes)
    bench.drop_from_cache(broker.files("old"))  # and so that it is not written back while others are measured
    broker.create("live")
    latency(broker, "live", options.rate, 3)  # warms up
    quiet = latency(broker, "live", options.rate, options.seconds)
    pace = options.gigabytes * 1e3 / options.seconds if options.pace == "even" else 0
    result = multiprocessing.Queue()
    reader = multiprocessing.Process(target=read_cold, args=(broker.port, "old", pace, result))
    reader.start()
    # As fast as it can, it is done long before the rest: then only the time of its reading counts.
    busy_seconds = options.seconds if pace else options.busy_seconds
    busy = latency(broker, "live", options.rate, busy_seconds)
    cold_bytes, cold_seconds, slowest = result.get(timeout=300)
    reader.join()
    return quiet, busy, (cold_bytes, cold_seconds, slowest)


COLUMNS = [
    ("produce p50", "acknowledged_us", "p50", None),
    ("p99", "acknowledged_us", "p99", 5),
    ("p99.9", "acknowledged_us", "p999", None),
    ("end to end p50", "end_to_end_us", "p50", None),
    ("p99", "end_to_end_us", "p99", 10),
    ("p99.9", "end_to_end_us", "p999", None),
]


def print_row(name, report):
    row = f"{name:34}"
    for title, part, key, _ in COLUMNS:
        row += f"{report[part][key] / 1000:>{max(9, len(title) + 2)}.2f}"
    print(row, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--before", help="another martlet binary, to compare with")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--rate", type=float, default=20, help="MB/s of records that are produced and consumed")
    parser.add_argument("--pace", choices=["even", "fast"], default="even")
    parser.add_argument("--busy-seconds", type=int, default=6, help="with --pace fast: seconds of load beside the reading")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--event-loops", type=int, default=1)
    parser.add_argument("--directory", default=".", help="where the brokers' directories are made; a disk")
    options = parser.parse_args()
    binaries = [("broker", options.martlet)] + ([("before", options.before)] if options.before else [])
    print(f"{'milliseconds':34}" + "".join(f"{title:>{max(9, len(title) + 2)}}" for title, *_ in COLUMNS))
    ratios = {name: [] for name, _ in binaries}
    for index in range(options.rounds):
        for name, binary in binaries if index % 2 else binaries[::-1]:
            directory = tempfile.mkdtemp(dir=options.directory)
            broker = Broker(name, binary, directory, options.event_loops)
            try:
                quiet, busy, (cold_bytes, cold_seconds, slowest) = measure(broker, options)
                broker.stop()
            finally:
                broker.process.kill()
                broker.process.wait()
                shutil.rmtree(directory)
            print_row(f"{name}, alone", quiet)
            print_row(f"{name}, with a cold consumer", busy)
            print(
                f"  cold: {cold_bytes / 1e9:.2f} GB in {cold_seconds:.1f} s, {cold_bytes / 1e6 / cold_seconds:.0f} MB/s, "
                f"slowest fetch {slowest * 1000:.1f} ms",
                flush=True,
            )
            ratios[name].append([busy[part][key] / quiet[part][key] for _, part, key, _ in COLUMNS])
    for name, rows in ratios.items():
        row = f"{name}, ratio (target at most 1.5)"
        print(f"{row:34}" + "".join(
            f"{statistics.median(values):>{max(9, len(title) + 2)}.2f}"
            for (title, *_), values in zip(COLUMNS, zip(*rows))))
    print("targets: produce p99 under 5 ms, end to end p99 under 10 ms")


if __name__ == "__main__":
    main()
