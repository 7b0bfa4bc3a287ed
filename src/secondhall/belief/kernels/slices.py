"""Moves of the scores and the innovations, whose prior is standard normal.

Elliptical slice sampling (Murray, Adams and MacKay, *AISTATS* 2010) for a single score and for a stretch of
innovations: a point on the ellipse through the present state and a draw from the prior, by an angle that
shrinks towards the present until the likelihood exceeds a uniform share of what it is; nothing to tune. Scores
that hang together move along a random direction of their covariance, which the warm-up found, by slice sampling
with stepping out (Neal, *Annals of Statistics* 31 (2003), 705, figures 3 and 5).

Each takes the log-likelihood of its part as it is and returns what it became.
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.model import Model, State
from secondhall.belief.kernels.posterior import figures_log_likelihood, part_log_likelihood, segment_demand
from secondhall.belief.kernels.scores import value_at
from secondhall.company.layout import Floats

__all__ = ["COMMON", "slice_block", "slice_score", "slice_stretch"]

COMMON = -1
"""In place of a segment: the innovations that are common to all."""

NARROWEST = 1e-9
STEPS_OUT = 8


@compiled
def slice_score(
    k: int, part: int, s: int, months: int, model: Model, state: State, draw: np.random.Generator,
    current: float,
) -> float:  # fmt: skip
    """Move parameter ``k``."""
    before, other = state.scores[k], draw.standard_normal()
    threshold = current + np.log(draw.random())
    angle = draw.random() * 2.0 * np.pi
    low, high = angle - 2.0 * np.pi, angle
    while high - low > NARROWEST:
        state.scores[k] = before * np.cos(angle) + other * np.sin(angle)
        state.values[k] = value_at(model.stated, k, state.scores[k])
        found = part_log_likelihood(part, s, months, model, state)
        if found > threshold:
            return found
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = low + draw.random() * (high - low)
    state.scores[k] = before
    state.values[k] = value_at(model.stated, k, before)
    return part_log_likelihood(part, s, months, model, state)


@compiled
def _stretch_log_likelihood(s: int, months: int, model: Model, state: State) -> float:
    """Return what changes with the innovations of a segment, or of all."""
    found = figures = 0.0
    for u in range(state.gap.size):
        if s in (COMMON, u):
            found += segment_demand(u, months, model, state)
    figures = figures_log_likelihood(months, model, state)
    return found + figures


@compiled
def slice_stretch(
    s: int, first: int, last: int, months: int, model: Model, state: State, draw: np.random.Generator,
    current: float,
) -> float:  # fmt: skip
    """Move the innovations of months first to last - 1."""
    row = state.innovations[1 + s]
    before = row[first:last].copy()
    other = draw.standard_normal(last - first)
    threshold = current + np.log(draw.random())
    angle = draw.random() * 2.0 * np.pi
    low, high = angle - 2.0 * np.pi, angle
    while high - low > NARROWEST:
        row[first:last] = before * np.cos(angle) + other * np.sin(angle)
        found = _stretch_log_likelihood(s, months, model, state)
        if found > threshold:
            return found
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = low + draw.random() * (high - low)
    row[first:last] = before
    return _stretch_log_likelihood(s, months, model, state)


@compiled
def _along(
    b: int, step: float, before: Floats, direction: Floats, months: int, model: Model, state: State
) -> tuple[float, float]:
    """Set a block's scores to a point of the line; return likelihood and prior there."""
    prior = 0.0
    for i in range(model.unknowns.block_size[b]):
        k = model.unknowns.members[b, i]
        score = before[i] + step * direction[i]
        prior -= 0.5 * score * score
        state.scores[k] = score
        state.values[k] = value_at(model.stated, k, score)
    part, s = model.unknowns.block_part[b], model.unknowns.block_segment[b]
    return part_log_likelihood(part, s, months, model, state), prior


@compiled
def slice_block(
    b: int, factor: Floats, months: int, model: Model, state: State, draw: np.random.Generator,
    current: float,
) -> float:  # fmt: skip
    """Move a block of scores along a random direction of the covariance ``factor factor'``."""
    size = model.unknowns.block_size[b]
    before, direction, prior = np.empty(size), np.zeros(size), 0.0
    for i in range(size):
        before[i] = state.scores[model.unknowns.members[b, i]]
        prior -= 0.5 * before[i] ** 2
    normal = draw.standard_normal(size) / np.sqrt(size)
    for i in range(size):
        for j in range(i + 1):
            direction[i] += factor[i, j] * normal[j]
    threshold = current + prior + np.log(draw.random())
    width = 2.0
    low = -width * draw.random()
    high = low + width
    left = int(draw.random() * STEPS_OUT)
    right = STEPS_OUT - 1 - left
    while left > 0 and sum(_along(b, low, before, direction, months, model, state)) > threshold:
        low, left = low - width, left - 1
    while right > 0 and sum(_along(b, high, before, direction, months, model, state)) > threshold:
        high, right = high + width, right - 1
    while high - low > NARROWEST:
        step = low + draw.random() * (high - low)
        found, prior = _along(b, step, before, direction, months, model, state)
        if found + prior > threshold:
            return found
        if step < 0.0:
            low = step
        else:
            high = step
    return _along(b, 0.0, before, direction, months, model, state)[0]
