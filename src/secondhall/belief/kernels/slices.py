"""Moves of the scores and the innovations, whose prior is standard normal.

Elliptical slice sampling (Murray, Adams and MacKay, *AISTATS* 2010) for a single score and for a stretch of
innovations: a point on the ellipse through the present state and a draw from the prior, by an angle that
shrinks towards the present until the likelihood exceeds a uniform share of what it is; nothing to tune.
Scores that hang together move along a random direction of their covariance, which the warm-up found, by slice
sampling with stepping out (Neal, *Annals of Statistics* 31 (2003), 705, figures 3 and 5).

Each takes the log-likelihood of its part as it is and returns what it became.
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.model import COMMON, SEGMENT, Counts, Model, Places, State
from secondhall.belief.kernels.posterior import look
from secondhall.belief.kernels.scores import Statements, value_at
from secondhall.belief.kernels.series import SeriesData
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["slice_block", "slice_score", "slice_stretch"]

NARROWEST = 1e-9
STEPS_OUT = 8
WIDTH = 2.0
"""Of the first interval of a block's slice, in deviations of its covariance."""


@compiled
def slice_score(
    k: int, part: int, s: int, months: int, model: Model, state: State, draw: np.random.Generator,
    current: float,
) -> float:  # fmt: skip
    """Move parameter ``k``."""
    stated, places, counts, series = model.stated, model.places, model.counts, model.series
    scores, values, innovations, regime = state.scores, state.values, state.innovations, state.regime
    log_intensity, gap, totals, law = state.log_intensity, state.gap, state.totals, model.first_regime
    before, other = scores[k], draw.standard_normal()
    threshold = current + np.log(draw.random())
    angle = draw.random() * 2.0 * np.pi
    low, high = angle - 2.0 * np.pi, angle
    while True:
        if high - low < NARROWEST:
            angle = 0.0
        scores[k] = before * np.cos(angle) + other * np.sin(angle)
        values[k] = value_at(stated, k, scores[k])
        found = look(
            part, s, months, places, counts, series, law, values, innovations, regime, log_intensity, gap,
            totals,
        )  # fmt: skip
        if found > threshold or angle == 0.0:
            return found
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = low + draw.random() * (high - low)


@compiled
def slice_stretch(
    part: int, s: int, first: int, last: int, months: int, model: Model, state: State,
    draw: np.random.Generator, current: float,
) -> float:  # fmt: skip
    """Move the innovations of months first to last - 1: a segment's own, or the common ones."""
    places, counts, series = model.places, model.counts, model.series
    values, innovations, regime = state.values, state.innovations, state.regime
    log_intensity, gap, totals, law = state.log_intensity, state.gap, state.totals, model.first_regime
    row = innovations[0] if part == COMMON else innovations[1 + s]
    before = row[first:last].copy()
    other = draw.standard_normal(last - first)
    threshold = current + np.log(draw.random())
    angle = draw.random() * 2.0 * np.pi
    low, high = angle - 2.0 * np.pi, angle
    while True:
        if high - low < NARROWEST:
            angle = 0.0
        toward, across = np.cos(angle), np.sin(angle)
        for t in range(first, last):
            row[t] = before[t - first] * toward + other[t - first] * across
        found = look(
            part, s, months, places, counts, series, law, values, innovations, regime, log_intensity, gap,
            totals,
        )  # fmt: skip
        if found > threshold or angle == 0.0:
            return found
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = low + draw.random() * (high - low)


@compiled
def _prior(before: Floats, direction: Floats, step: float) -> float:
    total = 0.0
    for i in range(before.size):
        total -= 0.5 * (before[i] + step * direction[i]) ** 2
    return total


@compiled
def _along(
    step: float, before: Floats, direction: Floats, members: Integers, stated: Statements, scores: Floats,
    s: int, months: int, places: Places, counts: Counts, series: SeriesData, first_regime: Floats,
    values: Floats, innovations: Floats, regime: Integers, log_intensity: Floats, gap: Floats, totals: Floats,
) -> float:  # fmt: skip
    """Set a block's scores to a point of the line; return the likelihood there."""
    for i in range(before.size):
        scores[members[i]] = before[i] + step * direction[i]
        values[members[i]] = value_at(stated, members[i], scores[members[i]])
    return look(
        SEGMENT, s, months, places, counts, series, first_regime, values, innovations, regime, log_intensity,
        gap, totals,
    )  # fmt: skip


@compiled
def slice_block(
    b: int, factor: Floats, months: int, model: Model, state: State, draw: np.random.Generator,
    current: float,
) -> float:  # fmt: skip
    """Move a segment's block of scores along a random direction of the covariance ``factor factor'``."""
    size, s, members = (
        model.unknowns.block_size[b],
        model.unknowns.block_segment[b],
        model.unknowns.members[b],
    )
    before, direction = np.empty(size), np.zeros(size)
    normal = draw.standard_normal(size) / np.sqrt(size)
    for i in range(size):
        before[i] = state.scores[members[i]]
        for j in range(i + 1):
            direction[i] += factor[i, j] * normal[j]
    line = (
        before, direction, members, model.stated, state.scores, s, months, model.places, model.counts,
        model.series, model.first_regime, state.values, state.innovations, state.regime, state.log_intensity,
        state.gap, state.totals,
    )  # fmt: skip
    threshold = current + _prior(before, direction, 0.0) + np.log(draw.random())
    low = -WIDTH * draw.random()
    high = low + WIDTH
    left = int(draw.random() * STEPS_OUT)
    right = STEPS_OUT - 1 - left
    while left > 0 and _along(low, *line) + _prior(before, direction, low) > threshold:
        low, left = low - WIDTH, left - 1
    while right > 0 and _along(high, *line) + _prior(before, direction, high) > threshold:
        high, right = high + WIDTH, right - 1
    while high - low > NARROWEST:
        step = low + draw.random() * (high - low)
        found = _along(step, *line)
        if found + _prior(before, direction, step) > threshold:
            return found
        if step < 0.0:
            low = step
        else:
            high = step
    return _along(0.0, *line)
