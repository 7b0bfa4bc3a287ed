"""Moves of the path of regimes. The innovations stay, so that the intensity goes along (M2, M3).

Each proposal is as likely as its return, so it is taken with the ratio of the posteriors:

- an interval on which the regime is one gets another; it starts anywhere, its length is log-uniform;
- a switch moves, not past its neighbours, by a length that is log-uniform too;
- a spell gets another regime that differs from both neighbours'.

A regime that a path does not visit has parameters of which nothing is known. So where a proposal brings such
a regime in, or takes all of one out, its parameters are drawn anew from the prior, which cancels in the
ratio: a regime seldom seen is then tried at ever other parameters.

A proposal is first weighed by what is cheap (chain, leavers, growth, new customers), then by the prices and
the figures: accepting in stages keeps the posterior (Christen and Fox, *J. Comp. Graph. Stat.* 14, 795).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.demand import by_month, set_totals
from secondhall.belief.kernels.market import price_log_likelihood, regimes_log_prior, set_moves
from secondhall.belief.kernels.model import Model, State
from secondhall.belief.kernels.posterior import figures_log_likelihood, segment_demand
from secondhall.belief.kernels.scores import value_at
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["move_regimes"]

INTERVAL, SWITCH = 0.5, 0.8
"""A proposal is of the first kind below the first, of the second below the second, else of the third."""


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


class _Before(NamedTuple):
    """What a proposal changes, as it was: of the state, and what leavers and growth say [month, regime]."""

    regime: Integers
    log_intensity: Floats
    gap: Floats
    scores: Floats
    values: Floats
    still: Floats


@compiled
def _remember(state: State, still: Floats, before: _Before) -> None:
    before.regime[:], before.log_intensity[:], before.gap[:] = state.regime, state.log_intensity, state.gap
    before.scores[:], before.values[:], before.still[:] = state.scores, state.values, still


@compiled
def _return(state: State, still: Floats, before: _Before) -> None:
    state.regime[:], state.log_intensity[:], state.gap[:] = before.regime, before.log_intensity, before.gap
    state.scores[:], state.values[:], still[:] = before.scores, before.values, before.still


@compiled
def _change(
    first: int, last: int, z: int, months: int, model: Model, state: State, still: Floats,
    draw: np.random.Generator,
) -> float:  # fmt: skip
    """Carry out a proposal; return what leavers and growth gain by it."""
    old, gained, visits, stays = state.regime[first], 0.0, False, False
    for t in range(months):
        visits = visits or state.regime[t] == z
        stays = stays or (state.regime[t] == old and not first <= t < last)
    if not visits:
        _redraw(z, model, state, draw)
        by_month(z, months, model.counts, state.values, model.places, still)
    for t in range(first, last):
        gained += still[t, z] - still[t, old]
        state.regime[t] = z
    if not stays:
        _redraw(old, model, state, draw)
        by_month(old, months, model.counts, state.values, model.places, still)
    return gained


@compiled
def _cheap(months: int, moves: Floats, model: Model, state: State) -> float:
    """Return what the chain and the new customers say of a path."""
    found = regimes_log_prior(months, state.regime, moves, model.first_regime)
    for s in range(state.gap.size):
        found += segment_demand(s, months, model, state)
    return found


@compiled
def _dear(months: int, model: Model, state: State) -> float:
    """Return what the prices and the figures say of a path."""
    found = price_log_likelihood(months, state.regime, state.values, model.places, model.counts)
    return found + figures_log_likelihood(months, model, state)


@compiled
def move_regimes(proposals: int, months: int, model: Model, state: State, draw: np.random.Generator) -> int:
    """Propose so many times; return how many were taken. ``state.totals`` end as they belong to the path."""
    moves, still, taken = np.empty((3, 3)), np.empty((months, 3)), 0
    set_moves(state.values, model.places, moves)
    for z in range(3):
        by_month(z, months, model.counts, state.values, model.places, still)
    before = _Before(
        state.regime.copy(), state.log_intensity.copy(), state.gap.copy(), state.scores.copy(),
        state.values.copy(), still.copy(),
    )  # fmt: skip
    cheap, dear = _cheap(months, moves, model, state), _dear(months, model, state)
    for _ in range(proposals):
        first, last, z = _propose(months, state.regime, draw)
        if last == first:
            continue
        _remember(state, still, before)
        gained = _change(first, last, z, months, model, state, still, draw)
        cheaper = _cheap(months, moves, model, state)
        if np.log(draw.random()) < cheaper - cheap + gained:
            dearer = _dear(months, model, state)
            if np.log(draw.random()) < dearer - dear:
                cheap, dear, taken = cheaper, dearer, taken + 1
                continue
        _return(state, still, before)
    set_totals(months, state.regime, model.counts, state.totals)
    return taken
