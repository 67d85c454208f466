"""Frames of Kafka's protocol for the benchmarks that speak it themselves: without a client id, in versions before tagged fields."""

import socket
import struct


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def frame(api, version, body):
    request = struct.pack(">hhih", api, version, 1, -1) + body
    return struct.pack(">i", len(request)) + request


class Connection:
    """Sends frames and waits for the answers, in order."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.buffer = bytearray(256)

    def send(self, api, version, body):
        self.socket.sendall(frame(api, version, body))

    def receive(self):
        """The next answer, behind its correlation id. Valid until the next call."""
        size = struct.unpack(">i", self.exactly(4))[0]
        return self.exactly(size)[4:]

    def call(self, api, version, body):
        self.send(api, version, body)
        return self.receive()

    def exactly(self, count):
        if count > len(self.buffer):
            self.buffer = bytearray(2 * count)
        view, done = memoryview(self.buffer)[:count], 0
        while done < count:
            received = self.socket.recv_into(view[done:])
            if received == 0:
                raise SystemExit("error: the broker closed a connection")
            done += received
        return view

    def close(self):
        self.socket.close()
