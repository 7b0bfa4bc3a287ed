"""Options that may wait are worth what the literature says: puts, the better of two shares, a project.

American puts with 50 exercise dates a year (Longstaff & Schwartz 2001, table 1, K 40, r .06, sigma .2). The
column is given to three decimals, so what the options are worth lies within half of the last digit of it. A
fresh sample's mean is within two standard errors of what the learned rule brings, and the rule's loss must be
too small to be seen:

    |lower - column| <= 2 error + .0005

The upper bound's mean is no less than the worth: upper >= column - .0005 - 2 error; it is close if the gap is
under 1 %.

Max-calls on two shares (Andersen & Broadie 2004, table 2, two assets; K 100, r .05, dividend .1, sigma .2,
three years, exercise at nine dates): 8.075, 13.902, 21.345 from a binomial lattice, given to three decimals.

The project of Dixit & Pindyck 1994, chapter 5 (r = delta = .04, sigma = .2, I = 1; perpetual, to be decided
on at any time): it is begun when V reaches 2, and is worth F(V) = V^2 / 4 before, .25 at V = 1. Here there is
a date a month, D = 1/12, for T = 60 years. Less choice is worth less; how much less is bounded:

- Dates. Begin at the first date after V has reached 2: what was worth 1 then brings at least e^(-r D) of it,
  since r = delta. So all but a share 1 - e^(-r D) of F is left.
- Horizon. What is lost is at most what F exceeds beginning at T, E[e^(-r T) (F(V_T) - (V_T - 1)^+)].
- The trigger. A barrier seen at dates only acts as one e^(.5826 sigma sqrt(D)) farther away (Broadie,
  Glasserman & Kou 1997), so that dates begin nearer: found x e^(.5826 sigma sqrt(D)) = 2. How near that comes
  is the next order of D, far below the 3 % asked for; the edge is the median over the dates of years 10 to
  20, when paths have come there and 40 years are left.
"""

import csv
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats
from tests.option_problems import Lognormal, call_paying, european, put_paying

from secondhall.option_value import Chain, NestedBound, Problem, Splines, Value, value_options

HALF_A_DIGIT = 0.0005
SEED = 2001

with (Path(__file__).parent / "data" / "ls2001_table1_sigma20.csv").open(encoding="utf-8") as table:
    PUTS = [{name: float(text) for name, text in row.items()} for row in csv.DictReader(table)]


def put_of(row: dict[str, float]) -> Lognormal:
    return Lognormal(
        start=row["S"], intervals=round(50 * row["T"]), step=0.02, pays=put_paying(40.0), sigma=row["sigma"]
    )


def assert_between(value: Value, published: float, slack: float = HALF_A_DIGIT) -> None:
    assert value.upper is not None
    assert abs(value.lower.value - published) <= 2.0 * value.lower.error + slack
    assert value.upper.value >= published - slack - 2.0 * value.upper.error
    assert abs(value.gap) < 0.01


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, marks=[pytest.mark.slow] if row["T"] > 1.0 else []) for row in PUTS],
    ids=lambda row: f"S{row['S']:.0f}-T{row['T']:.0f}",
)
def test_L1_a_put_is_worth_what_longstaff_and_schwartz_published(row: dict[str, float]) -> None:
    value = value_options(put_of(row).problem(), seed=SEED)
    assert value.lower.error < 0.001, "the error is small enough for the comparison to mean something"
    assert_between(value, row["bermudan50"])


@pytest.mark.parametrize("row", PUTS, ids=lambda row: f"S{row['S']:.0f}-T{row['T']:.0f}")
def test_the_quadrature_of_the_tests_gives_the_published_puts_too(row: dict[str, float]) -> None:
    put = put_of(row)
    assert put.by_quadrature()[0] == pytest.approx(row["bermudan50"], abs=HALF_A_DIGIT)
    assert european(put, row["T"], 40.0, put=True) == pytest.approx(row["european"], abs=HALF_A_DIGIT)


@pytest.mark.slow
@pytest.mark.parametrize("row", PUTS[::3], ids=lambda row: f"S{row['S']:.0f}-T{row['T']:.0f}")
def test_U1_inner_paths_bound_a_put_too(row: dict[str, float]) -> None:
    assert_between(value_options(put_of(row).problem(), seed=SEED, bound=NestedBound()), row["bermudan50"])


