"""Moves of all scores and innovations at once, along ellipses of a normal law that is near the posterior.

Periodic figures are few and each speaks of everything before it, so what they fix are a few directions across
all unknowns u, and what they leave is the prior. Given a normal law N(m, C) near the posterior,

    posterior(u) = N(u; m, C) x [N(u; 0, 1) likelihood(u) / N(u; m, C)],

elliptical slice sampling takes the first factor as its prior and the bracket as its likelihood: the
generalised elliptical slice sampling of Nishihara, Murray and Adams, *Journal of Machine Learning Research*
15 (2014) 2087. Here C^-1 = 1 + J'J/w, with J the slopes of the figures' predictions, so it costs little to
weigh. What the figures fix depends on the path of regimes, so there is a law for each of some typical paths,
and a move takes that of the path most like its own, which it leaves alone. A law narrower than the posterior
would hold on to what lies in its tails, so a move takes one of several widths w by chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from secondhall.belief.kernels.centred import move_drivers, move_regimes_under
from secondhall.belief.kernels.chain import Kept
from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.model import CHAIN, COMMON, SEGMENT, Model, State
from secondhall.belief.kernels.posterior import part_log_likelihood, segment_demand
from secondhall.belief.kernels.regimes import INTERVAL, SWITCH, _interval, _spell, _switch
from secondhall.belief.kernels.scores import set_values
from secondhall.belief.kernels.series import Filtered, filter_series
from secondhall.belief.kernels.slices import slice_score, slice_stretch
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = [
    "Near",
    "gather",
    "gradient",
    "information",
    "log_likelihood",
    "place",
    "root_of",
    "run_ellipses",
    "solved",
    "solved_above",
]

NARROWEST = 1e-9

SWAP = 0.2
"""Share of the paths proposed in which two regimes change places throughout."""

SINGLES = 2
"""Single scores that move beside each move of all."""

SHORTEST_STRETCH, LONGEST_STRETCH = 3, 12
"""Months whose innovations move together beside it."""


class Near(NamedTuple):
    """Normal laws near the posterior given a path of regimes.

    Attributes
    ----------
    path
        [law, month] the typical path.
    middle
        [law, unknown] m: the free scores, then the innovations row after row.
    slopes
        [law, row, unknown] J.
    width
        [width] w.
    root
        [law, width, unknown, unknown] lower, with root root' = C^-1.
    """

    path: Integers
    middle: Floats
    slopes: Floats
    width: Floats
    root: Floats


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
    """Set a state to a point; return the log-likelihood of the figures and of the path of regimes there."""
    place(u, model, state)
    months = state.regime.size
    found = part_log_likelihood(COMMON, 0, months, model, state)
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
def root_of(slopes: Floats, width: float) -> Floats:
    """Return the lower Cholesky factor of 1 + J'J/w.

    A threaded library would be slower on matrices of a few hundred rows, and much so on a busy machine.
    """
    rows, size = slopes.shape
    root = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            total = 1.0 if i == j else 0.0
            for row in range(rows):
                total += slopes[row, i] * slopes[row, j] / width
            for k in range(j):
                total -= root[i, k] * root[j, k]
            root[i, j] = np.sqrt(total) if i == j else total / root[j, j]
    return root


@compiled
def solved_above(root: Floats, right: Floats) -> Floats:
    """Return x with root' x = right; of independent normals it makes a draw of N(0, C)."""
    size = right.size
    x = right.copy()
    for i in range(size - 1, -1, -1):
        x[i] /= root[i, i]
        for j in range(i):
            x[j] -= root[i, j] * x[i]
    return x


@compiled
def solved(root: Floats, right: Floats) -> Floats:
    """Return C right, that is x with root root' x = right."""
    size = right.size
    x = right.copy()
    for i in range(size):
        for j in range(i):
            x[i] -= root[i, j] * x[j]
        x[i] /= root[i, i]
    return solved_above(root, x)


@compiled
def gradient(u: Floats, step: float, model: Model, state: State) -> Floats:
    """Return [unknown] the slopes of the log-likelihood, by central differences."""
    found, moved = np.empty(u.size), u.copy()
    for k in range(u.size):
        moved[k] = u[k] + step
        above = log_likelihood(moved, model, state)
        moved[k] = u[k] - step
        found[k] = (above - log_likelihood(moved, model, state)) / (2.0 * step)
        moved[k] = u[k]
    return found


@compiled
def information(u: Floats, step: float, model: Model, state: State) -> Floats:
    """Return [row, unknown] the slopes of each prediction and of its log variance, as information."""
    here = predictions(u, model, state)
    figures, moved = here.predicted.size, u.copy()
    found = np.empty((2 * figures, u.size))
    for k in range(u.size):
        moved[k] = u[k] + step
        above = predictions(moved, model, state)
        moved[k] = u[k] - step
        below = predictions(moved, model, state)
        moved[k] = u[k]
        for i in range(figures):
            deviation = np.sqrt(here.predicted_variance[i])
            found[i, k] = (above.predicted[i] - below.predicted[i]) / (2.0 * step * deviation)
            ratio = above.predicted_variance[i] / below.predicted_variance[i]
            found[figures + i, k] = np.log(ratio) / (2.0 * step * np.sqrt(2.0))
    return found


@compiled
def _nearest(regime: Integers, near: Near) -> int:
    """Return the law whose path differs from this one in the fewest months."""
    best, fewest = 0, regime.size + 1
    for law in range(near.path.shape[0]):
        differ = 0
        for t in range(regime.size):
            differ += near.path[law, t] != regime[t]
        if differ < fewest:
            best, fewest = law, differ
    return best


