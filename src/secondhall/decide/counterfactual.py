"""What the hall of a dated plan explains of a year's result: the same futures lived twice."""

from __future__ import annotations

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case, Fact
from secondhall.company import slots_of
from secondhall.decide.decision import BridgeLine, Counterfactual, FactCheck
from secondhall.decide.rules import DatedPlan
from secondhall.futures import Estimate, Futures, Interval, Keep, RuleToPlay, difference, play_rules
from secondhall.futures.play import Progress
from secondhall.futures.results import Floats
from secondhall.months import Month

__all__ = ["counterfactual", "fact_checks", "live_twice", "year_of_interest"]

INCOME_LINES = (
    ("hosting", 1.0),
    ("services", 1.0),
    ("equipment", 1.0),
    ("equipment_cost", -1.0),
    ("energy_cost", -1.0),
    ("hall_cost", -1.0),
    ("staff_cost", -1.0),
    ("sales_cost", -1.0),
    ("overhead_cost", -1.0),
    ("bad_debt", -1.0),
    ("depreciation", -1.0),
    ("write_offs", -1.0),
    ("restructuring", -1.0),
    ("interest", -1.0),
    ("tax", -1.0),
)
"""Lines of the income statement and their sign; what is left to the net income is exit charges."""

STOCKS = ("staff", "sold_new_halls")
"""Series of facts that are read at the end of their period."""

FLOWS = ("revenue", "net_income")
"""Series of facts that are summed over a calendar year."""

MATERIAL_LOSS = 0.1
"""A loss counts as one from this share of revenue on: a share of almost nothing would say nothing."""

NEAR_RELATIVE = 0.25
NEAR_AT_LEAST = 30


def year_of_interest(case: Case) -> int | None:
    """Return the last full calendar year inside the horizon whose net income is a fact; None without one."""
    inside = [
        fact.first.year
        for fact in case.facts
        if fact.quantity == "net_income" and fact.value is not None and _simulated(case, fact)
    ]
    return max(inside, default=None)


def _simulated(case: Case, fact: Fact) -> bool:
    return fact.first >= case.start and fact.last < case.start + case.horizon_months


def live_twice(
    case: Case,
    belief: Belief,
    plan: DatedPlan,
    *,
    paths: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Futures, Futures]:
    """Play a plan with and without what it commits, keeping what the year and the facts need."""
    slots = slots_of(case)
    without = plan.without_commitments()
    rules = [RuleToPlay(rule.words(case), rule.terms(case, slots)) for rule in (plan, without)]
    checked = [fact for fact in case.facts if _comparable(case, fact)]
    ends = [fact.last + 1 for fact in checked] or [case.start + 1]
    year = year_of_interest(case)
    until = max([*ends, Month.of(year, 12) + 1] if year else ends)
    series = tuple(dict.fromkeys([name for name, _ in INCOME_LINES] + [*STOCKS, *FLOWS]))
    keep = Keep(series, case.start, until)
    with_hall, without_hall = play_rules(
        belief,
        rules,
        start=case.start,
        paths=paths,
        seed=seed,
        banded=False,
        keep=keep,
        threads=threads,
        progress=progress,
    )
    return with_hall, without_hall


def _comparable(case: Case, fact: Fact) -> bool:
    known = fact.quantity in STOCKS or (fact.quantity in FLOWS and len(fact.period) == 4)
    return known and fact.value is not None and _simulated(case, fact)


def _scale(fact: Fact) -> float:
    """Return what one unit of the fact is in the case's units."""
    return 1e6 if (fact.unit or "").endswith(" M") else 1.0


def _simulated_values(fact: Fact, futures: Futures) -> Floats:
    if fact.quantity in FLOWS:
        return futures.year(fact.quantity, fact.first.year) / _scale(fact)
    return futures.month(fact.quantity, fact.last) / _scale(fact)


def fact_checks(case: Case, futures: Futures) -> tuple[FactCheck, ...]:
    """Set each fact that can be simulated beside its predictive band."""
    checks = []
    for fact in case.facts:
        if not _comparable(case, fact) or fact.value is None:
            continue
        band = Interval.of(_simulated_values(fact, futures))
        checks.append(
            FactCheck(
                fact=fact.fact,
                words=fact.words,
                period=fact.period,
                source=fact.source,
                unit=fact.unit or "",
                value=fact.value,
                band=band,
                inside=bool(band.low <= fact.value <= band.high),
            )
        )
    return tuple(checks)


def counterfactual(
    case: Case, plan: DatedPlan, with_hall: Futures, without_hall: Futures
) -> Counterfactual | None:
    """Return what the plan's hall explains of the year whose result is a fact."""
    year = year_of_interest(case)
    if year is None:
        return None
    income, idle = with_hall.year("net_income", year), without_hall.year("net_income", year)
    explained = income - idle
    losing = income < -MATERIAL_LOSS * with_hall.year("revenue", year)
    near = _near_facts(case, year, with_hall)
    return Counterfactual(
        plan=plan.name,
        year=year,
        with_hall=Interval.of(income),
        without_hall=Interval.of(idle),
        explained=Interval.of(explained),
        mean_explained=Estimate.of_mean(explained),
        share_of_loss=Interval.of(explained[losing] / income[losing]) if losing.any() else None,
        near_facts=Interval.of(explained[near]) if near.sum() >= NEAR_AT_LEAST else None,
        near_paths=int(near.sum()),
        bridge=_bridge(year, with_hall, without_hall),
    )


def _near_facts(case: Case, year: int, futures: Futures) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return the paths whose figures of the year come within a quarter of the facts (or three deviations)."""
    near = np.ones(futures.paths, dtype=bool)
    for fact in case.facts:
        if not _comparable(case, fact) or fact.value is None or fact.first.year != year:
            continue
        room = max(NEAR_RELATIVE * abs(fact.value), 3.0 * (fact.standard_deviation or 0.0))
        near &= np.abs(_simulated_values(fact, futures) - fact.value) <= room
    return near


def _bridge(year: int, with_hall: Futures, without_hall: Futures) -> tuple[BridgeLine, ...]:
    first = Month.of(year, 1) - with_hall.kept_from
    months = slice(first, first + 12)
    lines = []
    rest = np.zeros((2, with_hall.paths))
    for name, sign in INCOME_LINES:
        both = [sign * futures.kept[name][months].sum(axis=0) for futures in (with_hall, without_hall)]
        rest -= np.stack(both)
        lines.append(_line(name, both[0], both[1]))
    for k, futures in enumerate((with_hall, without_hall)):
        rest[k] += futures.kept["net_income"][months].sum(axis=0)
    lines.append(_line("exit_charges", rest[0], rest[1]))
    return tuple(lines)


def _line(name: str, first: Floats, second: Floats) -> BridgeLine:
    return BridgeLine(name, float(first.mean()), float(second.mean()), difference(first, second))
