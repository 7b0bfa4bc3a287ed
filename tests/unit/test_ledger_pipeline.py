"""Closed orders: no pipeline, but odds by stage; the made-up ones follow their truth."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from tests.cases import MINIMAL, ORDERS, errors, shown, write_case

from secondhall.belief import Convergence, Learned, Posterior
from secondhall.belief.ledger.pipeline import STAGES, beta_of, closed_orders, learn_pipeline
from secondhall.belief.posterior import CHAINS, DELAY, DRAWS
from secondhall.belief.priors import prior_of
from secondhall.case import Quantity, check_case, read_case
from secondhall.cases.northhall_generator import TRUTH, generate
from secondhall.months import Month

CLOSED = (
    ORDERS.replace("expected_close,probability", "expected_close,probability,closed,outcome")
    .replace("\n", ",,\n")
    .replace("outcome,,", "outcome")
)
START = Month.parse("2026-01")


def with_closed(*rows: str) -> str:
    return CLOSED + "".join(f"p{n},{row}\n" for n, row in enumerate(rows))


WON = "retail,10,lead,2025-06,2025-09,,2025-11,won"
LOST = "retail,10,lead,2025-06,2025-09,,2025-10,lost"


def test_a_closed_order_is_no_pipeline(tmp_path: Path) -> None:
    plain = read_case(write_case(tmp_path / "a", files={"orders.csv": ORDERS}))
    closed = read_case(write_case(tmp_path / "b", files={"orders.csv": with_closed(WON, LOST)}))
    np.testing.assert_array_equal(plain.opening.pipeline_count, closed.opening.pipeline_count)
    np.testing.assert_array_equal(plain.opening.pipeline_mean_units, closed.opening.pipeline_mean_units)


def test_an_order_that_is_closed_after_the_start_is_open_still(tmp_path: Path) -> None:
    late = "retail,10,lead,2025-06,2026-03,,2026-02,won"
    folder = write_case(tmp_path, files={"orders.csv": with_closed(late)})
    case, doubts = check_case(folder)
    assert case is not None
    assert case.opening.pipeline_count.sum() == 4
    assert closed_orders(case, START).height == 0  # type: ignore[union-attr]
    assert [shown(doubt) for doubt in doubts] == [("orders.csv", 5, "closed")]
    assert "taken as open" in doubts[0].mend


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        ("retail,10,lead,2025-06,2025-09,,2025-11,", "outcome", "closed in 2025-11"),
        ("retail,10,lead,2025-06,2025-09,,,lost", "closed", "the order was lost"),
        ("retail,10,lead,2025-06,2025-09,,2025-05,lost", "closed", "before opened"),
        ("retail,10,lead,2025-06,2025-09,,2025-11,gone", "outcome", "gone"),
    ],
)
def test_a_closed_order_says_when_and_how(tmp_path: Path, row: str, column: str, found: str) -> None:
    faults = errors(write_case(tmp_path, files={"orders.csv": with_closed(row)}))
    assert [shown(fault) for fault in faults] == [("orders.csv", 5, column)]
    assert found in faults[0].found


def test_the_odds_are_a_beta_law_by_counting(tmp_path: Path) -> None:
    """Beta(a + won, b + lost): the draws against its quantiles by a Kolmogorov-Smirnov test."""
    case = read_case(write_case(tmp_path, files={"orders.csv": with_closed(WON, WON, LOST, LOST, LOST)}))
    part = learn_pipeline(case, START, seed=2)
    assert list(part.values) == ["pipeline.lead"]
    prior = prior_of("pipeline.lead", case.pipeline.number("lead"))
    assert prior is not None
    a, b = beta_of(prior)
    draws = part.values["pipeline.lead"].ravel()
    assert stats.kstest(draws, stats.beta(a + 2, b + 3).cdf).pvalue > 1e-3
    assert [lesson.subject for lesson in part.lessons if not lesson.learned] == [
        f"pipeline.{stage}" for stage in STAGES[1:]
    ]
    late = part.series["delay of decisions"]
    assert dict(zip(late["months_late"].tolist(), late["orders"].tolist(), strict=True)) == {
        1.0: 3.0,
        2.0: 2.0,
    }
    assert any("1.4 months late" in lesson.words for lesson in part.lessons)
    # What is open: 0.1 and 0.5 by stage, 0.9 by its own word.
    assert any("expects 2 to be won, on top" in lesson.words for lesson in part.lessons)


def test_the_beta_law_has_the_statement_s_mean_and_deviation() -> None:
    prior = Quantity(mid=0.25, low=0.125, high=0.5)
    law = stats.beta(*beta_of(prior))
    assert law.mean() == pytest.approx(0.25)
    assert law.std() == pytest.approx((0.5 - 0.125) / (2 * stats.norm.ppf(0.95)))


def test_nothing_later_is_used(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path, files={"orders.csv": with_closed(WON, LOST)}))
    part = learn_pipeline(case, Month.parse("2025-11"), seed=2)
    assert "0 of 1 closed as a lead were won" in part.lessons[0].words


def test_without_closed_orders_the_statements_stand_in(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path, files={"orders.csv": ORDERS}))
    part = learn_pipeline(case, START, seed=2)
    assert part.values == {}
    assert "stated probabilities of the stages stand in" in part.lessons[0].words
    assert learn_pipeline(read_case(write_case(tmp_path / "none")), START, seed=2).lessons == ()


def test_odds_stated_as_a_fact_are_not_learned(tmp_path: Path) -> None:
    yaml = MINIMAL + "pipeline:\n  lead: {value: 0.2, kind: fact, source: S1}\n"
    case = read_case(write_case(tmp_path, yaml=yaml, files={"orders.csv": with_closed(WON, LOST)}))
    part = learn_pipeline(case, START, seed=2)
    assert part.values == {}
    assert "states the odds of a lead as known" in part.lessons[0].words


def test_the_made_up_orders_are_won_with_the_true_odds_and_tied_to_contracts(tmp_path: Path) -> None:
    """Eight ledgers; of the orders of a stage a share p within four standard errors sqrt(p (1 - p)/n)."""
    won: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    late: list[int] = []
    for seed in range(8):
        generate(tmp_path, seed=seed)
        with (tmp_path / "orders.csv").open(encoding="utf-8", newline="") as file:
            orders = [row for row in csv.DictReader(file) if row["closed"]]
        with (tmp_path / "contracts.csv").open(encoding="utf-8", newline="") as file:
            signed = Counter((r["segment"], r["signed"], r["capacity"]) for r in csv.DictReader(file))
        for order in orders:
            (won if order["outcome"] == "won" else lost)[order["stage"]] += 1
            late.append(Month.parse(order["closed"]) - Month.parse(order["expected_close"]))
            if order["outcome"] == "won":
                assert signed[order["segment"], order["closed"], order["capacity"]] > 0
        assert max(order["closed"] for order in orders) <= "2025-12"
        assert min(order["closed"] for order in orders) >= "2023-07"
    for stage, odds in zip(STAGES, TRUTH.pipeline_odds, strict=True):
        n = won[stage] + lost[stage]
        assert abs(won[stage] / n - odds) < 4 * np.sqrt(odds * (1 - odds) / n), stage
    error = np.sqrt((TRUTH.pipeline_delay_months + 1) / len(late))
    assert abs(np.mean(late) - TRUTH.pipeline_delay_months) < 4 * error


def made_up(**changes: Any) -> Posterior:
    nothing: dict[str, Any] = {
        "evidence": ("ledger",),
        "words": "made up",
        "until": START,
        "values": {"market.mean_months.bust": np.full(CHAINS * DRAWS, 12.0)},
        "opening": {},
        "priors": {},
        "regimes": None,
        "checks": (),
        "convergence": Convergence(1.0, "", 2000.0, ""),
        "lessons": (),
    }
    return Posterior(**nothing | changes)


@pytest.mark.parametrize("learned", [True, False])
def test_open_orders_are_played_at_the_learned_odds(learned: bool) -> None:
    """(O3) The expected wins are the sum of each order's own probability or its stage's learned mean."""
    case = read_case("northhall")
    odds = dict(zip(STAGES, (0.07, 0.3, 0.4, 0.9), strict=True))
    values = {f"pipeline.{stage}": np.full(CHAINS * DRAWS, p) for stage, p in odds.items()} if learned else {}
    p = Learned(case, made_up(values=values)).parameters(1, np.arange(3)).schedule
    assert case.orders is not None
    stated = {stage: case.pipeline.number(stage).mid for stage in STAGES}
    expected = sum(
        row["probability"] if row["probability"] is not None else (odds if learned else stated)[row["stage"]]
        for row in case.orders.filter(pl.col("closed").is_null()).iter_rows(named=True)
    )
    assert (p.pipeline_count * p.pipeline_probability).sum() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("months", "orders", "late"), [((0, 4), (1, 1), 2), ((-2, 0), (9, 1), -2), ((1,), (5,), 1)]
)
def test_open_orders_are_played_as_late_as_orders_were_decided(
    months: tuple[int, ...], orders: tuple[int, ...], late: int
) -> None:
    """By the mean of the closed orders in whole months; what is overdue counts in the first month."""
    case = read_case("northhall")
    delay = {"months_late": np.array(months, float), "orders": np.array(orders, float)}
    p = Learned(case, made_up(series={DELAY: delay})).parameters(1, np.arange(2)).schedule
    assert case.orders is not None
    open_orders = case.orders.filter(pl.col("closed").is_null())
    expected = Counter(max(month + late - case.start.ordinal, 0) for month in open_orders["expected_close"])
    played = p.pipeline_count.sum(axis=0)
    assert {month: count for month, count in enumerate(played) if count} == expected
