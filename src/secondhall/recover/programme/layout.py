"""Where each decision, and each number that follows from it, lies among the columns of the programme."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from secondhall.company.layout import Integers, Truths
from secondhall.recover.problem import Problem
from secondhall.recover.programme.bounds import Bounds
from secondhall.recover.programme.decision import tides_of
from secondhall.recover.programme.emptying import largest_sets

__all__ = ["Layout", "layout_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """Positions of columns, -1 where there is none; what is decided before the review is shared by all tides.

    Attributes
    ----------
    fate
        [tide, fate]
    emptied
        [tide, hall, month] whether a hall is emptied by then.
    emptied_set
        [tide, set, month] weight of a largest set of halls that can be emptied by then.
    wave
        [tide, wave] whether any post goes.
    dismissal, volunteer
        [tide, wave, role]
    redeployed
        [tide, redeployment, month]
    waiver
        [1]
    posts
        [tide, role, month]
    open_halls, paid
        [tide, month] halls whose posts are needed; what staff, waves, redeployments, waiver cost so far.
    unserved
        [scenario, month]
    hire
        [scenario, role, month]; scenarios of a tide that need as many share the column.
    spent
        [scenario, month] what hires and the unserved cost so far.
    cheque, fail
        [scenario]
    shortfall
        [1]
    """

    fate: Integers
    emptied: Integers
    emptied_set: Integers
    wave: Integers
    dismissal: Integers
    volunteer: Integers
    redeployed: Integers
    waiver: Integers
    posts: Integers
    open_halls: Integers
    paid: Integers
    unserved: Integers
    hire: Integers
    spent: Integers
    cheque: Integers
    fail: Integers
    shortfall: Integers

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return 1 + max(int(getattr(self, one.name).max(initial=-1)) for one in fields(self))


class _Counter:
    """Hands out columns, one after the other."""

    def __init__(self) -> None:
        self.next = 0

    def take(self, exists: Truths) -> Integers:
        """Return a column where one is to exist, else -1."""
        taken = np.full(exists.shape, -1, np.int64)
        count = int(exists.sum())
        taken[exists] = np.arange(self.next, self.next + count)
        self.next += count
        return taken

    def take_by_tide(self, exists: Truths, is_common: Truths) -> Integers:
        """(Q1) Return columns for ``exists`` [tide, ...]; those that are common are the first tide's."""
        own = exists.copy()
        own[1:] &= ~is_common
        taken = self.take(own)
        taken[1:] = np.where(is_common, taken[0], taken[1:])
        return taken


def layout_of(problem: Problem, bounds: Bounds, *, is_shortfall: bool) -> Layout:
    """Return the layout of a problem's columns."""
    tides, months, review = tides_of(problem), problem.months, problem.review
    scenarios, roles = problem.probability.size, len(problem.roles)
    early_fate = _flags(fate.month < review and fate.action != "keep" for fate in problem.fates)
    early_wave = _flags(wave.announced < review for wave in problem.waves)
    leaves = _flags(wave.leave < months for wave in problem.waves)
    volunteers_leave = _flags(wave.volunteers_leave < months for wave in problem.waves)
    early = np.arange(months) < review
    count = _Counter()

    def posts_of_waves(exists: Truths) -> Integers:
        whole = np.broadcast_to(exists[None, :, None], (tides, exists.size, roles))
        return count.take_by_tide(whole, early_wave[:, None])

    pairs = np.ones((tides, len(problem.redeployments), months), bool)
    return Layout(
        fate=count.take_by_tide(np.ones((tides, early_fate.size), bool), early_fate),
        emptied=count.take(np.ones((tides, len(problem.halls), months), bool)),
        emptied_set=count.take(largest_sets(problem)),
        wave=count.take_by_tide(np.tile(leaves | volunteers_leave, (tides, 1)), early_wave),
        dismissal=posts_of_waves(leaves),
        volunteer=posts_of_waves(volunteers_leave),
        redeployed=count.take_by_tide(pairs, early),
        waiver=count.take(np.array([problem.waiver is not None])),
        posts=count.take_by_tide(np.ones((tides, roles, months), bool), early),
        open_halls=count.take(np.ones((tides, months), bool)),
        paid=count.take(np.ones((tides, months), bool)),
        unserved=count.take(bounds.least_room < problem.demand),
        hire=_hires(problem, bounds, count),
        spent=count.take(np.ones((scenarios, months), bool)),
        cheque=count.take(np.ones(scenarios, bool)),
        fail=count.take(bounds.can_fail),
        shortfall=count.take(np.array([is_shortfall])),
    )


def _flags(flags: object) -> NDArray[np.bool_]:
    return np.fromiter(flags, bool)  # type: ignore[call-overload, no-any-return]


def _hires(problem: Problem, bounds: Bounds, count: _Counter) -> Integers:
    """Return the columns of hires, none where the posts can never be too few."""
    scenario, role, month = np.nonzero(bounds.most_hires > 0.0)
    need = problem.need[scenario, role, month]
    key = np.stack([problem.tide[scenario], role, month, need], axis=1)
    _, place = np.unique(key, axis=0, return_inverse=True)
    place = place.reshape(-1)
    columns = np.full(problem.need.shape, -1, np.int64)
    columns[scenario, role, month] = count.next + place
    count.next += int(place.max(initial=-1)) + 1
    return columns
