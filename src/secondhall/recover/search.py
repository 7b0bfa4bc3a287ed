"""The best plan of a company: under one collective procedure, or by small waves alone, whichever is better.

The law counts together what goes within thirty days and bars a plan from being split, so the two are never
mixed: single dismissals beside a collective one would belong to it.
"""

from __future__ import annotations

import math
from dataclasses import replace

from secondhall.recover.problem import Problem
from secondhall.recover.programme import Goal, NoPlan, Plan, solve
from secondhall.recover.programme.relax import from_month, with_waves
from secondhall.recover.programme.solve import least_shortfall
from secondhall.recover.state import Laid
from secondhall.stochastic import Limits, Status, relative_gap

__all__ = ["best_plan", "cost_of_waiting", "shortfall_of_waiting"]

WAITED = (1, 3, 6)
"""Months of waiting that are priced."""

QUARTER = 3


def best_plan(laid: Laid, goal: Goal, limits: Limits) -> tuple[Laid, Plan | NoPlan]:
    """Return the better of the two kinds of plan, and the company laid out for that kind alone.

    The bound of the plan holds for both kinds: it is the worse of the two.
    """
    half = replace(limits, seconds=limits.seconds / 2.0)
    kinds = [replace(laid, problem=_of_kind(laid.problem, is_collective=kind)) for kind in (True, False)]
    found = [(one, solve(one.problem, goal, half)) for one in kinds]
    plans = [(one, plan) for one, plan in found if isinstance(plan, Plan)]
    if not plans:
        nothing = found[0][1]
        assert isinstance(nothing, NoPlan)
        proven = all(isinstance(plan, NoPlan) and plan.is_proven for _, plan in found)
        status = Status.INFEASIBLE if proven else Status.NOTHING
        return laid, NoPlan(status, sum(plan.seconds for _, plan in found))
    one, plan = min(plans, key=lambda pair: goal.objective(pair[1]))
    bound = min(goal.sign * other.bound for _, other in plans)
    exact = len(plans) == len(found) and all(other.status is Status.EXACT for _, other in plans)
    return one, replace(
        plan,
        bound=goal.sign * bound,
        gap=relative_gap(goal.objective(plan), bound),
        status=Status.EXACT if exact else Status.WITH_BOUND,
        seconds=sum(other.seconds for _, other in found),
    )


def _of_kind(problem: Problem, *, is_collective: bool) -> Problem:
    return with_waves(
        problem, [place for place, wave in enumerate(problem.waves) if wave.is_collective is is_collective]
    )


def cost_of_waiting(problem: Problem, plan: Plan, goal: Goal, limits: Limits) -> dict[int, float]:
    """Return what waiting costs: the best plan in which nothing is decided before so many months."""
    found = {}
    for months in WAITED:
        late = solve(from_month(problem, months), goal, limits)
        if isinstance(late, Plan):
            found[months] = max(goal.objective(late) - goal.objective(plan), 0.0)
    return found


def shortfall_of_waiting(problem: Problem, shortfall: float, limits: Limits) -> dict[int, float]:
    """Return by how much more the commitment would have to be raised if nothing were decided for so long.

    What a quarter later costs is about what a quarter sooner would have spared: the date is the one limit
    that nobody can relax any more.
    """
    late, _ = least_shortfall(from_month(problem, QUARTER), limits)
    return {QUARTER: max(late - shortfall, 0.0)} if math.isfinite(late) and math.isfinite(shortfall) else {}
