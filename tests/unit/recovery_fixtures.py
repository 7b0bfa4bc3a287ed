"""Ways out of a small company with an empty hall, found once and shared."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from secondhall.belief import Prior
from secondhall.case import read_case
from secondhall.recover.recovery import Recovery, Settings
from secondhall.study import recover

SMALL = Settings(futures=256, scenarios=6, fresh=256, gap=0.03, seconds=10.0)

DISTRESSED = """\
name: twohalls
title: "{title}"
currency: EUR
unit: m2
start: 2002-03
horizon_months: 60
history_plan: as-happened

sources:
  LEASE: "The lease of the second hall, https://example.org/lease"

market:
  start_regime: {{boom: 0, steady: 0.2, bust: 0.8, kind: assumption, because: "orders have stopped"}}

segments:
  all:
    customers: {{value: 90, kind: fact, source: LEASE}}
    installed_units: {{value: 420, kind: fact, source: LEASE}}
    monthly_recurring_revenue: {{value: 320000, kind: fact, source: LEASE}}
    list_price_per_unit_month: {{low: 500, mid: 600, high: 720, kind: assumption, because: "last offers"}}
    new_customers_per_month: {{low: 0.5, mid: 1, high: 2, kind: assumption, because: "last half year"}}
    order_size_units: {{value: 4, kind: assumption, because: "last half year"}}
    churn_monthly: {{boom: 0.004, steady: 0.006, bust: 0.012, kind: inference, source: LEASE}}

halls:
  first:
    capacity_units: 600
    sold_units: 420
    fixed_cost_monthly: 30000
    rent_monthly: {{value: 20000, kind: fact, source: LEASE}}
    lease_end: 2008-12
    exit_penalty: 600000
    book_value: 1500000
    mothball_cost_monthly: 9000
  {hall}:
    capacity_units: 1000
    sold_units: 0
    fixed_cost_monthly: 45000
    rent_monthly: {{value: 60000, kind: fact, source: LEASE}}
    lease_end: 2010-12
    exit_penalty: {{low: 500000, mid: 900000, high: 1500000, kind: assumption, because: "not negotiated yet"}}
    dismantling_cost: 150000
    book_value: 4000000
    mothball_cost_monthly: 12000
    sublet_rent_share: {{value: 0.3, kind: assumption, because: "one subtenant has asked"}}

staff:
  operations:
    headcount: 34
    monthly_cost: 4500
    base: 4
    per_open_hall: 8
    minimum: 10
    severance_months: 2
    seniority_years: 4
  {role}:
    headcount: 26
    monthly_cost: 6000
    base: 6
    per_customer: 0.05
    minimum: 6
    severance_months: 3
    seniority_years: 6
    redeploy_to: operations
    redeploy_cost: 5000
  sales:
    headcount: 14
    monthly_cost: 5500
    base: 5
    per_new_customer: 1
    minimum: 4
    severance_months: 2
    seniority_years: 3

costs:
  overhead_monthly: 60000

finance:
  cash: {cash}
  minimum_cash: 200000
  shareholder_commitment: {commitment}
  terminal_ebitda_multiple: 4
  provision_payment_months: 4

recovery:
  law: france
  months: 15
  review_months: 3
  move_units_monthly: 60
  move_cost_per_unit: 800
  procedure_cost: 120000
"""

PLANS = """\
plan,month,action,target
as-happened,2002-06,dismiss_excess,
as-happened,2002-12,close,{hall}
"""


@cache
def distressed(
    *,
    title: str = "Two halls, one of them empty",
    hall: str = "second",
    role: str = "engineering",
    cash: int = 1_500_000,
    commitment: int = 5_000_000,
) -> Recovery:
    """Return the way out of a small company; one of 0 cash and commitment cannot be saved."""
    with tempfile.TemporaryDirectory() as folder:
        text = DISTRESSED.format(title=title, hall=hall, role=role, cash=cash, commitment=commitment)
        place = Path(folder)
        (place / "case.yaml").write_text(text, encoding="utf-8")
        (place / "plans.csv").write_text(PLANS.format(hall=hall), encoding="utf-8")
        return recovered(place)


@cache
def healthy() -> Recovery:
    """Return what is found for a company in which nothing needs doing."""
    return recovered("paris2006")


def recovered(place: Any) -> Recovery:
    """Return the way out of a case as it is stated, found in a few seconds."""
    case = read_case(place)
    return recover(case, Prior(case), companies=0, settings=SMALL)
