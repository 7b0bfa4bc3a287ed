"""A company whose outgoings are claims is ruined as often as Cramer and Lundberg say.

A premium c a unit of time, claims of exponential size with mean 1 at the rate 1, loading c - 1 = .25,
capital u:

    psi(u) = e^(-u (1 - 1/c)) / c          psi(5) = .29430355

Here the premium is the monthly fee of one customer who never leaves (V2), the claims are the orders of
another segment (O1, O2: gamma with a coefficient of variation of 1), whose equipment is billed at 1 and
bought at 2 a unit (V3, C5): one unit of cash out. ``rate`` claims a month are expected, the premium is c =
1.25 rate a month.

The step error. The company is looked at when a month closes. A deficit inside a month is made good by its
close only if it is at most the premium of the rest of the month, so

    psi(u + c, T) <= P(a close within T months is below zero) <= psi(u, T)

The horizon. psi(u, T) within time T, here with premium 1 a unit of time and claims at the rate b = 1/1.25, is
(Asmussen & Albrecher 2010, *Ruin Probabilities*, chapter V, proposition 1.3)

    psi(u, T) = b e^(-(1 - b) u) - (1/pi) int_0^pi f1 f2 / f3 dv
    f1 = b exp(2 sqrt(b) T cos v - (1 + b) T + u (sqrt(b) cos v - 1))
    f2 = cos(u sqrt(b) sin v) - cos(u sqrt(b) sin v + 2 v),       f3 = 1 + b - 2 sqrt(b) cos v

With one claim a month these bounds are far apart. Closer ones come from the walk of the closes itself, its
months' claims rounded up or down to a grid: rounded up there is more ruin, rounded down there is less.

An insolvency needs a cash below -1e-6 (F12): a capital larger by as much.
"""

import math
from functools import cache

import numpy as np
import pytest
from scipy import signal, stats
from scipy.integrate import quad
from tests.published.small_company import NO_ORDERS, Values, mean_and_error, played, small_company

PUBLISHED = 0.29430355
LAST_DIGIT = 0.5e-8
CAPITAL, LOADING = 5.0, 0.25
TOLERATED_DEFICIT = 1e-6
CLAIMS = 150
"""claims that are expected within the horizon"""

FINE, COARSE = 0.05, 1.0
"""claims expected in a month"""
PATHS = {FINE: 8192, COARSE: 32768}

CELLS, CAP = 640, 60
"""cells of the grid in a unit of capital; the capital up to which the walk is followed"""

SEED = 1903


def ruin_probability(capital: float, time: float) -> float:
    """Return psi(u, T) for claims of mean 1 and a premium of 1 a unit of time."""
    b = 1.0 / (1.0 + LOADING)
    root = math.sqrt(b)

    def integrand(v: float) -> float:
        f1 = b * math.exp(
            2.0 * root * time * math.cos(v) - (1.0 + b) * time + capital * (root * math.cos(v) - 1.0)
        )
        turn = capital * root * math.sin(v)
        f2 = math.cos(turn) - math.cos(turn + 2.0 * v)
        return f1 * f2 / (1.0 + b - 2.0 * root * math.cos(v))

    later = quad(integrand, 0.0, math.pi, limit=400, epsabs=1e-12)[0] / math.pi
    return b * math.exp(-(1.0 - b) * capital) - later


@cache
def simulated(rate: float) -> tuple[float, float]:
    """Return the share of ruined companies and its standard error."""
    premium = (1.0 + LOADING) * rate
    insured: Values = {"customers": 1.0, "services_per_customer": premium, "log_intensity": NO_ORDERS}
    claims: Values = {
        "log_intensity": math.log(rate),
        "size_variance_ratio": 1.0,
        "equipment_per_new_unit": 1.0,
    }
    company = small_company(
        months=round(CLAIMS / rate),
        segments=[insured, claims],
        halls=[{"capacity": 1e6}],
        firm={"cash": CAPITAL, "equipment_margin": -1.0},
    )
    futures = played(company, paths=PATHS[rate], seed=SEED)
    return mean_and_error(np.where(futures.outcomes["insolvency_month"] >= 0.0, 1.0, 0.0))


def between(rate: float) -> tuple[float, float]:
    """Return the least and the most that the closes of months can see of ruin within the horizon."""
    premium = (1.0 + LOADING) * rate
    time = CLAIMS * (1.0 + LOADING)
    return (
        ruin_probability(CAPITAL + premium + TOLERATED_DEFICIT, time),
        ruin_probability(CAPITAL, time),
    )


def test_the_formula_of_the_horizon_joins_no_time_to_the_published_answer() -> None:
    assert ruin_probability(CAPITAL, 0.0) == pytest.approx(0.0, abs=1e-12)
    assert ruin_probability(CAPITAL, 1e6) == pytest.approx(PUBLISHED, rel=0.0, abs=LAST_DIGIT)


@pytest.mark.parametrize("rate", PATHS)
def test_F12_ruin_lies_between_what_months_must_see_and_what_there_is(rate: float) -> None:
    ruined, error = simulated(rate)
    least, most = between(rate)
    assert least - 3.0 * error <= ruined <= most + 3.0 * error


def test_F12_ruin_is_what_cramer_and_lundberg_published() -> None:
    """The step and the horizon together: published - psi(u + c, T), all of it downwards."""
    ruined, error = simulated(FINE)
    least, _ = between(FINE)
    derived = PUBLISHED - least
    assert derived < 1.5 * error, "months and horizon are fine enough for the comparison to mean something"
    assert -3.0 * error - derived <= ruined - PUBLISHED <= 3.0 * error


def claims_of_a_month(*, up: bool) -> np.ndarray:
    """Return the law of a coarse month's claims on the grid, rounded up or down."""
    edges = np.arange(CAP * CELLS + 1) / CELLS
    numbers = np.arange(1, 40)[:, None]
    below = (stats.poisson.pmf(numbers, COARSE) * stats.gamma.cdf(edges, numbers)).sum(axis=0)
    cells = np.diff(below)
    none = [math.exp(-COARSE)]
    if up:
        return np.concatenate([none, cells])
    cells[0] += none[0]
    return cells


def ruin_of_the_walk(*, more: bool) -> float:
    """Return the probability that one of the coarse months' closes is below zero, or a bit more or less.

    What rises over the cap is held there, for more, or counts as saved, for less. For less the capital is
    a cell larger, to make up for the tolerated deficit.
    """
    claims, premium = claims_of_a_month(up=more), round((1.0 + LOADING) * COARSE * CELLS)
    law = np.zeros(CAP * CELLS)
    law[round(CAPITAL * CELLS) + (0 if more else 1)] = 1.0
    ruined = 0.0
    for _ in range(round(CLAIMS / COARSE)):
        over = law[-premium:].sum()
        law = np.concatenate([np.zeros(premium), law[:-premium]])
        law[-1] += over if more else 0.0
        before = law.sum()
        law = signal.fftconvolve(law, claims[::-1])[claims.size - 1 :]
        ruined += before - law.sum()
    return float(ruined)


def test_F12_coarse_months_see_the_ruin_of_their_walk_and_no_more() -> None:
    """What is made good within a month is not seen, and it is much: close bounds, far below psi."""
    ruined, error = simulated(COARSE)
    least, most = ruin_of_the_walk(more=False), ruin_of_the_walk(more=True)
    assert most - least < error
    assert least - 3.0 * error <= ruined <= most + 3.0 * error
    assert most < between(COARSE)[1] - 3.0 * error
