"""Moves of the path of regimes.

Most leave the innovations, so that the intensity goes along (M2, M3). Some leave the intensity, and the own
innovations absorb the change, as in `secondhall.belief.kernels.centred`: where many customers fix the
intensity, nothing else would be taken.

Each proposal is as likely as its return, so it is taken with the ratio of the posteriors:

- an interval on which the regime is one gets another; it starts anywhere, its length is log-uniform;
- a switch moves, not past its neighbours, by a length that is log-uniform too;
- a spell gets another regime that differs from both neighbours'.

A regime that a path does not visit has parameters of which nothing is known. So where a proposal brings such
a regime in, or takes all of one out, its parameters are drawn anew from the prior, which cancels in the
ratio: a regime seldom seen is then tried at ever other parameters.

The first month's deviation is its regime's log-level, so another regime there would shift the trend of every
later month. A proposal that changes it shifts the opening intensities so that the trends stay: a map whose
return is the same and whose Jacobian is one in the scores.

A proposal is first weighed by what is cheap (chain, leavers, growth, new customers), then by the prices and
the figures: accepting in stages keeps the posterior (Christen and Fox, *J. Comp. Graph. Stat.* 14, 795).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.demand import (
    Course,
    Drives,
    absorb,
    by_month,
    follow,
    set_drives,
    set_growth,
    set_totals,
)
from secondhall.belief.kernels.market import price_log_likelihood, regimes_log_prior, set_moves
from secondhall.belief.kernels.model import Model, State
from secondhall.belief.kernels.posterior import figures_log_likelihood, segment_demand
from secondhall.belief.kernels.scores import value_at
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["move_regimes"]

INTERVAL, SWITCH = 0.5, 0.8
"""A proposal is of the first kind below the first, of the second below the second, else of the third."""

UNDER, LEAST_OWN = 0.25, 1e-6
"""Share of the proposals that leave the intensity; not where own innovations are of less deviation."""


@compiled
def _log_uniform(most: int, draw: np.random.Generator) -> int:
    """Return a length from 1 to ``most``."""
    return min(int(np.exp(draw.random() * np.log(most + 1.0))), most)


@compiled
def _interval(months: int, regime: Integers, draw: np.random.Generator) -> tuple[int, int, int]:
    first = int(draw.random() * months)
    last = min(first + _log_uniform(months, draw), months)
    for t in range(first + 1, last):
        if regime[t] != regime[first]:
            return 0, 0, 0
    return first, last, (regime[first] + 1 + int(draw.random() * 2.0)) % 3


@compiled
def _nth_switch(n: int, months: int, regime: Integers) -> int:
    """Return the month of the n-th switch, counted from 1; ``months`` where there are fewer."""
    for t in range(1, months):
        if regime[t] != regime[t - 1]:
            n -= 1
            if n == 0:
                return t
    return months


@compiled
def _switches(months: int, regime: Integers) -> int:
    count = 0
    for t in range(1, months):
        count += regime[t] != regime[t - 1]
    return count


@compiled
def _switch(months: int, regime: Integers, draw: np.random.Generator) -> tuple[int, int, int]:
    count = _switches(months, regime)
    if count == 0:
        return 0, 0, 0
    n = 1 + int(draw.random() * count)
    at = _nth_switch(n, months, regime)
    before = _nth_switch(n - 1, months, regime) if n > 1 else 0
    after = _nth_switch(n + 1, months, regime)
    length = _log_uniform(months, draw)
    if draw.random() < 0.5:
        return (at - length, at, regime[at]) if at - length > before else (0, 0, 0)
    return (at, at + length, regime[at - 1]) if at + length < after else (0, 0, 0)


@compiled
def _spell(months: int, regime: Integers, draw: np.random.Generator) -> tuple[int, int, int]:
    n = int(draw.random() * (_switches(months, regime) + 1))
    first = _nth_switch(n, months, regime) if n > 0 else 0
    last = _nth_switch(n + 1, months, regime)
    z = (regime[first] + 1 + int(draw.random() * 2.0)) % 3
    if (first > 0 and regime[first - 1] == z) or (last < months and regime[last] == z):
        return 0, 0, 0
    return first, last, z


@compiled
def _redraw(z: int, model: Model, state: State, draw: np.random.Generator) -> None:
    """Draw what belongs to a regime alone from the prior."""
    places, stated = model.places, model.stated
    segments = state.gap.size
    for i in range(4 * segments + 1):
        k = places.price_drift[z]
        if i < segments:
            k = places.growth[i, z]
        elif i < 2 * segments:
            k = places.level[i - segments, z]
        elif i < 3 * segments:
            k = places.churn[i - 2 * segments, z]
        elif i < 4 * segments:
            k = places.expansion[i - 3 * segments, z]
        if stated.above[k] > 0.0 or stated.below[k] > 0.0:
            state.scores[k] = draw.standard_normal()
            state.values[k] = value_at(stated, k, state.scores[k])


@compiled
def _propose(months: int, regime: Integers, draw: np.random.Generator) -> tuple[int, int, int]:
    """Return first, last + 1 and the regime proposed for these months; an empty range for nothing."""
    kind = draw.random()
    if kind < INTERVAL:
        return _interval(months, regime, draw)
    if kind < SWITCH:
        return _switch(months, regime, draw)
    return _spell(months, regime, draw)


class _Paths(NamedTuple):
    """What proposals are weighed by.

    Attributes
    ----------
    moves
        [from, to] log-probabilities.
    still
        [month, regime] what leavers and growth say.
    weight, unit
        [segment, month] of `set_growth`.
    drives
        of the segments.
    course, tried
        of the path as it is, and of the one that is proposed.
    own
        [segment, month] own innovations that go with the latter.
    """

    moves: Floats
    still: Floats
    weight: Floats
    unit: Floats
    drives: Drives
    course: Course
    tried: Course
    own: Floats


@compiled
def _course(segments: int, months: int) -> Course:
    return Course(np.empty((segments, months)), np.empty((segments, months)), np.empty((segments, months)))


@compiled
def _paths(months: int, model: Model, state: State) -> _Paths:
    """Return what the proposals of a sweep are weighed by."""
    n = state.gap.size
    drives = Drives(
        np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty((n, 3)), np.empty((n, 3))
    )
    paths = _Paths(
        np.empty((3, 3)), np.empty((months, 3)), np.empty((n, months)), np.empty((n, months)), drives,
        _course(n, months), _course(n, months), np.empty((n, months)),
    )  # fmt: skip
    set_moves(state.values, model.places, paths.moves)
    set_growth(months, model.counts, state.values, model.places, paths.weight, paths.unit)
    set_drives(state.values, model.places, drives)
    for z in range(3):
        _say(z, months, model, state, paths)
    return paths


@compiled
def _say(z: int, months: int, model: Model, state: State, paths: _Paths) -> None:
    by_month(z, months, model.counts, state.values, model.places, paths.weight, paths.unit, paths.still)


@compiled
def _renew(z: int, months: int, model: Model, state: State, paths: _Paths, draw: np.random.Generator) -> None:
    """Draw a regime's parameters anew."""
    _redraw(z, model, state, draw)
    _say(z, months, model, state, paths)


