"""The same plan made for other companies that the evidence allows: how far the answer depends on that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats
from secondhall.progress import Report
from secondhall.recover.programme import Goal, NoPlan
from secondhall.recover.search import best_plan
from secondhall.recover.standing import Standing
from secondhall.recover.state import Laid
from secondhall.stochastic import Limits

__all__ = ["Others", "plan_for_others"]


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """What the plan would be for other companies that the evidence allows.

    Attributes
    ----------
    posts
        [company] at the start.
    posts_leaving, shares_leaving, cheque
        [company that has a plan] posts that leave by what is decided before the review; the share of the
        staff that they are; expected cheque.
    closes
        hall to the share of the companies that give it up.
    unsaved
        how many have no plan.
    """

    posts: Floats
    posts_leaving: Floats
    shares_leaving: Floats
    cheque: Floats
    closes: Mapping[str, float]
    unsaved: int


def plan_for_others(
    rest: Sequence[Standing],
    lay: Callable[[Standing], Laid],
    goal: Goal,
    limits: Limits,
    report: Report,
) -> Others | None:
    """Return the plans of other companies; None where there are no others."""
    if not rest:
        return None
    posts, leaving, cheques, given_up = [], [], [], []
    names: tuple[str, ...] = ()
    for place, standing in enumerate(rest):
        report("planning for other companies that the facts allow", place, len(rest))
        laid, plan = best_plan(lay(standing), goal, limits)
        names = laid.problem.halls
        posts.append(float(laid.problem.posts.sum()))
        if isinstance(plan, NoPlan):
            continue
        gone = sum(one.posts for one in plan.early_waves(laid.problem))
        leaving.append((float(gone), posts[-1]))
        cheques.append(plan.expected_cheque)
        given_up.append([fate.action not in ("keep", "renegotiate") for fate in plan.fates[0]])
    report("planning for other companies that the facts allow", len(rest), len(rest))
    of_those = np.array(leaving).reshape(-1, 2)
    closes = np.array(given_up, dtype=np.float64).reshape(-1, len(names))
    shares = closes.mean(axis=0).tolist() if given_up else []
    return Others(
        np.array(posts),
        of_those[:, 0],
        of_those[:, 0] / np.maximum(of_those[:, 1], 1.0),
        np.array(cheques),
        dict(zip(names, shares, strict=False)),
        len(rest) - len(cheques),
    )
