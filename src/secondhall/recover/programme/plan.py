"""What a solved programme says: the plan, its figures, and how good it is known to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from secondhall.recover.problem import Fate, Problem
from secondhall.recover.programme.decision import Decision, tides_of
from secondhall.recover.programme.evaluate import Figures
from secondhall.stochastic import Status

__all__ = ["Plan", "PlannedMove", "PlannedWave", "plan_of"]


@dataclass(frozen=True, slots=True)
class PlannedWave:
    """Posts that go in one wave: position of the wave, [role] who is dismissed and who volunteers."""

    wave: int
    dismissals: tuple[int, ...]
    volunteers: tuple[int, ...]

    @property
    def posts(self) -> int:
        """How many go."""
        return sum(self.dismissals) + sum(self.volunteers)


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """Posts of one pair of roles that change in one month."""

    redeployment: int
    month: int
    posts: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """The best way out that was found.

    Attributes
    ----------
    fates
        [tide][hall]
    waves, redeployments
        [tide] those that take place.
    is_waived
        whether the bank is asked for its waiver.
    decision, figures
        the same in whole numbers, and what it comes to, exactly.
    status
        what is known of it.
    bound
        no plan has a higher value, or a lower expected cheque, whichever was the goal.
    gap
        between the plan and the bound, as a share.
    seconds
        that it took.
    """

    fates: tuple[tuple[Fate, ...], ...]
    waves: tuple[tuple[PlannedWave, ...], ...]
    redeployments: tuple[tuple[PlannedMove, ...], ...]
    is_waived: bool
    decision: Decision
    figures: Figures
    status: Status
    bound: float
    gap: float
    seconds: float

    @property
    def value(self) -> float:
        """Expected present value."""
        return self.figures.value

    @property
    def expected_cheque(self) -> float:
        """The mean of what the shareholder puts in."""
        return self.figures.expected_cheque

    def early_waves(self, problem: Problem) -> tuple[PlannedWave, ...]:
        """Return the waves that are decided before the review: the same in every tide."""
        waves = problem.waves
        return tuple(one for one in self.waves[0] if waves[one.wave].announced < problem.review)

    def as_data(self) -> dict[str, Any]:
        """Return plain numbers, lists and words."""
        figures = self.figures
        return {
            "status": self.status.value,
            "value": figures.value,
            "expected_cheque": figures.expected_cheque,
            "bound": self.bound,
            "gap": self.gap,
            "seconds": self.seconds,
            "waiver": self.is_waived,
            "tides": [self._tide(tide) for tide in range(len(self.fates))],
            "cheque": figures.cheque.tolist(),
            "cash": figures.cash.tolist(),
            "unserved": figures.unserved.tolist(),
            "posts": figures.posts.tolist(),
            "hires": figures.hires.tolist(),
        }

    def _tide(self, tide: int) -> dict[str, Any]:
        return {
            "fates": [
                {"hall": fate.hall, "action": fate.action, "month": fate.month} for fate in self.fates[tide]
            ],
            "waves": [
                {
                    "wave": one.wave,
                    "dismissals": list(one.dismissals),
                    "volunteers": list(one.volunteers),
                }
                for one in self.waves[tide]
            ],
            "redeployments": [
                {"redeployment": one.redeployment, "month": one.month, "posts": one.posts}
                for one in self.redeployments[tide]
            ],
        }


def plan_of(
    problem: Problem,
    decision: Decision,
    figures: Figures,
    *,
    status: Status,
    bound: float,
    gap: float,
    seconds: float,
) -> Plan:
    """Return the plan of a feasible decision."""
    tides = range(tides_of(problem))
    return Plan(
        fates=tuple(tuple(problem.fates[place] for place in decision.fates[g].tolist()) for g in tides),
        waves=tuple(_waves(decision, g) for g in tides),
        redeployments=tuple(
            tuple(
                PlannedMove(int(pair), int(month), int(decision.redeployed[g, pair, month]))
                for pair, month in zip(*np.nonzero(decision.redeployed[g]), strict=True)
            )
            for g in tides
        ),
        is_waived=decision.is_waived,
        decision=decision,
        figures=figures,
        status=status,
        bound=bound,
        gap=gap,
        seconds=seconds,
    )


def _waves(decision: Decision, tide: int) -> tuple[PlannedWave, ...]:
    gone = (decision.dismissals[tide] + decision.volunteers[tide]).sum(axis=1)
    return tuple(
        PlannedWave(
            place,
            tuple(decision.dismissals[tide, place].tolist()),
            tuple(decision.volunteers[tide, place].tolist()),
        )
        for place in np.flatnonzero(gone).tolist()
    )
