"""The programme of a way out in arrays: columns of `layout`, constraints Q1 to Q12, a goal.

Fates are counted against the first of their hall, ``keep`` where there is one, so that an entry of the
matrix stands only where a fate changes something.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats, Integers, Truths
from secondhall.recover.problem import Problem
from secondhall.recover.programme.bounds import Bounds, bounds_of
from secondhall.recover.programme.decision import base_of
from secondhall.recover.programme.emptying import is_too_soon
from secondhall.recover.programme.goal import Goal, Shortfall
from secondhall.recover.programme.layout import Layout, layout_of
from secondhall.recover.programme.moves import add_moves
from secondhall.recover.programme.objective import costs_of
from secondhall.recover.programme.rows import Rows
from secondhall.recover.programme.staff import add_staff
from secondhall.stochastic import Linear

__all__ = ["Built", "build"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """A programme, where its columns lie, and [row] groups of rows of which few will matter."""

    linear: Linear
    layout: Layout
    group: Integers


def build(problem: Problem, goal: Goal | Shortfall) -> Built:
    """Return the programme of a problem, to be minimised.

    Parameters
    ----------
    problem : Problem
        In units in which its numbers are neither tiny nor huge, see `scaled`.
    goal : Value, Cheque or Shortfall
        What is best.
    """
    bounds = bounds_of(problem)
    layout = layout_of(problem, bounds, is_shortfall=isinstance(goal, Shortfall))
    rows = Rows()
    _fates(rows, problem, layout)
    _room(rows, problem, layout)
    add_moves(rows, problem, layout, _group(problem, 1))
    add_staff(rows, problem, layout)
    _spent(rows, problem, layout)
    _cheque(rows, problem, layout)
    _commitment(rows, problem, layout, bounds)
    lower, upper, whole = _columns(problem, layout)
    offset, cost = costs_of(problem, layout, goal)
    return Built(linear=rows.linear(offset, (cost, lower, upper, whole)), layout=layout, group=rows.group)


def _against_base(problem: Problem, array: Floats, axis: int) -> tuple[Floats, Floats]:
    """Return what each fate adds to its hall's base, and what the bases come to."""
    hall = np.array([fate.hall for fate in problem.fates], np.int64)
    base = base_of(problem)
    based: Floats = array - np.take(array, base[hall], axis=axis)
    total: Floats = np.take(array, base, axis=axis).sum(axis=axis)
    return based, total


def _fates(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q1) Each hall has one fate in each tide."""
    tides, fates = layout.fate.shape
    halls = len(problem.halls)
    hall = np.array([fate.hall for fate in problem.fates], np.int64)
    row = rows.add(np.ones((tides, halls)), np.ones((tides, halls)))
    rows.put(row[:, hall], layout.fate, np.ones((tides, fates)))
    # The open halls of a tide, which all its scenarios share.
    opened, total = _against_base(problem, problem.fate_open, 0)
    row = rows.add(np.tile(total, (tides, 1)), np.tile(total, (tides, 1)))
    rows.put(row, layout.open_halls, np.ones(row.shape))
    rows.put(row[:, None, :], layout.fate[:, :, None], -opened[None])


def _group(problem: Problem, number: int) -> Integers:
    """Return [scenario, month] one group of rows for each scenario."""
    scenarios = problem.probability.size
    return np.tile(number * scenarios + np.arange(scenarios)[:, None], (1, problem.months))


def _room(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q2) demand - lost - capacity <= unserved."""
    room, total = _against_base(problem, problem.fate_lost + problem.fate_capacity, 1)
    exists = layout.unserved >= 0
    row = rows.add(problem.demand - total, np.full(total.shape, np.inf), exists, group=_group(problem, 0))
    rows.put(row, layout.unserved, np.ones(row.shape))
    rows.put(row[:, None, :], layout.fate[problem.tide][:, :, None], room)


def _spent(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q10) What hires cost so far, and what the unserved would have paid."""
    zero = np.zeros(layout.spent.shape)
    row = rows.add(zero, zero)
    rows.put(row, layout.spent, np.ones(row.shape))
    rows.put(row[:, 1:], layout.spent[:, :-1], -np.ones(row[:, 1:].shape))
    rows.put(row[:, None, :], layout.hire, -problem.wage)
    rows.put(row, layout.unserved, -problem.unit_cash)


def _cheque(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q10, Q11) cheque >= minimum cash - line - C(t), with all that C has gained and paid so far."""
    gained, total = _against_base(problem, problem.fate_cash, 1)
    idle = problem.cash[:, None] + np.cumsum(problem.flow + total, axis=1)
    wanted = problem.minimum_cash - problem.line - idle
    row = rows.add(wanted, np.full(wanted.shape, np.inf), group=_group(problem, 2))
    rows.put(row, layout.cheque[:, None], np.ones(row.shape))
    rows.put(row[:, None, :], layout.fate[problem.tide][:, :, None], np.cumsum(gained, axis=2))
    rows.put(row, layout.paid[problem.tide], -np.ones(row.shape))
    rows.put(row, layout.spent, -np.ones(row.shape))
    if problem.waiver is not None:
        rows.put(row, np.broadcast_to(layout.waiver, row.shape), problem.waiver.line)


def _commitment(rows: Rows, problem: Problem, layout: Layout, bounds: Bounds) -> None:
    """(Q12) The cheque is within what is committed, but for scenarios of a small probability."""
    scenarios = problem.commitment.size
    row = rows.add(np.full(scenarios, -np.inf), problem.commitment, np.isfinite(problem.commitment))
    rows.put(row, layout.cheque, np.ones(row.shape))
    rows.put(row, layout.fail, np.where(row >= 0, problem.commitment, 0.0) - bounds.most_cheque)
    rows.put(row, np.broadcast_to(layout.shortfall, row.shape), -np.ones(row.shape))
    if bounds.can_fail.any():
        row = rows.add(np.array([-np.inf]), np.array([problem.fail_limit]))
        rows.put(np.broadcast_to(row, layout.fail.shape), layout.fail, problem.probability)


def _columns(problem: Problem, layout: Layout) -> tuple[Floats, Floats, Truths]:
    """Return lower and upper bounds, and what is whole."""
    lower, upper = np.zeros(layout.columns), np.full(layout.columns, np.inf)
    whole = np.zeros(layout.columns, bool)
    for binary in (layout.fate, layout.wave, layout.waiver, layout.fail, layout.emptied):
        upper[binary[binary >= 0]] = 1.0
        whole[binary[binary >= 0]] = True
    upper[layout.fate[is_too_soon(problem)]] = 0.0
    for count in (layout.dismissal, layout.volunteer, layout.redeployed):
        whole[count[count >= 0]] = True
    for posts in (layout.dismissal, layout.volunteer):
        most = np.broadcast_to(np.floor(problem.posts), posts.shape)
        upper[posts[posts >= 0]] = most[posts >= 0]
    for place, pair in enumerate(problem.redeployments):
        upper[layout.redeployed[:, place]] = pair.most
        upper[layout.redeployed[:, place, : pair.first]] = 0.0
    lower[layout.posts] = np.maximum(problem.floor, 0.0)  # (Q9)
    for free in (layout.paid, layout.open_halls):
        lower[free] = -np.inf
    exists = layout.unserved >= 0
    upper[layout.unserved[exists]] = problem.demand[exists]
    return lower, upper, whole
