"""Small valid cases that tests build, bend and break."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from secondhall.case import check_case
from secondhall.errors import Fault, Severity

SMALL_HISTORY = """\
name: small
currency: EUR
unit: kW
start: 2002-01
horizon_months: 24
history_from: 2000-01
segments:
  all:
    customers: 20
    installed_units: 200
    monthly_recurring_revenue: 60000
    list_price_per_unit_month: {low: 200, mid: 300, high: 450}
    new_customers_per_month: {low: 1, mid: 2, high: 4}
    churn_monthly: {low: 0.005, mid: 0.01, high: 0.02}
    services_per_customer_month: {low: 300, mid: 600, high: 1200}
    order_size_units: 10
halls:
  one: {capacity_units: 1000, sold_units: 200, fixed_cost_monthly: 5000}
costs:
  overhead_monthly: 10000
finance:
  cash: 5000000
decision_dates:
  2000-01: {}
"""

MINIMAL = """\
name: small
title: A small case
currency: EUR
unit: kW
start: 2026-01
horizon_months: 60

sources:
  S1: "Annual report 2025, page 12"

segments:
  retail:
    customers: {value: 100, source: S1, kind: fact}
    installed_units: {value: 400, source: S1, kind: fact}
    monthly_recurring_revenue: {value: 60000, source: S1, kind: fact}
    list_price_per_unit_month: {low: 130, mid: 150, high: 180, because: three offers}
    new_customers_per_month: {value: 2, because: last year's mean}
    order_size_units: {value: 4, because: last year's mean}
    churn_monthly: {boom: 0.005, steady: 0.01, bust: {low: 0.01, mid: 0.02, high: 0.04}, because: last year}
    out_of_term_share: {value: 0.4, because: guessed}
    term_months: {value: 24, because: the standard contract}

halls:
  one:
    capacity_units: {value: 1000, source: S1, kind: fact}
    sold_units: {value: 400, source: S1, kind: fact}
    fixed_cost_monthly: {value: 20000, because: the budget}

options:
  two:
    phases:
      value:
        - {capacity_units: 500, capex: 5000000, months_after_commit: 18}
        - {capacity_units: 500, capex: 4000000, months_after_commit: 30}
      because: the builder's offer
    fixed_cost_monthly: {value: 15000, because: the budget}

staff:
  operations:
    headcount: {value: 8, source: S1, kind: fact}
    monthly_cost: {value: 6000, source: S1, kind: fact}

costs:
  overhead_monthly: {value: 12000, because: the budget}

finance:
  cash: {value: 2000000, source: S1, kind: fact}
"""

CONTRACTS = """\
contract,customer,segment,hall,capacity,ramp_months,monthly_recurring_revenue,signed,start,term_months,end,notice_months,escalator_yearly
c1,alpha,retail,one,100,,10000,2023-10,2023-11,24,,3,0
c2,beta,retail,one,40,4,4000,2025-10,2025-11,36,,3,0
c3,gamma,retail,one,30,,3000,2025-12,2026-03,12,,3,0
c4,delta,retail,two,50,,5000,2025-11,2027-06,60,,3,0
"""

ORDERS = """\
opportunity,segment,capacity,stage,opened,expected_close,probability
o1,retail,10,lead,2025-11,2026-02,
o2,retail,30,letter_of_intent,2025-11,2026-02,
o3,retail,20,contract_sent,2025-12,2026-04,0.9
"""

ACCOUNTS = """\
period,line,value
2025-11,revenue,100
2025-12,revenue,110
"""

FACTS = """\
fact,quantity,period,value,unit,standard_deviation,published,words,source
1,revenue,2024,13000000,EUR,300000,2025-02,revenue of 13 M,press
2,customers,2025-Q4,100,customers,,,about a hundred,site
"""

PLANS = """\
plan,month,action,target
as planned,2026-06,commit,two
as planned,2026-09,freeze_hiring,
"""


def write_case(folder: Path, *, yaml: str = MINIMAL, files: Mapping[str, str | bytes] | None = None) -> Path:
    """Write a case into `folder` (made if needed) and return it; `files` maps further names to contents."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.yaml").write_text(yaml, encoding="utf-8")
    for name, content in (files or {}).items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    return folder


def bent(text: str, old: str, new: str) -> str:
    """Return `text` with `old`, which must stand there once, replaced."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def line_of(text: str, part: str) -> int:
    """Return the line, counted from 1, in which `part` first stands."""
    return text[: text.index(part)].count("\n") + 1


def shown(fault: Fault) -> tuple[str, int | str | None, str | None]:
    """Return where a fault stands: file, line or cell, column."""
    return fault.file, fault.cell or fault.line, fault.column


def errors(folder: Path) -> list[Fault]:
    """Check a case that is wrong; every fault must be complete."""
    case, faults = check_case(folder)
    assert case is None
    found = [fault for fault in faults if fault.severity is Severity.ERROR]
    assert found
    for fault in found:
        assert fault.file
        assert fault.found
        assert fault.accepted
        assert fault.mend
    return found


def only_error(folder: Path) -> Fault:
    found = errors(folder)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]
