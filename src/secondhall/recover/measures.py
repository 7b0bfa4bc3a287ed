"""A plan as the company carries it out, month by month."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from secondhall.case import Case, PlannedAction
from secondhall.company import RuleTerms, slots_of
from secondhall.company.layout import Floats
from secondhall.recover.fates import terms_of_fates
from secondhall.recover.problem import Fate, Problem
from secondhall.recover.programme import Plan
from secondhall.recover.state import Laid

__all__ = ["as_carried_out", "moves_of", "terms_of_plan"]


def terms_of_plan(laid: Laid, plan: Plan, tide: int, *, until: int | None = None) -> RuleTerms:
    """Return the terms under which a plan is played in one tide.

    Parameters
    ----------
    laid, plan
        what was planned.
    tide
        in which tide.
    until
        only what is decided before this month; all of it by default.
    """
    problem, months = laid.problem, laid.problem.months
    ends = months if until is None else until
    fates = tuple(fate for fate in plan.fates[tide] if fate.month < ends)
    posts, charges, costs = _posts(laid, plan, tide, ends)
    waived = np.zeros(months)
    if plan.is_waived:
        waived[:] = 1.0
        costs[0] += laid.case.recovery.number("waiver_fee").mid
    terms = terms_of_fates(laid.standing, fates)
    units = np.zeros((terms.close_month.size, months))
    for hall, row in zip(laid.standing.halls, moves_of(problem, fates, tide), strict=True):
        units[hall.slot] = row
    return replace(
        terms,
        measures=replace(
            terms.measures,
            move_units=units,
            posts_leaving=posts,
            charges=charges,
            costs=costs,
            waived=waived,
        ),
    )


def moves_of(problem: Problem, fates: tuple[Fate, ...], tide: int) -> Floats:
    """Return [hall, month] units that are moved out, as late as the pace of moves allows.

    A hall is emptied before its month; where futures differ the pace is that of the fullest, and a future
    with fewer customers is done sooner.
    """
    units = np.zeros((len(problem.halls), problem.months))
    free = np.full(problem.months, problem.move_rate)
    inside = problem.tide == tide
    for fate in sorted(fates, key=lambda one: -one.month):
        left = float(problem.fate_units[inside, problem.fates.index(fate)].max())
        for month in range(fate.month - 1, -1, -1):
            moved = min(left, free[month])
            units[fate.hall, month] += moved
            free[month] -= moved
            left -= moved
    return units


def _posts(laid: Laid, plan: Plan, tide: int, ends: int) -> tuple[Floats, Floats, Floats]:
    """(W4) Return [role, month] posts that leave, [month] charges and costs in money of the start."""
    problem = laid.problem
    posts = np.zeros((len(problem.roles), problem.months))
    charges, costs = np.zeros(problem.months), np.zeros(problem.months)
    for one in plan.waves[tide]:
        wave = problem.waves[one.wave]
        if wave.announced >= ends:
            continue
        dismissed, volunteers = np.array(one.dismissals), np.array(one.volunteers)
        posts[:, wave.leave] += dismissed
        posts[:, wave.volunteers_leave] += volunteers
        charges[wave.announced] += float(laid.indemnities.owed(dismissed, volunteers).sum())
        if wave.is_collective:
            charges[wave.announced] += laid.case.recovery.number("procedure_cost").mid
    for move in plan.redeployments[tide]:
        pair = problem.redeployments[move.redeployment]
        if move.month < ends:
            posts[pair.source, move.month] += move.posts
            posts[pair.target, move.month] -= move.posts
            costs[move.month] += move.posts * pair.cost
    return posts, charges, costs


def as_carried_out(case: Case, plan: str) -> tuple[PlannedAction, ...]:
    """Return what a plan of plans.csv does from the start on, under the names of the halls that stand."""
    built = {record.text("option"): name for name, record in case.halls.items() if record.text("option")}
    names = {slot.name for slot in slots_of(case).slots}
    return tuple(
        replace(action, target=built.get(action.target or "", action.target))
        for action in case.plans.get(plan, ())
        if action.month >= case.start and (action.target is None or action.target in names | set(built))
    )
