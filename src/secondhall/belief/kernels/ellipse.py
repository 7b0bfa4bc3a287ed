"""Moves of all scores and innovations at once, along ellipses of a normal law that is near the posterior.

Periodic figures are few and each speaks of everything before it, so what they fix are a few directions across
all unknowns u, and what they leave is the prior. Given a normal law N(m, C) near the posterior,

    posterior(u) = N(u; m, C) x [N(u; 0, 1) likelihood(u) / N(u; m, C)],

elliptical slice sampling takes the first factor as its prior and the bracket as its likelihood: the
generalised elliptical slice sampling of Nishihara, Murray and Adams, *Journal of Machine Learning Research*
15 (2014) 2087. Here C^-1 = 1 + J'J/w, with J the slopes of the figures' predictions, so it costs little to
weigh. A law narrower than the posterior would hold on to what lies in its tails, so a move takes one of
several widths w by chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from secondhall.belief.kernels.centred import move_drivers, move_regimes_under
from secondhall.belief.kernels.chain import Kept
from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.model import CHAIN, Model, State
from secondhall.belief.kernels.posterior import (
    evidence_log_likelihood,
    part_log_likelihood,
    segment_demand,
)
from secondhall.belief.kernels.regimes import move_regimes
from secondhall.belief.kernels.scores import set_values
from secondhall.belief.kernels.series import Filtered, filter_series
from secondhall.belief.kernels.slices import slice_score
from secondhall.company.layout import Floats

__all__ = ["Near", "gather", "log_likelihood", "place", "predictions", "run_ellipses"]

NARROWEST = 1e-9

SINGLES = 3


class Near(NamedTuple):
    """A normal law near the posterior.

    Attributes
    ----------
    middle
        [unknown] m: the free scores, then the innovations row after row.
    slopes
        [row, unknown] J.
    width
        [law] w.
    factor
        [law, unknown, unknown] with factor factor' = C.
    """

    middle: Floats
    slopes: Floats
    width: Floats
    factor: Floats


@compiled
def place(u: Floats, model: Model, state: State) -> None:
    """Set scores, values and innovations to a point."""
    free, months = model.unknowns.free, state.regime.size
    for i in range(free.size):
        state.scores[free[i]] = u[i]
    set_values(model.stated, free, state.scores, state.values)
    for row in range(state.innovations.shape[0]):
        first = free.size + row * months
        state.innovations[row] = u[first : first + months]


@compiled
def gather(model: Model, state: State) -> Floats:
    """Return the point of a state."""
    free, months = model.unknowns.free, state.regime.size
    rows = state.innovations.shape[0]
    u = np.empty(free.size + rows * months)
    for i in range(free.size):
        u[i] = state.scores[free[i]]
    for row in range(rows):
        first = free.size + row * months
        u[first : first + months] = state.innovations[row]
    return u


@compiled
def log_likelihood(u: Floats, model: Model, state: State) -> float:
    """Set a state to a point; return the log-likelihood of the evidence and of the path of regimes there."""
    place(u, model, state)
    months = state.regime.size
    found = evidence_log_likelihood(months, model, state)
    return found + part_log_likelihood(CHAIN, 0, months, model, state)


@compiled
def predictions(u: Floats, model: Model, state: State) -> Filtered:
    """Set a state to a point; return what the filter makes of the figures there."""
    place(u, model, state)
    months = state.regime.size
    for s in range(state.gap.size):
        segment_demand(s, months, model, state)
    return filter_series(state.log_intensity, state.regime, state.values, model.series)


@compiled
def _bracket(u: Floats, law: int, near: Near, model: Model, state: State) -> float:
    """Return the log of what the posterior has over the normal law, but for a constant."""
    weighed = 0.0
    for row in range(near.slopes.shape[0]):
        along = 0.0
        for i in range(u.size):
            along += near.slopes[row, i] * (u[i] - near.middle[i])
        weighed += along * along / near.width[law]
    for i in range(u.size):
        weighed += (u[i] - near.middle[i]) ** 2 - u[i] * u[i]
    return log_likelihood(u, model, state) + 0.5 * weighed


@compiled
def _move(u: Floats, near: Near, model: Model, state: State, draw: np.random.Generator) -> None:
    """Move all unknowns once; ``u`` and the state end at the same point."""
    size, law = u.size, int(draw.random() * near.width.size)
    normal, before = draw.standard_normal(size), u - near.middle
    other = np.zeros(size)
    for i in range(size):
        for j in range(i + 1):
            other[i] += near.factor[law, i, j] * normal[j]
    threshold = _bracket(u, law, near, model, state) + np.log(draw.random())
    angle = draw.random() * 2.0 * np.pi
    low, high = angle - 2.0 * np.pi, angle
    while high - low > NARROWEST:
        u[:] = near.middle + before * np.cos(angle) + other * np.sin(angle)
        if _bracket(u, law, near, model, state) > threshold:
            return
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = low + draw.random() * (high - low)
    u[:] = near.middle + before
    log_likelihood(u, model, state)


@compiled
def _singles(times: int, model: Model, state: State, draw: np.random.Generator) -> None:
    """Move single scores, drawn by chance, each by an ellipse of its own."""
    unknowns, months = model.unknowns, state.regime.size
    for _ in range(times):
        i = int(draw.random() * unknowns.free.size)
        part, s = unknowns.part[i], unknowns.segment[i]
        current = part_log_likelihood(part, s, months, model, state)
        slice_score(unknowns.free[i], part, s, months, model, state, draw, current)


@compiled
def run_ellipses(
    thin: int, moves: int, proposals: int, model: Model, state: State, near: Near,
    draw: np.random.Generator, kept: Kept,
) -> None:  # fmt: skip
    """Keep a state after every ``thin`` rounds.

    A round moves all unknowns ``moves`` times, each time also what drives demand under it and a few single
    scores; then the path of regimes, by ``proposals`` under the innovations and as many under the intensity.
    """
    months, u = state.regime.size, gather(model, state)
    log_likelihood(u, model, state)
    for n in range(kept.scores.shape[0]):
        for _ in range(thin):
            for _ in range(moves):
                _move(u, near, model, state, draw)
                move_drivers(1, model, state, draw)
                _singles(SINGLES, model, state, draw)
                u[:] = gather(model, state)
            move_regimes_under(proposals, model, state, draw)
            move_regimes(proposals, months, model, state, draw)
            u[:] = gather(model, state)
            log_likelihood(u, model, state)
        kept.scores[n], kept.values[n], kept.regime[n] = state.scores, state.values, state.regime
        kept.log_intensity[n], kept.gap[n] = state.log_intensity, state.gap
