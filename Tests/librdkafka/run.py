"""Runs librdkafka's own integration tests against Martlet (`make test-librdkafka LIBRDKAFKA_DIR=…`).

Every test gets a fresh broker on a temporary directory; those that need no broker (librdkafka's mock cluster, unit
tests) say nothing about Martlet and are not run. `expectations.txt` names the tests that are not expected to pass, and
why. The exit code is 1 if a test did something else than is expected of it, or if a broker crashed.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))

from harness import Broker, martlet_binary  # noqa: E402

# The broker whose behaviour librdkafka's tests are told to expect; those for later ones skip themselves.
KAFKA_VERSION = "4.0.0"
# What librdkafka's own `scenarios/*.json` ask of a broker.
SCENARIOS = {
    "default": {"num.partitions": "4", "auto.create.topics.enable": "true"},
    "noautocreate": {"num.partitions": "4", "auto.create.topics.enable": "false"},
}
# Tests of many unrelated things, of which the first failure ends the rest: their sub-tests are run one by one.
DIVIDED = {"0081_admin": "0081-admin.c"}
LIMIT_SECONDS = 900
PASSED, FAILED, SKIPPED, LEFT_OUT = "passed", "failed", "skipped", "not run"

# `_TEST(0045_subscribe_update, 0, TEST_BRKVER(0, 9, 0, 0), .scenario = "noautocreate"),` in test.c
DECLARATION = re.compile(r"^\s*_TEST\((\d{4}_\w+),(.*?)\),\n(?=\s*(?:_TEST|#|/\*|\{))", re.M | re.S)
# `| 0012_produce_consume   |     PASSED |   1.234s |` in the summary, without colours; behind it why a test was skipped
SUMMARY = re.compile(r"^\|\s*(\d{4}_\w+)\s*\|\s*(\w+)\s*\|\s*([\d.]+)s\s*\|[ \t]*(.*)$", re.M)
# `### Test "0012_produce_consume (subtest)" failed at file:line:function() at date: ###` and a line that says why
FAILURE = re.compile(r'^### Test "(\d{4}_\w+)(.*?)" failed at (\S+) at .*: ###\n(.*)$', re.M)
COLOUR = re.compile(r"\x1b\[\d*m")
FUNCTION = re.compile(r"^(?:static )?(?:void )?(do_test_\w+)\(", re.M)
# `[ do_test_DeleteAcls:2062: PASS (1.07s) ]`
SUBTEST_END = re.compile(r"\[ (?:do_test_)\w+:\d+\b.*: (PASS|SKIP)[ :](.*?) ?\]?$", re.M)


@dataclass
class Test:
    """A function of the test runner; those of one number and scenario run in one process, sub-tests alone."""

    function: str
    scenario: str
    subtest: str = ""

    @property
    def name(self) -> str:
        return f"{self.function}/{self.subtest.removeprefix('do_test_')}" if self.subtest else self.function

    @property
    def process(self) -> str:
        """Names the process that runs this test, with others or alone."""
        return "-".join(filter(None, [self.function[:4], self.subtest, self.scenario]))


@dataclass
class Outcome:
    state: str
    seconds: float = 0
    note: str = ""


@dataclass
class Expectation:
    state: str
    reason: str


@dataclass
class Run:
    """One process of the test runner and what came out of it, with the broker it had."""

    tests: list[Test]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    trouble: str = ""


def declared_tests(sources: Path) -> list[Test]:
    """The tests that need a broker and are not for use by hand, from the table in test.c."""
    table = (sources / "test.c").read_text().split("struct test tests[]", 1)[1]
    tests = []
    for name, flags in DECLARATION.findall(table):
        if re.search(r"TEST_F_(LOCAL|MANUAL|KNOWN_ISSUE)\b", flags):
            continue
        scenario = re.search(r'\.scenario = "([\w,]+)"', flags)
        names = scenario.group(1).split(",") if scenario else ["default"]
        if name in DIVIDED:
            source = (sources / DIVIDED[name]).read_text()
            tests += [Test(name, names[0], subtest) for subtest in subtests(source)]
        else:
            tests.append(Test(name, names[0]))
    return tests


def subtests(source: str) -> list[str]:
    """The functions that a source file declares to be sub-tests, in order."""
    parts = FUNCTION.split(source)[1:]  # Name, what follows up to the next, name, …
    bodies: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2]):
        bodies[name] = bodies.get(name, "") + body
    return [name for name, body in bodies.items() if "SUB_TEST" in body]


def expectations(path: Path, group_protocol: str) -> dict[str, Expectation]:
    """Lines `name  failed|skipped|"not run"  reason`; what is not listed is expected to pass.

    `name[consumer]` holds for that group protocol only.
    """
    found = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, state, reason = re.split(r"\s{2,}", line.strip(), maxsplit=2)
            if state not in (FAILED, SKIPPED, LEFT_OUT):
                raise ValueError(f"{path}: {name}: {state!r} is not an outcome to expect")
            name, _, protocol = name.rstrip("]").partition("[")
            if protocol in ("", group_protocol):
                found[name] = Expectation(state, reason)
    return found


def build(root: Path, jobs: int) -> None:
    if (root / "tests/test-runner").exists():
        return
    print(f"Building librdkafka's tests in {root}", flush=True)
    if not (root / "Makefile.config").exists():
        subprocess.run(["./configure", "--disable-gssapi"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["make", "-s", f"-j{jobs}", "libs"], cwd=root, check=True)
    subprocess.run(["make", "-s", f"-j{jobs}", "-C", "tests", "build"], cwd=root, check=True)


class Suite:
    def __init__(self, root: Path, logs: Path, options: argparse.Namespace):
        self.sources = root / "tests"
        self.root = root
        self.logs = logs
        self.options = options
        # The tests call Kafka's script by the place that it has in Kafka's distribution.
        self.kafka = logs / "kafka"
        script = self.kafka / "bin/kafka-topics.sh"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.unlink(missing_ok=True)
        script.symlink_to(HERE / "kafka-topics.sh")

    def run(self, tests: list[Test]) -> Run:
        result = Run(tests)
        broker = Broker(SCENARIOS[tests[0].scenario])
        output = ""
        try:
            broker.start()
            output = self._test_runner(tests[0], broker, result)
            broker.stop()
        except AssertionError as problem:
            result.trouble = f"the broker: {problem}"
        finally:
            (self.logs / f"{tests[0].process}.broker.log").write_text(broker.log())
            broker.close()
        failures: dict[str, str] = {}
        outcomes: dict[str, Outcome] = {}
        for found, _, _, why in FAILURE.findall(output):
            failures.setdefault(found, why)
        for found, state, seconds, note in SUMMARY.findall(output):
            state = {"PASSED": PASSED, "SKIPPED": SKIPPED}.get(state, FAILED)
            outcomes[found] = Outcome(state, float(seconds), failures.get(found) or note.strip())
        missing = Outcome(FAILED, 0, result.trouble or "no line in the test runner's summary")
        for test in tests:
            result.outcomes[test.name] = outcomes.get(test.function, missing)
        ends = SUBTEST_END.findall(output)
        if tests[0].subtest and ends and all(end == "SKIP" for end, _ in ends):
            result.outcomes[tests[0].name] = Outcome(SKIPPED, 0, ends[0][1])  # The test runner says that it passed.
        return result

    def _test_runner(self, test: Test, broker: Broker, result: Run) -> str:
        conf = self.logs / f"{test.process}.conf"
        conf.write_text(
            f"bootstrap.servers={broker.address}\ntest.timeout.multiplier={self.options.timeout_multiplier}\n")
        environment = dict(
            os.environ, TESTS=test.function[:4], TEST_SCENARIO=test.scenario, TEST_KAFKA_VERSION=KAFKA_VERSION,
            TEST_CONSUMER_GROUP_PROTOCOL=self.options.group_protocol, RDKAFKA_TEST_CONF=str(conf),
            KAFKA_PATH=str(self.kafka), BROKERS=broker.address, MARTLET_BIN=martlet_binary(),
            LD_LIBRARY_PATH=f"{self.root}/src:{self.root}/src-cpp")
        if test.subtest:
            environment["SUBTESTS"] = f"{test.subtest}:"  # The test runner's own names go on with the line's number.
        if self.options.debug:
            environment["TEST_DEBUG"] = self.options.debug
        # Line by line: when a test exceeds its own limit, the test runner kills itself before it flushes its summary.
        command = ["stdbuf", "-oL", "./test-runner", "-p1", "-L"] + (["-Q"] if self.options.quick else [])
        command += ["-P"] if self.options.idempotent else []
        log = self.logs / f"{test.process}.log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                command, cwd=self.sources, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True)
            try:
                process.wait(self.options.limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                result.trouble = f"no end within {self.options.limit} s"
        return COLOUR.sub("", log.read_text(errors="replace"))


def report(runs: list[Run], expected: dict[str, Expectation], seconds: float, logs: Path) -> int:
    surprises, counts = [], {PASSED: 0, FAILED: 0, SKIPPED: 0, LEFT_OUT: 0}
    for run in runs:
        if run.trouble:
            surprises.append(f"{run.tests[0].process}: {run.trouble}")
        for test in run.tests:
            outcome, expectation = run.outcomes[test.name], expected.get(test.name, Expectation(PASSED, ""))
            counts[outcome.state] += 1
            if outcome.state != expectation.state:
                surprises.append(f"{test.name} {outcome.state}, but is expected to be {expectation.state}: {outcome.note}")
    print(f"\n{sum(counts.values())} tests in {seconds:.0f} s: " + ", ".join(f"{n} {s}" for s, n in counts.items()))
    print(f"Logs: {logs}")
    for surprise in surprises:
        print(f"UNEXPECTED  {surprise}")
    return 1 if surprises else 0


def show(run: Run, expected: dict[str, Expectation]) -> None:
    for test in run.tests:
        outcome, expectation = run.outcomes[test.name], expected.get(test.name)
        note = expectation.reason if expectation and expectation.state == outcome.state else outcome.note
        print(f"{test.name:50} {outcome.state:8} {outcome.seconds:7.1f} s  {note[:200]}".rstrip(), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--librdkafka", type=Path, default=os.environ.get("LIBRDKAFKA_DIR"), help="a checkout of librdkafka")
    parser.add_argument("--only", help="numbers or names of tests, separated by commas")
    parser.add_argument("--all", action="store_true", help="also run those that expectations.txt leaves out")
    parser.add_argument("--quick", action="store_true", help="the test runner's quick mode")
    parser.add_argument("--jobs", type=int, default=1, help="tests at a time, each with its own broker")
    parser.add_argument("--limit", type=int, default=LIMIT_SECONDS, help="seconds for one test")
    parser.add_argument("--timeout-multiplier", type=float, default=2, help="of the tests' own time limits")
    parser.add_argument("--idempotent", action="store_true", help="with enable.idempotence in every producer")
    parser.add_argument("--group-protocol", default="classic", choices=["classic", "consumer"])
    parser.add_argument("--debug", help="librdkafka's debug contexts, for the logs")
    parser.add_argument("--logs", type=Path, help="where the logs go (default: a new temporary directory)")
    options = parser.parse_args()
    if not options.librdkafka or not (Path(options.librdkafka) / "tests/test.c").exists():
        parser.error("name a checkout of librdkafka with --librdkafka or LIBRDKAFKA_DIR")
    root = Path(options.librdkafka).resolve()
    build(root, os.cpu_count() or 1)

    expected = expectations(HERE / "expectations.txt", options.group_protocol)
    wanted = options.only.split(",") if options.only else None
    processes: dict[str, list[Test]] = {}
    left_out = []
    for test in declared_tests(root / "tests"):
        if wanted and test.function[:4] not in wanted and test.name not in wanted:
            continue
        if expected.get(test.name, Expectation(PASSED, "")).state == LEFT_OUT and not options.all:
            left_out.append(test)
        else:
            processes.setdefault(test.process, []).append(test)
    for test in left_out:
        print(f"{test.name:50} {LEFT_OUT:8} {'':9}  {expected[test.name].reason}")

    logs = (options.logs or Path(tempfile.mkdtemp(prefix="martlet-librdkafka-"))).resolve()
    logs.mkdir(parents=True, exist_ok=True)
    suite = Suite(root, logs, options)
    started = time.monotonic()
    runs = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for run in pool.map(suite.run, processes.values()):
            runs.append(run)
            show(run, expected)
    return report(runs, expected, time.monotonic() - started, logs)


if __name__ == "__main__":
    sys.exit(main())