@compiled
def _shift(old: int, z: int, model: Model, state: State) -> float:
    """Shift the openings as another first regime asks; return what their prior gains by it.

    An opening is log-normal, so that its logarithm is a straight line of the score.
    """
    level, stated, gained = model.places.level, model.stated, 0.0
    for s in range(state.gap.size):
        k = model.places.opening[s]
        per_score = stated.per_score[k] * stated.log_skew[k]
        if per_score > 0.0:
            shift = np.log(state.values[level[s, z]]) - np.log(state.values[level[s, old]])
            before = state.scores[k]
            state.scores[k] = before + shift / per_score
            state.values[k] = value_at(stated, k, state.scores[k])
            gained += 0.5 * (before * before - state.scores[k] * state.scores[k])
    return gained


@compiled
def _elsewhere(z: int, first: int, last: int, months: int, regime: Integers) -> bool:
    """Return whether a path visits a regime in other months than these."""
    found = False
    for t in range(months):
        found = found or (regime[t] == z and not first <= t < last)
    return found


@compiled
def _enter(first: int, last: int, z: int, regime: Integers, still: Floats) -> float:
    """Let some months be of another regime; return what leavers and growth gain by it."""
    gained = 0.0
    for t in range(first, last):
        gained += still[t, z] - still[t, regime[t]]
        regime[t] = z
    return gained


