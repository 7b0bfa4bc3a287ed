"""The frontier between value and risk: the rules that no other beats in both, on futures that chose nothing.

What the search found at the edge was found because it did well on the search's futures, so it is played
again on the fresh ones on which the finalists were judged, and dominance is told there alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from secondhall.decide.board.paper import Frontier, Place
from secondhall.decide.decision import Contender
from secondhall.decide.rules import Rule
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.decide.trials import Trial

__all__ = ["at_the_edge", "frontier_of", "undominated"]

SHOWN = 240
"""Rules of the search that are shown beside the frontier, at most."""

Tried = Sequence[tuple[Rule, Trial]]

_T = TypeVar("_T")


def undominated(points: Sequence[tuple[float, float]]) -> list[bool]:
    """Return of each point (value, worst) whether no other has as much of both and more of one.

    Examples
    --------
    >>> undominated([(3.0, 1.0), (2.0, 2.0), (1.0, 1.5), (2.0, 2.0)])
    [True, True, False, True]
    """
    order = sorted(set(points), key=lambda point: (-point[0], -point[1]))
    kept, best = set(), float("-inf")
    for point in order:
        if point[1] > best:
            kept.add(point)
            best = point[1]
    return [point in kept for point in points]


def at_the_edge(tried: Tried, limit: InsolvencyLimit, count: int) -> list[Rule]:
    """Return the rules of the search that it left undominated, spread evenly where there are too many.

    Those count that may keep the limit on insolvency, taken two standard errors lower.
    """
    known = [
        (rule, trial.gain.value, trial.cvar.value)
        for rule, trial in tried
        if trial.gain is not None
        and trial.cvar is not None
        and limit.excess(trial.insolvency, trial.over_never, errors=-2.0) <= 0.0
    ]
    marks = undominated([(gain, cvar) for _, gain, cvar in known])
    edge = sorted(
        ((gain, rule) for (rule, gain, _), kept in zip(known, marks, strict=True) if kept), key=_gain
    )
    return [rule for _, rule in _thinned(edge, count)]


def _gain(pair: tuple[float, Rule]) -> float:
    return pair[0]


def _thinned(items: Sequence[_T], count: int) -> list[_T]:
    """Return ``count`` of the items, evenly, with the first and the last."""
    if len(items) <= count:
        return list(items)
    return [items[round(n * (len(items) - 1) / max(count - 1, 1))] for n in range(count)]


def frontier_of(
    contenders: Sequence[Contender], recommended: Contender, tried: Tried, limit: InsolvencyLimit
) -> Frontier:
    """Return the frontier.

    Parameters
    ----------
    contenders
        rules over the same futures, the recommended one among them.
    recommended
        the chosen one.
    tried
        what the search looked at.
    limit
        on insolvency.
    """
    free = [one for one in contenders if one.refused is None]
    marks = undominated([(one.gain.value, one.risk.cvar_npv.value) for one in free])
    kept = {id(one) for one, mark in zip(free, marks, strict=True) if mark}
    places = tuple(
        Place(
            one.rule.name,
            one.gain,
            one.risk.cvar_npv,
            one.refused,
            chosen=one is recommended,
            undominated=id(one) in kept,
        )
        for one in contenders
    )
    named = {place.name for place in places}
    rest = [place for place in _searched(tried, limit) if place.name not in named]
    return Frontier(places, tuple(_thinned(rest, SHOWN)), recommended.futures.paths)


def _searched(tried: Tried, limit: InsolvencyLimit) -> list[Place]:
    return [
        Place(
            rule.name,
            trial.gain,
            trial.cvar,
            None
            if limit.excess(trial.insolvency, trial.over_never) <= 0.0
            else "breaks the limit on insolvency",
        )
        for rule, trial in tried
        if trial.gain is not None and trial.cvar is not None
    ]
