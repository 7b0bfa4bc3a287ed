"""The `Ledger`: what the rows of contracts.csv say month by month, ready for a likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondhall.company.layout import Floats
from secondhall.months import Month

__all__ = ["Ledger"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ledger:
    """Counts and sums by segment and month; axes [segment, month] unless said otherwise.

    Attributes
    ----------
    first
        the first month.
    segments
        names, in the order of the case.
    new_customers
        customers whose first contract was signed in the month.
    seen
        False where the month says nothing of demand: no hall had room for what was asked, or a hall had just
        opened to those who waited.
    leavers, at_risk
        customers out of term whose last contract ended with the month before; those who could have left.
    net_growth, growth_base, growth_squares
        capacity that installed customers added, less what they gave back while staying; the capacity
        installed; the sum of its contracts' squares, to which the variance of the growth is proportional.
    growth_seen
        False where there was no room to grow into.
    price_log, price_count
        mean log price per unit and month of new business, NaN where none was signed; contracts behind it.
    order_sizes
        [order] capacity of each first contract, by segment.
    """

    first: Month
    segments: tuple[str, ...]
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
    order_sizes: Mapping[str, Floats]

    @property
    def months(self) -> int:
        """How many months."""
        return int(self.new_customers.shape[1])
