"""What a server uses: CPU time, memory, reads and writes, context switches; of all of its processes together.

Linux only, from /proc. Reads and writes are the system calls of these two families (read, readv, pread, write, writev, pwritev,
…) as /proc/PID/io counts them; polls and flushes are not among them.
"""

import dataclasses
import os
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Usage:
    cpu: float = 0
    user: float = 0
    system: float = 0
    reads: int = 0
    writes: int = 0
    voluntary_switches: int = 0
    forced_switches: int = 0

    def __add__(self, other):
        return Usage(*(a + b for a, b in zip(dataclasses.astuple(self), dataclasses.astuple(other))))

    def __sub__(self, other):
        """What was used between two readings. User and system come in ticks: their sum is made to be that of the clock."""
        used = Usage(*(a - b for a, b in zip(dataclasses.astuple(self), dataclasses.astuple(other))))
        ticks = used.user + used.system
        used.system = used.cpu * used.system / ticks if ticks else 0
        used.user = used.cpu - used.system
        return used


def cpu_seconds(pid):
    # The CPU clock of a process, as clock_getcpuclockid(3) makes it of the process id.
    return time.clock_gettime((~pid << 3) | 2)


def of_process(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    usage = Usage(cpu_seconds(pid), int(fields[11]) / TICKS, int(fields[12]) / TICKS)
    io = _fields(f"/proc/{pid}/io")
    usage.reads, usage.writes = int(io["syscr"]), int(io["syscw"])
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            status = _fields(f"/proc/{pid}/task/{thread}/status")
        except (FileNotFoundError, ProcessLookupError):
            continue  # A thread has ended meanwhile.
        usage.voluntary_switches += int(status["voluntary_ctxt_switches"])
        usage.forced_switches += int(status["nonvoluntary_ctxt_switches"])
    return usage


def of_processes(pids):
    return sum((of_process(pid) for pid in pids), Usage())


def anonymous_megabytes(pids):
    """Memory that belongs to nobody else: pages of files, mapped or cached, are the kernel's to take back."""
    kilobytes = 0
    for pid in pids:
        try:
            kilobytes += int(_fields(f"/proc/{pid}/status")["RssAnon"].split()[0])
        except (FileNotFoundError, ProcessLookupError, KeyError):
            continue  # A child has ended meanwhile.
    return kilobytes / 1024


def tree(pid):
    """A process and what it has started, and so on."""
    found = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children") as children:
                for child in children.read().split():
                    found += tree(int(child))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _fields(path):
    with open(path) as file:
        pairs = (line.partition(":") for line in file)
        return {name: value.strip() for name, _, value in pairs}


class MemoryWatch:
    """The most anonymous memory that processes have had in a stretch of time, looked at twenty times a second."""

    def __init__(self, pids):
        self.pids = pids
        self.most_megabytes = 0
        self.ended = threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def watch(self):
        while True:
            self.most_megabytes = max(self.most_megabytes, anonymous_megabytes(self.pids))
            if self.ended.wait(0.05):
                return

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
