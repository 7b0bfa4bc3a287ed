"""Why no plan is feasible, by how much, and what would help most."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from secondhall.recover.problem import Problem
from secondhall.recover.programme.family import DROPPABLE, Family
from secondhall.recover.programme.goal import Cheque
from secondhall.recover.programme.plan import Plan
from secondhall.recover.programme.relax import without
from secondhall.recover.programme.solve import least_shortfall, solve
from secondhall.stochastic import Limits, Status

__all__ = ["Relief", "Unsaved", "unsaved"]

_MISSING = {
    Family.ROOM: "if all customers found room and moved at once",
    Family.FLOOR: "if no floor held the posts",
    Family.LAW: "if the law set no numbers to the waves",
    Family.DELAY: "if the law took no time",
}


@dataclass(frozen=True, slots=True)
class Relief:
    """What would be missing still if one family of constraints were not there.

    Attributes
    ----------
    family
        taken away; None for none.
    shortfall
        least that every commitment must be raised by; infinite where no commitment is enough.
    status
        what is known of it; an incumbent is enough, less may do.
    """

    family: Family | None
    shortfall: float
    status: Status

    @property
    def is_enough(self) -> bool:
        """Whether a plan exists without more commitment."""
        return self.shortfall <= 0.0


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Why no plan is feasible.

    Attributes
    ----------
    shortfall
        with nothing changed.
    reliefs
        one for each family that was taken away alone, in the order of how little is then missing.
    unlimited_cheque
        least expected cheque if the shareholder put in whatever is wanted; None where that is not enough
        either, or nothing was found in time.
    """

    shortfall: Relief
    reliefs: tuple[Relief, ...]
    unlimited_cheque: float | None

    @property
    def refused_by(self) -> tuple[Family, ...]:
        """Return the families each of which alone stands between the company and a plan."""
        own = (Family.COMMITMENT,) if math.isfinite(self.shortfall.shortfall) else ()
        return (*own, *(one.family for one in self.reliefs if one.family is not None and one.is_enough))

    def words(self, money: Callable[[float], str] = "{:,.4g}".format) -> tuple[str, ...]:
        """Return sentences; ``money`` writes an amount."""
        found = []
        if math.isfinite(self.shortfall.shortfall):
            found.append(
                "No plan stays within the shareholder's commitment: "
                f"{money(self.shortfall.shortfall)} more is wanted."
            )
        else:
            found.append("No plan is feasible, whatever the shareholder commits.")
        for one in self.reliefs:
            assert one.family is not None
            if_not_there = _MISSING[one.family]
            if one.is_enough:
                found.append(f"It would be enough {if_not_there}.")
            elif math.isfinite(one.shortfall) and one.shortfall < self.shortfall.shortfall:
                found.append(f"{money(one.shortfall)} more would be wanted {if_not_there}.")
        if self.unlimited_cheque is not None:
            found.append(
                "With no limit to it, the shareholder's cheque would be "
                f"{money(self.unlimited_cheque)} on average."
            )
        return tuple(found)

    def as_data(self) -> dict[str, Any]:
        """Return plain numbers and words."""
        return {
            "shortfall": self.shortfall.shortfall,
            "refused_by": [family.name.lower() for family in self.refused_by],
            "reliefs": [
                {"without": one.family.name.lower(), "shortfall": one.shortfall, "status": one.status.value}
                for one in self.reliefs
                if one.family is not None
            ],
            "unlimited_cheque": self.unlimited_cheque,
            "words": list(self.words()),
        }


def unsaved(problem: Problem, limits: Limits | None = None, *, threads: int | None = None) -> Unsaved:
    """Return why a problem has no plan; the limits hold for all of it.

    Parameters
    ----------
    problem : Problem
        For which `solve` found none.
    limits : Limits, optional
        When to stop; the time is divided over what is asked.
    threads : int, optional
        How many the solver may use.
    """
    limits = limits or Limits()
    ends = time.perf_counter() + limits.seconds
    asked = len(DROPPABLE) + 2

    def share(place: int) -> Limits:
        return replace(limits, seconds=max(ends - time.perf_counter(), 0.0) / (asked - place))

    own = Relief(None, *least_shortfall(problem, share(0), threads=threads))
    reliefs = [
        Relief(family, *least_shortfall(without(problem, family), share(place), threads=threads))
        for place, family in enumerate(DROPPABLE, start=1)
    ]
    unlimited = solve(without(problem, Family.COMMITMENT), Cheque(), share(asked - 1), threads=threads)
    return Unsaved(
        shortfall=own,
        reliefs=tuple(sorted(reliefs, key=lambda one: one.shortfall)),
        unlimited_cheque=unlimited.expected_cheque if isinstance(unlimited, Plan) else None,
    )
