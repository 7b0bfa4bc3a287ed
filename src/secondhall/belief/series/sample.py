"""Draws of what is behind periodic figures: chains that move all unknowns at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np

from secondhall.belief.demand.sample import Draws, blank_state, copied, threads
from secondhall.belief.kernels.chain import Kept
from secondhall.belief.kernels.ellipse import (
    Near,
    gather,
    gradient,
    information,
    log_likelihood,
    place,
    root_of,
    run_ellipses,
    solved,
    solved_above,
)
from secondhall.belief.kernels.model import Model, State
from secondhall.belief.posterior import CHAINS, DRAWS
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers
from secondhall.progress import Report, quiet

__all__ = ["Effort", "normal_near", "room", "sample_series"]

STEP = 1e-3
"""Of the slopes, in scores; all unknowns are standard normal, so one step fits all."""

CLIMBS, ENOUGH, LEAST_SHARE = 20, 1e-2, 1e-3
"""Steps towards the mode at most; the gain of one below which it was enough; the share of one to try last."""

WIDTHS = (1.0, 4.0, 16.0)
"""Variances of the laws in the directions that the figures fix, as multiples of what they leave."""

PIECES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long the chains run.

    Attributes
    ----------
    chains, draws
        what is kept.
    warm_up
        rounds before.
    thin
        rounds for each draw that is kept.
    moves, proposals
        of all unknowns, and of the path of regimes, in each round.
    """

    chains: int = CHAINS
    draws: int = DRAWS
    warm_up: int = 300
    thin: int = 20
    moves: int = 1
    proposals: int = 10


def normal_near(model: Model) -> Near:
    """Return normal laws near the posterior, one for each typical path of regimes.

    Each lies at the mode, with the figures' information there. That of independent prediction errors with
    means mu_k and variances S_k is ``sum_k mu_k' mu_k'^T / S_k + (ln S_k)' (ln S_k)'^T / 2`` (primes for
    slopes), to which the standard normal prior adds one in every direction; the mode is sought by Fisher
    scoring with halved steps.
    """
    paths = _typical_paths(model.counts.seen.shape[1])
    with ThreadPoolExecutor(max_workers=threads()) as pool:
        laws = list(pool.map(lambda path: _law(path, copied(model)), paths))
    middles, slopes, roots = (np.ascontiguousarray(np.stack(part)) for part in zip(*laws, strict=True))
    return Near(np.ascontiguousarray(paths), middles, slopes, np.array(WIDTHS), roots)


def _typical_paths(months: int) -> Integers:
    """Return [law, month]: every regime in every third, but for paths that visit three."""
    third = -(-months // 3)
    of = [p for p in product(range(3), repeat=3) if len(set(p)) < 3]
    return np.repeat(np.array(of, dtype=np.int64), third, axis=1)[:, :months]


def _law(path: Integers, model: Model) -> tuple[Floats, Floats, Floats]:
    """Return middle, slopes and factors for a path of regimes."""
    state = blank_state(model)
    state.regime[:] = path
    u = gather(model, state)
    value = log_likelihood(u, model, state) - 0.5 * _square(u)
    slopes = information(u, STEP, model, state)
    for _ in range(CLIMBS):
        uphill = gradient(u, STEP, model, state) - u
        step = solved(root_of(slopes, 1.0), uphill)
        share, gained, tried = 1.0, -1.0, u
        while share > LEAST_SHARE and gained <= 0.0:
            tried = u + share * step
            gained = log_likelihood(tried, model, state) - 0.5 * _square(tried) - value
            share *= 0.5
        if gained <= 0.0:
            break
        u, value = tried, value + gained
        slopes = information(u, STEP, model, state)
        if gained < ENOUGH:
            break
    return u, slopes, np.stack([root_of(slopes, width) for width in WIDTHS])


def sample_series(
    model: Model, *, seed: int, effort: Effort | None = None, report: Report = quiet, words: str = "demand"
) -> Draws:
    """Return draws of the posterior of a model whose evidence is periodic figures.

    Parameters
    ----------
    model
        from `series_model`.
    seed
        a number gives the same draws, whatever the threads.
    effort
        how long the chains run.
    report, words
        called with (words, rounds done, rounds in all).
    """
    effort = effort or Effort()
    near = normal_near(model)
    generators = [np.random.default_rng(key) for key in np.random.SeedSequence(seed).spawn(effort.chains)]
    states = [_begun(model, near, draw) for draw in generators]
    # A chain's own copies: threads that share arrays wait for each other's counting of references.
    own = [(copied(model), copied(near)) for _ in generators]
    total = effort.warm_up + effort.draws * effort.thin

    with ThreadPoolExecutor(max_workers=threads()) as pool:

        def advance(draws: int, thin: int) -> list[Kept]:
            def run(c: int) -> Kept:
                kept, (mine, laws) = room(model, draws), own[c]
                run_ellipses(
                    thin, effort.moves, effort.proposals, mine, states[c], laws, generators[c], kept
                )  # fmt: skip
                return kept

            return list(pool.map(run, range(effort.chains)))

        advance(effort.warm_up, 1)
        done = effort.warm_up
        report(words, done, total)
        kept = []
        for draws in _pieces(effort.draws):
            kept.append(advance(draws, effort.thin))
            done += draws * effort.thin
            report(words, done, total)
    return _joined(kept)


def _begun(model: Model, near: Near, draw: np.random.Generator) -> State:
    """Return a state to begin at: a typical path by chance, and twice as far from its middle as is likely."""
    state = blank_state(model)
    law = int(draw.integers(near.path.shape[0]))
    normal = draw.standard_normal(near.middle.shape[1:])
    u = near.middle[law] + 2.0 * solved_above(near.root[law, 0], normal)
    state.regime[:] = near.path[law]
    place(u, model, state)
    return state


def room(model: Model, draws: int) -> Kept:
    """Return space for so many draws of a chain."""
    segments, months = model.counts.seen.shape
    parameters = model.stated.mid.size
    return Kept(
        np.empty((draws, parameters)),
        np.empty((draws, parameters)),
        np.empty((draws, months), dtype=np.int64),
        np.empty((draws, segments, months)),
        np.empty((draws, segments)),
        np.zeros((draws, segments)),
        np.zeros((draws, segments, segments)),
    )


def _square(u: Floats) -> float:
    return float(np.sum(u**2))


def _pieces(total: int) -> list[int]:
    edges = np.linspace(0, total, min(PIECES, total) + 1).astype(int)
    return [int(length) for length in np.diff(edges)]


def _joined(pieces: list[list[Kept]]) -> Draws:
    def of(name: str) -> Floats:
        chains = range(len(pieces[0]))
        return np.stack([np.concatenate([getattr(piece[c], name) for piece in pieces]) for c in chains])

    return Draws(**{name: of(name) for name in Kept._fields})  # type: ignore[arg-type]
