"""The compiled engine and the NumPy oracle give the same company: every path, month, series and outcome.

They agree to 1e-9 of a value, or of a thousandth of the largest value that entered it when that is more.
That floor, 1e-12 of what was added and taken away, is rounding: the twins sum in another order and their exp
and log differ by 2 ulp, so 120 months of ten additions each may part by 1200 x 1.1e-16 = 1.3e-13 of the
largest term. Without it a balance of 1e-9 left over from 1e6 would have to agree in every digit of its noise.
A flow or a balance of money may be what is left of any other, so its largest term is that of all money on its
path up to its month; a count or a price takes the largest of its own series.

Counts and decisions are compared like the rest. They may part only where a draw falls within 1e-13 of a step:
of the 1e7 comparisons here 1e-6.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from tests.strategies import BUNDLED, Company, bundled, companies

from secondhall.company.chance import Chance
from secondhall.company.layout import ANNUAL, OUTCOMES, SERIES, Floats
from secondhall.company.oracle.play import play

TOLERANCE = 1e-9
CANCELLED = 1e-3
"""Below this share of what entered it, a value is what a cancellation left over."""

COUNTS = (
    "new_customers", "ordered_units", "waiting_units", "lost_units", "capacity", "sold_units",
    "sold_new_halls", "utilisation", "customers", "staff", "staff_excess", "regime", "bust_probability",
    "covenant_broken", "alive",
)  # fmt: skip
MONEY = tuple(name for name in SERIES if name not in COUNTS)
MONEY_OUTCOMES = (
    "npv", "terminal_value", "equity_value", "peak_funding", "injected", "worst_year", "write_offs", "capex",
)  # fmt: skip


def largest_so_far(values: Floats) -> Floats:
    return np.maximum.accumulate(np.abs(values), axis=0)


def largest_that_entered(series: Floats) -> Floats:
    """Return [series, month, path] the largest value that went into each number."""
    money = np.abs(series[[SERIES.index(name) for name in MONEY]]).max(axis=0)
    of_money = np.maximum.accumulate(money, axis=0)
    return np.stack(
        [
            of_money if name in MONEY else largest_so_far(values)
            for name, values in zip(SERIES, series, strict=True)
        ]
    )


def assert_same(found: Floats, expected: Floats, entered: Floats, names: tuple[str, ...]) -> None:
    allowed = TOLERANCE * np.maximum(np.abs(expected), CANCELLED * entered)
    apart = ~(np.abs(found - expected) <= allowed)
    assert found.shape == expected.shape
    if apart.any():
        place = tuple(int(i) for i in np.argwhere(apart)[0])
        wrong = sorted({names[int(i)] for i in np.argwhere(apart)[:, 0]})
        pytest.fail(f"{wrong}: first at {place}: {found[place]!r} is not {expected[place]!r}")


def assert_twins(company: Company) -> None:
    p, paths = company.parameters, np.arange(company.paths)
    series, outcomes, annual = play(p, company.known, company.rule, Chance(company.seed, paths))
    engine = company.played
    entered = largest_that_entered(series)
    assert_same(engine.series, series, entered, SERIES)
    money = entered[[SERIES.index(name) for name in MONEY], -1].max(axis=0)
    summed = np.abs(outcomes)
    for name in MONEY_OUTCOMES:
        summed[OUTCOMES.index(name)] = money * p.months
    # what stands empty is capacity less what is sold, month by month
    summed[OUTCOMES.index("stranded_unit_months")] = series[SERIES.index("capacity")].sum(axis=0)
    assert_same(engine.outcomes, outcomes, summed, OUTCOMES)
    assert_same(engine.annual, annual, np.broadcast_to(money * 12, annual.shape), ANNUAL)


@pytest.mark.parametrize(("case", "how"), BUNDLED)
def test_engine_and_oracle_agree_on_the_bundled_cases(case: str, how: str) -> None:
    assert_twins(bundled(case, how, paths=96))


@settings(max_examples=25, derandomize=True, deadline=None, database=None)
@given(company=companies())
def test_engine_and_oracle_agree_on_random_companies(company: Company) -> None:
    assert_twins(company)


@pytest.mark.slow
@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(company=companies(months=40))
def test_engine_and_oracle_agree_on_200_random_companies(company: Company) -> None:
    assert_twins(company)


@pytest.mark.parametrize("how", ["plan", "trigger"])
def test_some_bundled_paths_build_and_some_fail_so_that_the_twins_are_compared_there(how: str) -> None:
    played = [bundled(case, how, paths=96).played for case in ("fluxus", "northhall", "paris2006")]
    assert any((one.outcome("first_commitment") >= 0).any() for one in played)
    assert any((one.outcome("insolvency_month") >= 0).any() for one in played)
    assert any((one.of("shareholder_injection") > 0).any() for one in played)
    assert any((one.of("write_offs") > 0).any() for one in played)
