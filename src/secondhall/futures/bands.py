"""Bands: quantiles month by month out of streamed histograms.

A pilot sets the range of each series in each month; integer counts add up exactly under any split; a
quantile is read off by interpolation inside its bin, so it is exact to the width of a bin, a five
hundredth of the range.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from secondhall.company.layout import Floats
from secondhall.futures.results import PERCENTS

__all__ = ["BANDED", "quantiles", "ranges"]

BANDED = (
    "new_customers",
    "ordered_units",
    "waiting_units",
    "lost_units",
    "capacity",
    "sold_units",
    "sold_new_halls",
    "utilisation",
    "monthly_recurring_revenue",
    "hosting",
    "services",
    "equipment",
    "revenue",
    "ebitda",
    "net_income",
    "cash",
    "net_debt",
    "staff",
    "bust_probability",
    "alive",
)
"""The planner's series."""

INNER = (0.005, 0.995)
"""The range starts from these quantiles of the pilot, so that one wild path cannot make the bins wide..."""

MARGIN = 0.5
"""...and is wider by this share of their distance on either side, within what the pilot saw."""


def ranges(kept: Floats) -> tuple[Floats, Floats]:
    """Return the edges [series, month] of the histograms from a pilot [series, month, path]."""
    inner_lows, inner_highs = np.quantile(kept, INNER, axis=-1)
    wider = MARGIN * (inner_highs - inner_lows)
    lows = np.maximum(inner_lows - wider, kept.min(axis=-1))
    highs = np.minimum(inner_highs + wider, kept.max(axis=-1))
    least = np.maximum(np.abs(lows), 1.0) * 1e-9
    return lows, np.maximum(highs, lows + least)


def quantiles(counts: npt.NDArray[np.int64], lows: Floats, highs: Floats) -> Floats:
    """Return the quantiles [series, percent, month] of the counts [series, month, bin].

    Examples
    --------
    >>> counts = np.full((1, 1, 100), 10)
    >>> [float(q) for q in quantiles(counts, np.zeros((1, 1)), np.ones((1, 1)))[0, :, 0]]
    [0.05, 0.25, 0.5, 0.75, 0.95]
    """
    bins = counts.shape[-1]
    whole = np.cumsum(counts, axis=-1)
    total = whole[..., -1]
    found = []
    for percent in PERCENTS:
        wanted = total * (percent / 100.0)
        place = (whole < wanted[..., None]).sum(axis=-1)
        place = np.minimum(place, bins - 1)
        inside = np.take_along_axis(counts, place[..., None], axis=-1)[..., 0]
        below = np.take_along_axis(whole, place[..., None], axis=-1)[..., 0] - inside
        share = (wanted - below) / np.maximum(inside, 1)
        found.append(lows + (highs - lows) * (place + share) / bins)
    return np.stack(found, axis=1)
