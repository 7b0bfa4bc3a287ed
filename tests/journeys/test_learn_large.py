"""A ledger of 200,000 contracts: it is learned from, in bounded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.journeys.test_learn_northhall import ROOMIER, written

from secondhall.cases.northhall_generator import TRUTH

ROOT = Path(__file__).parents[2]
LARGER = 150
"""How many times as many customers come as in northhall."""

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


@pytest.mark.slow
def test_200_000_contracts_are_learned_from_in_two_gigabytes(tmp_path: Path) -> None:
    segments = {
        name: replace(segment, new_customers_per_month=LARGER * segment.new_customers_per_month)
        for name, segment in TRUTH.segments.items()
    }
    halls = tuple((name, ROOMIER * kw, 0, cost) for name, kw, _, cost in TRUTH.halls)
    written(tmp_path / "large", replace(TRUTH, segments=segments, halls=halls), seed=5)
    done = subprocess.run(
        [sys.executable, "-c", LEARN, str(tmp_path / "large")],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    print(found)
    assert found["contracts"] >= 200_000
    assert found["refused"] is None
    assert found["kilobytes"] < 2_000_000
