"""Month zero beside the last closed accounts, line by line."""

from __future__ import annotations

import polars as pl

from secondhall.case import Case
from secondhall.company import Parameters, known_parameters
from secondhall.company.layout import OPEN
from secondhall.company.month_zero import month_zero
from secondhall.decide.decision import Reconciled

__all__ = ["reconcile"]

EQUAL_WITHIN = 0.001
"""Books are kept in cents and halls in whole units: a line is equal within a thousandth."""

BY_CHANCE = "follows the new customers of the month: the model has their expected number"
TOTAL = "a total of lines of which some depend on the new customers of the month"

NOTES = {
    "services_revenue": BY_CHANCE,
    "equipment_revenue": BY_CHANCE,
    "sales_cost": BY_CHANCE,
    "equipment_cost": BY_CHANCE,
    "revenue": TOTAL,
    "bad_debt": TOTAL,
    "ebitda": TOTAL,
    "receivables": "the model's steady state at the mean delay of payment",
    "payables": "the model's steady state at the mean delay of payment",
}


def reconcile(case: Case) -> tuple[Reconciled, ...]:
    """Return the lines that the last closed month and the model both have; none without monthly accounts."""
    if case.accounts is None:
        return ()
    last = (case.start - 1).ordinal
    rows = case.accounts.filter((pl.col("first") == last) & (pl.col("months") == 1))
    books = dict(zip(rows["line"].to_list(), rows["value"].to_list(), strict=True))
    model = _model_lines(known_parameters(case))
    found = []
    for line, value in model.items():
        if line not in books:
            continue
        gap = abs(value - books[line])
        equal = gap <= EQUAL_WITHIN * max(abs(books[line]), 1.0)
        note = (
            ""
            if equal
            else NOTES.get(line, "differs: look for a contract, a hall or a rate that the case leaves out")
        )
        found.append(Reconciled(line, float(books[line]), float(value), equal, note))
    return tuple(found)


def _model_lines(p: Parameters) -> dict[str, float]:
    """Return the opening month in the words of accounts.csv."""
    zero = month_zero(p)
    flows = {
        "hosting_revenue": zero.hosting,
        "services_revenue": zero.services,
        "equipment_revenue": zero.equipment,
        "revenue": zero.segment_revenue.sum(axis=0),
        "energy_cost": zero.energy,
        "staff_cost": zero.staff,
        "hall_cost": zero.halls,
        "overhead_cost": zero.overhead,
        "equipment_cost": zero.equipment_cost,
        "sales_cost": zero.sales,
        "bad_debt": zero.bad_debt,
        "ebitda": zero.ebitda,
        "cash": p.firm.cash,
        "debt": p.firm.term_debt + p.firm.revolver,
        "receivables": p.segment.receivables.sum(axis=0),
        "payables": p.firm.payables,
        "headcount": p.role.posts.sum(axis=0),
        "capacity": (p.phase.capacity.sum(axis=1) * (p.hall.state == OPEN)).sum(axis=0),
        "sold": p.hall.sold.sum(axis=0),
    }
    return {line: float(value[0]) for line, value in flows.items()}
