"""Where a rule turns to exercise, when the state is one number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from secondhall.futures.results import Floats
from secondhall.option_value.policy import Policy

__all__ = ["exercise_boundary"]

POINTS = 1000
"""Of the grid over the states of the fitted sample; an edge is the middle of two of them."""


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
            lowest, highest = basis.centre[0] + basis.scale[0] * basis.features[:, 0]
            grid = np.linspace(lowest, highest, POINTS)
            worths = problem.worth(date, grid[:, None])
            choices = policy.choices(date, basis.of(grid[:, None], worths), worths)
            for used in range(problem.options):
                edges[date, used] = _edge(grid, worths[:, used], choices[:, used] > used)
    return edges


def _edge(grid: Floats, worth: Floats, exercised: npt.NDArray[np.bool_]) -> float:
    """Return the edge of the region of exercise that is nearest to the point of the highest worth."""
    turns = np.flatnonzero(exercised[1:] != exercised[:-1])
    most = int(worth.argmax())
    if not exercised[most] or not turns.size:
        return float("nan")
    nearest = turns[np.abs(turns + 0.5 - most).argmin()]
    return float(grid[nearest : nearest + 2].mean())
