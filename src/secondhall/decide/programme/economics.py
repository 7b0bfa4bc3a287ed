"""The company made linear: what more capacity could sell, what a unit brings, what an option costs.

x(j) is what is sold more than in never, on average over the months of period j, d(j) the same with those who
wait. In never W(j) wait and the part l(j) is turned away since the period before; of what is sold more the
share q leaves in a month, n(j) are the months of a period. With K open capacity of what was committed and C
what must leave a hall that was closed::

    x(j) <= sum K(j) u - sum C(j) c                                                        (G1)
    x(j) <= d(j) + W(j),  d(j) <= x(j)                                                     (G2)
    d(j) <= d(j-1) + l(j) - q(j) ((n(j-1) + 1)/2 x(j-1) + (n(j) - 1)/2 x(j))             (G3)
    x(j) - x(j-1) + leavers of (G3) + sum C(j) c >= min(0, l(j) + W(j) - W(j-1))           (G4)

(G4) keeps who was placed: a sale has costs of its own, which are not had back by sending a customer away.
What (G3) and (G4) carry from the period before counts in the share in which never is still alive.

With a period of a month these are the company's own placement (P1 to P6) as long as all who wait find room.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from secondhall.company.layout import BUST, Floats
from secondhall.company.parameters import Integers
from secondhall.decide.programme.hall_costs import (
    LAST_YEAR,
    HallCosts,
    closing_costs,
    is_going,
    marginal_tax,
    option_costs,
)
from secondhall.decide.programme.sample import Sample

__all__ = ["Economics", "economics_of", "periods", "worth_of_room"]


@dataclass(frozen=True, slots=True, eq=False)
class Economics:
    """The numbers of the programme, path by path.

    Attributes
    ----------
    edges
        [period + 1] months at which the periods begin, and the end of the horizon.
    npv
        [path] of never.
    waiting, lost, leaving
        [period, path] W, l and q of (G2, G3).
    unit, placed
        [period, path] present value of a unit sold over a period, and of a unit placed in it.
    sold
        [period, path] what never sells, which is the most that can be lost.
    alive
        [period, path] share of the period in which never is not wound up.
    liquidity
        [date, path] cash, undrawn revolver and what the shareholder would still put in, as never shows them.
    options, halls
        what can be committed and what can be closed.
    """

    edges: Integers
    npv: Floats
    waiting: Floats
    lost: Floats
    leaving: Floats
    unit: Floats
    placed: Floats
    sold: Floats
    alive: Floats
    liquidity: Floats
    options: tuple[HallCosts, ...]
    halls: tuple[HallCosts, ...]

    def averaged(self, group: Integers) -> Economics:
        """(G10) Return the economics of scenarios, each the mean of its paths; ``group`` is [path].

        What is seen at a node, the liquidity, is left to the tree.
        """
        counts = np.bincount(group)

        def mean(values: Floats) -> Floats:
            flat = values.reshape(-1, group.size)
            means: Floats = np.stack([np.bincount(group, row, counts.size) for row in flat]) / counts
            return means.reshape(*values.shape[:-1], counts.size)

        def of_hall(hall: HallCosts) -> HallCosts:
            return replace(hall, cost=mean(hall.cost), units=mean(hall.units))

        return replace(
            self,
            npv=mean(self.npv),
            waiting=mean(self.waiting),
            lost=mean(self.lost),
            leaving=mean(self.leaving),
            unit=mean(self.unit),
            placed=mean(self.placed),
            sold=mean(self.sold),
            alive=mean(self.alive),
            options=tuple(map(of_hall, self.options)),
            halls=tuple(map(of_hall, self.halls)),
        )


def periods(dates: tuple[int, ...], period_months: int, months: int) -> Integers:
    """Return the edges of the periods: short ones until two years after the last date, then years.

    Examples
    --------
    >>> periods((0, 12), 6, 60)
    array([ 0,  6, 12, 18, 24, 30, 36, 48, 60])
    """
    fine = min(dates[-1] + 2 * LAST_YEAR, months)
    short = np.arange(0, fine, period_months)
    long = np.arange(fine, months, max(LAST_YEAR, period_months) if period_months > 1 else 1)
    return np.concatenate([short, long, [months]])


def economics_of(sample: Sample, dates: tuple[int, ...], period_months: int) -> Economics:
    """Return the linear economics of a sample.

    Parameters
    ----------
    sample
        of at least one path.
    dates
        months at which is decided, multiples of the period.
    period_months
        of the first periods; with periods of a month all are.
    """
    never, edges = sample.never, periods(dates, period_months, sample.months)
    unit, placed = _margins(sample, edges)
    # What is lost counts from the middle of one period to the middle of the next.
    lost = _means(np.cumsum(never["lost_units"], axis=0), edges)
    months = np.diff(edges)[:, None]
    leaving = np.add.reduceat(_leaving_share(sample), edges[:-1], axis=0) / months
    return Economics(
        edges=edges,
        npv=sample.npv,
        waiting=_means(never["waiting_units"], edges),
        lost=np.diff(lost, axis=0, prepend=0.0),
        leaving=leaving,
        unit=unit,
        placed=placed,
        sold=_means(never["sold_units"], edges),
        alive=_means(never["alive"], edges),
        liquidity=np.stack([_liquidity(sample, date) for date in dates]),
        options=option_costs(sample, dates, edges),
        halls=closing_costs(sample, dates, edges),
    )


def _liquidity(sample: Sample, date: int) -> Floats:
    """Return [path] what could pay for a hall at a date (D5)."""
    firm, never = sample.parameters.firm, sample.never
    cash, drawn, injected = firm.cash, firm.revolver, np.zeros(sample.paths)
    if date > 0:
        cash, drawn = never["cash"][date - 1], never["revolver"][date - 1]
        injected = never["shareholder_injection"][:date].sum(axis=0)
    room = np.maximum(firm.revolver_limit - drawn, 0.0)
    liquidity: Floats = cash + room + np.maximum(firm.shareholder_commitment - injected, 0.0)
    return np.broadcast_to(liquidity, sample.npv.shape)


def _means(series: Floats, edges: Integers) -> Floats:
    """Return [period, path] means of [month, path]."""
    means: Floats = np.add.reduceat(series, edges[:-1], axis=0) / np.diff(edges)[:, None]
    return means


def _more(sample: Sample, name: str) -> Floats:
    """Return [month, path] of what more room brings more than never, while both are alive."""
    alive = sample.never["alive"] * sample.roomy["alive"]
    more: Floats = alive * (sample.roomy[name] - sample.never[name])
    return more


def worth_of_room(sample: Sample) -> Floats:
    """Return [month, path] what more room would bring from that month on, discounted to it."""
    flow = _more(sample, "free_cash_flow")
    worth = np.empty_like(flow)
    ahead = np.zeros(sample.paths)
    for month in range(sample.months - 1, -1, -1):
        ahead = flow[month] + sample.parameters.firm.discount_factor * ahead
        worth[month] = ahead
    return worth


def _leavers(sample: Sample) -> tuple[Floats, Floats]:
    """Return [month, path] of what leaves of what is sold more, and of what was sold more a month before."""
    sold, waiting = _more(sample, "sold_units"), _more(sample, "waiting_units")
    change = np.diff(sold + waiting, axis=0, prepend=0.0)
    before = np.concatenate([np.zeros((1, sample.paths)), sold[:-1]])
    return -_more(sample, "lost_units") - change, before


def _leaving_share(sample: Sample) -> Floats:
    """Return [month, path] q: the share that leaves in a month, by regression on what was sold more."""
    leavers, before = _leavers(sample)
    share: Floats = _Fit.of(sample, leavers, before, np.zeros_like(before)).per_unit
    return share


def _margins(sample: Sample, edges: Integers) -> tuple[Floats, Floats]:
    """(G5) Return [period, path] present values of a unit sold over a period, and of one placed in it."""
    firm, months = sample.parameters.firm, sample.months
    leavers, _ = _leavers(sample)
    sold = _more(sample, "sold_units")
    placed = np.diff(sold, axis=0, prepend=0.0) + leavers
    cash = _Fit.of(sample, _more(sample, "free_cash_flow") + _more(sample, "tax"), sold, placed)
    earned = _Fit.of(sample, _more(sample, "ebitda"), sold, placed)
    discount = firm.discount_factor ** np.arange(1, months + 1)[:, None] * sample.never["alive"]
    last = np.arange(months)[:, None] >= months - LAST_YEAR
    closing = last * is_going(sample) * firm.terminal_multiple * firm.discount_factor**months
    closing = closing * sample.never["alive"][-1]
    earning = closing - discount * marginal_tax(sample)
    unit = discount * cash.per_unit + earning * earned.per_unit
    once = discount * cash.per_placed + earning * earned.per_placed
    return np.add.reduceat(unit, edges[:-1], axis=0), _means(once, edges)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """What a unit brings, out of what all units bring together: least squares over months and paths.

    ::

        y = x (a_year + b z + g [bust]) + p e                                              (G5)

    with x what is sold more, p what is placed more, z the hosting revenue of never per unit sold over its
    mean, less one. One price of a unit a path and month alone would be a ratio of two small numbers.
    """

    per_unit: Floats
    """[month, path]"""
    per_placed: float

    @classmethod
    def of(cls, sample: Sample, y: Floats, x: Floats, placed: Floats) -> _Fit:
        """Fit [month, path] of y."""
        signs = _signs(sample)
        columns = [np.where(signs.years == year, x, 0.0) for year in range(int(signs.years.max()) + 1)]
        columns += [x * signs.price, x * signs.bust, placed]
        design = np.stack([column.ravel() for column in columns], axis=1)
        size = np.sqrt((design**2).sum(axis=0))
        scale = np.where(size > 0.0, size, 1.0)
        found = np.linalg.lstsq(design / scale, y.ravel(), rcond=None)[0] / scale
        *yearly, price, bust, once = found
        per_unit = np.array(yearly)[signs.years] + price * signs.price + bust * signs.bust
        return cls(per_unit, float(once))


@dataclass(frozen=True, slots=True, eq=False)
class _Signs:
    years: Integers
    """[month, 1]"""
    price: Floats
    bust: Floats


def _signs(sample: Sample) -> _Signs:
    sold, hosting = sample.never["sold_units"], sample.never["hosting"]
    price = np.where(sold > 0.0, hosting / np.maximum(sold, 1e-9), 0.0)
    mean = price.sum() / max(int((sold > 0.0).sum()), 1)
    relative = np.where(sold > 0.0, price / mean - 1.0, 0.0) if mean > 0.0 else np.zeros_like(price)
    years = np.arange(sample.months)[:, None] // 12
    return _Signs(years, relative, np.where(sample.never["regime"] == BUST, 1.0, 0.0))
