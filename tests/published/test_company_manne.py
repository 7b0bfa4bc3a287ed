"""A search over dated plans finds the size of hall that Manne derived (Manne 1961, *Econometrica* 29, 632).

Demand grows by one unit a year and is never to wait; a hall of size x costs x^a, a = .7, and another is built
whenever the last is full, every x years; money costs r = .1 a year, compounded continuously:

    C(x) = x^a / (1 - e^(-r x)),     least where a (e^(r x) - 1) = r x:     x* = 6.7547

Here signed contracts commence, one unit a month: twelve are a year's growth. A plan of size x commits hall j
in month 12 j x, to serve from the next (D6, H1); its capex falls in the month of its commitment (H2, one
phase that opens at once), and the free cash flow is discounted to the month's end (R1), a factor e^(-r/12)
for all plans.

The step error. With x in whole months the plan's dates are exactly Manne's, so C has no step error, only x
has: C falls to x* and rises after it (the condition has one root), so the best whole number of months is one
of the two around x*, and the search is off by less than 1/12 of a year.

The horizon. In the H years that are played, J = ceil(H / x) halls are built; those after them cost
e^(-r x J) C(x), a share of at most e^(-r H) of C(x).
"""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.published.small_company import played, small_company

from secondhall.company import Parameters, RuleTerms, idle_terms

PUBLISHED = 6.7547
LAST_DIGIT = 0.5e-4
SCALE, RATE = 0.7, 0.1
HORIZON_YEARS = 150
SHORTEST, LONGEST = 24, 180
"""sizes that are searched, in months of growth"""


def halls_of(size: int) -> int:
    return math.ceil(12 * HORIZON_YEARS / size)


def company_of(size: int) -> Parameters:
    """Return the company that may build halls of a size in months of growth; demand commences in month 1."""
    hall = {"capacity": float(size), "capex": (size / 12.0) ** SCALE}
    company = small_company(
        months=12 * HORIZON_YEARS,
        segments=[{}],
        options=[hall] * halls_of(size),
        firm={"cash": 1e6, "discount_factor": math.exp(-RATE / 12.0)},
    )
    for row in (company.schedule.commencing_customers, company.schedule.commencing_units):
        row[:, 1:] = 1.0
    return company


def plan_of(size: int, late: int = 0) -> RuleTerms:
    """Return the dated plan: each hall when the last is full; all but the first ``late`` months later."""
    months = size * np.arange(halls_of(size), dtype=np.int64)
    months[1:] += late
    return replace(idle_terms(months.size), commit_month=months)


@cache
def cost_of(size: int) -> float:
    """Return what the plan costs, discounted to the moments of its commitments."""
    futures = played(company_of(size), paths=1, seed=0, rule=plan_of(size))
    assert futures.outcomes["lost_units"][0] == 0.0, "nobody waits in Manne's model"
    assert futures.outcomes["commitments"][0] == halls_of(size)
    return -float(futures.outcomes["npv"][0]) * math.exp(RATE / 12.0)


def manne(years: float) -> float:
    return years**SCALE / -math.expm1(-RATE * years)


def search() -> int:
    """Return the size of the cheapest plan by ternary search: C falls, then rises."""
    low, high = SHORTEST, LONGEST
    while high - low > 2:
        third = (high - low) // 3
        if cost_of(low + third) < cost_of(high - third):
            high -= third
        else:
            low += third
    return min(range(low, high + 1), key=cost_of)


@pytest.mark.parametrize("size", [24, 81, 180])
def test_D6_H2_R1_a_dated_plan_costs_what_manne_says_but_for_the_halls_after_the_horizon(size: int) -> None:
    """The tail is a geometric series; what is left is rounding, 1e-16 a month and hall."""
    built = -math.expm1(-RATE * size / 12.0 * halls_of(size))
    assert cost_of(size) == pytest.approx(manne(size / 12.0) * built, rel=1e-12)


def test_D6_a_plan_that_is_one_month_late_turns_demand_away() -> None:
    """So the plan is Manne's: no later date would do. One unit is lost: from then on demand is as late."""
    futures = played(company_of(81), paths=1, seed=0, rule=plan_of(81, late=1))
    assert futures.outcomes["lost_units"][0] == 1.0


def test_the_horizon_is_long_enough_to_tell_neighbouring_plans_apart() -> None:
    """What is beyond it is less than a tenth of what a month more or less of size costs."""
    best = min(range(SHORTEST, LONGEST + 1), key=lambda size: manne(size / 12.0))
    dearer = min(manne((best - 1) / 12.0), manne((best + 1) / 12.0)) / manne(best / 12.0) - 1.0
    assert math.exp(-RATE * HORIZON_YEARS) < 0.1 * dearer


def test_D6_a_search_over_dated_plans_finds_the_size_that_manne_published() -> None:
    best = search()
    assert abs(best / 12.0 - PUBLISHED) < 1.0 / 12.0 + LAST_DIGIT
