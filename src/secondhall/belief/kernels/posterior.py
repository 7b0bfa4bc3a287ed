"""The posterior in parts, so that a move pays only for what it touches; here periodic figures plug in.

A model without a ledger has nothing ``seen``, no leavers, no growth and no prices. Then all that speaks is

    series_log_likelihood(log_intensity [segment, month], regime [month], values [parameter], series) -> float

which `look` adds to every part but the chain of regimes; it is 0 without figures.
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.kernels.compiled import compiled, inlined
from secondhall.belief.kernels.demand import (
    demand_log_likelihood,
    growth_log_likelihood,
    leaving_log_likelihood,
    set_totals,
)
from secondhall.belief.kernels.market import price_log_likelihood, regimes_log_prior, set_moves
from secondhall.belief.kernels.model import (
    CHAIN,
    COMMON,
    GROWTH,
    LEAVING,
    SEGMENT,
    Counts,
    Model,
    Places,
    State,
)
from secondhall.belief.kernels.series import SeriesData, series_log_likelihood
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = [
    "evidence_log_likelihood",
    "figures_log_likelihood",
    "installed_log_likelihood",
    "log_posterior",
    "look",
    "part_log_likelihood",
    "segment_demand",
]


@inlined
def look(
    part: int, s: int, months: int, places: Places, counts: Counts, series: SeriesData, first_regime: Floats,
    values: Floats, innovations: Floats, regime: Integers, log_intensity: Floats, gap: Floats, totals: Floats,
) -> float:  # fmt: skip
    """Return a part of the log-likelihood of the first months.

    It takes what it needs one by one and is compiled into its caller, since handing over a model at every
    look would cost more than the look.
    """
    if part == CHAIN:
        moves = np.empty((3, 3))
        set_moves(values, places, moves)
        return regimes_log_prior(months, regime, moves, first_regime)
    found = 0.0
    if part == SEGMENT:
        found = demand_log_likelihood(
            s, months, regime, values, places, innovations, counts, log_intensity, gap
        )  # fmt: skip
    elif part == COMMON:
        for u in range(gap.size):
            found += demand_log_likelihood(
                u, months, regime, values, places, innovations, counts, log_intensity, gap
            )  # fmt: skip
    elif part == LEAVING:
        found = leaving_log_likelihood(s, totals, values, places)
    elif part == GROWTH:
        found = growth_log_likelihood(s, months, regime, counts, values, places)
    else:
        found = price_log_likelihood(months, regime, values, places, counts)
    if series.value.size > 0:
        found += series_log_likelihood(log_intensity, regime[:months], values, series)
    return found


@compiled
def part_log_likelihood(part: int, s: int, months: int, model: Model, state: State) -> float:
    """Return a part of the log-likelihood of the first months, at the state as it stands."""
    return look(
        part, s, months, model.places, model.counts, model.series, model.first_regime,
        state.values, state.innovations, state.regime, state.log_intensity, state.gap, state.totals,
    )  # fmt: skip


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
def installed_log_likelihood(months: int, model: Model, state: State) -> float:
    """Return what leavers, growth and prices of the first months say; set the totals of the leavers."""
    set_totals(months, state.regime, model.counts, state.totals)
    found = price_log_likelihood(months, state.regime, state.values, model.places, model.counts)
    for s in range(state.gap.size):
        found += leaving_log_likelihood(s, state.totals, state.values, model.places)
        found += growth_log_likelihood(s, months, state.regime, model.counts, state.values, model.places)
    return found


@compiled
def evidence_log_likelihood(months: int, model: Model, state: State) -> float:
    """Return the log-likelihood of all the evidence of the first months; set what follows from the state."""
    found = installed_log_likelihood(months, model, state)
    for s in range(state.gap.size):
        found += segment_demand(s, months, model, state)
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
