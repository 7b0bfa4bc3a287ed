"""What the sampler of latent demand works on: the unknowns, where each stands, and the evidence.

Axes are [segment, month] and [segment, regime] unless said otherwise; regimes are 0 boom, 1 steady, 2 bust.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from secondhall.belief.kernels.scores import Statements
from secondhall.belief.kernels.series import SeriesData
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = [
    "CHAIN",
    "COMMON",
    "GROWTH",
    "LEAVING",
    "PRICE",
    "SEGMENT",
    "Counts",
    "Model",
    "Places",
    "State",
    "Unknowns",
]

SEGMENT, LEAVING, GROWTH, CHAIN, PRICE, COMMON = range(6)
"""Parts of the posterior: a segment's new customers; its leavers; its growth; the chain of regimes; prices;
the new customers of all segments."""


class Places(NamedTuple):
    """Where each field stands in the vector of parameters; those that are certain have a place too.

    Attributes
    ----------
    opening
        [segment] intensity of new customers before the first month.
    reversion, volatility, common_share, ceiling, growth_chance, growth_variance, price_noise
        [segment].
    growth, level, churn, expansion
        [segment, regime].
    mean_months, price_drift
        [regime].
    after
        [3] boom to bust, steady to boom, bust to steady.
    price_reversion, price_volatility
        single places.
    """

    opening: Integers
    reversion: Integers
    volatility: Integers
    common_share: Integers
    ceiling: Integers
    growth_chance: Integers
    growth_variance: Integers
    price_noise: Integers
    growth: Integers
    level: Integers
    churn: Integers
    expansion: Integers
    mean_months: Integers
    price_drift: Integers
    after: Integers
    price_reversion: int
    price_volatility: int


class Unknowns(NamedTuple):
    """How the parameters are sampled.

    Attributes
    ----------
    free
        [free] places of those that are not certain.
    part, segment
        [free] the part of the posterior that each touches, and its segment (0 where it has none).
    members
        [block, member] places of a segment's parameters that move together; -1 beyond the last.
    block_segment, block_size
        [block].
    """

    free: Integers
    part: Integers
    segment: Integers
    members: Integers
    block_segment: Integers
    block_size: Integers


class Counts(NamedTuple):
    """What a ledger says month by month, as `Ledger` has it; a month that says nothing is not ``seen``."""

    new_customers: Floats
    seen: NDArray[np.bool_]
    leavers: Floats
    at_risk: Floats
    net_growth: Floats
    growth_base: Floats
    growth_squares: Floats
    growth_seen: NDArray[np.bool_]
    price_log: Floats
    price_count: Floats


class Model(NamedTuple):
    """The unknowns and the evidence.

    Attributes
    ----------
    first_regime
        [regime] probability of the regime of the first month.
    """

    stated: Statements
    places: Places
    unknowns: Unknowns
    first_regime: Floats
    counts: Counts
    series: SeriesData


class State(NamedTuple):
    """One point of the space that is sampled.

    Attributes
    ----------
    scores, values
        [parameter].
    innovations
        [1 + segment, month] e_0 and e_s, standard normal.
    regime
        [month].
    log_intensity
        [segment, month] x, which follows from the others.
    gap
        [segment] d - ln l_z at the last month, likewise.
    totals
        [segment, regime, 2] leavers and those at risk, likewise.
    """

    scores: Floats
    values: Floats
    innovations: Floats
    regime: Integers
    log_intensity: Floats
    gap: Floats
    totals: Floats
