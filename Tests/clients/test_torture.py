"""A short form of `make torture-kill`."""

import sys
from pathlib import Path

import pytest

from conftest import SEED

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "torture"))
from kill import torture  # noqa: E402


@pytest.mark.timeout(120)
def test_killed_ten_times_under_producers_and_a_group(broker):
    torture(broker, cycles=10, seed=SEED)
