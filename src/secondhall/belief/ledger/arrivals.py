"""A posterior predictive check of new customers: years that the learned law makes, and those that were."""

from __future__ import annotations

import numpy as np

from secondhall.belief.demand.sample import Draws
from secondhall.belief.kernels.demand import demand_log_likelihood
from secondhall.belief.kernels.model import Model
from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.ledger.predict import YEAR, customers_of_year
from secondhall.belief.posterior import Check
from secondhall.company.layout import Floats

__all__ = ["played_again", "predict_arrivals"]

ARRIVING = 105
"""Marks the random numbers of this module beside those of the others."""


def predict_arrivals(ledger: Ledger, model: Model, draws: Draws, *, seed: int) -> tuple[Check, ...]:
    """Return new customers by segment and calendar year beside what was learned lets expect (M2-M4, O1).

    Each draw's parameters play the past again in the regimes of that draw, with other innovations: drawn from
    the intensity that was learned month by month, a year could hardly miss its band, whatever the law. Months
    that say nothing of demand count on neither side.
    """
    rng = np.random.default_rng([seed, ARRIVING])
    expected = np.exp(played_again(model, draws, rng))
    years = (ledger.first.ordinal + np.arange(ledger.months)) // YEAR
    checks: list[Check] = []
    for s, name in enumerate(ledger.segments):
        for year in np.unique(years[ledger.seen[s]]):
            mine = ledger.seen[s] & (years == year)
            words = f"new customers of {name} in the {mine.sum()} months with room for them"
            came = ledger.new_customers[s][mine].sum()
            played = rng.poisson(expected[:, s, mine].sum(axis=1))
            checks.append(customers_of_year(f"new customers of {name}", words, year, came, played))
    return tuple(checks)


def played_again(model: Model, draws: Draws, rng: np.random.Generator) -> Floats:
    """(M2-M4) Return log-intensities [draw, segment, month] of each draw's parameters and regimes."""
    values = draws.values.reshape(-1, draws.values.shape[-1])
    regimes = draws.regime.reshape(-1, draws.regime.shape[-1])
    (number, months), segments = regimes.shape, model.counts.seen.shape[0]
    found, gap = np.empty((number, segments, months)), np.empty(segments)
    for n in range(number):
        innovations = rng.standard_normal((1 + segments, months))
        for s in range(segments):
            demand_log_likelihood(
                s, months, regimes[n], values[n], model.places, innovations, model.counts, found[n], gap
            )
    return found
