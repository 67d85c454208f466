"""A broker process of its own for tests: start, stop, kill, look at its log, memory and files.

Waiting is always for a condition with a deadline (`eventually`), never for a length of time.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STOP_SECONDS = 10
START_SECONDS = 15
# Any of these in a broker's log fails the test that ran it, whatever the test itself thought.
CRASH = re.compile(r"Fatal|crashed|Crash:|Illegal instruction|Segmentation fault|SIGBUS")


def martlet_binary() -> str:
    """The program under test: $MARTLET_BIN, else the release build, else the debug build."""
    named = os.environ.get("MARTLET_BIN")
    for candidate in [named] if named else [REPOSITORY / "bin/martlet", REPOSITORY / ".build/debug/martlet"]:
        if Path(candidate).is_file():
            return str(Path(candidate).resolve())
    raise FileNotFoundError(f"no martlet to test: build it (`make build`), or name it in MARTLET_BIN (now {named!r})")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition, what: str, seconds: float = 10, every: float = 0.02):
    """The first true value of `condition()`, which may also fail with an OSError until it is ready."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = condition()
        except OSError as error:
            value, last = None, error
        else:
            last = value
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s still not: {what} (last: {last!r})")
        time.sleep(every)


def run(*command, input: bytes | None = None, seconds: float = 30, check: bool = True):
    """Runs a program to its end; its output is bytes. With `check`, exit code 0 is asserted."""
    done = subprocess.run([str(part) for part in command], input=input, capture_output=True, timeout=seconds)
    if check:
        assert done.returncode == 0, f"{command} exited with {done.returncode}:\n{done.stderr.decode()}"
    return done


class Broker:
    """One broker process on loopback, with a data directory and a port that outlive restarts."""

    def __init__(
            self, settings: dict[str, str] | None = None, data_directory: Path | None = None,
            open_files_max: int | None = None, patience: float = 1):
        self.root = Path(tempfile.mkdtemp(prefix="martlet-test-"))
        self.data_directory = data_directory or self.root / "data"
        self.log_path = self.root / "broker.log"
        self.settings = dict(settings or {})
        self.open_files_max = open_files_max
        # A factor for times of starts and stops: of brokers that have much to do then.
        self.patience = patience
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    # Life

    def spawn(self) -> None:
        # A machine with little free space tests as well as any other.
        settings = {"listeners": f"PLAINTEXT://{self.address}", "log.disk.min.free.bytes": "1000000", **self.settings}
        command = [martlet_binary(), "serve", "--data-dir", str(self.data_directory)]
        for name, value in settings.items():
            command += ["--set", f"{name}={value}"]
        if self.open_files_max:
            # Both limits: the broker raises the soft one as far as it may.
            command = ["prlimit", f"--nofile={self.open_files_max}:{self.open_files_max}", *command]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self) -> "Broker":
        self.spawn()
        eventually(self._accepts, f"the broker accepts connections\n{self.log()}", START_SECONDS * self.patience, every=0.005)
        return self

    def _accepts(self) -> bool:
        assert self.process.poll() is None, f"the broker ended with {self.process.returncode}:\n{self.log()}"
        socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        return True

    def stop(self) -> None:
        """A clean stop: SIGTERM, exit code 0 in time, nothing about a crash in the log."""
        if self.process is None:
            return
        process, self.process = self.process, None
        early = process.poll()
        if early is None:
            process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS * self.patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"no end within {STOP_SECONDS} s of SIGTERM:\n{self.log()}") from None
        assert early is None, f"the broker had ended by itself with {early}:\n{self.log()}"
        assert code == 0, f"exit code {code} after SIGTERM:\n{self.log()}"
        assert not CRASH.search(self.log()), f"a crash in the log:\n{self.log()}"

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill9(self) -> None:
        """The process is gone in the middle of whatever it did; `start()` brings the next one."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def close(self) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self.root, ignore_errors=True)

    # Looking at it

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def resident_bytes(self) -> int:
        return self._status_bytes("VmRSS")

    def anonymous_bytes(self) -> int:
        """Memory of its own: without the pages of mapped segments, which the kernel may take back."""
        return self._status_bytes("RssAnon")

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def mappings(self) -> int:
        return len(Path(f"/proc/{self.process.pid}/maps").read_text().splitlines())

    def _status_bytes(self, field: str) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.M).group(1)) * 1024

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # The martlet command

    def martlet(self, *arguments, input: bytes | None = None, check: bool = True, seconds: float = 30):
        """A client command (`topic create …`) against this broker."""
        return run(
            martlet_binary(), *arguments, "--bootstrap-server", self.address, input=input, check=check, seconds=seconds)

    def martlet_json(self, *arguments, input: bytes | None = None):
        return json.loads(self.martlet(*arguments, "--json", input=input).stdout)

    def create_topic(self, name: str, partitions: int = 1, **configs) -> str:
        """Creates a topic; `retention_ms=5` is the setting `retention.ms`."""
        options = [part for key, value in configs.items() for part in ("-c", f"{key.replace('_', '.')}={value}")]
        self.martlet("topic", "create", name, "-p", partitions, *options)
        return name

    def end_offset(self, topic: str, partition: int = 0) -> int:
        return self.martlet_json("topic", "describe", topic)["partitions"][partition]["end_offset"]

    def batches(self, topic: str, partition: int = 0) -> list[dict]:
        """The batches on disk, as `martlet log dump` sees them."""
        segments = sorted((self.data_directory / f"{topic}-{partition}").glob("*.log"))
        if not segments:
            return []
        lines = run(martlet_binary(), "log", "dump", "--json", *segments).stdout.splitlines()
        # The other lines tell of preallocated space behind the last batch.
        return [line for line in map(json.loads, lines) if "base_offset" in line]
