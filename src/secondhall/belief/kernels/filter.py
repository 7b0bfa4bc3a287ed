"""What was thought then: the posterior month by month, with nothing later in it.

Iterated-batch importance sampling (Chopin, *Biometrika* 89 (2002), 539): a cloud of particles, each with its
own parameters, innovations and regimes. A month is added from the prior, its regime in proportion to prior
times likelihood (so the weight is the sum over the three); a cloud that has become uneven is resampled and
moved by the sweeps of the chain on the months so far. Axes begin with [particle].
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.kernels.chain import sweep
from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.market import set_moves
from secondhall.belief.kernels.model import Model, State
from secondhall.belief.kernels.posterior import evidence_log_likelihood
from secondhall.belief.kernels.scores import set_values
from secondhall.company.layout import Floats

__all__ = ["extend", "open_cloud", "rejuvenate"]


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
def extend(
    first: int, last: int, t: int, model: Model, cloud: State, log_likelihood: Floats, chance: Floats,
    draw: np.random.Generator,
) -> None:  # fmt: skip
    """Add month ``t``.

    Parameters
    ----------
    log_likelihood
        [particle] of the months before, updated.
    chance
        [particle, regime] filled with the logarithm of prior times likelihood of each regime of the month:
        what a particle's weight is multiplied by is the sum of their exponentials.
    """
    moves, found = np.empty((3, 3)), np.empty(3)
    for p in range(first, last):
        state = _particle(cloud, p)
        for i in range(state.innovations.shape[0]):
            state.innovations[i, t] = draw.standard_normal()
        set_moves(state.values, model.places, moves)
        for z in range(3):
            state.regime[t] = z
            found[z] = evidence_log_likelihood(t + 1, model, state)
            prior = np.log(model.first_regime[z]) if t == 0 else moves[state.regime[t - 1], z]
            gained = found[z] - log_likelihood[p]
            # A particle whose intensity overflows is impossible, and stays so until it is resampled.
            chance[p, z] = prior + gained if np.isfinite(gained) else -np.inf
        top = chance[p].max()
        if top == -np.inf:
            log_likelihood[p] = -np.inf
            continue
        point = draw.random() * np.exp(chance[p] - top).sum()
        z = 0
        while z < 2 and point > np.exp(chance[p, z] - top):
            point -= np.exp(chance[p, z] - top)
            z += 1
        state.regime[t] = z
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
        log_likelihood[p] = evidence_log_likelihood(months, model, state)
