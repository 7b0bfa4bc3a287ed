"""A posterior predictive check of new customers: years that the learned law makes, and those that were."""

from __future__ import annotations

import numpy as np

from secondhall.belief.demand.sample import Draws
from secondhall.belief.demand.unknowns import Table
from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.ledger.sizes import band_of
from secondhall.belief.posterior import Check
from secondhall.company.layout import Floats

__all__ = ["played_again", "predict_arrivals"]

ARRIVING = 105
"""Marks the random numbers of this module beside those of the others."""
YEAR = 12


def predict_arrivals(ledger: Ledger, table: Table, draws: Draws, *, seed: int) -> tuple[Check, ...]:
    """Return new customers by segment and calendar year beside what was learned lets expect (M2-M4, O1).

    Each draw's parameters play the past again in the regimes of that draw, with other innovations: drawn from
    the intensity that was learned month by month, a year could hardly miss its band, whatever the law. Months
    that say nothing of demand count on neither side.
    """
    rng = np.random.default_rng([seed, ARRIVING])
    expected = np.exp(played_again(table, draws, rng))
    years = (ledger.first.ordinal + np.arange(ledger.months)) // YEAR
    checks: list[Check] = []
    for s, name in enumerate(ledger.segments):
        for year in np.unique(years[ledger.seen[s]]):
            mine = ledger.seen[s] & (years == year)
            played = rng.poisson(expected[s][:, mine].sum(axis=1))
            checks.append(
                Check(
                    fact=f"new customers of {name}",
                    words=f"new customers of {name} in the {mine.sum()} months with room for them",
                    period=f"{year}",
                    source="contracts.csv",
                    unit="customers",
                    value=float(ledger.new_customers[s][mine].sum()),
                    band=band_of(played.astype(np.float64)),
                )
            )
    return tuple(checks)


def played_again(table: Table, draws: Draws, rng: np.random.Generator) -> Floats:
    """(M2-M4) Return log-intensities [segment, draw, month] of each draw's parameters and regimes."""
    values = draws.values.reshape(-1, draws.values.shape[-1]).T
    regime = draws.regime.reshape(-1, draws.regime.shape[-1])
    places, (number, months) = table.places(), regime.shape
    common = rng.standard_normal((months, number))
    found = np.empty((len(table.segments), number, months))
    for s in range(len(table.segments)):
        kappa, sigma = values[places.reversion[s]], values[places.volatility[s]]
        share, ceiling = values[places.common_share[s]], np.log(values[places.ceiling[s]])
        level, growth = np.log(values[places.level[s]]), values[places.growth[s]] / YEAR
        own = rng.standard_normal((months, number))
        each = np.arange(number)
        d = level[regime[:, 0], each]
        b = np.log(values[places.opening[s]]) - d
        for t in range(months):
            z = regime[:, t]
            g = growth[z, each]
            b = b + np.where(g > 0.0, g * np.maximum(0.0, -np.expm1(b - ceiling)), g)
            shock = share * common[t] + np.sqrt(np.maximum(1.0 - share**2, 0.0)) * own[t]
            d = d + kappa * (level[z, each] - d) + sigma * shock
            found[s, :, t] = b + d
    return found
