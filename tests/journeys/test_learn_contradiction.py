"""Facts that no company meets at once: a full run names them, and nothing is built on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases import SMALL_HISTORY, bent

from secondhall.belief import store
from secondhall.belief.learning import learn
from secondhall.case import Case, read_case
from secondhall.errors import NoAnswerError

CASE = bent(
    SMALL_HISTORY,
    "monthly_recurring_revenue: 60000",
    "monthly_recurring_revenue: {low: 40000, mid: 60000, high: 90000}",
)
HEADER = "fact,quantity,period,value,unit,standard_deviation,published,words,source\n"
PRESS = "1,revenue,2000,0.90,EUR M,0.03,2001-03,Revenue of 2000.,press\n"
ACCOUNTS = "2,revenue,2000,1.60,EUR M,0.03,2001-06,Revenue of 2000.,accounts\n"


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "user_cache_path", lambda _: tmp_path / "cache")


def written(folder: Path, facts: str) -> Case:
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    (folder / "facts.csv").write_text(HEADER + facts, encoding="utf-8")
    return read_case(folder)


def test_two_figures_of_one_year_that_exclude_each_other_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoAnswerError) as raised:
        learn(written(tmp_path / "small", PRESS + ACCOUNTS))
    said = str(raised.value)
    assert "the facts pull apart" in said
    assert "fact 1 (revenue 2000 = 0.9 EUR M)" in said
    assert "fact 2 (revenue 2000 = 1.6 EUR M)" in said
    # Halfway between them each is missed by 0.35 / 0.03 of its deviations.
    assert "11." in said
    assert "above it" in said
    assert "below it" in said


def test_one_of_them_alone_is_learned_from(tmp_path: Path) -> None:
    belief = learn(written(tmp_path / "small", PRESS))
    assert belief.words.startswith("1 fact known by 2002-01")
    [check] = belief.posterior.checks  # type: ignore[attr-defined]
    assert check.inside
