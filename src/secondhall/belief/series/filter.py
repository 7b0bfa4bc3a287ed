"""What was thought of the regime then: a cloud of companies, weighed by each figure as its period ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from secondhall.belief.demand.sample import blank_state, copied, threads
from secondhall.belief.kernels.ellipse import Near, gather, log_likelihood, place, run_ellipses
from secondhall.belief.kernels.market import set_moves
from secondhall.belief.kernels.model import Model, State
from secondhall.belief.resampling import systematic
from secondhall.belief.series.sample import normal_near, room
from secondhall.company.layout import Floats
from secondhall.progress import Report, quiet

__all__ = ["filter_regimes"]

PARTICLES, ROUNDS, PROPOSALS = 300, 10, 10
"""Size of the cloud; rounds of the chain after each resampling, and their proposals of a path."""

UNEVEN = 0.3
"""A cloud whose effective size falls below this share of its number is resampled and moved."""

LEAST_EXACT, HALVINGS = 1e-6, 10
"""A figure that surprises is first taken with its variance over so little; then more exactly, by halving."""

WORDS = "the regime as it was seen then"


def filter_regimes(model: Model, *, seed: int, report: Report = quiet) -> Floats:
    """Return [month, regime]: probability given the figures of periods that ended by then, and no later.

    Parameters
    ----------
    model
        from `series_model`.
    seed
        a number gives the same result, whatever the threads.
    report
        called with (words, figures taken in, figures in all).

    Notes
    -----
    Where a figure surprises and two regimes could explain it few particles live on, and two seeds differ by
    some ten points of probability.

    A particle is a whole past: parameters, innovations and regimes of every month, of which those after the
    last figure taken in are still as the prior has them. Sequential Monte Carlo of Del Moral, Doucet and
    Jasra, *J. R. Statist. Soc. B* 68 (2006), 411; a move is that of `sample_series` on the figures so far.
    """
    ends = np.unique(model.series.month)
    keys = np.random.SeedSequence(seed).spawn(PARTICLES + 1)
    *draws, own = [np.random.default_rng(key) for key in keys]
    cloud = [_from_prior(model, draw) for draw in draws]
    weight = np.full(PARTICLES, 1.0 / PARTICLES)
    found = _shares(cloud, weight)
    for n, end in enumerate(ends):
        near, exactness = None, 0.0
        while exactness < 1.0:
            exactness, weight = _take_in(int(end), exactness, model, cloud, weight)
            if exactness == 1.0 and _alive(weight) >= UNEVEN:
                break
            near = normal_near(_known(model, int(end), 1.0)) if near is None else near
            cloud = [copied(cloud[i]) for i in systematic(weight, PARTICLES, own)]
            weight = np.full(PARTICLES, 1.0 / PARTICLES)
            _move(cloud, _known(model, int(end), exactness), near, draws)
        found[end:] = _shares(cloud, weight)[end:]
        report(WORDS, n + 1, ends.size)
    return found


def _alive(weight: Floats) -> float:
    """Return the effective size of a cloud as a share of its number."""
    return float(1.0 / (weight.size * np.sum(weight**2)))


def _take_in(
    end: int, exactness: float, model: Model, cloud: list[State], weight: Floats
) -> tuple[float, Floats]:
    """Take the figures of a period's end more exactly, as far as enough of the cloud lives on.

    Returns
    -------
    float, Floats
        how exactly they are then taken, one for as they are told; the weights.
    """
    before = _likelihoods(cloud, _known(model, end, exactness))

    def at(log_exactness: float) -> Floats:
        after = _likelihoods(cloud, _known(model, end, np.exp(log_exactness)))
        with np.errstate(divide="ignore"):
            heavy = np.log(weight) + after - before
        shares: Floats = np.exp(heavy - heavy.max())
        shares /= shares.sum()
        return shares

    low, high = np.log(max(exactness, LEAST_EXACT)), 0.0
    whole = at(high)
    if _alive(whole) >= UNEVEN:
        return 1.0, whole
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _alive(at(middle)) >= UNEVEN else (low, middle)
    return float(np.exp(low)), at(low)


def _likelihoods(cloud: list[State], known: Model) -> Floats:
    return np.array([log_likelihood(gather(known, state), known, state) for state in cloud])


def _from_prior(model: Model, draw: np.random.Generator) -> State:
    """Return a past as the prior has it."""
    state = blank_state(model)
    place(draw.standard_normal(gather(model, state).size), model, state)
    moves = np.empty((3, 3))
    set_moves(state.values, model.places, moves)
    chance = model.first_regime
    for t in range(state.regime.size):
        state.regime[t] = draw.choice(3, p=chance)
        chance = np.exp(moves[state.regime[t]])
    return state


def _known(model: Model, end: int, exactness: float) -> Model:
    """Return the model with the figures of periods that ended by a month, those of the month less exact."""
    series = model.series
    count = int(np.searchsorted(series.month, end, side="right" if exactness > 0.0 else "left"))
    variance = series.variance[:count].copy()
    variance[series.month[:count] == end] /= exactness
    known = {name: getattr(series, name)[:count] for name in ("month", "kind", "value")}
    return model._replace(series=series._replace(**known, variance=variance))


def _shares(cloud: list[State], weight: Floats) -> Floats:
    """Return [month, regime]."""
    regime = np.stack([state.regime for state in cloud])
    return np.stack([weight @ (regime == z) for z in range(3)], axis=1)


def _move(cloud: list[State], known: Model, near: Near, draws: list[np.random.Generator]) -> None:
    """Move each particle by the chain of what is known."""

    def run(p: int) -> None:
        run_ellipses(ROUNDS, 1, PROPOSALS, known, cloud[p], near, draws[p], room(known, 1))

    with ThreadPoolExecutor(max_workers=threads()) as pool:
        list(pool.map(run, range(len(cloud))))
