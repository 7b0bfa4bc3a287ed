"""What each column costs under a goal."""

from __future__ import annotations

import numpy as np

from secondhall.company.layout import Floats, Integers
from secondhall.recover.problem import Problem
from secondhall.recover.programme.decision import tides_of
from secondhall.recover.programme.goal import Cheque, Goal, Shortfall
from secondhall.recover.programme.layout import Layout

__all__ = ["costs_of"]


def costs_of(problem: Problem, layout: Layout, goal: Goal | Shortfall) -> tuple[float, Floats]:
    """Return the constant and [column] the cost, to be minimised."""
    cost = np.zeros(layout.columns)
    if isinstance(goal, Shortfall):  # (Q15)
        cost[layout.shortfall] = 1.0
        return 0.0, cost
    if isinstance(goal, Cheque):  # (Q14)
        cost[layout.cheque] = problem.probability
        return 0.0, cost
    _value(cost, problem, layout)
    return -float(problem.probability @ problem.value), cost


def _value(cost: Floats, problem: Problem, layout: Layout) -> None:
    """(Q13) Minus the expected present value."""
    share = problem.probability
    tide = np.zeros(tides_of(problem))
    np.add.at(tide, problem.tide, share)

    def add(columns: Integers, values: Floats) -> None:
        columns, values = np.broadcast_arrays(columns, values)
        np.add.at(cost, columns[columns >= 0], values[columns >= 0])

    add(layout.fate[problem.tide], -share[:, None] * problem.fate_value)
    add(layout.unserved, share[:, None] * problem.unit_value)
    add(layout.posts, tide[:, None, None] * problem.post_value)
    add(layout.hire, share[:, None, None] * problem.hire_value)
    for place, wave in enumerate(problem.waves):
        add(layout.dismissal[:, place], tide[:, None] * wave.dismissal_value)
        add(layout.volunteer[:, place], tide[:, None] * wave.volunteer_value)
        add(layout.wave[:, place], tide * wave.fixed_value)
    for place, pair in enumerate(problem.redeployments):
        add(layout.redeployed[:, place], tide[:, None] * pair.cost * np.array(pair.discount))
    if problem.waiver is not None:
        add(layout.waiver, np.full(1, problem.waiver.value))
