"""Where a rule turns to exercise, when the state is one number."""

from __future__ import annotations

import numpy as np

from secondhall.futures.results import Floats
from secondhall.option_value.policy import Policy

__all__ = ["exercise_boundary"]

POINTS = 400
"""Of the grid over the states of the fitted sample; the step with the boundary gets as many again."""


def exercise_boundary(policy: Policy) -> Floats:
    """Return [date, used] the state at which the rule turns to exercise; NaN where none is seen.

    It is the nearest edge of the region of exercise around the state in which exercise pays most. The last
    date has none to tell: there the rule exercises what pays.
    """
    problem = policy.problem
    edges = np.full((problem.dates, problem.options), np.nan)
    for date, going in enumerate(policy.going):
        basis = going.basis
        if np.isfinite(basis.scale[0]):
            ends = basis.centre[0] + basis.scale[0] * basis.features[:, 0]
            for used in range(problem.options):
                edges[date, used] = _edge(policy, date, used, ends)
    return edges


def _edge(policy: Policy, date: int, used: int, ends: Floats) -> float:
    """Return the edge between two states, on a grid and then on one within its step."""
    for _ in range(2):
        grid = np.linspace(ends[0], ends[1], POINTS)
        worths = policy.problem.worth(date, grid[:, None])
        functions = policy.functions(date, grid[:, None], worths)
        exercised = policy.choices(date, functions, worths)[:, used] > used
        turns = np.flatnonzero(exercised[1:] != exercised[:-1])
        most = int(worths[:, used].argmax())
        if not exercised[most] or not turns.size:
            return float("nan")
        nearest = turns[np.abs(turns + 0.5 - most).argmin()]
        ends = grid[nearest : nearest + 2]
    return float(ends.mean())
