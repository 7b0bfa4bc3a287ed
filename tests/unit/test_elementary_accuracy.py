"""The elementary functions of the kernels keep the accuracy they state, against extended precision."""

from math import fsum, log

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from secondhall.company.kernels import elementary, samplers

POINTS = 200_001

Floats = NDArray[np.float64]
Extended = NDArray[np.longdouble]

pytestmark = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="needs a longdouble of 64 bits or more"
)


@numba.njit
def exp_of(x: Floats) -> Floats:
    result = np.empty_like(x)
    for i in range(x.size):
        result[i] = elementary.exp_(x[i])
    return result


@numba.njit
def log_of(x: Floats) -> Floats:
    result = np.empty_like(x)
    for i in range(x.size):
        result[i] = elementary.log_(x[i])
    return result


@numba.njit
def sincos_of(u: Floats) -> tuple[Floats, Floats]:
    sine, cosine = np.empty_like(u), np.empty_like(u)
    for i in range(u.size):
        sine[i], cosine[i] = elementary.sincos_(u[i])
    return sine, cosine


def worst_ulps(got: Floats, exact: Extended) -> float:
    """The largest error in units of the last place of the exact value."""
    return float(np.max(np.abs(got - exact) / np.spacing(np.abs(exact).astype(np.float64))))


@pytest.mark.parametrize("reach", [1e-9, 0.4, 30.0, 708.0])
def test_E1_exp_is_within_1_25_ulp(reach: float) -> None:
    x = np.linspace(-reach, reach, POINTS)
    assert worst_ulps(exp_of(x), np.exp(x.astype(np.longdouble))) <= 1.25


def test_E1_exp_is_held_at_its_ends_and_keeps_nan() -> None:
    got = exp_of(np.array([-np.inf, -1e9, -708.0, 709.0, 1e9, np.inf, np.nan]))
    assert got[0] == got[1] == got[2] > 0
    assert got[3] == got[4] == got[5] < np.inf
    assert np.isnan(got[6])


@pytest.mark.parametrize(
    "x",
    [
        pytest.param(np.linspace(2.0**-53, 1 - 2.0**-53, POINTS), id="uniforms"),
        pytest.param(1 + np.linspace(-1e-3, 1e-3, POINTS), id="near 1"),
        pytest.param(np.linspace(0.5, 4.0, POINTS), id="near sqrt 2"),
        pytest.param(np.geomspace(2.3e-308, 1.7e308, POINTS), id="all"),
    ],
)
def test_E2_log_is_within_1_ulp(x: Floats) -> None:
    exact = np.log(x.astype(np.longdouble))
    assert worst_ulps(log_of(x), exact) <= 1.0


def test_E3_sin_and_cos_are_within_2_ulp() -> None:
    u = np.concatenate([np.linspace(0, 1, POINTS), np.geomspace(2.0**-53, 0.1, POINTS)])
    # the quarters are taken off exactly, so that the reference is good beside its zeros too
    quarter = np.rint(4 * u)
    angle = 2 * np.arccos(np.longdouble(-1)) * (u - quarter / 4).astype(np.longdouble)
    turned = [np.sin(angle), np.cos(angle), -np.sin(angle), -np.cos(angle)]
    turn = quarter.astype(np.int64) % 4
    sine, cosine = sincos_of(u)
    assert worst_ulps(sine, np.choose(turn, turned)) <= 2.0
    assert worst_ulps(cosine, np.choose((turn + 1) % 4, turned)) <= 2.0


def test_S5_stirling_excess_is_within_1e_12() -> None:
    for k in [*range(120), 1000]:
        log_factorial = fsum(log(i) for i in range(2, k + 1))
        rebuilt = fsum(
            [(k + 0.5) * log(k + 1), -(k + 1.0), 0.5 * log(2 * np.pi), samplers.stirling_excess(float(k))]
        )
        # the reference itself rounds each logarithm: 2^-53 of it
        assert abs(rebuilt - log_factorial) < 1e-12 + 2.0**-52 * log_factorial


@pytest.mark.parametrize("mean", [30.0, 1e3, 1e6])
def test_S5_poisson_log_pmf_agrees_with_scipy(mean: float) -> None:
    counts = np.unique(stats.poisson(mean).ppf(np.linspace(1e-12, 1 - 1e-12, 50)))
    got = [samplers.poisson_log_pmf(float(k), mean) for k in counts]
    # scipy forms k log mean - mean - log k! directly, and loses the last digits of its largest term
    np.testing.assert_allclose(
        got, stats.poisson(mean).logpmf(counts), rtol=0, atol=4 * 2.0**-53 * mean * log(mean) + 2e-12
    )


@pytest.mark.parametrize(("number", "probability"), [(60, 0.5), (1000, 0.1), (10**6, 0.3)])
def test_S5_binomial_log_pmf_agrees_with_scipy(number: int, probability: float) -> None:
    law = stats.binom(number, probability)
    mode = float(np.floor((number + 1) * probability))
    counts = np.unique(law.ppf(np.linspace(1e-12, 1 - 1e-12, 50)))
    odds = probability / (1 - probability)
    got = [samplers.binomial_log_pmf_from(mode, float(k), float(number), odds) for k in counts]
    tolerance = 4 * 2.0**-53 * number * log(number) + 4e-12
    np.testing.assert_allclose(got, law.logpmf(counts) - law.logpmf(mode), rtol=0, atol=tolerance)
