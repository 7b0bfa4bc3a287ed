"""What is learned from the ledgers, put together; the demand has tests of its own and stands aside."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.test_ledger_read import small

from secondhall.belief.ledger import learn as learning
from secondhall.belief.ledger.attach import ATTACH
from secondhall.belief.ledger.learn import learn_ledger
from secondhall.belief.ledger.pipeline import STAGES, WINNING
from secondhall.belief.ledger.predict import LEAVING, predict
from secondhall.belief.ledger.read import read_ledger
from secondhall.belief.ledger.sizes import SIZING
from secondhall.belief.part import Part
from secondhall.belief.posterior import CHAINS, DRAWS, Posterior, RegimePath
from secondhall.case import read_case
from secondhall.cases.northhall_generator import TRUTH, generate
from secondhall.months import Month

NORTHHALL = read_case("northhall")
START = Month.parse("2026-01")


@pytest.fixture
def _no_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "_demand", lambda *_: (Part(), None))


def missing(posterior: Posterior) -> dict[str, str]:
    """Return the words of all that was not learned, by subject."""
    return {lesson.subject: lesson.words for lesson in posterior.lessons if not lesson.learned}


@pytest.mark.usefixtures("_no_demand")
def test_all_draws_have_one_length_and_a_prior_and_are_trusted() -> None:
    posterior = learn_ledger(NORTHHALL, until=NORTHHALL.start, seed=7)
    assert posterior.words.startswith("learned from 1,532 contracts of 1,200 customers, 2020-01 to 2025-12")
    assert all(draws.shape == (CHAINS * DRAWS,) for draws in posterior.values.values())
    assert posterior.values.keys() == posterior.priors.keys()
    assert {"segments.sme.order_size_units", "pipeline.proposal"} <= posterior.values.keys()
    assert posterior.convergence.refused is None
    assert posterior.evidence == ("ledger",)
    assert "survival of sme" in posterior.series


@pytest.mark.usefixtures("_no_demand")
def test_the_same_seed_gives_the_same_draws_and_another_one_the_same_belief() -> None:
    """Medians of two seeds differ by their sampling error: 1.25 deviations over the root of the draws."""
    one, again, other = (learn_ledger(NORTHHALL, until=NORTHHALL.start, seed=s) for s in (7, 7, 8))
    for name, draws in one.values.items():
        np.testing.assert_array_equal(draws, again.values[name])
        error = 1.2533 * draws.std() * np.sqrt(2 / draws.size)
        assert abs(np.median(draws) - np.median(other.values[name])) < 4.5 * error, name


@pytest.mark.usefixtures("_no_demand")
def test_no_two_subjects_share_their_random_numbers() -> None:
    """Independent draws of 2,000 are correlated by less than five errors, whatever the pair."""
    posterior = learn_ledger(NORTHHALL, until=NORTHHALL.start, seed=7)
    groups = [n for n in posterior.values if "order_size_units" in n or "pipeline" in n]
    groups += ["segments.sme.services_per_new_customer", "segments.sme.equipment_per_new_unit"]
    assert len({ATTACH, LEAVING, SIZING, WINNING}) == 4
    found = np.corrcoef([posterior.values[name] for name in groups]) - np.eye(len(groups))
    assert np.abs(found).max() < 5 / np.sqrt(CHAINS * DRAWS)


def test_a_ledger_too_short_teaches_no_demand_and_says_so(tmp_path: Path) -> None:
    rows = [
        f"a{n},retail,one,{10 + n},,{1000 + n},2025-{7 + n % 6:02d},2025-{7 + n % 6:02d},6," for n in range(9)
    ]
    posterior = learn_ledger(small(tmp_path, *rows), until=START, seed=7)
    assert "6 months, 12 are needed" in missing(posterior)["segments"]
    assert "no term of retail is over" in missing(posterior)["segments.retail.churn_monthly"]
    assert set(posterior.values) <= {
        "segments.retail.order_size_units",
        "segments.retail.order_size_variation",
    }


def test_nothing_known_yet_leaves_everything_as_stated(tmp_path: Path) -> None:
    case = small(tmp_path, "a,retail,one,10,,1000,2025-06,2025-06,6,")
    posterior = learn_ledger(case, until=Month.parse("2025-06"), seed=7)
    assert posterior.values == {}
    assert "own statements stand" in posterior.words
    assert posterior.convergence.refused is None
    assert "no customer of retail" in missing(posterior)["segments.retail"]


def test_one_customer_no_accounts_and_no_price_are_named_with_what_stands_in(tmp_path: Path) -> None:
    case = small(tmp_path, "a,retail,one,10,,0,2025-06,2025-06,6,")
    words = missing(learn_ledger(case, until=START, seed=7))
    assert "one customer" in words["segments.retail"]
    assert "one first order of retail" in words["segments.retail.order_size_units"]
    assert all("stand" in said for said in words.values())


@pytest.mark.usefixtures("_no_demand")
def test_no_monthly_accounts_leave_services_and_equipment_as_stated() -> None:
    case = dataclasses.replace(NORTHHALL, accounts=None)
    posterior = learn_ledger(case, until=case.start, seed=7)
    assert {"accounts.services_revenue", "accounts.equipment_revenue"} <= missing(posterior).keys()
    assert not any("services" in name or "equipment" in name for name in posterior.values)


@pytest.mark.usefixtures("_no_demand")
def test_terms_and_escalators_that_contradict_the_case_are_reported() -> None:
    contracts = NORTHHALL.contracts
    assert contracts is not None
    bent = contracts.with_columns(
        term_months=pl.when(pl.col("segment") == "sme").then(60).otherwise(pl.col("term_months")),
        escalator_yearly=pl.when(pl.col("segment") == "gpu_cloud")
        .then(0.05)
        .otherwise(pl.col("escalator_yearly")),
    )
    as_it_is = missing(learn_ledger(NORTHHALL, until=NORTHHALL.start, seed=7))
    posterior = learn_ledger(dataclasses.replace(NORTHHALL, contracts=bent), until=NORTHHALL.start, seed=7)
    assert not any("term_months" in name or "escalator" in name for name in as_it_is)
    words = missing(posterior)
    assert "60 months, the case plays 24" in words["segments.sme.term_months"]
    assert "5.0% a year, the case plays 0.0%" in words["segments.gpu_cloud.escalator_yearly"]


@pytest.mark.usefixtures("_no_demand")
def test_a_ledger_far_from_the_statement_says_so() -> None:
    """Orders of a tenth of the size lie below all that a statement of 2.7 to 3.4 leaves open (A1)."""
    contracts = NORTHHALL.contracts
    assert contracts is not None
    tenth = dataclasses.replace(NORTHHALL, contracts=contracts.with_columns(pl.col("capacity") / 10))
    posterior = learn_ledger(tenth, until=NORTHHALL.start, seed=7)
    said = [x.words for x in posterior.lessons if x.subject == "segments.sme.order_size_units"]
    assert any("contradicts the case, which states 2.7 to 3.4" in words for words in said)
    as_it_is = learn_ledger(NORTHHALL, until=NORTHHALL.start, seed=7)
    assert not any("contradicts" in lesson.words for lesson in as_it_is.lessons)


def test_the_predicted_leavers_are_those_of_the_true_hazards() -> None:
    """(O6) With true hazards and regimes, by segment and year: nine in ten within their 90 % bands."""
    ledger, _ = read_ledger(NORTHHALL, NORTHHALL.start)
    path = np.repeat([1, 0, 2, 1], [20, 14, 14, 24])
    regimes = RegimePath(ledger.first, np.eye(3)[path], None)
    values = {
        f"segments.{name}.churn_monthly.{regime}": np.full((CHAINS, DRAWS), segment.churn_monthly[z])
        for name, segment in TRUTH.segments.items()
        for z, regime in enumerate(("boom", "steady", "bust"))
    }
    checks = predict(ledger, values, regimes, seed=1)
    assert len(checks) >= 16
    expected = sum(c.band[2] for c in checks)
    assert abs(sum(c.value for c in checks) - expected) < 4 * np.sqrt(expected) + 0.5 * len(checks)
    assert np.mean([check.inside for check in checks]) > 0.9 - 4 * np.sqrt(0.09 / len(checks))


@pytest.mark.slow
@pytest.mark.usefixtures("_no_demand")
def test_intervals_of_sizes_and_odds_cover_the_truth_over_twenty_operators(tmp_path: Path) -> None:
    """240 intervals of 90 %: between 85 and 95 % of them hold the truth."""
    inside: list[bool] = []
    for seed in range(20):
        generate(tmp_path / str(seed) / "northhall", seed=100 + seed, planted=False)
        case = read_case(tmp_path / str(seed) / "northhall")
        posterior = learn_ledger(case, until=case.start, seed=seed)
        truths = {f"pipeline.{s}": p for s, p in zip(STAGES, TRUTH.pipeline_odds, strict=True)}
        for name, segment in TRUTH.segments.items():
            for field in ("order_size_units", "order_size_variation"):
                truths[f"segments.{name}.{field}"] = getattr(segment, field)
        for name, truth in truths.items():
            low, _, high = posterior.interval(name)
            inside.append(low <= truth <= high)
    assert 0.85 <= np.mean(inside) <= 0.95
