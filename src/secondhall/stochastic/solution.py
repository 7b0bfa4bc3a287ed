"""What a solver hands back, how far it is meanwhile, and when it may stop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from secondhall.stochastic.programme import Floats

__all__ = ["Limits", "Progress", "Report", "Solution", "Status", "relative_gap"]


class Status(StrEnum):
    """What is known about the programme."""

    EXACT = "exact"
    """Solved to the gap that was asked for."""
    WITH_BOUND = "incumbent with bound"
    """Stopped earlier, with a solution and a bound on how much better another one could be."""
    WITHOUT_BOUND = "incumbent without bound"
    """Stopped earlier, with a solution and nothing known of better ones."""
    NOTHING = "no incumbent"
    """Stopped before any solution was found; the bound may be known."""
    INFEASIBLE = "infeasible"
    """There is no solution."""
    UNBOUNDED = "unbounded"
    """The objective falls without end."""


def relative_gap(objective: float, bound: float) -> float:
    """Return how much better a solution could still be, as a share of the objective.

    ::

        gap = (objective - bound) / max(|objective|, 1e-10),   not below 0

    Examples
    --------
    >>> relative_gap(200.0, 199.0)
    0.005
    >>> relative_gap(200.0, -math.inf)
    inf
    """
    if not (math.isfinite(objective) and math.isfinite(bound)):
        return math.inf
    return max(objective - bound, 0.0) / max(abs(objective), 1e-10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a solver is."""

    seconds: float
    objective: float
    """Of the best solution so far; infinite while there is none."""
    bound: float
    """No solution is below; minus infinity while unknown."""

    @property
    def gap(self) -> float:
        """The relative gap between the two."""
        return relative_gap(self.objective, self.bound)


class Report(Protocol):
    """Hears of progress now and then."""

    def __call__(self, progress: Progress) -> bool:
        """Take the progress; return True to stop the solver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a solver may stop.

    Parameters
    ----------
    gap : float, default 1e-6
        The relative gap at which a solution counts as exact.
    seconds : float, optional
        The longest time.
    report : callable, optional
        Hears of progress, and stops the solver by returning True.
    """

    gap: float = 1e-6
    seconds: float = math.inf
    report: Report | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What a solver found.

    Parameters
    ----------
    status : Status
        What is known.
    objective, bound, gap : float
        Of the best solution; below which there is none; between the two. Not a number or infinite where
        unknown.
    first_stage : array of float, shape (first-stage column,)
        The values to decide now; empty where there is no solution.
    by_node : tuple of arrays
        For each node of the tree, the values of its stage's columns; empty where there is no solution.
    seconds : float
        How long it took.
    """

    status: Status
    objective: float
    bound: float
    first_stage: Floats
    by_node: tuple[Floats, ...]
    seconds: float

    @property
    def gap(self) -> float:
        """The relative gap between objective and bound."""
        return relative_gap(self.objective, self.bound)

    @property
    def has_values(self) -> bool:
        """Whether there is a solution to look at."""
        return bool(self.by_node)
