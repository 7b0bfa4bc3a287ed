"""`secondhall backtest`: from the accounts of a case to a table and a page, with nothing later leaking in."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from secondhall.backtest import COMPANY, Backtest, backtest, forecasting
from secondhall.backtest.rivals import RIVALS, are_there
from secondhall.belief.prior import Prior
from secondhall.case import Case, read_case
from secondhall.cli.main import app
from secondhall.errors import InputError
from secondhall.months import Month
from secondhall.report.backtest import score_rows, verdict_words, write_backtest

SINCE, LAST = Month.parse("2013-03"), Month.parse("2014-03")
FOUR_TO_SEVEN_QUARTERS = ("2014-Q4", "2015-Q1", "2015-Q2", "2015-Q3")


@pytest.fixture
def stated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the case's own statements for the belief: what is asked is the harness, not what was learned."""
    monkeypatch.setattr(forecasting, "learn", lambda case, **_: Prior(case))


def run(case: Case, **changes: object) -> Backtest:
    settings: dict[str, object] = {"until": LAST, "every": 12, "futures": 256, "seed": 3, **changes}
    return backtest(case, SINCE, **settings)  # type: ignore[arg-type]


def later(case: Case, month: Month) -> Case:
    """Return the case with every figure that became known after a month changed, but for capacity."""
    assert case.accounts is not None
    changed = (pl.col("published") > month.ordinal) & (pl.col("line") != "capacity")
    value = pl.when(changed).then(0.5 * pl.col("value")).otherwise(pl.col("value"))
    return dataclasses.replace(case, accounts=case.accounts.with_columns(value=value))


@pytest.mark.usefixtures("stated")
def test_what_came_later_changes_no_forecast_of_company_or_rival() -> None:
    """Asked in a month in which a quarter is over whose figures are not out."""
    case, asked = read_case("interxion"), Month.parse("2013-07")
    true, other = (
        backtest(one, asked, until=asked, futures=256, seed=3) for one in (case, later(case, asked))
    )
    assert [f.value for f in true.forecasts] != [f.value for f in other.forecasts]
    assert [(f.forecaster, f.period, f.band) for f in true.forecasts] == [
        (f.forecaster, f.period, f.band) for f in other.forecasts
    ]


@pytest.mark.usefixtures("stated")
def test_every_forecaster_of_a_table_speaks_of_the_same_figures() -> None:
    found = run(read_case("interxion"))
    for line in found.lines:
        for horizon in found.horizons:
            counts = {s.count for s in found.scores() if (s.line, s.horizon) == (line, horizon)}
            assert len(counts) <= 1
    forecasters = {f.forecaster for f in found.forecasts}
    assert forecasters == ({COMPANY, *RIVALS} if are_there() else {COMPANY})


@pytest.mark.usefixtures("stated")
def test_a_figure_counts_with_the_first_horizon_that_reaches_it_and_a_sum_begins_after_the_date() -> None:
    found = run(read_case("interxion"))
    assert found.forecasts
    for f in found.forecasts:
        assert 1 <= f.ahead <= f.horizon
        assert not any(h < f.horizon and f.ahead <= h for h in found.horizons)
    whole = [figure for figure in found.history["revenue"] if figure.first < SINCE <= figure.last]
    assert whole
    assert not {f.words for f in whole} & {f.period for f in found.of("revenue") if f.origin == SINCE}


@pytest.mark.usefixtures("stated")
def test_the_scores_are_the_means_of_what_the_forecasts_say() -> None:
    found = run(read_case("interxion"), rivals=False)
    for score in found.scores():
        held = [f for f in found.of(score.line) if f.horizon == score.horizon]
        assert score.count == len(held)
        assert score.bias == pytest.approx(np.mean([f.mean - f.value for f in held]))
        assert score.coverage_90 == np.mean([f.band[0] <= f.value <= f.band[4] for f in held])


@pytest.mark.usefixtures("stated")
def test_without_the_rivals_the_table_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secondhall.backtest.rivals.are_there", lambda: False)
    monkeypatch.setattr(forecasting, "are_there", lambda: False)
    found = run(read_case("interxion"), until=SINCE)
    assert {f.forecaster for f in found.forecasts} == {COMPANY}
    assert any("secondhall[rivals]" in note for note in found.notes)


@pytest.mark.parametrize(
    ("since", "accepted"), [("2019-01", "a month up to 2015-12"), ("2010-01", "a month after 2011-03")]
)
def test_a_date_at_which_nothing_can_be_said_is_told_with_what_can(since: str, accepted: str) -> None:
    with pytest.raises(InputError, match=accepted):
        backtest(read_case("interxion"), Month.parse(since))


@pytest.mark.usefixtures("stated")
def test_the_page_shows_every_line_its_table_and_what_was_assumed(tmp_path: Path) -> None:
    found = run(read_case("interxion"))
    page = write_backtest(found, tmp_path).read_text("utf-8")
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]+"', page) == []
    for row in score_rows(found):
        assert f">{row.forecaster}<" in page
    assert page.count('id="backtest-') >= len(found.lines)
    assert verdict_words(found).split(".")[0] in page
    assert "own decision" in page


@pytest.mark.usefixtures("stated")
def test_the_command_gives_a_table_or_data(tmp_path: Path) -> None:
    args = ["backtest", "interxion", "--from", "2014-03", "--until", "2014-03", "-n", "128"]
    said = CliRunner().invoke(app, [*args, "--out", str(tmp_path)])
    assert said.exit_code == 0, said.output
    for part in ("CRPS", "sold, m2", "secondhall", "backtest.html"):
        assert part in said.output
    made = CliRunner().invoke(app, [*args, "--out", str(tmp_path), "--json"])
    data = json.loads(made.stdout)
    assert data["origins"] == ["2014-03"]
    assert {f["period"] for f in data["forecasts"]} >= set(FOUR_TO_SEVEN_QUARTERS)


@pytest.mark.slow
def test_interxion_learned_to_2013_and_asked_of_space_four_to_seven_quarters_ahead(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The bands of nine in ten hold 80 to 100 % of what came. The scores beside the rivals are printed."""
    found = backtest(read_case("interxion"), LAST, until=LAST, futures=2_000, seed=7)
    said = {f.period: f for f in found.of("sold")}
    held = [said[period] for period in FOUR_TO_SEVEN_QUARTERS]
    inside = [f.band[0] <= f.value <= f.band[4] for f in held]
    ahead = (held[0].ahead, held[-1].ahead)
    with capsys.disabled():
        for score in found.scores(ahead=ahead):
            if score.line == "sold":
                print(
                    f"\n{score.forecaster}: CRPS {score.crps:,.0f}, in 90 % {score.coverage_90:.0%}", end=""
                )
    assert 0.8 <= np.mean(inside) <= 1.0
