"""Which constraints refuse a decision, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats
from secondhall.recover.problem import Problem
from secondhall.recover.programme.decision import Decision, tides_of
from secondhall.recover.programme.family import Family

__all__ = ["Reason", "reasons_of"]

_SLACK = 1e-6
"""As a share of the numbers compared: what a solver's tolerance may leave."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One constraint that refuses: ``excess`` is by how much, in its own unit."""

    family: Family
    excess: float
    words: str


def reasons_of(
    problem: Problem, decision: Decision, *, posts: Floats, unserved: Floats, cheque: Floats
) -> tuple[Reason, ...]:
    """Return all that refuses a decision whose posts, room and cheque are these."""
    found = [
        *_commitment(problem, cheque),
        *_room(problem, decision, unserved),
        *_floor(problem, posts),
        *_law(problem, decision),
        *_collective(problem, decision),
        *_delay(problem, decision),
        *_redeployment(problem, decision),
        *_foresight(problem, decision),
    ]
    return tuple(found)


def _commitment(problem: Problem, cheque: Floats) -> list[Reason]:
    """(Q11, Q12) The shareholder puts in no more, but with a small probability."""
    excess = cheque - problem.commitment
    fails = excess > _SLACK * (1.0 + np.abs(problem.commitment))
    probability = float(problem.probability[fails].sum())
    if probability <= problem.fail_limit + 1e-9:
        return []
    most = float(excess.max())
    words = f"in {probability:.0%} of the scenarios more is wanted than is committed, {most:g} at most"
    return [Reason(Family.COMMITMENT, most, words)]


def _room(problem: Problem, decision: Decision, unserved: Floats) -> list[Reason]:
    """(Q2, Q3) No more goes unserved than is wanted, no more moves than can be moved."""
    found = []
    excess = float((unserved - problem.demand).max())
    if excess > _SLACK * (1.0 + float(np.abs(problem.demand).max())):
        found.append(Reason(Family.ROOM, excess, f"{excess:g} units more find no room than are wanted"))
    fate = decision.fates[problem.tide]
    units = problem.fate_units[np.arange(fate.shape[0])[:, None], fate]
    begins = np.array([one.month for one in problem.fates], np.int64)[fate]
    months = np.arange(problem.months)
    moved = (units[:, :, None] * (begins[:, :, None] <= months)).sum(axis=1)
    late = moved - problem.move_rate * months
    excess = float(late.max())
    if excess > _SLACK * (1.0 + float(np.abs(moved).max())):
        month = int(np.unravel_index(int(late.argmax()), late.shape)[1])
        found.append(
            Reason(
                Family.ROOM, excess, f"{excess:g} units more must move before month {month} than can be moved"
            )
        )
    return found


def _floor(problem: Problem, posts: Floats) -> list[Reason]:
    """(Q9) No plan brings the posts below the floor."""
    missing = np.maximum(problem.floor, 0.0) - posts
    excess = float(missing.max(initial=0.0))
    if excess <= _SLACK * (1.0 + float(np.abs(problem.posts).max(initial=0.0))):
        return []
    role = int(np.unravel_index(int(missing.argmax()), missing.shape)[1])
    return [Reason(Family.FLOOR, excess, f"{problem.roles[role]} falls {excess:.3g} posts below its floor")]


def _law(problem: Problem, decision: Decision) -> list[Reason]:
    """(Q4, Q5, Q6) Fewest, most and volunteers of a wave; quotas over waves."""
    found = []
    volunteers = decision.volunteers.sum(axis=2)
    gone = decision.dismissals.sum(axis=2) + volunteers
    for place, wave in enumerate(problem.waves):
        for count, willing in dict.fromkeys(zip(gone[:, place], volunteers[:, place], strict=True)):
            if count and not wave.least <= count <= wave.most:
                excess = float(max(wave.least - count, count - wave.most))
                words = f"{wave.name} is for {wave.least} to {wave.most} posts, not {count}"
                found.append(Reason(Family.LAW, excess, words))
            over = float(willing - wave.volunteer_share * count)
            if over > _SLACK * (1.0 + count):
                words = f"no more than {wave.volunteer_share:.0%} of {wave.name} volunteer"
                found.append(Reason(Family.LAW, over, words))
    for quota in problem.quotas:
        over = float(gone[:, list(quota.waves)].sum(axis=1).max(initial=0) - quota.most)
        if over > 0:
            found.append(Reason(Family.LAW, over, quota.words))
    return found


def _collective(problem: Problem, decision: Decision) -> list[Reason]:
    """(Q7) One collective wave before the review, one from it on."""
    gone = (decision.dismissals + decision.volunteers).sum(axis=2) > 0
    found = []
    for is_early, words in ((True, "before the review"), (False, "from the review on")):
        chosen = [
            place
            for place, wave in enumerate(problem.waves)
            if wave.is_collective and (wave.announced < problem.review) == is_early
        ]
        over = int(gone[:, chosen].sum(axis=1).max(initial=0)) - 1
        if over > 0:
            found.append(Reason(Family.LAW, float(over), f"one collective wave only {words}"))
    return found


def _delay(problem: Problem, decision: Decision) -> list[Reason]:
    """Say that posts would leave after the plan's last month."""
    over = 0
    for place, wave in enumerate(problem.waves):
        over += int(decision.dismissals[:, place].max(initial=0)) * (wave.leave >= problem.months)
        over += int(decision.volunteers[:, place].max(initial=0)) * (wave.volunteers_leave >= problem.months)
    return [Reason(Family.DELAY, float(over), "posts would leave after the plan's end")] if over else []


def _redeployment(problem: Problem, decision: Decision) -> list[Reason]:
    """(Q8) So many posts of a pair of roles, in all, and none too soon."""
    found = []
    for place, pair in enumerate(problem.redeployments):
        names = f"{problem.roles[pair.source]} to {problem.roles[pair.target]}"
        over = float(decision.redeployed[:, place].sum(axis=1).max(initial=0) - pair.most)
        if over > 0:
            found.append(Reason(Family.REDEPLOYMENT, over, f"at most {pair.most} posts go from {names}"))
        early = float(decision.redeployed[:, place, : pair.first].sum(axis=1).max(initial=0))
        if early > 0:
            found.append(Reason(Family.REDEPLOYMENT, early, f"posts go from {names} too soon"))
    return found


def _foresight(problem: Problem, decision: Decision) -> list[Reason]:
    """(Q1) What is decided before the review is the same in all tides."""
    early = np.array([fate.month < problem.review and fate.action != "keep" for fate in problem.fates])
    common = np.where(early[decision.fates], decision.fates, -1)
    waves = np.array([wave.announced < problem.review for wave in problem.waves], bool)
    arrays = (
        common,
        decision.dismissals[:, waves],
        decision.volunteers[:, waves],
        decision.redeployed[:, :, : problem.review],
    )
    if tides_of(problem) == 1 or all((array == array[:1]).all() for array in arrays):
        return []
    return [Reason(Family.FORESIGHT, 1.0, "tides differ before the review, when they cannot be told apart")]
