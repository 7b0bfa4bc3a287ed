"""What was not chosen, and why: what it costs against the plan, or which constraint refuses it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from secondhall.recover.problem import Problem
from secondhall.recover.programme.family import DROPPABLE, Family
from secondhall.recover.programme.goal import Goal
from secondhall.recover.programme.plan import Plan
from secondhall.recover.programme.relax import with_action, with_halls_kept, without
from secondhall.recover.programme.solve import least_shortfall, solve
from secondhall.stochastic import Limits, Status

__all__ = ["Refusal", "refusals"]

_OF_ONE = 0.25
"""Of the time that is left, at most this share is spent on one alternative."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that the plan does not do.

    Attributes
    ----------
    what
        in words, such as "close hall 2".
    hall, action
        which hall and which action, in the month that is best for it; None for what is done as a whole.
    cost
        of the best plan that does it, over the plan: value lost, or expected cheque more; None where there
        is no such plan, or none was found in time.
    least_cost
        by the bound of the search it costs this at least.
    family, excess
        what refuses it where no plan does it: with the commitment, by how much more it would have to be.
    status
        what is known of that plan.
    """

    what: str
    hall: int | None
    action: str | None
    cost: float | None
    least_cost: float
    family: Family | None
    excess: float | None
    status: Status

    def as_data(self) -> dict[str, Any]:
        """Return plain numbers and names."""
        return {
            "what": self.what,
            "hall": self.hall,
            "action": self.action,
            "cost": self.cost,
            "least_cost": self.least_cost,
            "refused_by": None if self.family is None else self.family.name.lower(),
            "excess": self.excess,
            "status": self.status.value,
        }


def refusals(
    problem: Problem, plan: Plan, goal: Goal, limits: Limits | None = None, *, threads: int | None = None
) -> tuple[Refusal, ...]:
    """Return a refusal for each action of each hall that no tide takes, and for doing less as a whole.

    Parameters
    ----------
    problem, plan, goal
        The plan is the problem's best by the goal.
    limits : Limits, optional
        Of all of it; what time has no room for is left out.
    threads : int, optional
        How many the solver may use.
    """
    limits = limits or Limits()
    ends = time.perf_counter() + limits.seconds
    found = []
    for what, hall, action, forced in _alternatives(problem, plan):
        left = ends - time.perf_counter()
        if left <= 0.0:
            break
        share = replace(limits, seconds=left if math.isinf(left) else _OF_ONE * left)
        found.append(_refusal(what, (hall, action), forced, plan, goal, share, threads))
    return tuple(found)


def _alternatives(problem: Problem, plan: Plan) -> Iterator[tuple[str, int | None, str | None, Problem]]:
    """Yield what the plan does not do, each with the problem in which nothing else can be done."""
    taken = {(fate.hall, fate.action) for tide in plan.fates for fate in tide}
    if any(action != "keep" for _, action in taken):
        yield "keep every hall", None, None, with_halls_kept(problem)
    if any(plan.waves):
        yield "let no posts go", None, None, replace(problem, waves=(), quotas=())
    if any(plan.redeployments):
        yield "redeploy nobody", None, None, replace(problem, redeployments=())
    if plan.is_waived:
        yield "ask for no waiver", None, None, replace(problem, waiver=None)
    offered = dict.fromkeys((fate.hall, fate.action) for fate in problem.fates)
    for hall, action in offered:
        if (hall, action) not in taken:
            yield f"{action} {problem.halls[hall]}", hall, action, with_action(problem, hall, action)


def _refusal(
    what: str,
    where: tuple[int | None, str | None],
    forced: Problem,
    plan: Plan,
    goal: Goal,
    limits: Limits,
    threads: int | None,
) -> Refusal:
    """Return the refusal of one alternative."""
    other = solve(forced, goal, limits, threads=threads)
    cost, least, family, excess = None, 0.0, None, None
    if isinstance(other, Plan):
        best = goal.objective(plan)
        cost = goal.objective(other) - best
        least = max(goal.sign * other.bound - best, 0.0)
    elif other.is_proven:
        family, excess = _refuser(forced, limits, threads)
    return Refusal(what, *where, cost, least, family, excess, other.status)


def _refuser(forced: Problem, limits: Limits, threads: int | None) -> tuple[Family | None, float | None]:
    """Return the family without which the alternative would have a plan, and how much commitment it lacks."""
    shortfall, _ = least_shortfall(forced, limits, threads=threads)
    if math.isfinite(shortfall):
        return Family.COMMITMENT, shortfall
    for family in DROPPABLE:
        shortfall, _ = least_shortfall(without(forced, family), limits, threads=threads)
        if shortfall <= 0.0:
            return family, None
    return None, None
