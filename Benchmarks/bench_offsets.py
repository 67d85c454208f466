"""Measures how long a martlet binary takes to know 100,000 committed offsets again after a start.

A hundred groups commit an offset for each of a thousand partitions, as consumers without members do. Then the broker is
stopped, or killed, and started again; the figure is the time from its start until each group has answered with all of its
offsets. Every answer is compared with what was committed.
"""

import argparse
import signal
import struct
import tempfile
import time

from bench import Broker
from frames import Connection, string

OFFSET_COMMIT, OFFSET_FETCH = 8, 9
TOPIC = "committed"


def committed(group, partition):
    return group * 1_000_003 + partition


def commit(connection, group, partitions):
    body = string(f"group-{group}") + struct.pack(">i", -1) + string("") + struct.pack(">q", -1)
    body += struct.pack(">i", 1) + string(TOPIC) + struct.pack(">i", partitions)
    for partition in range(partitions):
        body += struct.pack(">iq", partition, committed(group, partition)) + string("")
    answer = connection.call(OFFSET_COMMIT, 2, body)
    for index in range(partitions):
        error = struct.unpack_from(">h", answer, 4 + 2 + len(TOPIC) + 4 + 6 * index + 4)[0]
        assert error == 0, error


def check(connection, group, partitions):
    """True if the group answers with what was committed; false while its offsets are being loaded."""
    body = string(f"group-{group}") + struct.pack(">i", 1) + string(TOPIC) + struct.pack(">i", partitions)
    answer = connection.call(OFFSET_FETCH, 2, body + struct.pack(f">{partitions}i", *range(partitions)))
    (overall,) = struct.unpack_from(">h", answer, len(answer) - 2)
    if overall in (14, 15, 16):  # The coordinator is loading, or not available yet.
        return False
    assert overall == 0, overall
    for index in range(partitions):
        partition, offset, _, error = struct.unpack_from(">iqhh", answer, 4 + 2 + len(TOPIC) + 4 + 16 * index)
        assert (error, offset) == (0, committed(group, partition)), (partition, offset, error)
    return True


def load_milliseconds(binary, directory, groups, partitions):
    broker = Broker(binary, directory)
    connection = Connection(broker.port)
    for group in range(groups):
        while not check(connection, group, partitions):
            time.sleep(0.001)
    elapsed = (time.monotonic() - broker.started) * 1000
    connection.close()
    return broker, elapsed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--groups", type=int, default=100)
    parser.add_argument("--partitions", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as directory:
        broker = Broker(options.martlet, directory)
        empty = broker.ready_milliseconds
        broker.topic("create", TOPIC, "--partitions", str(options.partitions))
        connection = Connection(broker.port)
        started = time.monotonic()
        for group in range(options.groups):
            commit(connection, group, options.partitions)
        count = options.groups * options.partitions
        print(f"{count:,} offsets committed in {time.monotonic() - started:.2f} s; an empty broker starts in {empty:.0f} ms")
        connection.close()
        for ending in ("stop", "kill"):
            times = []
            for _ in range(options.rounds):
                if ending == "stop":
                    broker.stop()
                else:
                    broker.process.send_signal(signal.SIGKILL)
                    broker.process.wait()
                broker, elapsed = load_milliseconds(options.martlet, directory, options.groups, options.partitions)
                times.append(elapsed)
            shown = ", ".join(f"{elapsed:.0f}" for elapsed in times)
            print(f"after a {ending}: all read back {shown} ms after the start (target under 1,000)")
        print(f"anonymous memory {broker.anonymous_megabytes():.1f} MB")
        broker.stop()


if __name__ == "__main__":
    main()