@pytest.mark.parametrize("row", PUTS[:3:2], ids=lambda row: f"S{row['S']:.0f}-T{row['T']:.0f}")
def test_L3_without_shocks_a_put_is_worth_the_same_with_a_larger_error(row: dict[str, float]) -> None:
    """Nothing takes the noise off the regression, so it gets fewer knots to follow it with."""
    value = value_options(put_of(row).without_shocks(), seed=SEED, splines=Splines(knots=2), bound=None)
    assert abs(value.lower.value - row["bermudan50"]) <= 2.0 * value.lower.error + HALF_A_DIGIT
    assert value.upper is None


def max_call(start: float) -> Problem:
    rate, dividend, sigma, step = 0.05, 0.1, 0.2, 1.0 / 3.0
    drift, spread = (rate - dividend - sigma**2 / 2.0) * step, sigma * math.sqrt(step)
    shares = Chain(
        np.log([start, start]), 9, 2, lambda date, states, shocks: states + drift + spread * shocks
    )
    return Problem(
        discounts=np.exp(-rate * step * np.arange(10)),
        pays=lambda date, states: np.maximum(np.exp(states.max(axis=1)) - 100.0, 0.0),
        simulate=shares.simulate,
        branch=shares.branch,
    )


@pytest.mark.parametrize(
    ("start", "published"),
    [
        pytest.param(90.0, 8.075, marks=pytest.mark.slow),
        (100.0, 13.902),
        pytest.param(110.0, 21.345, marks=pytest.mark.slow),
    ],
)
def test_L3_the_better_of_two_shares_is_worth_what_andersen_and_broadie_published(
    start: float, published: float
) -> None:
    value = value_options(max_call(start), seed=SEED, bound=NestedBound(paths=400, inner=50))
    assert_between(value, published)
    assert value.boundary is None


RATE, SIGMA, MONTH, YEARS = 0.04, 0.2, 1.0 / 12.0, 60


@cache
def project() -> Value:
    option = Lognormal(
        start=1.0,
        intervals=12 * YEARS,
        step=MONTH,
        pays=call_paying(1.0),
        rate=RATE,
        dividend=RATE,
        sigma=SIGMA,
    )
    return value_options(option.problem(), seed=SEED, paths=5000, bound=None)


def lost_at_the_horizon() -> float:
    """Return the mean of e^(-r T) (F(V) - (V - 1)^+) over the law of V at the horizon."""
    spread = SIGMA * math.sqrt(YEARS)

    def excess(score: float) -> float:
        value = math.exp(-(spread**2) / 2.0 + spread * score)
        perpetual = value**2 / 4.0 if value < 2.0 else value - 1.0
        return (perpetual - max(value - 1.0, 0.0)) * float(stats.norm.pdf(score))

    return math.exp(-RATE * YEARS) * integrate.quad(excess, -10.0, 10.0, limit=200)[0]


@pytest.mark.slow
def test_L2_a_project_is_worth_what_dixit_and_pindyck_derived() -> None:
    found = project().lower
    dates = 0.25 * (1.0 - math.exp(-RATE * MONTH))
    assert lost_at_the_horizon() + dates < 0.01
    assert 0.25 - dates - lost_at_the_horizon() - 3.0 * found.error <= found.value <= 0.25 + 3.0 * found.error


@pytest.mark.slow
def test_L1_a_project_is_begun_where_dixit_and_pindyck_begin_it() -> None:
    boundary = project().boundary
    assert boundary is not None
    trigger = math.exp(np.nanmedian(boundary[120:240, 0]))
    assert trigger * math.exp(0.5826 * SIGMA * math.sqrt(MONTH)) == pytest.approx(2.0, rel=0.03)


def test_L1_a_call_without_dividends_waits_to_the_end() -> None:
    """Exercise before the end gives up the interest on the strike for nothing (Merton 1973, theorem 1)."""
    call = Lognormal(start=40.0, intervals=10, step=0.1, pays=call_paying(40.0))
    value = value_options(call.problem(), seed=SEED)
    assert_between(value, european(call, 1.0, 40.0, put=False), slack=0.0)
    assert value.boundary is not None
    assert np.isnan(value.boundary).all()
