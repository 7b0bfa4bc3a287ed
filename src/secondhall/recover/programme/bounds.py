"""How far any plan can go: which room, hires and cheques are possible at all.

What cannot happen needs no column, and what can fail needs a bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats, Integers, Truths
from secondhall.recover.problem import Problem

__all__ = ["Bounds", "bounds_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bounds:
    """What no plan exceeds.

    Attributes
    ----------
    least_room
        [scenario, month] units that the halls offer and that leave, at least.
    most_hires
        [scenario, role, month]
    most_cheque
        [scenario]
    can_fail
        [scenario] whether more may be wanted than is committed.
    """

    least_room: Floats
    most_hires: Floats
    most_cheque: Floats
    can_fail: Truths


def bounds_of(problem: Problem) -> Bounds:
    """Return how far any plan of the problem can go."""
    hall = np.array([fate.hall for fate in problem.fates], np.int64)
    room = problem.fate_lost + problem.fate_capacity
    least_room = sum(room[:, hall == h].min(axis=1) for h in range(len(problem.halls)))
    least_room = np.asarray(least_room, float)
    most_open = sum(problem.fate_open[hall == h].max(axis=0) for h in range(len(problem.halls)))
    work = problem.need + problem.need_per_hall[:, None] * np.asarray(most_open, float)
    most_hires = np.maximum(work - _least_posts(problem), 0.0)
    most_cheque = _most_cheque(problem, hall, least_room, most_hires)
    can_fail = (problem.probability <= problem.fail_limit + 1e-12) & (most_cheque > problem.commitment)
    return Bounds(
        least_room=least_room,
        most_hires=most_hires,
        most_cheque=most_cheque,
        can_fail=can_fail & (problem.fail_limit > 0.0),
    )


def _natural_posts(problem: Problem) -> Floats:
    """Return [role, month] posts that attrition alone leaves."""
    kept: Floats = (1.0 - problem.attrition)[:, None] ** np.arange(1, problem.months + 1)
    return problem.posts[:, None] * kept


def _least_posts(problem: Problem) -> Floats:
    """Return [role, month] posts below which no plan can bring a role."""
    gone = np.zeros((len(problem.roles), problem.months))
    for wave in problem.waves:
        month = min(wave.leave, wave.volunteers_leave)
        gone[:, month:] += min(float(wave.most), float(problem.posts.sum()))
    for pair in problem.redeployments:
        gone[pair.source] += pair.most
    return np.maximum(_natural_posts(problem) - gone, np.maximum(problem.floor, 0.0))


def _most_cheque(problem: Problem, hall: Integers, least_room: Floats, most_hires: Floats) -> Floats:
    """Return [scenario] the largest cheque that any decision can lead to."""
    gained = np.cumsum(problem.fate_cash, axis=2)
    cash = problem.cash[:, None] + np.cumsum(problem.flow, axis=1)
    cash = cash + sum(gained[:, hall == h].min(axis=1) for h in range(len(problem.halls)))
    posts = _natural_posts(problem)
    for pair in problem.redeployments:
        posts[pair.target] += pair.most
    spent = np.einsum("rt,srt->st", problem.wage, posts + most_hires)
    spent += problem.unit_cash * np.maximum(problem.demand - least_room, 0.0)
    lowest = cash - np.cumsum(spent, axis=1) - _most_procedures(problem)
    line = problem.line
    if problem.waiver is not None:
        line = line + np.minimum(problem.waiver.line, 0.0)
    cheque: Floats = np.maximum((problem.minimum_cash - line - lowest).max(axis=1), 0.0)
    return cheque


def _most_procedures(problem: Problem) -> Floats:
    """Return [month] the most that waves, redeployments and the waiver can have cost so far.

    A post leaves once, by the wave that costs most; of the collective waves two take place in a tide.
    """
    months = problem.months
    a_post, fixed, collective = np.zeros(months), np.zeros(months), np.zeros(months)
    for wave in problem.waves:
        by_role = np.cumsum(np.maximum(wave.dismissal_cash, wave.volunteer_cash), axis=1)
        a_post = np.maximum(a_post, by_role.max(axis=0, initial=0.0))
        paid = np.cumsum(np.maximum(wave.fixed_cash, 0.0))
        if wave.is_collective:
            collective = np.maximum(collective, paid)
        else:
            fixed += paid
    cost: Floats = a_post * float(problem.posts.sum()) + fixed + 2.0 * collective
    for pair in problem.redeployments:
        cost += pair.most * pair.cost
    if problem.waiver is not None:
        cost += np.cumsum(np.maximum(problem.waiver.cash, 0.0))
    return cost
