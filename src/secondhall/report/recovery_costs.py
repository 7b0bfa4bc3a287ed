"""What the measures of a way out cost, one by one, and when the accounts show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats
from secondhall.futures import Estimate
from secondhall.recover.measures import moves_of
from secondhall.recover.problem import Fate
from secondhall.recover.recovery import Recovery
from secondhall.report.words import figure, scale_of
from secondhall.units import CapacityUnit, capacity, money

__all__ = ["AccountRow", "CostRow", "SeveranceRow", "account_rows", "cost_rows", "severance_rows"]


ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class SeveranceRow:
    """What the going of one role's posts costs, in the money of the start.

    ``statutory`` is the part of the months of severance that the law itself gives; months are months of the
    cost of a post.
    """

    role: str
    dismissed: int
    volunteers: int
    monthly_cost: str
    notice: str
    severance: str
    statutory: str
    volunteer: str
    amount: float
    total: str


def severance_rows(recovery: Recovery, tide: int) -> tuple[SeveranceRow, ...]:
    """Return what severance and notice cost in one tide, role by role, all roles."""
    plan, laid = recovery.plan, recovery.laid
    if plan is None:
        return ()
    dismissed = plan.decision.dismissals[tide].sum(axis=0)
    volunteers = plan.decision.volunteers[tide].sum(axis=0)
    terms = laid.indemnities
    amounts = terms.owed(dismissed, volunteers)
    rows = []
    for place, role in enumerate(laid.problem.roles):
        amount = float(amounts[place])
        rows.append(
            SeveranceRow(
                role,
                int(dismissed[place]),
                int(volunteers[place]),
                money(float(terms.monthly_cost[place]), recovery.case.currency),
                figure(float(terms.notice[place])),
                figure(float(terms.severance[place])),
                figure(float(terms.statutory[place])),
                figure(float(terms.volunteer[place])),
                amount,
                money(amount, recovery.case.currency),
            )
        )
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one measure costs in the money of the start, and on what that rests."""

    what: str
    amount: float
    total: str
    words: str


def cost_rows(recovery: Recovery, tide: int) -> tuple[CostRow, ...]:
    """Return what the measures cost in one tide, without what a hall's subtenant or buyer pays."""
    plan, problem = recovery.plan, recovery.laid.problem
    if plan is None:
        return ()
    people = severance_rows(recovery, tide)
    found = [("severance and notice", sum(row.amount for row in people), "by role in the table above")]
    collective = [one for one in plan.waves[tide] if problem.waves[one.wave].is_collective]
    if collective:
        fee = recovery.case.recovery.number("procedure_cost").mid
        found.append(("procedure", fee * len(collective), "experts, counsel, help with finding work"))
    moved = sum(problem.redeployments[one.redeployment].cost * one.posts for one in plan.redeployments[tide])
    if plan.redeployments[tide]:
        found.append(
            ("training of those who change their post", moved, "as the case states it for each role")
        )
    for fate in plan.fates[tide]:
        found += _hall_costs(recovery, fate)
    units = float(moves_of(problem, plan.fates[tide], tide).sum())
    if units > 0.0:
        each = recovery.case.recovery.number("move_cost_per_unit").mid
        found.append(("moving customers", units * each, _moved(recovery, units, each)))
    if plan.is_waived:
        fee = recovery.case.recovery.number("waiver_fee").mid
        found.append(("waiver of the covenants", fee, "paid to the lenders at the start"))
    return tuple(
        CostRow(what, float(amount), money(float(amount), recovery.case.currency), words)
        for what, amount, words in found
    )


def _moved(recovery: Recovery, units: float, each: float) -> str:
    case = recovery.case
    most = capacity(units, _unit(recovery))
    return f"at most {most} at {money(each, case.currency)} a {case.unit}, in the fullest future"


def _unit(recovery: Recovery) -> CapacityUnit:
    return CapacityUnit(recovery.case.unit)


def _hall_costs(recovery: Recovery, fate: Fate) -> list[tuple[str, float, str]]:
    """Return what leaving a hall costs: the penalty, or the rent that is left if that is less (H4)."""
    if fate.action not in ("close", "stop"):
        return []
    hall, p = recovery.laid.standing.halls[fate.hall], recovery.laid.standing.belief.known().hall
    penalty, taken_out = float(p.exit_penalty[hall.slot, 0]), float(p.dismantling[hall.slot, 0])
    amount, words = penalty, "the penalty that is expected"
    months = float(p.lease_months[hall.slot, 0] + max(p.committed[hall.slot, 0], 0.0)) - fate.month
    left = max(months, 0.0) * float(p.rent[hall.slot, 0])
    if hall.is_rented and left < penalty:
        amount, words = left, "the rent that is left of the lease, less than the penalty"
    elif hall.name in recovery.case.halls:
        stated, currency = recovery.case.halls[hall.name].number("exit_penalty"), recovery.case.currency
        if stated.low is not None and stated.high is not None:
            words += f"; the case states {money(stated.low, currency)} to {money(stated.high, currency)}"
    found = [(f"leaving {hall.name}", amount, words)]
    if taken_out > 0.0:
        found.append((f"dismantling in {hall.name}", taken_out, "as expected"))
    return found


_ACCOUNTS = (
    ("write_offs", "write-off of halls (IAS 36)"),
    ("restructuring", "provision made for restructuring (IAS 37)"),
    ("exit_charge", "provision made for leaving halls (IAS 37)"),
)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A line of the accounts by calendar year: mean and its error under the plan, mean under nothing."""

    what: str
    years: tuple[tuple[str, str, str], ...]


def account_rows(recovery: Recovery) -> tuple[tuple[str, ...], str, tuple[AccountRow, ...]]:
    """Return the calendar years, the unit of the amounts, and the lines.

    A year of which only some months are planned is marked; the balance is that of its last planned month.
    """
    years, months = _years(recovery), recovery.proof.months
    names = tuple(
        f"{year}" if len(inside) == 12 else f"{year} ({len(inside)} months)" for year, inside in years.items()
    )
    cells: dict[str, list[tuple[Floats, Floats]]] = {}
    for series, words in _ACCOUNTS:
        cells[words] = [
            (
                recovery.proof.kept[series][inside].sum(axis=0),
                recovery.nothing.kept[series][inside].sum(axis=0),
            )
            for inside in years.values()
        ]
    cells["provisions not paid out yet, end of the period"] = [
        (recovery.proof.kept["provisions"][inside[-1]], recovery.nothing.kept["provisions"][inside[-1]])
        for inside in years.values()
        if inside[-1] < months
    ]
    means = [float(sample.mean()) for row in cells.values() for pair in row for sample in pair]
    scale = scale_of(means, recovery.case.currency)
    rows = tuple(
        AccountRow(
            words,
            tuple((*scale.parts(_mean(plan)), scale.number(float(nothing.mean()))) for plan, nothing in row),
        )
        for words, row in cells.items()
    )
    return names, scale.label, rows


def _years(recovery: Recovery) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for at in range(recovery.proof.months):
        found.setdefault((recovery.case.start + at).year, []).append(at)
    return found


def _mean(sample: Floats) -> Estimate:
    # What is the same in all futures but for rounding has no error.
    is_same = float(np.ptp(sample)) <= ROUNDING * float(np.abs(sample).max())
    error = 0.0 if is_same else float(sample.std(ddof=1) / np.sqrt(sample.size))
    return Estimate(float(sample.mean()), error)
