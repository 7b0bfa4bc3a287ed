"""When a cost is paid, and what it is worth: the company's own lags (F6, F7) and its discount rate (R1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company import Parameters
from secondhall.company.layout import Floats

__all__ = ["Money", "money_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Money:
    """How money moves through the months of the horizon.

    Attributes
    ----------
    months, horizon
        months that are planned, of all that are simulated.
    index
        [horizon] cost index (M6).
    discount
        [horizon] worth at the start of money at the end of each month.
    multiple
        of the last twelve months' EBITDA that is the value at the end of the horizon.
    paid_at_once
        share of the provisions that is paid out in a month.
    after_tax
        [horizon] what is left of a saving after tax, on average over futures in which nothing is done.
    """

    months: int
    horizon: int
    index: Floats
    discount: Floats
    multiple: float
    paid_at_once: float
    after_tax: Floats

    def provided(self, month: int) -> tuple[Floats, float]:
        """(Y2) Return [month] cash of a charge of 1 in the money of the start, and its present value."""
        after = np.arange(self.horizon) - month
        share = self.paid_at_once * (1.0 - self.paid_at_once) ** np.maximum(after, 0) * (after >= 0)
        cash = self.index[month] * share
        left = self.index[month] - float(cash.sum())
        worth = float((cash * self.discount).sum() + left * self.discount[-1])
        return cash[: self.months], worth * float(self.after_tax[month])

    def spent(self, month: int) -> tuple[Floats, float]:
        """Return [month] cash of a cost of 1 in one month, in money of the start, and its present value."""
        cash = np.zeros(self.months)
        cash[month] = self.index[month]
        return cash, float(self.index[month] * self.discount[month] * self.after_tax[month])

    def worth(self, free: Floats, earned: Floats) -> Floats:
        """(Y1) Return [...] present value of free cash flow and EBITDA, each [month, ...].

        The value at the end is the multiple of what was earned in the last twelve months, below zero too:
        it is a difference between two plans, not a price (R1 never goes below what the halls fetch).
        """
        discounted: Floats = np.tensordot(self.discount, free, axes=1)
        at_the_end: Floats = self.multiple * self.discount[-1] * earned[-12:].sum(axis=0)
        return discounted + at_the_end

    def running(self, monthly: Floats, stays: Floats) -> Floats:
        """(Y3) Return [..., month] worth of what costs ``monthly`` [..., horizon] a month while it lasts.

        The last planned month holds what follows it too, of which ``stays`` [..., months that follow] is
        still there.
        """
        months, worth = self.months, self.discount * self.after_tax
        here: Floats = monthly[..., :months] * worth[:months]
        later = monthly[..., months:] * stays
        tail = (later * worth[months:]).sum(axis=-1)
        here[..., -1] += tail + self.multiple * self.discount[-1] * later[..., -12:].sum(axis=-1)
        return here

    def fading(self, keeps: Floats) -> Floats:
        """Return [..., months that follow] what is left where a share ``keeps`` [...] stays each month."""
        left: Floats = np.asarray(keeps)[..., None] ** np.arange(1, self.horizon - self.months + 1)
        return left


def money_of(own: Parameters, months: int, taxed: Floats) -> Money:
    """Return how money moves in a company over its horizon.

    ``months`` of it are planned; ``taxed`` [horizon] is the share of the futures that pays tax in a month.
    """
    t = np.arange(own.months)
    return Money(
        months,
        own.months,
        own.firm.inflation_factor[0] ** (t + 1.0),
        own.firm.discount_factor[0] ** (t + 1.0),
        float(own.firm.terminal_multiple[0]),
        1.0 / float(own.firm.provision_months[0]),
        1.0 - float(own.firm.tax_rate[0]) * taxed,
    )
