"""The posterior in parts, so that a move pays only for what it touches; here periodic figures plug in.

A model without a ledger has nothing ``seen``, no leavers, no growth and no prices: then all that speaks is the
term of `series_log_likelihood`, which `figures_log_likelihood` adds to every part but the chain of regimes.
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.demand import (
    demand_log_likelihood,
    growth_log_likelihood,
    leaving_log_likelihood,
    set_totals,
)
from secondhall.belief.kernels.market import price_log_likelihood, regimes_log_prior, set_moves
from secondhall.belief.kernels.model import CHAIN, GROWTH, LEAVING, SEGMENT, Model, State
from secondhall.belief.kernels.series import series_log_likelihood

__all__ = [
    "evidence_log_likelihood",
    "figures_log_likelihood",
    "log_posterior",
    "part_log_likelihood",
    "segment_demand",
]


@compiled
def figures_log_likelihood(months: int, model: Model, state: State) -> float:
    """Return what periodic figures of the first months say; 0 without figures."""
    if model.series.value.size == 0:
        return 0.0
    return series_log_likelihood(state.log_intensity, state.regime[:months], state.values, model.series)


@compiled
def segment_demand(s: int, months: int, model: Model, state: State) -> float:
    """(M2-M4, O1) Set a segment's log-intensity; return the log-likelihood of its new customers."""
    return demand_log_likelihood(
        s, months, state.regime, state.values, model.places, state.innovations, model.counts,
        state.log_intensity, state.gap,
    )  # fmt: skip


@compiled
def part_log_likelihood(part: int, s: int, months: int, model: Model, state: State) -> float:
    """Return a part of the log-likelihood of the first months, at the state as it stands."""
    if part == CHAIN:
        moves = np.empty((3, 3))
        set_moves(state.values, model.places, moves)
        return regimes_log_prior(months, state.regime, moves, model.first_regime)
    figures = 0.0
    if part == SEGMENT:
        found = segment_demand(s, months, model, state)
        found += leaving_log_likelihood(s, state.totals, state.values, model.places)
        found += growth_log_likelihood(s, state.totals, state.values, model.places)
    elif part == LEAVING:
        found = leaving_log_likelihood(s, state.totals, state.values, model.places)
    elif part == GROWTH:
        found = growth_log_likelihood(s, state.totals, state.values, model.places)
    else:
        found = price_log_likelihood(months, state.regime, state.values, model.places, model.counts)
    figures = figures_log_likelihood(months, model, state)
    return found + figures


@compiled
def evidence_log_likelihood(months: int, model: Model, state: State) -> float:
    """Return the log-likelihood of all the evidence of the first months; set all that follows from the state."""
    set_totals(months, state.regime, model.counts, state.totals)
    found = price_log_likelihood(months, state.regime, state.values, model.places, model.counts)
    for s in range(state.gap.size):
        found += segment_demand(s, months, model, state)
        found += leaving_log_likelihood(s, state.totals, state.values, model.places)
        found += growth_log_likelihood(s, state.totals, state.values, model.places)
    return found + figures_log_likelihood(months, model, state)


@compiled
def log_posterior(months: int, model: Model, state: State) -> float:
    """Return the log density of scores, innovations and regimes given the evidence, but for a constant."""
    found = evidence_log_likelihood(months, model, state)
    found += part_log_likelihood(CHAIN, 0, months, model, state)
    for k in model.unknowns.free:
        found -= 0.5 * state.scores[k] ** 2
    for i in range(state.innovations.shape[0]):
        for t in range(months):
            found -= 0.5 * state.innovations[i, t] ** 2
    return found
