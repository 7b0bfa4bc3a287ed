"""Services and equipment: calibrated draws, exact where the books are, honest where they say nothing."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest
from scipy import stats

from secondhall.belief.ledger.attach import (
    ROUNDING,
    UNTAUGHT,
    Activity,
    Regression,
    activity_of,
    attach_draws,
    learn_attach,
)
from secondhall.belief.ledger.rows import ContractRows, contract_rows
from secondhall.case import Case, read_case
from secondhall.company.layout import Floats

NORTHHALL = read_case("northhall")


@pytest.fixture(scope="module")
def rows() -> ContractRows:
    return contract_rows(NORTHHALL, NORTHHALL.start)


def task_of(design: Floats, figures: Floats, mean: Floats, deviation: Floats, noise: float) -> Regression:
    return Regression(
        line="services_revenue",
        names=tuple(f"segments.s{k}.services_per_new_customer" for k in range(mean.size)),
        figures=figures,
        design=design,
        mean=mean,
        deviation=deviation,
        usual_noise=noise,
    )


def test_the_truth_ranks_evenly_among_the_draws() -> None:
    """Simulation-based calibration, 400 truths of three rates and the noise, 99 draws each."""
    rng = np.random.default_rng(30)
    mean, deviation, usual = np.array([10.0, 4.0, 2.0]), np.array([4.0, 3.0, 2.0]), 20.0
    ranks: list[list[int]] = []
    while len(ranks) < 400:
        truth = mean + deviation * rng.standard_normal(3)
        noise = float(np.exp(np.log(usual) + 3.0 * rng.standard_normal()))
        if (truth < 0.0).any() or noise < ROUNDING:
            continue
        base = rng.poisson(5.0, 12).astype(float)
        design = np.stack([base, base * 3 + rng.poisson(2.0, 12), rng.poisson(9.0, 12)], axis=1)
        figures = design @ truth + noise * rng.standard_normal(12)
        drawn = attach_draws(task_of(design, figures, mean, deviation, usual), 99, rng)
        assert drawn is not None
        ranks.append([*(drawn[0] < truth[:, None]).sum(axis=1), int((drawn[1] < noise).sum())])
    for name, found in zip(("first", "second", "third", "noise"), np.array(ranks).T, strict=True):
        counts = np.histogram(found, bins=10, range=(0, 100))[0]
        assert stats.chisquare(counts).pvalue > 1e-3, name


def test_a_known_noise_gives_the_textbook_posterior() -> None:
    """Far from zero, with many figures, the draws are the conjugate normal: within four errors."""
    rng = np.random.default_rng(31)
    design = rng.uniform(1.0, 3.0, (400, 2))
    mean, deviation, noise = np.array([50.0, 40.0]), np.array([2.0, 3.0]), 30.0
    figures = design @ np.array([52.0, 37.0]) + noise * rng.standard_normal(400)
    drawn = attach_draws(task_of(design, figures, mean, deviation, noise), 20_000, rng)
    assert drawn is not None
    scale = np.mean(drawn[1] ** 2)
    precision = np.diag(deviation**-2.0) + design.T @ design / scale
    covariance = np.linalg.inv(precision)
    middle = covariance @ (mean / deviation**2 + design.T @ figures / scale)
    error = np.sqrt(np.diag(covariance) / 20_000)
    # The noise is known to 1/sqrt(800): its share in the mean is of second order, a tenth of an error.
    assert (np.abs(drawn[0].mean(axis=1) - middle) < 4.2 * error).all()
    np.testing.assert_allclose(np.cov(drawn[0]), covariance, rtol=4 * np.sqrt(2 / 20_000) + 0.01)


def test_exact_books_give_back_what_they_were_made_from(rows: ContractRows) -> None:
    """(V2, V3): northhall's books follow the template's rates to the cent, each month in its prices (M6)."""
    part = learn_attach(NORTHHALL, rows, NORTHHALL.start, seed=1)
    assert len(part.values) == 12
    for name, draws in part.values.items():
        _, segment, field = name.split(".")
        truth = NORTHHALL.segments[segment].number(field).mid
        assert abs(draws.mean() - truth) < 4 * draws.std() + 1e-9 * truth, name
        assert draws.std() < 1e-4 * truth, name
    assert all(check.inside for check in part.checks)


def with_accounts(accounts: pl.DataFrame | None) -> Case:
    return dataclasses.replace(NORTHHALL, accounts=accounts)


def test_two_yearly_figures_cannot_teach_eight_rates_and_say_so(rows: ContractRows) -> None:
    """Two figures take at most two of the eight variances away, whatever they are (a projection's trace)."""
    assert NORTHHALL.accounts is not None
    yearly = (
        NORTHHALL.accounts.filter((pl.col("line") == "services_revenue") & (pl.col("first") >= 2024 * 12))
        .with_columns(year=pl.col("first") // 12)
        .group_by("year", maintain_order=True)
        .agg(pl.col("line").first(), pl.col("value").sum(), first=pl.col("first").min())
        .with_columns(months=pl.lit(12, dtype=pl.Int32), published=pl.lit(None, dtype=pl.Int32))
    )
    part = learn_attach(with_accounts(yearly), rows, NORTHHALL.start, seed=1)
    untaught = {lesson.subject for lesson in part.lessons if not lesson.learned}
    share = {}
    for name, draws in part.values.items():
        prior = part.priors[name]
        assert prior.low is not None
        assert prior.high is not None
        share[name] = draws.std() * 2 * stats.norm.ppf(0.95) / (prior.high - prior.low)
    assert len(share) == 8
    halved = 1.0 / (
        1.5 / (2 * stats.norm.ppf(0.95))
    )  # deviations from the middle to zero, from half to double
    cut_off = stats.truncnorm(-halved, np.inf).var()
    assert sum(s**2 for s in share.values()) > cut_off * (8 - 2) - 4 * np.sqrt(8 * 2 / 2000)
    assert {name for name in share if name in untaught} == {n for n, s in share.items() if s >= UNTAUGHT}
    assert len(untaught & set(share)) >= 3


@pytest.mark.parametrize("what", ["none", "no line", "later"])
def test_without_accounts_of_those_months_the_statements_stand_in(rows: ContractRows, what: str) -> None:
    accounts = NORTHHALL.accounts
    assert accounts is not None
    given = {
        "none": None,
        "no line": accounts.filter(pl.col("line") == "revenue"),
        "later": accounts.with_columns(published=pl.lit(NORTHHALL.start.ordinal + 1, dtype=pl.Int32)),
    }[what]
    part = learn_attach(with_accounts(given), rows, NORTHHALL.start, seed=1)
    assert part.values == {}
    assert [lesson.learned for lesson in part.lessons] == [False, False]
    assert all("the case's statements stand in" in lesson.words for lesson in part.lessons)


def test_accounts_that_no_rates_explain_are_called_contradictory(rows: ContractRows) -> None:
    assert NORTHHALL.accounts is not None
    upside_down = NORTHHALL.accounts.with_columns(value=-pl.col("value"))
    part = learn_attach(with_accounts(upside_down), rows, NORTHHALL.start, seed=1)
    assert part.values == {}
    assert all("contradicts the contracts" in lesson.words for lesson in part.lessons)


def test_new_customers_and_capacity_are_conserved(rows: ContractRows) -> None:
    """Capacity billed at the end is what the case opens with; who began and has not left is a customer."""
    activity: Activity = activity_of(rows)
    opening = NORTHHALL.opening
    np.testing.assert_allclose(activity.customers[:, -1], opening.customers, atol=1e-9)
    np.testing.assert_allclose(activity.installed_units[:, -1], opening.installed_units, rtol=1e-12)
    left = activity.new_customers.sum(axis=1) - activity.customers[:, -1]
    assert (left >= 0).all()
