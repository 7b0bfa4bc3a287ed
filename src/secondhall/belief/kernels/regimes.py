"""Moves of the path of regimes. The innovations stay, so that the intensity goes along (M2, M3).

Each proposal is as likely as its return, so it is taken with the ratio of the posteriors:

- an interval on which the regime is one gets another; it starts anywhere, its length is log-uniform;
- a switch moves, not past its neighbours, by a length that is log-uniform too;
- a spell gets another regime that differs from both neighbours'.

A proposal is first weighed by what is cheap (chain, leavers, growth, new customers), then by the prices and
the figures: accepting in stages keeps the posterior (Christen and Fox, *J. Comp. Graph. Stat.* 14, 795).
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.demand import by_month, set_totals
from secondhall.belief.kernels.market import price_log_likelihood, regimes_log_prior, set_moves
from secondhall.belief.kernels.model import Model, State
from secondhall.belief.kernels.posterior import figures_log_likelihood, segment_demand
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
def move_regimes(proposals: int, months: int, model: Model, state: State, draw: np.random.Generator) -> int:
    """Propose so many times; return how many were taken. ``state.totals`` end as they belong to the path."""
    segments, taken = state.gap.size, 0
    moves, still = np.empty((3, 3)), np.empty((months, 3))
    set_moves(state.values, model.places, moves)
    by_month(months, model.counts, state.values, model.places, still)
    cheap = regimes_log_prior(months, state.regime, moves, model.first_regime)
    for s in range(segments):
        cheap += segment_demand(s, months, model, state)
    dear = price_log_likelihood(months, state.regime, state.values, model.places, model.counts)
    dear += figures_log_likelihood(months, model, state)
    before = np.empty(months, np.int64)
    intensity, gap = np.empty_like(state.log_intensity), np.empty(segments)
    for _ in range(proposals):
        kind = draw.random()
        if kind < INTERVAL:
            first, last, z = _interval(months, state.regime, draw)
        elif kind < SWITCH:
            first, last, z = _switch(months, state.regime, draw)
        else:
            first, last, z = _spell(months, state.regime, draw)
        if last == first:
            continue
        before[:], intensity[:], gap[:] = state.regime[:months], state.log_intensity, state.gap
        gained = 0.0
        for t in range(first, last):
            gained += still[t, z] - still[t, state.regime[t]]
            state.regime[t] = z
        cheaper = regimes_log_prior(months, state.regime, moves, model.first_regime)
        for s in range(segments):
            cheaper += segment_demand(s, months, model, state)
        if np.log(draw.random()) < cheaper - cheap + gained:
            dearer = price_log_likelihood(months, state.regime, state.values, model.places, model.counts)
            dearer += figures_log_likelihood(months, model, state)
            if np.log(draw.random()) < dearer - dear:
                cheap, dear, taken = cheaper, dearer, taken + 1
                continue
        state.regime[:months], state.log_intensity[:], state.gap[:] = before, intensity, gap
    set_totals(months, state.regime, model.counts, state.totals)
    return taken
