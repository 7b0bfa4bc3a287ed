"""Switching values: how far something must be from what is believed for another rule to win.

For a lever x and another rule the difference of scores over the same futures,

    d(x) = score of the recommended rule less that of the other, both lived with the lever moved by x,

is looked at on a grid; where it changes sign, the nearest place to x = 0 where it does is found by Brent's
method. The random numbers are the same for every x, so d is a function that can be solved. The error of the
place is that of d there over the slope of d (the delta method).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import slots_of
from secondhall.decide.board.alternatives import kind_words
from secondhall.decide.board.levers import Lever, levers_of
from secondhall.decide.board.paper import SwitchingValue
from secondhall.decide.decision import Contender
from secondhall.decide.imposed import Imposed
from secondhall.decide.rules import DatedPlan, Never, Rule
from secondhall.decide.scoring import score_parts
from secondhall.decide.timing import option_of
from secondhall.futures import Estimate, RuleToPlay, difference, play_rules

__all__ = ["crossing", "main_alternatives", "switching_values"]

STEPS = 3
"""Steps of the grid on either side."""

NEAR_ENOUGH = 0.02
"""Part of a step to which a crossing is found."""

Gap = Callable[[float], Estimate]


@dataclass
class _Played:
    """Rules lived with a lever moved, each distance once."""

    case: Case
    belief: Belief
    lever: Lever
    paths: int
    seed: int
    weight: float
    threads: int | None

    def gaps(self, rules: Sequence[Rule], x: float) -> list[Estimate]:
        """Return the score of the first rule less that of each other."""
        lever, slots = self.lever, slots_of(self.case)
        played = play_rules(
            Imposed(self.belief, lambda p: lever.change(p, x), known_too=True),
            [RuleToPlay(rule.name, lever.terms(rule.terms(self.case, slots), x)) for rule in rules],
            start=self.case.start,
            paths=self.paths,
            seed=self.seed,
            banded=False,
            threads=self.threads,
        )
        own, *others = (score_parts(one.outcomes["npv"], self.weight) for one in played)
        return [difference(own, other) for other in others]


def main_alternatives(case: Case, contenders: Sequence[Contender], recommended: Contender) -> list[Contender]:
    """Return never, committing now, and the best rule of another kind; without the recommended one.

    Parameters
    ----------
    contenders
        the rules over the same futures, in any order.
    recommended
        the chosen one.
    """
    by_score = sorted(contenders, key=lambda one: -one.score.value)
    others = [one for one in by_score if one.rule != recommended.rule]
    now = [one for one in others if _is_now(case, one.rule)]
    option = option_of(recommended.rule)
    same = [one for one in now if option_of(one.rule) == option]
    kinds = [
        one for one in others if one.refused is None and not isinstance(one.rule, Never) and one not in now
    ]
    different = [one for one in kinds if kind_words(one.rule) != kind_words(recommended.rule)]
    never = [one for one in others if isinstance(one.rule, Never)]
    return [*never, *(same or now)[:1], *different[:1]]


def _is_now(case: Case, rule: Rule) -> bool:
    option = option_of(rule)
    return (
        isinstance(rule, DatedPlan)
        and option is not None
        and rule == DatedPlan.commit_now(option, case.start)
    )


def switching_values(
    case: Case,
    belief: Belief,
    contenders: Sequence[Contender],
    recommended: Contender,
    *,
    paths: int,
    seed: int,
    weight: float,
    threads: int | None,
) -> tuple[SwitchingValue, ...]:
    """Return how far each lever must move for each of the main alternatives to win.

    Parameters
    ----------
    case, belief
        of the decision.
    contenders, recommended
        the rules that were judged, and the chosen one.
    paths, seed
        the futures.
    weight
        on the CVaR in the score.
    threads
        how many; all cores when None.
    """
    others = main_alternatives(case, contenders, recommended)
    if not others:
        return ()
    found = []
    for lever in levers_of(case):
        played = _Played(case, belief, lever, paths, seed, weight, threads)
        rules = [recommended.rule, *(one.rule for one in others)]
        grid = _grid(lever)
        gaps = [played.gaps(rules, x) for x in grid]
        for at, other in enumerate(others):
            place = crossing(grid, [each[at] for each in gaps], _gap_to(played, rules[0], other.rule))
            found.append(_told(lever, other, gaps[STEPS][at], place))
    return tuple(found)


def _gap_to(played: _Played, own: Rule, other: Rule) -> Gap:
    return lambda x: played.gaps([own, other], x)[0]


def _grid(lever: Lever) -> list[float]:
    """Return the places that are looked at, 0 in the middle."""
    low = np.linspace(lever.low, 0.0, STEPS + 1)
    return [*low, *np.linspace(0.0, lever.high, STEPS + 1)[1:]]


def crossing(grid: Sequence[float], gaps: Sequence[Estimate], gap: Gap) -> Estimate | None:
    """Return the place nearest to the middle of a grid where the gap changes sign, with its error.

    Parameters
    ----------
    grid
        places from low to high, the middle one where things stand.
    gaps
        the gap at each.
    gap
        the gap anywhere.

    Returns
    -------
    Estimate or None
        None where the gap has one sign on the whole grid.

    Examples
    --------
    >>> line = lambda x: Estimate(1.0 - 2.0 * x, 0.1)
    >>> grid = [-1.0, 0.0, 1.0]
    >>> found = crossing(grid, [line(x) for x in grid], line)
    >>> round(found.value, 6), round(found.error, 6)
    (0.5, 0.05)
    """
    middle = len(grid) // 2
    ahead = gaps[middle].value > 0.0
    brackets = []
    for way in (1, -1):
        at = middle + way
        while 0 <= at < len(grid) and (gaps[at].value > 0.0) == ahead:
            at += way
        if 0 <= at < len(grid):
            brackets.append((grid[at - way], grid[at]))
    places = [_root(gap, *bracket) for bracket in brackets]
    return min(places, key=lambda place: abs(place.value - grid[middle]), default=None)


def _root(gap: Gap, near: float, far: float) -> Estimate:
    """Return where the gap is zero between two places, and how surely."""
    from scipy.optimize import brentq

    held: dict[float, Estimate] = {}

    def value(x: float) -> float:
        held[x] = held.get(x) or gap(x)
        return held[x].value

    low, high = min(near, far), max(near, far)
    step = high - low
    x = float(brentq(value, low, high, xtol=NEAR_ENOUGH * step, rtol=1e-6, disp=False))
    value(x)
    slope = (value(x + 0.25 * step) - value(x - 0.25 * step)) / (0.5 * step)
    return Estimate(x, held[x].error / abs(slope) if slope else float("inf"))


def _told(lever: Lever, other: Contender, now: Estimate, place: Estimate | None) -> SwitchingValue:
    level = now.value <= 2.0 * now.error
    if level:
        said = (
            "cannot be told apart as it stands"
            if abs(now.value) <= 2.0 * now.error
            else "is ahead as it stands"
        )
    elif place is None:
        said = "no switch"
    else:
        said = lever.said(place)
    return SwitchingValue(
        lever=lever.key,
        what=lever.words,
        reach=lever.reach,
        against=other.rule.name,
        refused=other.refused is not None,
        gap=now,
        at=None if level else place,
        words=said,
    )
