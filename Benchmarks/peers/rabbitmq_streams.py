"""RabbitMQ Streams: rabbitmq-server from Debian with the plugin rabbitmq_stream, one node, started from a directory of its own."""

import os
import signal
import subprocess

import usage
from peer import NativePeer, executable, free_port


class RabbitMQStreams(NativePeer):
    title = "RabbitMQ Streams"
    load_generator = "rabbitmq_load"
    cached = "written, never synced: survives a killed process"

    def __init__(self, tools, directory, durable=False):
        super().__init__(tools, directory)
        # Debian's script in /usr/sbin becomes the user rabbitmq and uses its directories; this one does not.
        server = executable(
            "rabbitmq-server", "/usr/lib/rabbitmq/bin", install="apt-get install rabbitmq-server")
        self.version = next(
            (name.split("-")[1] for name in os.listdir("/usr/lib/rabbitmq/lib") if name.startswith("rabbitmq_server-")), "?")
        names = free_port()
        with open(os.path.join(directory, "rabbitmq.conf"), "w") as file:
            file.write(f"listeners.tcp = none\nstream.listeners.tcp.1 = 127.0.0.1:{self.port}\nlog.file = false\n")
        with open(os.path.join(directory, "plugins"), "w") as file:
            file.write("[rabbitmq_stream].\n")
        environment = dict(
            os.environ, HOME=directory, ERL_EPMD_PORT=str(names), RABBITMQ_NODENAME="bench@localhost",
            RABBITMQ_MNESIA_BASE=os.path.join(directory, "data"), RABBITMQ_LOG_BASE=directory,
            RABBITMQ_CONFIG_FILE=os.path.join(directory, "rabbitmq.conf"), RABBITMQ_DIST_PORT=str(free_port()),
            RABBITMQ_ENABLED_PLUGINS_FILE=os.path.join(directory, "plugins"),
            RABBITMQ_CONF_ENV_FILE=os.path.join(directory, "none"))
        # The daemon that knows the names of Erlang's nodes would stay behind if the server started it.
        self.names = subprocess.Popen(
            ["epmd", "-port", str(names), "-address", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.start([server], environment)
        self.wait_until_it_listens(seconds=120)
        self.settle()

    def stop(self):
        """Erlang's runtime stops in order on SIGTERM, which the script in front of it does not pass on."""
        for pid in usage.tree(self.process.pid):
            with open(f"/proc/{pid}/comm") as name:
                if name.read().startswith("beam"):
                    os.kill(pid, signal.SIGTERM)
        super().stop()
        self.names.terminate()
        self.names.wait()


class RabbitMQSubEntries(RabbitMQStreams):
    """The same with batches that the server keeps as they are: fewer clients can do that."""

    title = "RabbitMQ Streams, sub-entries"
    load_generator = "rabbitmq_sub_load"
