"""Moves that leave the log-intensity where it is, so that the figures hardly notice.

With x fixed the own innovations follow from what drives it (M2 to M4):

    e_s = (x - b - d_before - kappa (ln l_z - d_before) - sigma a e_0) / (sigma sqrt(1 - a^2)),  d = x - b,

and the density of what drives x given x is that of its scores times ``prod N(e_s) / (sigma sqrt(1 - a^2))``;
a path of regimes also changes who leaves, who grows and what prices do, which the figures are asked about.
Alternating such moves with moves that leave the innovations mixes where either alone is slow: the
interweaving of Yu and Meng, *Journal of Computational and Graphical Statistics* 20 (2011) 531.
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.demand import drive_of, grown
from secondhall.belief.kernels.market import regimes_log_prior, set_moves
from secondhall.belief.kernels.model import SEGMENT, Model, Places, State
from secondhall.belief.kernels.posterior import figures_log_likelihood
from secondhall.belief.kernels.regimes import INTERVAL, SWITCH, _interval, _spell, _switch
from secondhall.belief.kernels.scores import value_at
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["drives", "move_driver", "move_drivers", "move_regimes_under", "set_innovations"]

NARROWEST, LEAST_OWN = 1e-9, 1e-9


@compiled
def set_innovations(
    s: int, months: int, regime: Integers, values: Floats, places: Places, log_intensity: Floats,
    innovations: Floats,
) -> float:  # fmt: skip
    """Fill a segment's own innovations so that its log-intensity is what it is; return their log density."""
    kappa, common, own, ceiling, level, growth = drive_of(s, values, places)
    if own < LEAST_OWN:
        return -np.inf
    deviation = level[regime[0]]
    trend = np.log(values[places.opening[s]]) - deviation
    total = 0.0
    for t in range(months):
        z = regime[t]
        trend = grown(trend, growth[z], ceiling)
        drifted = deviation + kappa * (level[z] - deviation) + common * innovations[0, t]
        deviation = log_intensity[s, t] - trend
        e = (deviation - drifted) / own
        innovations[1 + s, t] = e
        total -= 0.5 * e * e
    density: float = total - months * np.log(own)
    return density


@compiled
def drives(k: int, s: int, places: Places) -> bool:
    """Return whether a parameter drives a segment's log-intensity."""
    if k in (places.opening[s], places.reversion[s], places.volatility[s], places.common_share[s]):
        return True
    found = False
    for z in range(3):
        found = found or k == places.growth[s, z] or k == places.level[s, z]
    return found


@compiled
def _move(
    k: int, s: int, months: int, model: Model, state: State, draw: np.random.Generator, current: float
) -> float:
    """Move one parameter by an ellipse of its own; return the log density of the innovations."""
    before, other = state.scores[k], draw.standard_normal()
    threshold = current + np.log(draw.random())
    angle = draw.random() * 2.0 * np.pi
    low, high = angle - 2.0 * np.pi, angle
    while high - low > NARROWEST:
        state.scores[k] = before * np.cos(angle) + other * np.sin(angle)
        state.values[k] = value_at(model.stated, k, state.scores[k])
        found = set_innovations(
            s, months, state.regime, state.values, model.places, state.log_intensity, state.innovations
        )  # fmt: skip
        if found > threshold:
            return found
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = low + draw.random() * (high - low)
    state.scores[k] = before
    state.values[k] = value_at(model.stated, k, before)
    return set_innovations(
        s, months, state.regime, state.values, model.places, state.log_intensity, state.innovations
    )  # fmt: skip


@compiled
def move_driver(s: int, months: int, model: Model, state: State, draw: np.random.Generator) -> None:
    """Move all that drives a segment's log-intensity, which stays where it is, on the first months."""
    unknowns = model.unknowns
    current = set_innovations(
        s, months, state.regime, state.values, model.places, state.log_intensity, state.innovations
    )  # fmt: skip
    if current == -np.inf:
        return
    for i in range(unknowns.free.size):
        if unknowns.part[i] == SEGMENT and drives(unknowns.free[i], s, model.places):
            current = _move(unknowns.free[i], s, months, model, state, draw, current)


@compiled
def move_drivers(times: int, model: Model, state: State, draw: np.random.Generator) -> None:
    """Move all that drives each segment's log-intensity, which stays where it is."""
    for s in range(state.gap.size):
        for _ in range(times):
            move_driver(s, state.regime.size, model, state, draw)


@compiled
def _all_innovations(model: Model, state: State) -> float:
    """Set the own innovations of all segments; return their log density."""
    total, months = 0.0, state.regime.size
    for s in range(state.gap.size):
        total += set_innovations(
            s, months, state.regime, state.values, model.places, state.log_intensity, state.innovations
        )  # fmt: skip
    return total


@compiled
def move_regimes_under(proposals: int, model: Model, state: State, draw: np.random.Generator) -> int:
    """Propose paths of regimes under the log-intensity as it is; return how many were taken.

    The proposals are those of `secondhall.belief.kernels.regimes`, weighed in the same two stages.
    """
    months, taken = state.regime.size, 0
    moves = np.empty((3, 3))
    set_moves(state.values, model.places, moves)
    cheap = regimes_log_prior(months, state.regime, moves, model.first_regime) + _all_innovations(
        model, state
    )
    dear = figures_log_likelihood(months, model, state)
    before, innovations = np.empty(months, np.int64), np.empty_like(state.innovations)
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
        before[:], innovations[:] = state.regime, state.innovations
        state.regime[first:last] = z
        cheaper = regimes_log_prior(months, state.regime, moves, model.first_regime)
        cheaper += _all_innovations(model, state)
        if np.log(draw.random()) < cheaper - cheap:
            dearer = figures_log_likelihood(months, model, state)
            if np.log(draw.random()) < dearer - dear:
                cheap, dear, taken = cheaper, dearer, taken + 1
                continue
        state.regime[:], state.innovations[:] = before, innovations
    return taken
