"""Measures what consumer groups cost a martlet binary: 1,000 groups of 3 members that only send heartbeats.

Every member has a connection of its own, as clients have, and sends a heartbeat every three seconds, spread evenly. The
figure is the broker's CPU time in that phase, in percent of one core, and the time in which the groups became stable.

The floor gets the same frames on as many connections at the same rate, in turns with the broker: it waits with epoll, receives,
and sends a reply of 64 bytes, which is what no broker can do without.
"""

import argparse
import heapq
import resource
import selectors
import statistics
import struct
import time

import results
from bench import Broker, Floor, scratch
from frames import Connection, string
from results import Column, Section

JOIN_GROUP, HEARTBEAT, SYNC_GROUP = 11, 12, 14
HEARTBEAT_SECONDS = 3
# The broker hears nothing while the floor has two turns in a row.
SESSION_MILLISECONDS = 120_000


class Member(Connection):
    """One member on one connection; speaks versions of the protocol that need no handshake for its id."""

    def __init__(self, group, port):
        super().__init__(port)
        self.group = group
        self.member_id, self.generation = "", -1

    def join(self):
        body = string(self.group) + struct.pack(">ii", SESSION_MILLISECONDS, 60_000) + string(self.member_id) + string("consumer")
        self.send(JOIN_GROUP, 2, body + struct.pack(">i", 1) + string("range") + struct.pack(">i", 0))

    def joined(self, answer):
        error, self.generation = struct.unpack_from(">hi", answer, 4)
        assert error == 0, error
        at = 10
        names = []
        for _ in range(3):  # protocol, leader, member id
            length = struct.unpack_from(">h", answer, at)[0]
            names.append(bytes(answer[at + 2 : at + 2 + length]).decode())
            at += 2 + length
        self.member_id = names[2]

    def sync(self):
        body = string(self.group) + struct.pack(">i", self.generation) + string(self.member_id)
        self.send(SYNC_GROUP, 1, body + struct.pack(">i", 0))

    def heartbeat(self):
        self.send(HEARTBEAT, 1, string(self.group) + struct.pack(">i", self.generation) + string(self.member_id))


def stabilize(groups):
    for members in groups:
        for member in members:
            member.join()
    for members in groups:
        for member in members:
            member.joined(member.receive())
    for members in groups:
        for member in members:
            member.sync()
    for members in groups:
        for member in members:
            assert struct.unpack_from(">h", member.receive(), 4)[0] == 0


def beat(members, seconds):
    """Sends heartbeats in an open loop; returns how many were answered."""
    selector = selectors.DefaultSelector()
    for member in members:
        selector.register(member.socket, selectors.EVENT_READ, member)
    start = time.monotonic()
    due = [(start + HEARTBEAT_SECONDS * index / len(members), index) for index in range(len(members))]
    heapq.heapify(due)
    answered = 0
    while time.monotonic() < start + seconds:
        while due[0][0] <= time.monotonic():
            at, index = heapq.heappop(due)
            members[index].heartbeat()
            heapq.heappush(due, (at + HEARTBEAT_SECONDS, index))
        for key, _ in selector.select(max(0, due[0][0] - time.monotonic())):
            error = struct.unpack_from(">h", key.data.receive(), 4)[0]
            assert error == 0, error
            answered += 1
    return answered


def connect(options, port):
    return [[Member(f"group-{index:04}", port) for _ in range(options.members)] for index in range(options.groups)]


def flat(groups):
    return [member for group in groups for member in group]


def share_of_core(server, members, seconds):
    """Percent of a core that the server needs for the heartbeats, and heartbeats a second."""
    before = server.cpu_seconds()
    answered = beat(members, seconds)
    return 100 * (server.cpu_seconds() - before) / seconds, answered / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--floor", help="floor; without it nothing is compared")
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=12, help="of heartbeats in each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="file to keep the results in")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with scratch() as directory:
        broker = Broker(options.martlet, directory)
        groups = connect(options, broker.port)
        started = time.monotonic()
        stabilize(groups)
        stable_seconds = time.monotonic() - started
        turns = {broker: flat(groups)}
        if options.floor:
            floor = Floor(options.floor, "--connections")
            turns[floor] = flat(connect(options, floor.port))
            # Frames as long as the broker's, for a server that knows nobody.
            for ours, theirs in zip(turns[broker], turns[floor]):
                theirs.member_id, theirs.generation = ours.member_id, ours.generation
        shares, rates = {server: [] for server in turns}, {server: [] for server in turns}
        for index in range(options.rounds):
            for server, members in list(turns.items())[:: 1 if index % 2 == 0 else -1]:
                share, rate = share_of_core(server, members, options.seconds)
                shares[server].append(share)
                rates[server].append(rate)
        section = Section(
            "groups", f"heartbeats of {options.groups:,} groups of {options.members} members",
            [Column("share", "% of a core"), Column("rate", "heartbeats/s", 0), Column("ratio", "to the floor"),
             Column("stable", "stable after s"), Column("anonymous", "anon MB", 1)],
            "Every member has a connection of its own and sends a heartbeat every three seconds.")
        for server in turns:
            values = {"share": statistics.median(shares[server]), "rate": statistics.median(rates[server])}
            if server is broker:
                values |= {"stable": stable_seconds, "anonymous": broker.anonymous_megabytes()}
                if options.floor:
                    values["ratio"] = statistics.median(a / b for a, b in zip(shares[broker], shares[floor]))
            section.add(server.name, **values)
        section.target("heartbeats", section.rows[0]["share"], 5, " % of a core")
        section.print()
        for server, members in turns.items():
            for member in members:
                member.close()
            server.stop()
        results.write(options.json, "groups", [section])


if __name__ == "__main__":
    main()
