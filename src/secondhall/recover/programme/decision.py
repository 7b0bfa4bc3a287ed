"""All that is decided, in whole numbers; what follows from it is in `evaluate`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Integers
from secondhall.recover.problem import Problem

__all__ = ["Decision", "base_of", "do_nothing", "tides_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decision:
    """What is decided in each tide; what is decided before the review is the same in all of them.

    Attributes
    ----------
    fates
        [tide, hall] position in `Problem.fates`.
    dismissals, volunteers
        [tide, wave, role] posts.
    redeployed
        [tide, redeployment, month] posts that change their role.
    is_waived
        whether the bank is asked for its waiver.
    """

    fates: Integers
    dismissals: Integers
    volunteers: Integers
    redeployed: Integers
    is_waived: bool


def tides_of(problem: Problem) -> int:
    """Return how many tides there are."""
    return int(problem.tide.max()) + 1


def base_of(problem: Problem) -> Integers:
    """Return [hall] position of the fate that the others are counted against: ``keep`` where there is one."""
    base: dict[int, int] = {}
    for place, fate in enumerate(problem.fates):
        if fate.action == "keep" or fate.hall not in base:
            base[fate.hall] = place
    return np.array([base[hall] for hall in range(len(problem.halls))], np.int64)


def do_nothing(problem: Problem) -> Decision:
    """Return the decision that keeps every post, and every hall that may be kept."""
    tides, roles = tides_of(problem), len(problem.roles)
    nobody = np.zeros((tides, len(problem.waves), roles), np.int64)
    return Decision(
        fates=np.tile(base_of(problem), (tides, 1)),
        dismissals=nobody,
        volunteers=nobody,
        redeployed=np.zeros((tides, len(problem.redeployments), problem.months), np.int64),
        is_waived=False,
    )
