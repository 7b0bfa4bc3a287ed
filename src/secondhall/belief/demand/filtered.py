"""The regime as it was seen then: filtered month by month, parameters included; nothing later leaks in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from secondhall.belief.demand.sample import factors_of, threads
from secondhall.belief.kernels.filter import extend, open_cloud, rejuvenate
from secondhall.belief.kernels.model import Model, State
from secondhall.belief.resampling import systematic
from secondhall.company.layout import Floats
from secondhall.progress import Report, quiet

__all__ = ["filter_regimes"]

SHARES = 4
"""A cloud is moved in so many shares, each with its own random numbers, whatever the threads."""

UNEVEN = 0.3
"""A cloud whose effective size falls below this share of its number is resampled and moved. With as many
unknowns as months, about every other month makes it so uneven."""

FEW, MORE = 0.05, 4
"""A month that surprises so much that fewer than this share live on: they move so many times as long."""


def filter_regimes(
    model: Model,
    *,
    seed: int,
    particles: int = 450,
    sweeps: int = 2,
    proposals: int = 40,
    report: Report = quiet,
    words: str = "the regime as it was seen then",
) -> tuple[Floats, State]:
    """Return [month, regime]: probability given the evidence of that month and before; and the last cloud.

    Parameters
    ----------
    model
        from `demand_model`, of a ledger: periodic figures are not asked.
    seed
        a number gives the same result, whatever the threads.
    particles, sweeps, proposals
        size of the cloud; sweeps of the chain after each resampling, and their proposals of a path.
    report, words
        called with (words, months done, months in all).

    Notes
    -----
    Chopin, *Biometrika* 89 (2002), 539; systematic resampling of Kitagawa, *J. Comp. Graph. Stat.* 5
    (1996), 1. The last cloud is resampled and moved, so that its particles weigh the same and chains may
    begin at them.
    """
    keys = np.random.SeedSequence(seed).spawn(SHARES + 1)
    *draws, own = [np.random.default_rng(key) for key in keys]
    months = model.counts.seen.shape[1]
    cloud = _cloud(model, particles)
    edges = np.linspace(0, particles, SHARES + 1).astype(int)
    likelihood, chance = np.zeros(particles), np.empty((particles, 3))
    weight = np.zeros(particles)
    filtered = np.empty((months, 3))

    with ThreadPoolExecutor(max_workers=threads()) as pool:

        def share_out(work: Callable[..., None], *args: Any) -> None:
            def run(i: int) -> None:
                work(int(edges[i]), int(edges[i + 1]), *args, draws[i])

            list(pool.map(run, range(SHARES)))

        share_out(open_cloud, model, cloud)
        for t in range(months):
            share_out(extend, t, model, cloud, likelihood, chance)
            joint = weight[:, None] + chance
            top = joint.max()
            filtered[t] = np.exp(joint - top).sum(axis=0) / np.exp(joint - top).sum()
            share = np.exp(joint - top).sum(axis=1)
            share /= share.sum()
            with np.errstate(divide="ignore"):
                weight = np.log(share)
            alive = 1.0 / np.sum(share**2)
            if t == months - 1 or alive < UNEVEN * particles:
                factors = factors_of(model.unknowns, cloud.scores, share)
                _resample(cloud, likelihood, share, own)
                weight = np.zeros(particles)
                rounds = sweeps if alive > FEW * particles else MORE * sweeps
                share_out(rejuvenate, rounds, proposals, t + 1, model, cloud, factors, likelihood)
            report(words, t + 1, months)
    return filtered, cloud


def _resample(cloud: State, likelihood: Floats, share: Floats, draw: np.random.Generator) -> None:
    """Let each particle live on as often as its share says."""
    chosen = systematic(share, share.size, draw)
    for array in (*cloud, likelihood):
        array[:] = array[chosen]


def _cloud(model: Model, particles: int) -> State:
    segments, months = model.counts.seen.shape
    parameters = model.stated.mid.size
    return State(
        np.zeros((particles, parameters)),
        np.zeros((particles, parameters)),
        np.zeros((particles, segments + 1, months)),
        np.ones((particles, months), dtype=np.int64),
        np.zeros((particles, segments, months)),
        np.zeros((particles, segments)),
        np.zeros((particles, segments, 3, 2)),
    )
