"""A ledger of 200,000 contracts: it is learned from, in bounded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.test_learn_northhall import written

from secondhall.cases.northhall_generator import TRUTH

ROOT = Path(__file__).parents[2]
LARGER, ROOMIER = 155, 1000
"""How many times as many customers come as in northhall; how many times as large the halls are."""

LEARN = """
import json, sys, time
from secondhall.belief.ledger.learn import learn_ledger
from secondhall.case import read_case
began = time.monotonic()
case = read_case(sys.argv[1])
found = learn_ledger(case, until=case.start, seed=1)
status = open("/proc/self/status").read()
print(json.dumps({
    "contracts": case.contracts.height,
    "refused": found.convergence.refused,
    "warnings": found.convergence.warnings,
    "seconds": time.monotonic() - began,
    "kilobytes": int(status.split("VmHWM:")[1].split()[0]),
}))
"""


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Learn in a process of its own, whose peak of memory is then that of learning."""
    folder = tmp_path_factory.mktemp("ledgers") / "large"
    segments = {
        name: replace(segment, new_customers_per_month=LARGER * segment.new_customers_per_month)
        for name, segment in TRUTH.segments.items()
    }
    halls = tuple((name, ROOMIER * kw, 0, cost) for name, kw, _, cost in TRUTH.halls)
    written(folder, replace(TRUTH, segments=segments, halls=halls), seed=5, roomier=ROOMIER)
    done = subprocess.run(
        [sys.executable, "-c", LEARN, str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(found)
    return found


def test_200_000_contracts_are_learned_from_in_two_gigabytes(learned: dict[str, Any]) -> None:
    assert learned["contracts"] >= 200_000
    assert learned["kilobytes"] < 2_000_000


def test_what_they_taught_can_be_trusted(learned: dict[str, Any]) -> None:
    assert learned["refused"] is None