@compiled
def _dear(months: int, model: Model, state: State) -> float:
    """Return what the prices and the figures say of a path."""
    found = price_log_likelihood(months, state.regime, state.values, model.places, model.counts)
    if model.series.value.size > 0:
        _settle(months, model, state)
        found += figures_log_likelihood(months, model, state)
    return found


@compiled
def _settle(months: int, model: Model, state: State) -> None:
    """Let intensities and gaps follow from the rest of the state."""
    for s in range(state.gap.size):
        segment_demand(s, months, model, state)


@compiled
def _take(first: int, months: int, course: Course, tried: Course) -> None:
    """Let the course be what was tried, from a month on."""
    for s in range(course.trend.shape[0]):
        for t in range(first, months):
            course.trend[s, t], course.deviation[s, t] = tried.trend[s, t], tried.deviation[s, t]
            course.said[s, t] = tried.said[s, t]


@compiled
def _change(
    first: int, last: int, z: int, months: int, model: Model, state: State, paths: _Paths,
    draw: np.random.Generator,
) -> float:  # fmt: skip
    """Carry out a proposal that brings a regime in or out, or changes the first; return what it gains."""
    old, gained = state.regime[first], 0.0
    if not _elsewhere(z, 0, 0, months, state.regime):
        _renew(z, months, model, state, paths, draw)
    if first == 0:
        gained += _shift(old, z, model, state)
    gained += _enter(first, last, z, state.regime, paths.still)
    if not _elsewhere(old, 0, 0, months, state.regime):
        _renew(old, months, model, state, paths, draw)
    set_drives(state.values, model.places, paths.drives)
    return gained


@compiled
def _can_stay(drives: Drives, model: Model) -> bool:
    """Return whether the intensity can stay where it is: innovations must absorb the change.

    Figures weigh the intensity itself, and the series have moves of their own that leave it.
    """
    return drives.own.min() > LEAST_OWN and model.series.value.size == 0


@compiled
def move_regimes(proposals: int, months: int, model: Model, state: State, draw: np.random.Generator) -> int:
    """Propose so many times; return how many were taken. What follows from the path does so after."""
    paths, taken = _paths(months, model, state), 0
    regime, innovations, law = state.regime, state.innovations, model.first_regime
    customers, seen = model.counts.new_customers, model.counts.seen
    still, drives, course, tried, own = paths.still, paths.drives, paths.course, paths.tried, paths.own
    scores, values, said = state.scores.copy(), state.values.copy(), still.copy()
    demand = follow(0, months, regime, innovations, customers, seen, drives, course, course)
    chain, dear = regimes_log_prior(months, regime, paths.moves, law), _dear(months, model, state)
    for _ in range(proposals):
        first, last, z = _propose(months, regime, draw)
        if last == first:
            continue
        old, under = regime[first], _can_stay(drives, model) and draw.random() < UNDER
        apart = first == 0 or not _elsewhere(z, 0, 0, months, regime)
        apart = apart or not _elsewhere(old, first, last, months, regime)
        if apart:
            scores[:], values[:], said[:] = state.scores, state.values, still
            gained = _change(first, last, z, months, model, state, paths, draw)
        else:
            gained = _enter(first, last, z, regime, still)
        moved = demand
        if under:
            gained += absorb(first, months, regime, innovations, drives, course, tried, own)
        else:
            moved = follow(first, months, regime, innovations, customers, seen, drives, course, tried)
        switched = regimes_log_prior(months, regime, paths.moves, law)
        if np.log(draw.random()) < switched - chain + moved - demand + gained:
            dearer = _dear(months, model, state)
            if np.log(draw.random()) < dearer - dear:
                _take(first, months, course, tried)
                if under:
                    innovations[1:, first:months] = own[:, first:]
                chain, demand, dear, taken = switched, moved, dearer, taken + 1
                continue
        regime[first:last] = old
        if apart:
            state.scores[:], state.values[:], still[:] = scores, values, said
            set_drives(state.values, model.places, drives)
    set_totals(months, regime, model.counts, state.totals)
    _settle(months, model, state)
    return taken
