"""Survival against lifelines; the test of a constant hazard keeps its size and finds what it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from scipy import stats
from tests.unit.test_ledger_read import small

from secondhall.belief.ledger.read import exposure
from secondhall.belief.ledger.rows import contract_rows
from secondhall.belief.ledger.survival import (
    BANDS,
    SIZE,
    AgeBands,
    age_bands,
    constant_hazard,
    durations,
    learn_survival,
    survival_curve,
)
from secondhall.case import read_case

NORTHHALL = read_case("northhall")


def test_the_curve_and_its_band_are_those_of_lifelines() -> None:
    rows = contract_rows(NORTHHALL, NORTHHALL.start)
    for s in range(4):
        ended, lasting = durations(rows, s)
        curve = survival_curve(ended, lasting)
        times = np.concatenate([ended, lasting])
        seen = np.concatenate([np.ones(ended.size), np.zeros(lasting.size)])
        oracle = KaplanMeierFitter(alpha=0.1).fit(times, seen)
        at = curve["age_months"]
        np.testing.assert_allclose(curve["survival"], oracle.survival_function_at_times(at), atol=1e-9)
        band = oracle.confidence_interval_.reindex(at).to_numpy()
        inside = (curve["survival"] < 1.0) & (curve["survival"] > 0.0)
        np.testing.assert_allclose(curve["low"][inside], band[inside, 0], atol=1e-6)
        np.testing.assert_allclose(curve["high"][inside], band[inside, 1], atol=1e-6)


def test_nobody_who_left_is_a_curve_at_one() -> None:
    curve = survival_curve(np.zeros(0), np.array([3.0, 8.0]))
    assert curve["survival"].tolist() == [1.0, 1.0]
    assert curve["age_months"].tolist() == [0.0, 8.0]


def lives(
    hazards: list[float], each: int, rng: np.random.Generator
) -> tuple[AgeBands, np.ndarray, np.ndarray]:
    """Return groups that stay what they are, with their hazards; the months of each life and its group."""
    months, groups = 24, len(hazards)
    at_risk, leavers = np.zeros((groups, months)), np.zeros((groups, months))
    ended, group = [], []
    for k, hazard in enumerate(hazards):
        life = rng.geometric(hazard, each)
        for month in range(months):
            at_risk[k, month] = (life > month).sum()
            leavers[k, month] = (life == month + 1).sum()
        ended.append(life)
        group.append(np.full(each, k))
    return AgeBands(leavers, at_risk), np.concatenate(ended), np.concatenate(group)


def test_the_statistic_is_the_log_rank_test_of_lifelines() -> None:
    """Where the bands are groups and the months their ages, the two are the same test."""
    rng = np.random.default_rng(8)
    bands, life, group = lives([0.03, 0.05, 0.08], 60, rng)
    oracle = multivariate_logrank_test(np.minimum(life, 24), group, life <= 24)
    found, freedom = constant_hazard(bands)
    assert freedom == 2
    assert found == pytest.approx(oracle.p_value, rel=1e-6)


def test_a_constant_hazard_is_called_false_as_often_as_its_size_says() -> None:
    """2,000 ledgers whose hazard moves by month and not by age: exceedances of 1 % and of 10 %."""
    rng = np.random.default_rng(9)
    found = []
    for _ in range(2000):
        hazard = rng.choice([0.01, 0.05], 36)
        at_risk = rng.integers(20, 60, (4, 36)).astype(float)
        leavers = rng.binomial(at_risk.astype(int), hazard).astype(float)
        found.append(constant_hazard(AgeBands(leavers, at_risk))[0])
    p = np.array(found)
    for size in (SIZE, 0.1):
        error = np.sqrt(size * (1 - size) / p.size)
        assert (p < size).mean() < size + 4 * error
    assert stats.kstest(p, "uniform").statistic < 1.95 / np.sqrt(p.size)  # the 0.1 % point


def test_a_hazard_that_doubles_with_age_is_found() -> None:
    rng = np.random.default_rng(10)
    at_risk = np.full((4, 48), 60.0)
    leavers = rng.binomial(60, np.array([0.01, 0.02, 0.04, 0.04])[:, None], (4, 48)).astype(float)
    assert constant_hazard(AgeBands(leavers, at_risk))[0] < 1e-6


def test_bands_share_out_the_customers_at_risk() -> None:
    rows = contract_rows(NORTHHALL, NORTHHALL.start)
    leavers, at_risk = exposure(rows)
    for s in range(4):
        bands = age_bands(rows, s)
        assert bands.leavers.shape == (len(BANDS), rows.months)
        np.testing.assert_array_equal(bands.at_risk.sum(axis=0), at_risk[s])
        np.testing.assert_array_equal(bands.leavers.sum(axis=0), leavers[s])


def test_a_band_begins_with_the_month_after_the_term(tmp_path: Path) -> None:
    case = small(tmp_path, "a,retail,one,10,,1000,2024-01,2024-01,6,2025-05")
    rows = contract_rows(case, case.start)
    bands = age_bands(rows, 0)
    assert durations(rows, 0)[0].tolist() == [17.0]  # January 2024 to May 2025
    # Free from 2024-07 on: July to December, January to June 2025, in which it leaves.
    assert bands.at_risk.sum(axis=1).tolist() == [6.0, 6.0, 0.0, 0.0]
    assert bands.leavers.sum(axis=1).tolist() == [0.0, 1.0, 0.0, 0.0]


def test_early_leavers_are_counted_and_said(tmp_path: Path) -> None:
    case = small(
        tmp_path,
        "a,retail,one,10,,1000,2024-01,2024-01,24,2024-08",
        "b,retail,one,10,,1000,2024-01,2024-01,6,2024-09",
    )
    lessons = learn_survival(contract_rows(case, case.start)).lessons
    assert any("1 of 2 who left retail did so inside their term" in lesson.words for lesson in lessons)
