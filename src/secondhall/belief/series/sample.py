"""Draws of what is behind periodic figures: chains that move all unknowns at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from secondhall.belief.demand.sample import Draws, blank_state, threads
from secondhall.belief.kernels.chain import Kept
from secondhall.belief.kernels.ellipse import Near, gather, log_likelihood, predictions, run_ellipses
from secondhall.belief.kernels.model import Model, State
from secondhall.belief.kernels.scores import set_values
from secondhall.belief.part import Report, quiet
from secondhall.belief.posterior import CHAINS, DRAWS
from secondhall.company.layout import Floats

__all__ = ["Effort", "normal_near", "sample_series"]

STEP = 1e-3
"""Of the slopes, in scores; all unknowns are standard normal, so one step fits all."""

CLIMBS, ENOUGH = 25, 1e-3
"""Newton steps towards the mode at most; the gain below which the last one was enough."""

WIDTHS = (1.0, 4.0, 16.0, 64.0)
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
    thin: int = 8
    moves: int = 4
    proposals: int = 8


def normal_near(model: Model) -> Near:
    """Return a normal law near the posterior, given steady regimes: at its mode, by the figures' information.

    The information of independent prediction errors with means mu_k and variances S_k is
    ``sum_k mu_k' mu_k'^T / S_k + (ln S_k)' (ln S_k)'^T / 2`` (primes for slopes), to which the standard
    normal prior adds one in every direction; the mode is sought by Fisher scoring with halved steps.
    """
    state = blank_state(model)
    u = gather(model, state)
    value = log_likelihood(u, model, state) - 0.5 * float(u @ u)
    slopes = _slopes(u, model, state)
    for _ in range(CLIMBS):
        uphill = _gradient(u, model, state) - u
        step = np.linalg.solve(np.eye(u.size) + slopes.T @ slopes, uphill)
        share, gained = 1.0, -1.0
        while share > 1e-3 and gained <= 0.0:
            tried = u + share * step
            gained = log_likelihood(tried, model, state) - 0.5 * float(tried @ tried) - value
            share *= 0.5
        if gained <= 0.0:
            break
        u, value = tried, value + gained
        slopes = _slopes(u, model, state)
        if gained < ENOUGH:
            break
    covariances = [np.linalg.inv(np.eye(u.size) + slopes.T @ slopes / width) for width in WIDTHS]
    factors = np.stack([np.linalg.cholesky(covariance) for covariance in covariances])
    return Near(u, np.ascontiguousarray(slopes), np.array(WIDTHS), factors)


def _around(u: Floats, k: int) -> tuple[Floats, Floats]:
    step = np.zeros_like(u)
    step[k] = STEP
    return u + step, u - step


def _gradient(u: Floats, model: Model, state: State) -> Floats:
    found = np.empty(u.size)
    for k in range(u.size):
        above, below = _around(u, k)
        found[k] = log_likelihood(above, model, state) - log_likelihood(below, model, state)
    return found / (2.0 * STEP)


def _slopes(u: Floats, model: Model, state: State) -> Floats:
    """Return [row, unknown]: the slopes of each prediction and of its log variance, as information."""
    here = predictions(u, model, state)
    figures = here.predicted.size
    found = np.empty((2 * figures, u.size))
    deviation = np.sqrt(here.predicted_variance)
    for k in range(u.size):
        above, below = (predictions(point, model, state) for point in _around(u, k))
        found[:figures, k] = (above.predicted - below.predicted) / deviation
        found[figures:, k] = np.log(above.predicted_variance / below.predicted_variance) / np.sqrt(2.0)
    return found / (2.0 * STEP)


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
    total = effort.warm_up + effort.draws * effort.thin

    with ThreadPoolExecutor(max_workers=threads()) as pool:

        def advance(draws: int, thin: int) -> list[Kept]:
            def run(c: int) -> Kept:
                kept = _room(model, draws)
                run_ellipses(
                    thin, effort.moves, effort.proposals, model, states[c], near, generators[c], kept
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
    """Return a state to begin at, drawn from the normal law but twice as wide, its regimes anywhere."""
    state = blank_state(model)
    u = near.middle + 2.0 * near.factor[0] @ draw.standard_normal(near.middle.size)
    free, months = model.unknowns.free, state.regime.size
    state.scores[free] = u[: free.size]
    set_values(model.stated, free, state.scores, state.values)
    state.innovations[:] = u[free.size :].reshape(state.innovations.shape)
    at = 0
    while at < months:
        length = int(draw.geometric(1.0 / 24.0))
        state.regime[at : at + length] = draw.choice(3, p=model.first_regime)
        at += length
    return state


def _room(model: Model, draws: int) -> Kept:
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


def _pieces(total: int) -> list[int]:
    edges = np.linspace(0, total, min(PIECES, total) + 1).astype(int)
    return [int(length) for length in np.diff(edges)]


def _joined(pieces: list[list[Kept]]) -> Draws:
    def of(name: str) -> Floats:
        chains = range(len(pieces[0]))
        return np.stack([np.concatenate([getattr(piece[c], name) for piece in pieces]) for c in chains])

    return Draws(**{name: of(name) for name in Kept._fields})
