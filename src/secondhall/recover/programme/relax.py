"""The same problem with one family of constraints taken away, or with one action forced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from secondhall.company.layout import Truths
from secondhall.recover.problem import Problem
from secondhall.recover.programme.family import Family

__all__ = ["from_month", "with_action", "with_halls_kept", "with_waves", "without", "without_delay"]

_NO_LIMIT = 10**9


def without(problem: Problem, family: Family) -> Problem:
    """Return the problem that one family of constraints no longer refuses.

    Parameters
    ----------
    problem : Problem
        Any.
    family : Family
        The commitment, the room (all find room, all moves are done), the floor (posts stay at 0 or more),
        the law's numbers, or its delay.
    """
    if family is Family.COMMITMENT:
        return replace(problem, commitment=np.full_like(problem.commitment, np.inf))
    if family is Family.ROOM:
        nothing = np.zeros_like
        return replace(
            problem,
            demand=nothing(problem.demand),
            fate_lost=nothing(problem.fate_lost),
            fate_units=nothing(problem.fate_units),
        )
    if family is Family.FLOOR:
        return replace(problem, floor=np.zeros_like(problem.floor))
    if family is Family.LAW:
        free = tuple(
            replace(wave, least=1, most=_NO_LIMIT, volunteer_share=1.0, is_collective=False)
            for wave in problem.waves
        )
        return replace(problem, waves=free, quotas=())
    if family is Family.DELAY:
        return without_delay(problem)
    raise ValueError(f"{family.value} cannot be taken away")


def without_delay(problem: Problem) -> Problem:
    """Return the problem in which posts leave in the month in which their wave is announced."""
    at_once = tuple(
        replace(wave, leave=wave.announced, volunteers_leave=wave.announced) for wave in problem.waves
    )
    return replace(problem, waves=at_once)


def with_action(problem: Problem, hall: int, action: str) -> Problem:
    """Return the problem in which a hall has no fate but one action, in any month."""
    return _with_fates(
        problem, np.array([fate.hall != hall or fate.action == action for fate in problem.fates])
    )


def with_halls_kept(problem: Problem) -> Problem:
    """Return the problem in which every hall is kept."""
    return _with_fates(problem, np.array([fate.action == "keep" for fate in problem.fates]))


def with_waves(problem: Problem, places: Sequence[int]) -> Problem:
    """Return the problem in which posts go in some of the waves only."""
    new = {old: place for place, old in enumerate(places)}
    quotas = (
        replace(quota, waves=tuple(new[wave] for wave in quota.waves if wave in new))
        for quota in problem.quotas
    )
    return replace(
        problem,
        waves=tuple(problem.waves[place] for place in places),
        quotas=tuple(quota for quota in quotas if len(quota.waves) > 1),
    )


def from_month(problem: Problem, month: int) -> Problem:
    """Return the problem in which nothing can be decided before a month."""
    late = [place for place, wave in enumerate(problem.waves) if wave.announced >= month]
    stays = np.array([fate.action == "keep" or fate.month >= month for fate in problem.fates])
    moves = tuple(replace(pair, first=max(pair.first, month)) for pair in problem.redeployments)
    return replace(with_waves(_with_fates(problem, stays), late), redeployments=moves)


def _with_fates(problem: Problem, stays: Truths) -> Problem:
    return replace(
        problem,
        fates=tuple(fate for fate, kept in zip(problem.fates, stays, strict=True) if kept),
        fate_cash=problem.fate_cash[:, stays],
        fate_value=problem.fate_value[:, stays],
        fate_units=problem.fate_units[:, stays],
        fate_lost=problem.fate_lost[:, stays],
        fate_capacity=problem.fate_capacity[stays],
        fate_open=problem.fate_open[stays],
    )
