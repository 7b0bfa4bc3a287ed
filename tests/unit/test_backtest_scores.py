"""Scores of a forecast against what they are by definition."""

from __future__ import annotations

import numpy as np
import pytest

from secondhall.backtest.rivals import Law, are_there, forecast
from secondhall.backtest.scores import crps_of_normal, crps_of_sample


def test_the_score_of_a_sample_is_its_double_sum() -> None:
    sample = np.random.default_rng(1).gamma(2.0, 3.0, 37)
    pairs = np.abs(sample[:, None] - sample[None]).sum() / (2 * 37 * 36)
    assert crps_of_sample(sample, 4.0) == pytest.approx(np.abs(sample - 4.0).mean() - pairs, rel=1e-12)


def test_the_score_of_a_normal_law_is_the_integral_of_its_squared_error() -> None:
    """CRPS = integral of (F(x) - 1{x >= y})^2, by the trapezoid rule on a step of 1e-4 deviations."""
    from scipy.stats import norm

    mean, deviation, value = 3.0, 2.0, 4.5
    x = np.linspace(mean - 10 * deviation, mean + 10 * deviation, 200_001)
    squares = (norm.cdf(x, mean, deviation) - (x >= value)) ** 2
    integral = float(((squares[1:] + squares[:-1]) / 2 * np.diff(x)).sum())
    assert crps_of_normal(mean, deviation, value) == pytest.approx(integral, abs=1e-3)


def test_the_fair_score_of_small_samples_is_that_of_the_law_they_come_from() -> None:
    """Four standard errors; the plain score, with m^2 for m (m - 1), misses by a hundred."""
    rng = np.random.default_rng(2)
    scores = np.array([crps_of_sample(rng.normal(3.0, 2.0, 5), 4.5) for _ in range(20_000)])
    expected = crps_of_normal(3.0, 2.0, 4.5)
    assert abs(scores.mean() - expected) < 4 * scores.std() / np.sqrt(scores.size)


def test_a_normal_law_has_its_bands() -> None:
    low, high = Law(10.0, 2.0).band(0.9)
    assert (low, high) == pytest.approx((10 - 1.6448536 * 2, 10 + 1.6448536 * 2), abs=1e-6)


@pytest.mark.skipif(not are_there(), reason="the extra `rivals` is not installed")
def test_naive_with_drift_goes_on_as_from_the_first_figure_to_the_last() -> None:
    """Hyndman and Athanasopoulos (2021), *Forecasting: Principles and Practice*, sections 5.2 and 5.5."""
    series = np.array([10.0, 14.0, 13.0, 19.0, 22.0])
    laws = forecast(series, 3)["naive with drift"]
    drift = (22.0 - 10.0) / 4
    assert [law.mean for law in laws] == pytest.approx([22 + drift, 22 + 2 * drift, 22 + 3 * drift])
    assert laws[0].deviation < laws[1].deviation < laws[2].deviation


def test_no_rival_speaks_on_three_figures() -> None:
    assert forecast(np.array([1.0, 2.0, 3.0]), 2) == {}
