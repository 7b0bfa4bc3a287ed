"""Resampling: which particles of a cloud live on."""

from __future__ import annotations

import numpy as np

from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["systematic"]


def systematic(weights: Floats, count: int, rng: np.random.Generator) -> Integers:
    """Return `count` indices drawn in proportion to weights that sum to 1, with the least noise.

    Each lives on as often as its weight says, but for rounding: systematic resampling of Kitagawa, *J. Comp.
    Graph. Stat.* 5 (1996), 1.

    Examples
    --------
    >>> systematic(np.array([0.5, 0.0, 0.5]), 4, np.random.default_rng(1))
    array([0, 0, 2, 2])
    """
    points = (np.arange(count) + rng.random()) / count
    chosen: Integers = np.minimum(np.searchsorted(np.cumsum(weights), points), len(weights) - 1)
    return chosen
