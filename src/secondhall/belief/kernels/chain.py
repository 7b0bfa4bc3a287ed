"""A Markov chain whose law is the posterior of parameters, innovations and regimes.

A sweep moves, in turn: each segment's scores one by one or in blocks, and its innovations in stretches; the
common innovations; what only leavers, growth, prices or the chain of regimes speak of; the path of regimes.
The path is what mixes last, so any of the others sits out a sweep as often as not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from secondhall.belief.kernels.centred import move_driver
from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.market import FLAT, filter_prices
from secondhall.belief.kernels.model import CHAIN, COMMON, GROWTH, LEAVING, PRICE, SEGMENT, Model, State
from secondhall.belief.kernels.posterior import (
    evidence_log_likelihood,
    part_log_likelihood,
)
from secondhall.belief.kernels.regimes import move_regimes
from secondhall.belief.kernels.slices import slice_block, slice_score, slice_stretch
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["Kept", "run_chain", "sweep"]

SHORTEST_STRETCH, LONGEST_STRETCH = 6, 24
"""Months whose innovations move together."""


DIRECTIONS = 2
"""In which a block of scores moves."""

TURN = 0.5
"""Probability that a group of scores, or of innovations, moves in a sweep."""


UNDER = 0.25
"""Probability that what drives a segment's intensity moves in a sweep under the intensity as it is."""


class Kept(NamedTuple):
    """What is kept of a chain.

    Attributes
    ----------
    scores, values
        [draw, parameter].
    regime
        [draw, month].
    log_intensity
        [draw, segment, month].
    gap
        [draw, segment].
    price, price_covariance
        [draw, segment], [draw, segment, segment] log price at the last month given the draw; a negative
        variance where no price was ever seen.
    """

    scores: Floats
    values: Floats
    regime: Integers
    log_intensity: Floats
    gap: Floats
    price: Floats
    price_covariance: Floats


@compiled
def _stretches(part: int, s: int, months: int, model: Model, state: State, draw: np.random.Generator) -> None:
    """Move all the innovations of a segment, or the common ones, stretch by stretch, if it is their turn."""
    if draw.random() > TURN:
        return
    current = part_log_likelihood(part, s, months, model, state)
    length = SHORTEST_STRETCH + int(draw.random() * (LONGEST_STRETCH - SHORTEST_STRETCH + 1))
    first = -int(draw.random() * length)
    while first < months:
        begin, end = max(first, 0), min(first + length, months)
        current = slice_stretch(part, s, begin, end, months, model, state, draw, current)
        first += length


@compiled
def _scores(part: int, s: int, months: int, model: Model, state: State, draw: np.random.Generator) -> None:
    """Move the scores that a part speaks of, one by one, if it is their turn."""
    unknowns = model.unknowns
    if draw.random() > TURN:
        return
    current = part_log_likelihood(part, s, months, model, state)
    for i in range(unknowns.free.size):
        if unknowns.part[i] == part and unknowns.segment[i] == s:
            current = slice_score(unknowns.free[i], part, s, months, model, state, draw, current)


@compiled
def _blocks(months: int, model: Model, state: State, factors: Floats, draw: np.random.Generator) -> None:
    """Move the blocks whose turn it is."""
    for b in range(model.unknowns.block_size.size):
        if draw.random() > TURN:
            continue
        s = model.unknowns.block_segment[b]
        current = part_log_likelihood(SEGMENT, s, months, model, state)
        for _ in range(DIRECTIONS):
            current = slice_block(b, factors[b], months, model, state, draw, current)


@compiled
def sweep(
    proposals: int, months: int, model: Model, state: State, factors: Floats, draw: np.random.Generator
) -> None:
    """Move everything once; ``state.totals`` must belong to the path, and do so after."""
    for s in range(state.gap.size):
        for part in (SEGMENT, LEAVING, GROWTH):
            _scores(part, s, months, model, state, draw)
        if draw.random() < UNDER:
            move_driver(s, months, model, state, draw)
        _stretches(SEGMENT, s, months, model, state, draw)
    _blocks(months, model, state, factors, draw)
    _stretches(COMMON, 0, months, model, state, draw)
    for part in (CHAIN, PRICE):
        _scores(part, 0, months, model, state, draw)
    move_regimes(proposals, months, model, state, draw)


@compiled
def run_chain(
    thin: int, proposals: int, months: int, model: Model, state: State, factors: Floats,
    draw: np.random.Generator, kept: Kept,
) -> None:  # fmt: skip
    """Keep a state after every ``thin`` sweeps, until ``kept`` is full."""
    segments = state.gap.size
    mean, covariance = np.empty(segments + 1), np.empty((segments + 1, segments + 1))
    evidence_log_likelihood(months, model, state)
    for n in range(kept.scores.shape[0]):
        for _ in range(thin):
            sweep(proposals, months, model, state, factors, draw)
        kept.scores[n], kept.values[n], kept.regime[n] = state.scores, state.values, state.regime
        kept.log_intensity[n], kept.gap[n] = state.log_intensity, state.gap
        filter_prices(months, state.regime, state.values, model.places, model.counts, mean, covariance)
        for s in range(segments):
            kept.price[n, s] = mean[0] + mean[1 + s]
            for u in range(segments):
                between = covariance[1 + max(s, u), 1 + min(s, u)]
                kept.price_covariance[n, s, u] = (
                    covariance[0, 0] + covariance[1 + u, 0] + covariance[1 + s, 0] + between
                )
            if covariance[1 + s, 1 + s] == FLAT:
                kept.price_covariance[n, s, s] = -1.0
