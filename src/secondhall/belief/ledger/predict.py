"""Posterior predictive checks of a ledger: who left, beside what the learned hazards let expect."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.ledger.sizes import band_of
from secondhall.belief.posterior import CHAINS, DRAWS, Check, RegimePath
from secondhall.case import REGIMES
from secondhall.company.layout import Floats, Integers

__all__ = ["YEAR", "customers_of_year", "predict"]

LEAVING = 104
"""Marks the random numbers of this module beside those of the others."""
YEAR = 12


def predict(
    ledger: Ledger, values: Mapping[str, Floats], regimes: RegimePath | None, *, seed: int
) -> tuple[Check, ...]:
    """Return leavers by segment and calendar year beside the prediction of the learned hazards (O6).

    The hazard of a month is that of each regime, weighted by how probable the regime is given all the data.
    """
    if regimes is None:
        return ()
    checks: list[Check] = []
    years = (ledger.first.ordinal + np.arange(ledger.months)) // YEAR
    for s, name in enumerate(ledger.segments):
        named = [f"segments.{name}.churn_monthly.{regime}" for regime in REGIMES]
        if any(field not in values for field in named):
            continue
        hazards = np.stack([values[field].reshape(CHAINS * DRAWS) for field in named])
        rng = np.random.default_rng([seed, LEAVING, s])
        monthly = rng.binomial(
            ledger.at_risk[s][:, None].astype(np.int64), np.clip(regimes.smoothed @ hazards, 0.0, 1.0)
        )
        for year in np.unique(years[ledger.at_risk[s] > 0.0]):
            mine = years == year
            words, left = f"customers of {name} out of term that left", ledger.leavers[s][mine].sum()
            expected = monthly[mine].sum(axis=0)
            checks.append(customers_of_year(f"leavers of {name}", words, year, left, expected))
    return tuple(checks)


def customers_of_year(fact: str, words: str, year: int, counted: float, predicted: Integers) -> Check:
    """Return the check of a count of customers in a calendar year; predicted [draw]."""
    return Check(
        fact=fact,
        words=words,
        period=f"{year}",
        source="contracts.csv",
        unit="customers",
        value=float(counted),
        band=band_of(predicted.astype(np.float64)),
    )
