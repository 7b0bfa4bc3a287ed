"""Which halls can be emptied by when: what the pace of the moves allows, whatever else is decided."""

from __future__ import annotations

import numpy as np

from secondhall.company.layout import Floats, Integers, Truths
from secondhall.recover.problem import Problem
from secondhall.recover.programme.decision import Decision, tides_of

__all__ = ["begin_of", "emptied_by", "empties", "hall_of", "is_too_soon", "largest_sets", "members_of"]

_HALLS_IN_SETS = 10
"""Of more halls only those with the most to move: the number of sets doubles with each."""


def is_too_soon(problem: Problem) -> Truths:
    """(Q3) Return [tide, fate] whether it has more to move, alone, than can be moved before its month."""
    allowed = problem.move_rate * begin_of(problem)
    late = problem.fate_units > allowed * (1.0 + 1e-9) + 1e-9
    return np.array([late[problem.tide == tide].any(axis=0) for tide in range(tides_of(problem))])


def emptied_by(problem: Problem, decision: Decision) -> Truths:
    """Return [tide, hall, month] whether a hall is emptied by a month."""
    begin, is_emptying = begin_of(problem)[decision.fates], empties(problem)[decision.fates]
    months = np.arange(problem.months)
    done: Truths = is_emptying[:, :, None] & (begin[:, :, None] <= months)
    return done


def begin_of(problem: Problem) -> Integers:
    """Return [fate] its month."""
    return np.array([fate.month for fate in problem.fates], np.int64)


def hall_of(problem: Problem) -> Integers:
    """Return [fate] its hall."""
    return np.array([fate.hall for fate in problem.fates], np.int64)


def empties(problem: Problem) -> Truths:
    """Return [fate] whether more than half of what the hall can have to move is moved."""
    units, hall = problem.fate_units.max(axis=0), hall_of(problem)
    most = np.array([units[hall == h].max() for h in range(len(problem.halls))])
    found: Truths = (units > 0.5 * most[hall]) & (units > 0.0)
    return found


def _fewest(problem: Problem) -> Floats:
    """Return [scenario, hall, month] units that are moved, at least, where the hall is emptied by then."""
    begin, hall = begin_of(problem), hall_of(problem)
    possible = empties(problem) & ~is_too_soon(problem)
    fewest = np.zeros((problem.tide.size, len(problem.halls), problem.months))
    for h in range(len(problem.halls)):
        for month in range(problem.months):
            chosen = possible[problem.tide] & ((hall == h) & (begin <= month))
            least = np.where(chosen, problem.fate_units, np.inf).min(axis=1)
            fewest[:, h, month] = np.where(np.isfinite(least), least, 0.0)
    return fewest


def members_of(problem: Problem) -> tuple[Integers, Truths]:
    """Return the halls that sets are made of, and [set, hall of these] who is in each of all sets."""
    units = problem.fate_units.max(axis=0)
    most = [float(units[hall_of(problem) == h].max()) for h in range(len(problem.halls))]
    halls = np.sort(np.argsort(-np.array(most), kind="stable")[:_HALLS_IN_SETS])
    sets = np.arange(2**halls.size)
    return halls, (sets[:, None] >> np.arange(halls.size)) % 2 == 1


def largest_sets(problem: Problem) -> Truths:
    """Return [tide, set, month] whether all its halls can be emptied by then, and none besides.

    None where all halls can be.
    """
    halls, members = members_of(problem)
    allowed = problem.move_rate * np.arange(problem.months) * (1.0 + 1e-9) + 1e-9
    load = np.einsum("kh,sht->skt", members, _fewest(problem)[:, halls])
    fits = np.array([(load[problem.tide == g] <= allowed).all(axis=0) for g in range(tides_of(problem))])
    largest: Truths = fits & ~fits[:, -1:]
    for place in range(halls.size):
        without = np.flatnonzero(~members[:, place])
        largest[:, without] &= ~fits[:, without + 2**place]
    return largest
