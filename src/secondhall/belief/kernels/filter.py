"""What was thought then: the posterior month by month, with nothing later in it.

Iterated-batch importance sampling (Chopin, *Biometrika* 89 (2002), 539): a cloud of particles, each with its
own parameters, innovations and regimes. For a month that is added, several innovations are drawn from the
prior, common ones and each segment's own; regime and innovations are chosen in proportion to prior times
likelihood, so that the weight is the sum over the regimes and the mean over what was drawn, whose expectation
is the month's likelihood given the particle's parameters and past. A cloud that has become uneven is
resampled and moved by the sweeps of the chain on the months so far. Axes begin with [particle].
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.kernels.chain import sweep
from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.demand import Drive, drive_of, grown
from secondhall.belief.kernels.market import set_moves
from secondhall.belief.kernels.model import Counts, Model, State
from secondhall.belief.kernels.posterior import evidence_log_likelihood, installed_log_likelihood
from secondhall.belief.kernels.scores import set_values
from secondhall.company.layout import Floats

__all__ = ["extend", "open_cloud", "rejuvenate"]

COMMON, OWN = 8, 8
"""Innovations drawn for a month that is added: common ones, and own ones of each segment."""


@compiled
def _particle(cloud: State, p: int) -> State:
    return State(
        cloud.scores[p], cloud.values[p], cloud.innovations[p], cloud.regime[p], cloud.log_intensity[p],
        cloud.gap[p], cloud.totals[p],
    )  # fmt: skip


@compiled
def open_cloud(first: int, last: int, model: Model, cloud: State, draw: np.random.Generator) -> None:
    """Draw the parameters of particles first to last - 1 from the prior."""
    for p in range(first, last):
        for k in model.unknowns.free:
            cloud.scores[p, k] = draw.standard_normal()
        set_values(model.stated, model.unknowns.free, cloud.scores[p], cloud.values[p])


@compiled
def _weigh(
    s: int, t: int, trend: float, deviation: float, own: float, innovations: Floats, counts: Counts,
    weight: Floats,
) -> float:  # fmt: skip
    """(O1) Fill the likelihood [drawn] of a segment's new customers over its largest; return the log mean.

    ``deviation`` is the month's without the own innovation.
    """
    if not counts.seen[s, t]:
        weight[:] = 1.0
        return 0.0
    top = -np.inf
    for k in range(weight.size):
        x = trend + deviation + own * innovations[k]
        weight[k] = counts.new_customers[s, t] * x - np.exp(x)
        top = max(top, weight[k])
    if not np.isfinite(top):
        return -np.inf
    total = 0.0
    for k in range(weight.size):
        weight[k] = np.exp(weight[k] - top)
        total += weight[k]
    return float(top + np.log(total / weight.size))


@compiled
def _chosen(weight: Floats, draw: np.random.Generator) -> int:
    """Return a place, drawn in proportion to the weights."""
    point = draw.random() * weight.sum()
    i = 0
    while i < weight.size - 1 and point > weight[i]:
        point -= weight[i]
        i += 1
    return i


@compiled
def _before(s: int, t: int, z: int, drive: Drive, model: Model, state: State) -> tuple[float, float]:
    """(M2, M3) Return b and d of month ``t`` in regime z, before its innovations."""
    if t == 0:
        deviation = drive.level[z]
        trend = np.log(state.values[model.places.opening[s]]) - deviation
    else:
        deviation = state.gap[s] + drive.level[state.regime[t - 1]]
        trend = state.log_intensity[s, t - 1] - deviation
    deviation += drive.reversion * (drive.level[z] - deviation)
    return grown(trend, drive.growth[z], drive.ceiling), deviation


@compiled
def _new_customers(
    t: int, model: Model, state: State, common: Floats, own: Floats, found: Floats, weight: Floats
) -> None:
    """Fill [regime, drawn] the log-likelihood of the month's new customers, the mean over own innovations."""
    found[:] = 0.0
    for s in range(state.gap.size):
        drive = drive_of(s, state.values, model.places)
        for z in range(3):
            trend, deviation = _before(s, t, z, drive, model, state)
            for j in range(common.size):
                moved = deviation + drive.common * common[j]
                found[z, j] += _weigh(s, t, trend, moved, drive.own, own[s], model.counts, weight)


@compiled
def _add(
    t: int, z: int, e: float, own: Floats, weight: Floats, model: Model, state: State,
    draw: np.random.Generator,
) -> None:  # fmt: skip
    """Add month ``t`` in regime z with the common innovation e; choose each segment's own."""
    state.innovations[0, t] = e
    for s in range(state.gap.size):
        drive = drive_of(s, state.values, model.places)
        trend, deviation = _before(s, t, z, drive, model, state)
        deviation += drive.common * e
        _weigh(s, t, trend, deviation, drive.own, own[s], model.counts, weight)
        state.innovations[1 + s, t] = own[s, _chosen(weight, draw)]
        deviation += drive.own * state.innovations[1 + s, t]
        state.log_intensity[s, t] = trend + deviation
        state.gap[s] = deviation - drive.level[z]
    state.regime[t] = z


@compiled
def extend(
    first: int, last: int, t: int, model: Model, cloud: State, log_likelihood: Floats, chance: Floats,
    draw: np.random.Generator,
) -> None:  # fmt: skip
    """Add month ``t``.

    Parameters
    ----------
    log_likelihood
        [particle] of leavers, growth and prices of the months before, updated.
    chance
        [particle, regime] filled with the logarithm of prior times likelihood of each regime of the month:
        what a particle's weight is multiplied by is the sum of their exponentials.
    """
    segments = cloud.gap.shape[1]
    moves, found, weight = np.empty((3, 3)), np.empty(3), np.empty(OWN)
    joint = np.empty((3, COMMON))
    for p in range(first, last):
        state = _particle(cloud, p)
        common, own = draw.standard_normal(COMMON), draw.standard_normal((segments, OWN))
        _new_customers(t, model, state, common, own, joint, weight)
        set_moves(state.values, model.places, moves)
        for z in range(3):
            state.regime[t] = z
            found[z] = installed_log_likelihood(t + 1, model, state)
            prior = np.log(model.first_regime[z]) if t == 0 else moves[state.regime[t - 1], z]
            for j in range(COMMON):
                joint[z, j] += prior + found[z] - log_likelihood[p] - np.log(COMMON)
                # A particle whose intensity overflows is impossible, and stays so until it is resampled.
                if not np.isfinite(joint[z, j]):
                    joint[z, j] = -np.inf
        top = joint.max()
        if top == -np.inf:
            chance[p], log_likelihood[p] = -np.inf, -np.inf
            continue
        share = np.exp(joint - top)
        for z in range(3):
            chance[p, z] = top + np.log(share[z].sum())
        chosen = _chosen(share.ravel(), draw)
        z, j = chosen // COMMON, chosen % COMMON
        _add(t, z, common[j], own, weight, model, state, draw)
        log_likelihood[p] = found[z]


@compiled
def rejuvenate(
    first: int, last: int, sweeps: int, proposals: int, months: int, model: Model, cloud: State,
    factors: Floats, log_likelihood: Floats, draw: np.random.Generator,
) -> None:  # fmt: skip
    """Move particles first to last - 1 on the months so far; update their likelihood."""
    for p in range(first, last):
        state = _particle(cloud, p)
        evidence_log_likelihood(months, model, state)
        for _ in range(sweeps):
            sweep(proposals, months, model, state, factors, draw)
        evidence_log_likelihood(months, model, state)
        log_likelihood[p] = installed_log_likelihood(months, model, state)
