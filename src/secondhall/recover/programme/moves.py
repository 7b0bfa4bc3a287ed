"""The rows of the moves: how many units can be out by when, and which halls cannot all be.

With single units alone the relaxation empties a tenth of a hall in a month and saves a tenth of its costs.
So y(h, t) says whether a hall is emptied by month t, and is held within the convex hull of the sets of halls
that can all be emptied by then: the knapsack of a month, written out by its largest sets (Balas 1975).
"""

from __future__ import annotations

import numpy as np

from secondhall.company.layout import Floats, Integers, Truths
from secondhall.recover.problem import Problem
from secondhall.recover.programme.emptying import begin_of, empties, hall_of, members_of
from secondhall.recover.programme.layout import Layout
from secondhall.recover.programme.rows import Rows

__all__ = ["add_moves"]


def add_moves(rows: Rows, problem: Problem, layout: Layout, group: Integers) -> None:
    """(Q3) What must have moved by a month has had the months before it; ``group`` [scenario, month]."""
    months = np.arange(problem.months)
    begun = begin_of(problem)[:, None] <= months
    units = problem.fate_units[:, :, None] * begun
    hall = hall_of(problem)
    most = np.sum([units[:, hall == h].max(axis=1) for h in range(len(problem.halls))], axis=0)
    allowed = np.broadcast_to(problem.move_rate * months, most.shape)
    row = rows.add(np.full(allowed.shape, -np.inf), allowed, most > allowed, group=group)
    rows.put(row[:, None, :], layout.fate[problem.tide][:, :, None], units)
    _emptied(rows, problem, layout)
    _sets(rows, problem, layout)


def _emptied(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q3) y(t) = y(t-1) + the fates of month t that empty the hall."""
    zero = np.zeros(layout.emptied.shape)
    row = rows.add(zero, zero)
    rows.put(row, layout.emptied, np.ones(row.shape))
    rows.put(row[:, :, 1:], layout.emptied[:, :, :-1], -np.ones(row[:, :, 1:].shape))
    emptying = np.flatnonzero(empties(problem))
    own = row[:, hall_of(problem)[emptying], begin_of(problem)[emptying]]
    rows.put(own, layout.fate[:, emptying], -np.ones(own.shape))


def _sets(rows: Rows, problem: Problem, layout: Layout) -> None:
    """(Q3) y is within a mixture of the sets of halls that can all be emptied by then, with weights l."""
    halls, members = members_of(problem)
    exists: Truths = np.asarray((layout.emptied_set >= 0).any(axis=1))
    one: Floats = np.ones(exists.shape)
    row = rows.add(one, one, exists)
    rows.put(row[:, None], layout.emptied_set, np.ones(layout.emptied_set.shape))
    for place, hall in enumerate(halls.tolist()):
        row = rows.add(-np.inf * one, 0.0 * one, exists)
        rows.put(row, layout.emptied[:, hall], one)
        rows.put(row[:, None], layout.emptied_set, -members[:, place, None].astype(float))
