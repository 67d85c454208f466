"""Members of consumer groups as processes (group_member.py, kcat), and what they have to agree on."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import confluent_kafka as ck

from harness import Broker, eventually

SESSION_SECONDS = 6
# What a rebalance needs besides the session timeout: a heartbeat, a join, on a machine that is busy.
REBALANCE_SECONDS = 15
STOP_SECONDS = 15
PARTITION = re.compile(r"(\S+) \[(\d+)\]")


class Member:
    """One process. What it says is collected from the start on; a test looks at it at any time."""

    def __init__(self, library: str, address: str, group: str, *topics: str, **options):
        self.library, self.group = library, group
        self.records: list[tuple[str, int, int, str]] = []
        self.assigned: list[tuple[str, int]] | None = None
        # How often the assignment has changed.
        self.changes = 0
        self.refused: list[str] = []
        self.committed: dict[str, int] = {}
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self._command(library, address, topics, options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if library == "kcat" else self.errors, text=True)
        self._readers = [threading.Thread(target=self._read, daemon=True)]
        if library == "kcat":
            self._readers.append(threading.Thread(target=self._read_kcat_errors, daemon=True))
        for reader in self._readers:
            reader.start()

    def _command(self, library, address, topics, options):
        if library == "kcat":
            strategy = options.get("strategy", "range")
            return [
                "kcat", "-b", address, "-G", self.group, "-u", "-J", "-X", "auto.offset.reset=earliest", "-X",
                f"session.timeout.ms={SESSION_SECONDS * 1000}", "-X", "heartbeat.interval.ms=200", "-X",
                f"partition.assignment.strategy={strategy}", "-X", "auto.commit.interval.ms=200", *topics]
        more = {"address": address, "group": self.group, "topics": list(topics), "session_ms": SESSION_SECONDS * 1000}
        program = Path(__file__).with_name("group_member.py")
        return [sys.executable, str(program), library, json.dumps({**more, **options})]

    def _read(self) -> None:
        for line in self.process.stdout:
            if self.library == "kcat":
                said = json.loads(line)
                said = {"record": [said["topic"], said["partition"], said["offset"], said["payload"]]}
            else:
                said = json.loads(line)
            if "record" in said:
                self.records.append(tuple(said["record"]))
            elif "assigned" in said:
                self._is_assigned([tuple(each) for each in said["assigned"]])
            elif "committed" in said:
                self.committed |= said["committed"]
            elif "refused" in said:
                self.refused.append(said["refused"])

    def _read_kcat_errors(self) -> None:
        # % Group g rebalanced (memberid …): assigned: t [0], t [1]
        for line in self.process.stderr:
            if "rebalanced" in line:
                assigned = line.rsplit("assigned:", 1)[1] if "): assigned:" in line else ""
                self._is_assigned([(topic, int(number)) for topic, number in PARTITION.findall(assigned)])

    def _is_assigned(self, partitions) -> None:
        self.assigned = partitions
        self.changes += 1

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """Leaves its group, as a program does that ends well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self} does not end: {self.log()}") from None
        self._join()
        assert code == 0, f"{self} ended with {code}: {self.log()}"

    def kill(self) -> None:
        """Gone without a word: the broker has to find out."""
        self.process.kill()
        self.process.wait()
        self._join()

    def _join(self) -> None:
        for reader in self._readers:
            reader.join(STOP_SECONDS)

    def log(self) -> str:
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")[-5000:]

    def __repr__(self):
        return f"{self.library} member of {self.group}"


class Group:
    """The members of one group that a test has started."""

    def __init__(self, broker: Broker, name: str):
        self.broker, self.name = broker, name
        self.members: list[Member] = []
        self.gone: list[Member] = []

    def join(self, library: str, *topics: str, **options) -> Member:
        member = Member(library, self.broker.address, self.name, *topics, **options)
        self.members.append(member)
        return member

    def leave(self, member: Member) -> None:
        self._move(member)
        member.stop()

    def kill(self, member: Member) -> None:
        self._move(member)
        member.kill()

    def _move(self, member: Member) -> None:
        self.members.remove(member)
        self.gone.append(member)

    def close(self) -> None:
        for member in self.members:
            member.kill()

    # What they agree on

    def owners(self) -> Counter:
        return Counter(partition for member in self.members for partition in member.assigned or [])

    def has_settled(self, partitions: set[tuple[str, int]], idle: int = 0) -> bool:
        """Every partition has one owner, and all members but `idle` own some."""
        owners = self.owners()
        owning = sum(1 for member in self.members if member.assigned)
        return (
            owners.keys() == partitions and set(owners.values()) <= {1} and owning == len(self.members) - idle
            and all(member.assigned is not None for member in self.members))

    def settle(self, topic: str, count: int, seconds: float = REBALANCE_SECONDS, idle: int = 0) -> float:
        """Waits until the partitions are shared out; how long it took, in seconds."""
        return self.settle_on({(topic, number) for number in range(count)}, seconds, idle)

    def settle_on(self, partitions: set[tuple[str, int]], seconds: float = REBALANCE_SECONDS, idle: int = 0) -> float:
        start = time.monotonic()

        def settled():
            ended = [member for member in self.members if not member.is_running]
            assert not ended, f"{ended[0]} has ended: {ended[0].log()}"
            return self.has_settled(partitions, idle)

        try:
            eventually(settled, f"{self.name} is stable", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{[(member, member.assigned) for member in self.members]}") from None
        return time.monotonic() - start

    def sizes(self) -> list[int]:
        return sorted(len(member.assigned or []) for member in self.members)

    # What they have read

    def records(self) -> list[tuple[str, int, int, str]]:
        return [record for member in self.gone + self.members for record in list(member.records)]

    def has_read(self, expected: set[tuple[str, int, int]]) -> bool:
        return expected <= {(topic, partition, offset) for topic, partition, offset, _ in self.records()}

    def read_all(self, topic: str, counts: dict[int, int], seconds: float = REBALANCE_SECONDS) -> None:
        """Waits until every offset of every partition was read by somebody."""
        expected = {(topic, partition, offset) for partition, count in counts.items() for offset in range(count)}
        eventually(lambda: self.has_read(expected), f"{len(expected)} records of {topic} are read", seconds)


def produce(address: str, topic: str, partitions: int, each: int, first: int = 0) -> None:
    """`each` numbered records into each partition, acknowledged."""
    producer = ck.Producer({"bootstrap.servers": address, "linger.ms": 2, "log_level": 0})
    errors = []
    for number in range(first, first + each):
        for partition in range(partitions):
            producer.produce(
                topic, b"%d" % number, partition=partition,
                on_delivery=lambda error, _: error and errors.append(error))
    assert producer.flush(30) == 0 and not errors, errors[:1]
