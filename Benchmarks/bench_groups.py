"""Measures what consumer groups cost a martlet binary: 1,000 groups of 3 members that only send heartbeats.

Every member has a connection of its own, as clients have, and sends a heartbeat every three seconds, spread evenly. The
figure is the broker's CPU time in that phase, in percent of one core, and the time in which the groups became stable.
"""

import argparse
import heapq
import selectors
import socket
import struct
import tempfile
import time

from bench import Broker

JOIN_GROUP, HEARTBEAT, SYNC_GROUP, FIND_COORDINATOR = 11, 12, 14, 10
HEARTBEAT_SECONDS = 3


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def frame(api, version, body):
    request = struct.pack(">hhih", api, version, 1, -1) + body
    return struct.pack(">i", len(request)) + request


class Member:
    """One member on one connection; speaks versions of the protocol that need no handshake for its id."""

    def __init__(self, group, address):
        self.group = group
        self.socket = socket.create_connection(address)
        self.member_id, self.generation, self.is_stable = "", -1, False

    def send(self, data):
        self.socket.sendall(data)

    def read(self):
        size = struct.unpack(">i", self.exactly(4))[0]
        return self.exactly(size)[4:]

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise SystemExit("error: the broker closed a connection")
            data += piece
        return data

    def join(self):
        body = string(self.group) + struct.pack(">ii", 30_000, 60_000) + string(self.member_id) + string("consumer")
        self.send(frame(JOIN_GROUP, 2, body + struct.pack(">i", 1) + string("range") + struct.pack(">i", 0)))

    def joined(self, answer):
        error, self.generation = struct.unpack_from(">hi", answer, 4)
        assert error == 0, error
        at = 10
        names = []
        for _ in range(3):  # protocol, leader, member id
            length = struct.unpack_from(">h", answer, at)[0]
            names.append(answer[at + 2 : at + 2 + length].decode())
            at += 2 + length
        self.member_id = names[2]

    def sync(self):
        body = string(self.group) + struct.pack(">i", self.generation) + string(self.member_id)
        self.send(frame(SYNC_GROUP, 1, body + struct.pack(">i", 0)))

    def heartbeat(self):
        self.send(frame(HEARTBEAT, 1, string(self.group) + struct.pack(">i", self.generation) + string(self.member_id)))


def stabilize(groups):
    for members in groups:
        for member in members:
            member.join()
    for members in groups:
        for member in members:
            member.joined(member.read())
    for members in groups:
        for member in members:
            member.sync()
    for members in groups:
        for member in members:
            assert struct.unpack_from(">h", member.read(), 4)[0] == 0


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
            error = struct.unpack_from(">h", key.data.read(), 4)[0]
            assert error == 0, error
            answered += 1
    return answered


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as directory:
        broker = Broker(options.martlet, directory)
        address = ("127.0.0.1", broker.port)
        groups = [[Member(f"group-{index}", address) for _ in range(options.members)] for index in range(options.groups)]
        started = time.monotonic()
        stabilize(groups)
        stable_seconds = time.monotonic() - started
        members = [member for group in groups for member in group]
        before = broker.cpu_seconds()
        answered = beat(members, options.seconds)
        cpu = broker.cpu_seconds() - before
        print(f"{options.groups} groups of {options.members} members stable after {stable_seconds:6.2f} s")
        print(f"heartbeats                      {answered / options.seconds:8,.0f} a second")
        print(f"broker CPU for them             {100 * cpu / options.seconds:8.2f} % of a core (target under 5)")
        print(f"anonymous memory                {broker.anonymous_megabytes():8.1f} MB")
        for member in members:
            member.socket.close()
        broker.stop()


if __name__ == "__main__":
    main()
