"""Draws of the latent demand: chains on threads, their blocks' covariances found in the warm-up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from secondhall.belief.demand.unknowns import Table
from secondhall.belief.kernels.chain import Kept, run_chain
from secondhall.belief.kernels.model import Counts, Model, State, Unknowns
from secondhall.belief.kernels.scores import set_values
from secondhall.belief.kernels.series import SeriesData
from secondhall.belief.posterior import CHAINS, DRAWS
from secondhall.belief.trust import ENOUGH_DRAWS, effective_sizes
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers
from secondhall.progress import Report, quiet

__all__ = [
    "Draws",
    "Effort",
    "blank_state",
    "copied",
    "demand_model",
    "factors_of",
    "sample_demand",
    "threads",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long the chains run.

    Attributes
    ----------
    chains, draws
        what is kept.
    warm_up
        sweeps before, in which the blocks' covariances are found.
    thin
        sweeps for each draw that is kept.
    proposals
        of a path of regimes, in each sweep.
    rounds
        how many times as long the chains go on, at most, while they have not drawn enough (`ENOUGH_DRAWS`),
        which is looked at every half of a round; of longer chains fewer draws are kept.
    """

    chains: int = CHAINS
    draws: int = DRAWS
    warm_up: int = 400
    thin: int = 10
    proposals: int = 100
    rounds: int = 1


EFFORT = Effort()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Draws:
    """Draws of the posterior; axes begin with [chain, draw].

    Attributes
    ----------
    scores, values
        [..., parameter], as the table names them.
    regime
        [..., month].
    log_intensity
        [..., segment, month].
    gap
        [..., segment] deviation less the level of the regime, at the last month.
    price, price_covariance
        [..., segment], [..., segment, segment] of the log price at the last month, given the draw.
    """

    scores: Floats
    values: Floats
    regime: Integers
    log_intensity: Floats
    gap: Floats
    price: Floats
    price_covariance: Floats


def demand_model(
    table: Table, first_regime: Floats, counts: Counts, series: SeriesData, *, together: bool
) -> Model:
    """Return what the kernels work on; ``together`` as `Table.unknowns` has it."""
    return Model(
        table.statements(), table.places(), table.unknowns(together=together), first_regime, counts, series
    )


def threads() -> int:
    """Return how many chains run at once."""
    return max(1, min(CHAINS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2))


def blank_state(model: Model) -> State:
    """Return a state at the middle of the prior, steady throughout."""
    segments, months = model.counts.seen.shape
    parameters = model.stated.mid.size
    return State(
        np.zeros(parameters),
        model.stated.mid.copy(),
        np.zeros((segments + 1, months)),
        np.ones(months, dtype=np.int64),
        np.zeros((segments, months)),
        np.zeros(segments),
        np.zeros((segments, 3, 2)),
    )


def factors_of(unknowns: Unknowns, scores: Floats, weights: Floats | None = None) -> Floats:
    """Return [block, member, member]: factors of the blocks' covariances; scores [draw, parameter]."""
    most = unknowns.members.shape[1]
    factors = np.zeros((unknowns.block_size.size, most, most))
    for b, size in enumerate(unknowns.block_size):
        seen = scores[:, unknowns.members[b, :size]]
        found = np.cov(seen, rowvar=False, aweights=weights, ddof=0) + 1e-4 * np.eye(size)
        factors[b, :size, :size] = np.linalg.cholesky(found)
    return factors


