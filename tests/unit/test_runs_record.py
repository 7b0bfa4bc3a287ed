import json
import math
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from secondhall.months import Month
from secondhall.runs import Draft, Output, Run
from secondhall.runs.record import new_id

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def run(**changes: object) -> Run:
    draft = Draft(verb="plan", case="fluxus", seed=7)
    files = {"bands": Output("tables/bands.parquet", "00" * 32)}
    made = Run.from_draft(
        draft, run_id=new_id(NOON), created=NOON, outputs=files, artefacts={}, directory=Path("x")
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_run_reads_back_what_it_writes() -> None:
    made = run()
    assert Run.from_json(made.to_json(), directory=Path("x")) == made


def test_ids_sort_by_time_and_do_not_repeat() -> None:
    ids = [new_id(NOON + timedelta(seconds=s)) for s in (0, 1, 59, 3600, 86_400, 40_000_000)]
    assert ids == sorted(ids)
    assert len({new_id(NOON) for _ in range(200)}) == 200


def test_a_run_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        run().seed = 8  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (np.float64(1.5), 1.5),
        (np.int32(3), 3),
        (np.bool_(True), True),
        (np.array([1.0, math.nan]), [1.0, None]),
        (math.inf, None),
        ((1, "a"), [1, "a"]),
        ({"b", "a"}, ["a", "b"]),
        (Month.parse("2001-03"), "2001-03"),
        ({"nested": {1: Path("a")}}, {"nested": {"1": "a"}}),
    ],
)
def test_parameters_become_what_json_holds(value: object, kept: object) -> None:
    draft = Draft(verb="plan", case="fluxus", seed=7, parameters={"value": value})
    made = Run.from_draft(draft, run_id="x", created=NOON, outputs={}, artefacts={}, directory=Path("x"))
    assert made.parameters == {"value": kept}
    assert json.loads(made.to_json())["parameters"] == {"value": kept}
    assert Run.from_json(made.to_json(), directory=Path("x")) == made


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "{}", '{"digest": "", "format": 1}', '{"digest": "", "format": 2}']
)
def test_what_is_no_run_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Run.from_json(text, directory=Path("x"))
