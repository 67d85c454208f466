"""Fixtures: a broker of one's own (`broker`), or one that a module's tests share (`shared`)."""

import itertools
import os
import random

import pytest

from harness import Broker

SEED = int(os.environ.get("MARTLET_TEST_SEED", random.SystemRandom().randrange(2**32)))
names = itertools.count(1)


def pytest_report_header(config):
    return f"seed {SEED} (MARTLET_TEST_SEED={SEED} repeats this run)"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for broker in {item.funcargs.get("broker"), item.funcargs.get("shared")} - {None}:
            report.sections.append((f"log of the broker at {broker.address}", broker.log()[-20_000:]))


@pytest.fixture
def rng(request) -> random.Random:
    """Reproducible: depends on the seed of the run and the name of the test only."""
    return random.Random(f"{SEED} {request.node.nodeid}")


@pytest.fixture
def broker():
    """A fresh broker on an empty directory, stopped cleanly and checked afterwards."""
    broker = Broker()
    try:
        yield broker.start()
    finally:
        broker.close()


@pytest.fixture(scope="module")
def shared():
    """One broker for a module: for tests that keep to topics of their own."""
    broker = Broker({"log.segment.delete.delay.ms": "0"})
    try:
        yield broker.start()
    finally:
        broker.close()


@pytest.fixture
def topic(request) -> str:
    """A topic name nobody else uses."""
    return f"t{next(names)}-{request.node.originalname.removeprefix('test_')}"[:80]
