"""What the ledger of northhall, whose truth is known, teaches of demand; and those of others like it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from tests.cases import bent

from secondhall.belief.demand.filtered import UNEVEN
from secondhall.belief.demand.sample import Effort
from secondhall.belief.demand.unknowns import NUISANCES, demand_table
from secondhall.belief.ledger.demand import learn_demand
from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.ledger.read import read_ledger
from secondhall.belief.part import Part
from secondhall.belief.posterior import RegimePath
from secondhall.belief.trust import effective_sizes, rhats
from secondhall.case import Case, read_case
from secondhall.cases.northhall_generator import TRUTH, SegmentTruth, Truth, generate

REGIMES = ("boom", "steady", "bust")
BUST, BEFORE = 34, 24
"""Month of the planted bust, counted from the first of the ledger; months before it without an alarm."""

ROOMIER = 100
"""How many times as large the halls of the drawn operators are."""


@pytest.fixture(scope="module")
def northhall() -> tuple[Case, Ledger]:
    case = read_case("northhall")
    return case, read_ledger(case, case.start)[0]


@pytest.fixture(scope="module")
def learned(northhall: tuple[Case, Ledger]) -> tuple[Part, RegimePath, float]:
    case, ledger = northhall
    learn_demand(case, first_months(ledger, 13), seed=1)  # what is compiled once is not counted
    begun = time.process_time()
    part, path = learn_demand(case, ledger, seed=1)
    return part, path, time.process_time() - begun


def first_months(ledger: Ledger, months: int) -> Ledger:
    shape = ledger.new_customers.shape
    cut = {
        item.name: getattr(ledger, item.name)[:, :months]
        for item in fields(Ledger)
        if getattr(getattr(ledger, item.name), "shape", None) == shape
    }
    return replace(ledger, **cut)


def truth_of_northhall() -> dict[str, object]:
    text = (files("secondhall.cases") / "northhall" / "truth.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.mark.slow
def test_the_planted_bust_is_seen_within_four_months_and_not_before(
    learned: tuple[Part, RegimePath, float],
) -> None:
    regimes = truth_of_northhall()["regimes"]
    assert isinstance(regimes, list)
    assert regimes.index("bust") == BUST
    filtered = learned[1].filtered
    assert filtered is not None
    bust = filtered[:, REGIMES.index("bust")]
    assert bust[BUST : BUST + 4].max() > 0.5
    assert bust[BUST - BEFORE : BUST].max() < 0.3


@pytest.mark.slow
def test_the_chains_agree_and_have_drawn_enough(learned: tuple[Part, RegimePath, float]) -> None:
    values = learned[0].values
    assert max(rhats(values).values()) < 1.02
    assert min(effective_sizes(values).values()) > 400


@pytest.mark.slow
def test_the_filter_ends_where_the_chains_do(learned: tuple[Part, RegimePath, float]) -> None:
    path = learned[1]
    assert path.filtered is not None
    # Two clouds: one of 450 particles of which some may be lost, and 2,000 draws of at least 400 effective.
    p = path.smoothed[-1]
    error = np.sqrt(p * (1 - p) * (1 / (450 * UNEVEN) + 1 / 400))
    assert (np.abs(path.filtered[-1] - p) < 4 * error + 0.01).all()


@pytest.mark.slow
def test_churn_of_each_segment_is_learned_within_a_tenth_or_its_counting_error(
    northhall: tuple[Case, Ledger], learned: tuple[Part, RegimePath, float]
) -> None:
    truth, ledger, part = truth_of_northhall(), northhall[1], learned[0]
    regime = np.array([REGIMES.index(z) for z in truth["regimes"]])  # type: ignore[attr-defined]
    for s, name in enumerate(ledger.segments):
        exposure = np.array([ledger.at_risk[s, regime == z].sum() for z in range(3)])
        share = exposure / exposure.sum()
        true = share @ truth["parameters"]["segments"][name]["churn_monthly"]  # type: ignore[index]
        draws = sum(share[z] * part.values[f"segments.{name}.churn_monthly.{REGIMES[z]}"] for z in range(3))
        leavers = ledger.leavers[s].sum()
        counted = leavers / exposure.sum()
        off = float(np.mean(draws)) / true - 1
        print(
            f"{name}: learned {off:+.1%} of the truth, counted {counted / true - 1:+.1%}, {leavers:.0f} left"
        )
        # A count of n leavers says no more than a rate within 1/sqrt(n).
        assert abs(off) < max(0.1, 2 / np.sqrt(max(leavers, 1)))


@pytest.mark.slow
def test_learning_the_demand_takes_well_below_forty_seconds_on_two_cores(
    learned: tuple[Part, RegimePath, float],
) -> None:
    print(f"{learned[2]:.0f} seconds of processor time")
    assert learned[2] / 2 < 40


def drawn_truth(case: Case, seed: int) -> tuple[Truth, dict[str, float]]:
    """Return an operator like northhall whose parameters are drawn from the priors of its case."""
    draw, table = np.random.default_rng([seed, 99]), demand_table(case, nuisances=True)
    value = {
        name: float(prior.at_normal(float(draw.standard_normal())))
        for name, prior in zip(table.names, table.priors, strict=True)
    }

    def by_regime(name: str) -> tuple[float, float, float]:
        boom, steady, bust = (value[f"{name}.{z}"] for z in REGIMES)
        return boom, steady, bust

    segments = {}
    for name, segment in TRUTH.segments.items():
        dotted = f"segments.{name}"
        own = {
            item.name: by_regime(f"{dotted}.{item.name}")
            if f"{dotted}.{item.name}.boom" in value
            else value[f"{dotted}.{item.name}"]
            for item in fields(SegmentTruth)
            if f"{dotted}.{item.name}.boom" in value or f"{dotted}.{item.name}" in value
        }
        start = segment.new_customers_per_month * float(np.exp(0.4 * draw.standard_normal()))
        segments[name] = replace(segment, new_customers_per_month=start, **own)  # type: ignore[arg-type]
    market = {
        item.name: by_regime(f"market.{item.name}")
        if f"market.{item.name}.boom" in value
        else value[f"market.{item.name}"]
        for item in fields(Truth)
        if f"market.{item.name}.boom" in value or f"market.{item.name}" in value
    }
    halls = tuple((name, ROOMIER * kw, 0, cost) for name, kw, _, cost in TRUTH.halls)
    truth = replace(TRUTH, segments=segments, halls=halls, **market)  # type: ignore[arg-type]
    return truth, value


def written(folder: Path, truth: Truth, seed: int, *, roomier: int = ROOMIER) -> Case:
    """Write the operator, its halls so large that nothing is lost, and read it."""
    generate(folder, seed=seed, truth=truth, planted=False)
    file = folder / "case.yaml"
    yaml = file.read_text(encoding="utf-8")
    for _, kw, _, _ in TRUTH.halls:
        yaml = bent(
            yaml, f"capacity_units: {{value: {kw:.0f},", f"capacity_units: {{value: {roomier * kw:.0f},"
        )
    file.write_text(yaml, encoding="utf-8")
    return read_case(folder)


def last_month(told: Mapping[str, object]) -> dict[str, float]:
    intensity, price = told["log_intensity"], told["price_index"]
    assert isinstance(intensity, list)
    assert isinstance(price, list)
    found = {}
    for name, segment in told["parameters"]["segments"].items():  # type: ignore[index]
        found[f"segments.{name}.new_customers_per_month"] = float(np.exp(intensity[-1][name]))
        list_price = segment["list_price_per_unit_month"] * price[-1]
        found[f"segments.{name}.list_price_per_unit_month"] = float(list_price)
    return found


@pytest.mark.slow
def test_intervals_cover_the_truth_of_twenty_operators_drawn_from_the_priors(
    tmp_path: Path, northhall: tuple[Case, Ledger]
) -> None:
    inside: dict[str, list[bool]] = {}
    for seed in range(20):
        truth, value = drawn_truth(northhall[0], seed)
        folder = tmp_path / str(seed)
        case = written(folder, truth, seed)
        part, _ = learn_demand(case, read_ledger(case, case.start)[0], seed=seed, effort=Effort())
        true = value | last_month(json.loads((folder / "truth.json").read_text(encoding="utf-8")))
        for name, draws in part.values.items():
            low, high = np.quantile(draws, (0.05, 0.95))
            inside.setdefault(name, []).append(bool(low <= true[name] <= high))
    share = np.mean([np.mean(hits) for hits in inside.values()])
    by_field: dict[str, list[float]] = {}
    for name, hits in inside.items():
        field = name.split(".")[2 if name.startswith("segments") else 1]
        by_field.setdefault(field, []).append(float(np.mean(hits)))
    for field, shares in by_field.items():
        print(f"{field}: {np.mean(shares):.0%}")
    print(f"{share:.1%} of {len(inside)} parameters of twenty operators lie in their 90 % interval")
    assert not any(name.rsplit(".", 1)[-1] in NUISANCES for name in inside)
    assert 0.85 <= share <= 0.95