def sample_demand(
    model: Model,
    *,
    seed: int,
    effort: Effort = EFFORT,
    start: State | None = None,
    report: Report = quiet,
    words: str = "demand",
) -> Draws:
    """Return draws of the posterior of a model.

    Parameters
    ----------
    model
        from `demand_model`.
    seed
        a number gives the same draws, whatever the threads.
    effort
        how long the chains run.
    start
        a cloud, as of `filter_regimes`: each chain begins at a particle of it; else anywhere in the prior.
    report, words
        called with (words, sweeps done, sweeps in all).
    """
    generators = [np.random.default_rng(key) for key in np.random.SeedSequence(seed).spawn(effort.chains)]
    states = [_scattered(model, draw) if start is None else _particle(start, draw) for draw in generators]
    # A chain's own copy: threads that share arrays wait for each other's counting of references.
    models = [copied(model) for _ in generators]
    months, pieces = model.counts.seen.shape[1], 10
    total = effort.warm_up + effort.draws * effort.thin
    most = model.unknowns.members.shape[1]
    factors = np.tile(np.eye(most), (model.unknowns.block_size.size, 1, 1))
    if start is not None:
        factors = factors_of(model.unknowns, start.scores)
    history: list[Floats] = []

    with ThreadPoolExecutor(max_workers=threads()) as pool:

        def advance(draws: int, thin: int) -> list[Kept]:
            def run(c: int) -> Kept:
                kept = _room(model, draws)
                run_chain(thin, effort.proposals, months, models[c], states[c], factors, generators[c], kept)
                return kept

            return list(pool.map(run, range(effort.chains)))

        done = 0
        for length in _pieces(effort.warm_up, pieces):
            history.append(np.concatenate([kept.scores for kept in advance(length, 1)]))
            factors = factors_of(model.unknowns, np.concatenate(history[len(history) // 2 :]))
            done += length
            report(words, done, total)
        kept: list[list[Kept]] = []
        halves = _pieces(effort.draws, 2) * effort.rounds
        for turn, half in enumerate(halves, start=1):
            for length in _pieces(half, pieces // 2):
                kept.append(advance(length, effort.thin))
                done += length * effort.thin
                report(words, done, max(done, total))
            if 2 <= turn < len(halves) and _least_effective(model, _joined(kept)) >= ENOUGH_DRAWS:
                break
    return _spread(effort.draws, _joined(kept))


def _least_effective(model: Model, drawn: Draws) -> float:
    """Return the least effective number of draws over all that is uncertain."""
    sizes = effective_sizes({str(k): drawn.scores[..., k] for k in model.unknowns.free})
    return min(sizes.values(), default=np.inf)


def _spread(draws: int, drawn: Draws) -> Draws:
    """Return so many draws of each chain, evenly over its length."""
    length = drawn.regime.shape[1]
    at = np.arange(1, draws + 1) * length // draws - 1
    rows = {name: getattr(drawn, name)[:, at] for name in Kept._fields}
    return Draws(**rows)


def _scattered(model: Model, draw: np.random.Generator) -> State:
    """Return a state to begin at: the chains begin apart, so that their agreement means something."""
    state = blank_state(model)
    free = model.unknowns.free
    state.scores[free] = 0.5 * draw.standard_normal(free.size)
    set_values(model.stated, free, state.scores, state.values)
    months, at = state.regime.size, 0
    while at < months:
        length = 1 + int(draw.geometric(1.0 / 24.0))
        state.regime[at : at + length] = draw.choice(3, p=model.first_regime)
        at += length
    return state


def _particle(cloud: State, draw: np.random.Generator) -> State:
    """Return a copy of a particle drawn from a cloud."""
    p = int(draw.integers(cloud.scores.shape[0]))
    return State(*(array[p].copy() for array in cloud))


def copied(of: Any) -> Any:
    """Return a copy of nested named tuples of arrays and numbers."""
    if isinstance(of, tuple):
        return type(of)(*(copied(part) for part in of))
    return of.copy() if isinstance(of, np.ndarray) else of


def _room(model: Model, draws: int) -> Kept:
    segments, months = model.counts.seen.shape
    parameters = model.stated.mid.size
    return Kept(
        np.empty((draws, parameters)),
        np.empty((draws, parameters)),
        np.empty((draws, months), dtype=np.int64),
        np.empty((draws, segments, months)),
        np.empty((draws, segments)),
        np.empty((draws, segments)),
        np.empty((draws, segments, segments)),
    )


def _pieces(total: int, count: int) -> list[int]:
    edges = np.linspace(0, total, count + 1).astype(int)
    return [int(length) for length in np.diff(edges) if length > 0]


def _joined(pieces: Sequence[Sequence[Kept]]) -> Draws:
    chains = range(len(pieces[0]))

    def of(name: str) -> Any:
        return np.stack([np.concatenate([getattr(piece[c], name) for piece in pieces]) for c in chains])

    return Draws(**{name: of(name) for name in Kept._fields})