@compiled
def _bracket(u: Floats, law: int, width: int, near: Near, model: Model, state: State) -> float:
    """Return the log of what the posterior has over a law, but for a constant."""
    weighed = 0.0
    for row in range(near.slopes.shape[1]):
        along = 0.0
        for i in range(u.size):
            along += near.slopes[law, row, i] * (u[i] - near.middle[law, i])
        weighed += along * along / near.width[width]
    for i in range(u.size):
        weighed += (u[i] - near.middle[law, i]) ** 2 - u[i] * u[i]
    return log_likelihood(u, model, state) + 0.5 * weighed


@compiled
def _move(u: Floats, near: Near, model: Model, state: State, draw: np.random.Generator) -> None:
    """Move all unknowns once; ``u`` and the state end at the same point."""
    size, law = u.size, _nearest(state.regime, near)
    width = int(draw.random() * near.width.size)
    middle = near.middle[law]
    before = u - middle
    other = solved_above(near.root[law, width], draw.standard_normal(size))
    threshold = _bracket(u, law, width, near, model, state) + np.log(draw.random())
    angle = draw.random() * 2.0 * np.pi
    low, high = angle - 2.0 * np.pi, angle
    while high - low > NARROWEST:
        u[:] = middle + before * np.cos(angle) + other * np.sin(angle)
        if _bracket(u, law, width, near, model, state) > threshold:
            return
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = low + draw.random() * (high - low)
    u[:] = middle + before
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
def _stretch(model: Model, state: State, draw: np.random.Generator) -> None:
    """Move the innovations of a few months, of one segment or the common ones."""
    months = state.regime.size
    length = min(SHORTEST_STRETCH + int(draw.random() * (LONGEST_STRETCH - SHORTEST_STRETCH + 1)), months)
    first = int(draw.random() * (months - length + 1))
    row = int(draw.random() * state.innovations.shape[0])
    part, s = (COMMON, 0) if row == 0 else (SEGMENT, row - 1)
    current = part_log_likelihood(part, s, months, model, state)
    slice_stretch(part, s, first, first + length, months, model, state, draw, current)


@compiled
def _swapped(months: int, regime: Integers, draw: np.random.Generator) -> None:
    """Let two regimes change places throughout a path."""
    one = int(draw.random() * 3.0)
    other = (one + 1 + int(draw.random() * 2.0)) % 3
    for t in range(months):
        if regime[t] == one:
            regime[t] = other
        elif regime[t] == other:
            regime[t] = one


@compiled
def _carry(
    proposals: int, u: Floats, near: Near, model: Model, state: State, draw: np.random.Generator
) -> int:
    """Propose paths of regimes and carry all unknowns along; return how many were taken.

    What a point is in the law of its path, ``r = root' (u - m)``, it becomes in that of the new one: a map
    whose return is the same, with the ratio of the roots' determinants. It is taken with the ratio of the
    posteriors times that (Green, *Biometrika* 82 (1995) 711).
    """
    months, taken, size = state.regime.size, 0, u.size
    before = state.regime.copy()
    law = _nearest(before, near)
    current = log_likelihood(u, model, state) - 0.5 * np.sum(u * u)
    for _ in range(proposals):
        kind, first, last, z = draw.random(), 0, 0, 0
        if kind < SWAP:
            _swapped(months, state.regime, draw)
        else:
            if kind < SWAP + (1.0 - SWAP) * INTERVAL:
                first, last, z = _interval(months, state.regime, draw)
            elif kind < SWAP + (1.0 - SWAP) * SWITCH:
                first, last, z = _switch(months, state.regime, draw)
            else:
                first, last, z = _spell(months, state.regime, draw)
            if last == first:
                continue
            state.regime[first:last] = z
        to, moved, stretch = _nearest(state.regime, near), u.copy(), 0.0
        if to != law:
            whitened, root, root_to = np.zeros(size), near.root[law, 0], near.root[to, 0]
            for i in range(size):
                for j in range(i, size):
                    whitened[i] += root[j, i] * (u[j] - near.middle[law, j])
                stretch += np.log(root[i, i] / root_to[i, i])
            moved = near.middle[to] + solved_above(root_to, whitened)
        found = log_likelihood(moved, model, state) - 0.5 * np.sum(moved * moved)
        if np.log(draw.random()) < found - current + stretch:
            u[:], before[:], law, current, taken = moved, state.regime, to, found, taken + 1
        else:
            state.regime[:] = before
    log_likelihood(u, model, state)
    return taken


@compiled
def run_ellipses(
    thin: int, moves: int, proposals: int, model: Model, state: State, near: Near,
    draw: np.random.Generator, kept: Kept,
) -> None:  # fmt: skip
    """Keep a state after every ``thin`` rounds.

    A round moves all unknowns ``moves`` times, each time also what drives demand under it, a few single
    scores and the innovations of a few months; then the path of regimes, by ``proposals`` that leave the
    intensity and as many that carry all unknowns along.
    """
    u = gather(model, state)
    log_likelihood(u, model, state)
    for n in range(kept.scores.shape[0]):
        for _ in range(thin):
            for _ in range(moves):
                _move(u, near, model, state, draw)
                move_drivers(1, model, state, draw)
                _singles(SINGLES, model, state, draw)
                _stretch(model, state, draw)
                u[:] = gather(model, state)
            move_regimes_under(proposals, model, state, draw)
            u[:] = gather(model, state)
            _carry(proposals, u, near, model, state, draw)
        kept.scores[n], kept.values[n], kept.regime[n] = state.scores, state.values, state.regime
        kept.log_intensity[n], kept.gap[n] = state.log_intensity, state.gap
