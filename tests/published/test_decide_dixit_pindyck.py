"""A search for the trigger finds that of Dixit & Pindyck (*Investment under Uncertainty*, 1994, chapter 5).

A project worth V, a geometric walk without drift beside its yield, may be had for I at any time and forever:

    invest when V reaches V* = b/(b - 1) I,   b = 1/2 - (r - delta)/sigma^2 + sqrt(...) = 2,   V* = 2 I

for r = delta = .04 and sigma = .2 a year. Here a hall without limit, that opens at once, sells each month's
orders for a month: what it is worth is the orders' price over e^(r/12) - 1, for ever, since orders are a
martingale; at the end of the horizon the terminal multiple pays that worth. Before it is built a hundredth
of the orders waits, and the forecast rule looks at that.

The correction for monthly decisions. A walk that is looked at every dt is beyond a barrier by .5826 sigma
sqrt(dt) on average when it is found there (Broadie, Glasserman & Kou 1997), so the best trigger of a monthly
rule lies lower by the factor exp(-.5826 x .2 / sqrt(12)) = .967.

The horizon of 50 years. Who has not invested by then never does, which draws the best constant trigger down
by one hundredth (the closed form of the barrier's first passage with and without the horizon, in the test
below).

The error of the search. The worth is flat at its top: a trigger 3 % off costs .1 % of it. With as many
futures as are played here the difference between two triggers 6 % apart is told by more than three errors.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from secondhall.belief.prior import Prior
from secondhall.case import Case, check_case
from secondhall.decide.families import Family
from secondhall.decide.rules import ForecastUtilisation, Rule
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.decide.search import RuleSearch, search
from secondhall.decide.trials import Trials

RATE, SIGMA, YEARS = 0.04, 0.2, 50
PUBLISHED = 2.0
MONTHLY = math.exp(-0.5826 * SIGMA / math.sqrt(12.0))
START = 1.4
"""V / I at the start"""
ORDERS, WAITING = 2.0e4, 0.01 / 0.99
"""units a month; what waits of them"""
INVESTED = ORDERS / math.expm1(RATE / 12.0) / START

CASE = f"""\
name: perpetual
currency: EUR
unit: kW
start: 2000-01
horizon_months: {12 * YEARS}
market:
  price_drift_yearly: 0
  price_volatility_monthly: 0
  energy_price_per_mwh: 0
segments:
  all:
    list_price_per_unit_month: 1
    new_customers_per_month: {ORDERS}
    intensity_growth_yearly: {-(SIGMA**2) / 2.0}
    intensity_level: 1
    intensity_reversion_monthly: 0
    intensity_volatility_monthly: {SIGMA / math.sqrt(12.0)}
    order_size_units: 1
    order_size_variation: 0
    churn_monthly: 1
    term_months: 0
    waiting_lapse_monthly: 0.99
    payment_delay_months: 0
    bad_debt_share: 0
halls:
  one: {{capacity_units: 1, fixed_cost_monthly: 0}}
options:
  two:
    phases: [{{capacity_units: 1.0e+9, capex: {INVESTED}, months_after_commit: 0}}]
    fixed_cost_monthly: 0
    exit_value_share: 0
costs:
  overhead_monthly: 0
  sales_commission_months: 0
  inflation_yearly: 0
  maintenance_capex_share: 0
  supplier_delay_months: 0
finance:
  cash: 1.0e+9
  cash_rate_yearly: 0
  tax_rate: 0
  discount_rate_yearly: {math.expm1(RATE)}
  terminal_ebitda_multiple: {1.0 / (12.0 * math.expm1(RATE / 12.0))}
"""

TRIGGERS = tuple(PUBLISHED * MONTHLY * math.exp(0.02 * k) for k in range(-10, 11))
"""V / I at which the rules invest: 2 % apart, a fifth below the published trigger to a fifth above"""


def rule_at(trigger: float) -> Rule:
    """Return the forecast rule that commits when the orders are worth so many times the outlay."""
    return ForecastUtilisation("two", 1.0 + WAITING * ORDERS * trigger / START)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder: Path = tmp_path_factory.mktemp("perpetual")
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    found, faults = check_case(folder)
    assert found is not None, faults
    return found


def worth_of(trigger: float, years: float) -> float:
    """Return what a constant trigger is worth to who looks at all times, within a horizon (first passage)."""
    up = math.log(trigger / START)
    drift = -(SIGMA**2) / 2.0
    root = math.sqrt(drift**2 + 2.0 * RATE * SIGMA**2)
    spread = SIGMA * math.sqrt(years)
    hit = math.exp(up * (drift - root) / SIGMA**2) * norm.cdf((-up + root * years) / spread)
    hit += math.exp(up * (drift + root) / SIGMA**2) * norm.cdf((-up - root * years) / spread)
    return float((trigger - 1.0) * hit)


def best_within(years: float) -> float:
    return float(minimize_scalar(lambda b: -worth_of(b, years), bounds=(1.45, 3.0), method="bounded").x)


def test_the_horizon_moves_the_best_trigger_by_a_hundredth() -> None:
    assert best_within(1e4) == pytest.approx(PUBLISHED, rel=1e-4)
    assert 0.985 < best_within(YEARS) / PUBLISHED < 1.0


def test_R1_R2_D3_a_monthly_trigger_is_worth_the_continuous_one_above_it(case: Case) -> None:
    """What is left of the correction is of the order of a month, r dt = .0033 of the worth."""
    trials = Trials(case, Prior(case), weight=0.0, seed=3)
    [never, one] = trials.of([rule_at(1e6), rule_at(PUBLISHED * MONTHLY)], 16_384)
    found = (one.score.value - never.score.value) / INVESTED
    error = math.hypot(one.score.error, never.score.error) / INVESTED
    passage = worth_of(PUBLISHED, YEARS)
    print(found, error, passage)
    assert abs(found - passage) < 4.0 * error + RATE / 12.0 * passage


@pytest.mark.slow
def test_D3_the_search_finds_the_published_trigger_less_the_monthly_correction(case: Case) -> None:
    family = Family("two by its worth", (TRIGGERS,), lambda figures: rule_at(figures[0]))
    trials = Trials(case, Prior(case), weight=0.0, seed=11)
    method = RuleSearch(first=2_048, second=16_384, last=131_072, sampled=8, generations=8, best=9)
    [found] = search(
        [family], trials, InsolvencyLimit(at_most=1.0), method=method, seed=1, report=lambda *_: None
    )
    assert isinstance(found, ForecastUtilisation)
    trigger = (found.utilisation - 1.0) * START / (WAITING * ORDERS)
    assert abs(trigger / MONTHLY / PUBLISHED - 1.0) < 0.03


def test_the_triggers_that_are_searched_lie_on_both_sides() -> None:
    assert np.min(TRIGGERS) < 0.85 * PUBLISHED
    assert np.max(TRIGGERS) > 1.15 * PUBLISHED
