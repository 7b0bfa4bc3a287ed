"""A first plan by climbing: one hall after another, then the posts of one wave, each to its best.

Everything that follows from a decision is in closed form (`evaluate`), so thousands of decisions are tried in
seconds. The plan is no optimum and proves nothing; the search that does starts from it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from secondhall.company.layout import Floats, Integers, Truths
from secondhall.recover.problem import Problem
from secondhall.recover.programme.decision import Decision, do_nothing, tides_of
from secondhall.recover.programme.emptying import is_too_soon
from secondhall.recover.programme.evaluate import evaluate
from secondhall.recover.programme.family import Family
from secondhall.recover.programme.goal import Goal

__all__ = ["climb"]

STEPS = (1, -1, 3, -3, 8, -8)
"""Posts by which the cut of a role is changed."""

WORK = (0.1, 0.3, 0.5, 0.7)
"""Shares of the futures whose work a first cut still serves."""

TOO_MUCH = 10.0
"""What a unit of the cheque beyond the commitment weighs while there is no plan within it."""


def climb(problem: Problem, goal: Goal, seconds: float) -> Decision | None:
    """Return a good decision that nothing refuses; None where none was met in time.

    Parameters
    ----------
    problem : Problem
        Any.
    goal : Value or Cheque
        What is best.
    seconds : float
        The longest that it may take.
    """
    climber = _Climber(problem, goal, time.perf_counter() + seconds)
    climber.run()
    return climber.best if climber.is_feasible else None


@dataclass
class _Climber:
    problem: Problem
    goal: Goal
    ends: float

    def __post_init__(self) -> None:
        self.tides = tides_of(self.problem)
        self.soon = is_too_soon(self.problem)
        self.best = do_nothing(self.problem)
        self.score, self.is_feasible = self._score(self.best)

    def run(self) -> None:
        """Climb until nothing improves, or the time is over."""
        before = math.inf
        while self.score < before - 1e-9 * abs(self.score) and not self._is_late():
            before = self.score
            for hall in range(len(self.problem.halls)):
                self._try(self._other_fates(hall))
            self._try(self._first_waves())
            self._trim()
            for tide in range(self.tides):
                self._try(self._later_waves(tide))
            if self.problem.waiver is not None:
                self._try(iter([replace(self.best, is_waived=not self.best.is_waived)]))

    def _is_late(self) -> bool:
        return time.perf_counter() > self.ends

    def _score(self, decision: Decision) -> tuple[float, bool]:
        figures = evaluate(self.problem, decision)
        if set(figures.refused_by) - {Family.COMMITMENT}:
            return math.inf, False
        worst = self.goal.objective(figures)
        if figures.is_feasible:
            return worst, True
        over = np.maximum(figures.cheque - self.problem.commitment, 0.0)
        return worst + TOO_MUCH * float(self.problem.probability @ over), False

    def _try(self, decisions: Iterator[Decision]) -> bool:
        """Take the best of some decisions, if it is better; return whether one was."""
        improved = False
        for decision in decisions:
            if self._is_late():
                break
            score, is_feasible = self._score(decision)
            if (is_feasible, -score) > (self.is_feasible, -self.score):
                self.best, self.score, self.is_feasible, improved = decision, score, is_feasible, True
        return improved

    def _other_fates(self, hall: int) -> Iterator[Decision]:
        """Yield the hall's fates: early ones for all tides, late ones tide by tide."""
        for place, fate in enumerate(self.problem.fates):
            if fate.hall != hall or self.soon[:, place].all():
                continue
            fates = self.best.fates.copy()
            if fate.month < self.problem.review:
                fates[:, hall] = place
                yield replace(self.best, fates=fates)
                continue
            now = [self.problem.fates[known] for known in fates[:, hall]]
            if any(known.month < self.problem.review and known.action != "keep" for known in now):
                continue
            for tide in range(self.tides):
                late = fates.copy()
                late[tide, hall] = place
                yield replace(self.best, fates=late)

    def _first_waves(self) -> Iterator[Decision]:
        """Yield a collective wave at each month before the review, cut down to the work."""
        bare = replace(
            self.best,
            dismissals=np.zeros_like(self.best.dismissals),
            volunteers=np.zeros_like(self.best.volunteers),
        )
        for place, wave in enumerate(self.problem.waves):
            if wave.announced < self.problem.review and wave.is_collective:
                everyone = np.ones(self.problem.probability.size, bool)
                yield from self._with_wave(bare, place, everyone, range(self.tides))

    def _later_waves(self, tide: int) -> Iterator[Decision]:
        """Yield another collective wave at the review or after it, in one tide."""
        for place, wave in enumerate(self.problem.waves):
            if wave.announced >= self.problem.review and wave.is_collective:
                yield from self._with_wave(self.best, place, self.problem.tide == tide, [tide])

    def _with_wave(
        self, decision: Decision, place: int, inside: Truths, tides: range | list[int]
    ) -> Iterator[Decision]:
        """Yield a decision with one wave more, of the posts that the work does not need."""
        problem, wave = self.problem, self.problem.waves[place]
        if wave.leave >= problem.months:
            return
        posts = evaluate(problem, decision).posts[tides[0]]
        halls = problem.fate_open[decision.fates[tides[0]]].sum(axis=0)
        for share in WORK:
            need = np.quantile(problem.need[inside], share, axis=0)
            work = np.maximum(need + problem.need_per_hall[:, None] * halls, problem.floor)
            spare = (posts - work)[:, wave.leave :].mean(axis=1)
            least = (posts - problem.floor)[:, wave.leave :].min(axis=1)
            gone = np.maximum(np.floor(np.minimum(spare, least)), 0.0).astype(np.int64)
            if wave.least <= gone.sum() <= wave.most:
                yield self._with_counts(decision, place, gone, tides)

    def _with_counts(
        self, decision: Decision, place: int, gone: Integers, tides: range | list[int]
    ) -> Decision:
        """Return a decision in which so many posts go in a wave; volunteers where they save most."""
        wave = self.problem.waves[place]
        left = math.floor(wave.volunteer_share * gone.sum() + 1e-9)
        saved: Floats = wave.dismissal_value - wave.volunteer_value
        volunteers = np.zeros_like(gone)
        for role in np.argsort(-saved, kind="stable"):
            volunteers[role] = min(left, gone[role]) if saved[role] > 0.0 else 0
            left -= volunteers[role]
        dismissals, willing = decision.dismissals.copy(), decision.volunteers.copy()
        for tide in tides:
            dismissals[tide, place], willing[tide, place] = gone - volunteers, volunteers
        return replace(decision, dismissals=dismissals, volunteers=willing)

    def _trim(self) -> None:
        """Change the posts of each wave role by role while that helps."""
        held = np.flatnonzero((self.best.dismissals + self.best.volunteers).sum(axis=(0, 2)))
        for place in held:
            early = self.problem.waves[place].announced < self.problem.review
            groups = [range(self.tides)] if early else [[tide] for tide in range(self.tides)]
            for tides in groups:
                for role in range(len(self.problem.roles)):
                    while self._try(self._other_counts(int(place), role, tides)):
                        pass

    def _other_counts(self, place: int, role: int, tides: range | list[int]) -> Iterator[Decision]:
        wave, start = self.problem.waves[place], self.best
        gone = (start.dismissals + start.volunteers)[tides[0], place]
        if not gone.any():
            return
        for step in STEPS:
            changed = gone.copy()
            changed[role] = max(changed[role] + step, 0)
            if wave.least <= changed.sum() <= wave.most and changed[role] != gone[role]:
                yield self._with_counts(start, place, changed, tides)
