"""Measures how long a killed broker needs for more than a gigabyte behind its checkpoint: from exec to the first metadata reply.

The records are written with acks=1 and not flushed, so that the recovery point stays at 0 and every batch has to be verified. The
pages are in the page cache, as after a kill; with --cold they are dropped first, as after a power cut. The floor is a program that
maps the same files, walks the batches and verifies the checksums, on one thread.
"""

import argparse
import os
import signal
import statistics
import subprocess
import tempfile
from pathlib import Path

from bench import Broker, drop_from_cache


class Killed(Broker):
    """A broker whose checkpoint stays behind, and that never stops cleanly."""

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def fill(binary, directory, partitions, target_bytes):
    broker = Killed(binary, directory)
    try:
        server = f"127.0.0.1:{broker.port}"
        subprocess.run(
            [binary, "topic", "create", "filled", "--partitions", str(partitions), "-b", server],
            check=True, stdout=subprocess.DEVNULL)
        while sum(path.stat().st_blocks * 512 for path in segments(directory)) < target_bytes:
            subprocess.run(
                [binary, "bench", "produce", "filled", "--acks", "1", "--seconds", "1", "--record-bytes", "1024",
                 "--batch-bytes", "65536", "-b", server],
                check=True, stdout=subprocess.DEVNULL)
    finally:
        broker.kill()
    checkpoint = Path(directory, "recovery-point-offset-checkpoint")
    if checkpoint.exists() and any(int(line.split()[2]) for line in checkpoint.read_text().splitlines()[2:]):
        raise SystemExit("error: the checkpoint was written meanwhile; the disk is too slow for this measurement")


def segments(directory):
    return sorted(Path(directory).glob("filled-*/*.log"))


def measure(binary, floor, partitions, megabytes, rounds, cold):
    with tempfile.TemporaryDirectory(prefix="martlet-recovery-", dir=os.environ.get("TMPDIR")) as directory:
        fill(binary, directory, partitions, megabytes << 20)
        brokers, floors = [], []
        for _ in range(rounds):
            if cold:
                drop_from_cache(segments(directory))
            output = subprocess.run(
                [floor, *map(str, segments(directory))], check=True, capture_output=True, text=True).stdout.split()
            floors.append(float(output[1]))
            if cold:
                drop_from_cache(segments(directory))
            broker = Killed(binary, directory)
            brokers.append(broker.ready_milliseconds)
            broker.kill()
        size = int(output[0])
        broker, lowest = statistics.median(brokers), statistics.median(floors)
        print(
            f"{'cold' if cold else 'cached'}  {partitions:3} partitions  {size / 1e9:.2f} GB  ready after {broker:7.0f} ms"
            f"  floor {lowest:7.0f} ms  x{broker / lowest:.2f}  (rounds: {', '.join(f'{each:.0f}' for each in brokers)})")
        return broker


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--floor", required=True)
    parser.add_argument("--megabytes", type=int, default=1200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--partitions", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--cold", action="store_true", help="also with an empty page cache")
    parser.add_argument("--limit-ms", type=float, default=2000, help="fail if a cached recovery takes longer")
    options = parser.parse_args()
    worst = 0
    for cold in [False, True] if options.cold else [False]:
        for partitions in options.partitions:
            took = measure(
                options.martlet, options.floor, partitions, options.megabytes, options.rounds, cold)
            if not cold:
                worst = max(worst, took)
    if worst > options.limit_ms:
        raise SystemExit(f"error: {worst:.0f} ms are more than {options.limit_ms:.0f}")


if __name__ == "__main__":
    main()
