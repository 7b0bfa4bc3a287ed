"""What halls cost and hold in the programme: options that are committed (G6), halls that are closed (G7).

Discounted as in R1, for the months in which never is alive; the delay of a hall and its overrun are the means
of theirs. A cost saves tax as `marginal_tax` says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company import Parameters
from secondhall.company.layout import NEVER, OPEN, Floats
from secondhall.company.parameters import Integers
from secondhall.decide.programme.sample import Sample

__all__ = ["HallCosts", "closing_costs", "is_going", "marginal_tax", "option_costs"]

LAST_YEAR = 12


@dataclass(frozen=True, slots=True, eq=False)
class HallCosts:
    """An option that can be committed, or a hall that can be closed.

    Attributes
    ----------
    name
        of the option or the hall.
    slots
        its copies, in the order in which they are committed.
    cost
        [date, path] present value of what one costs when it is decided at a date.
    units
        [date, period, path] capacity of one, open on average over a period; of a hall that is closed, what
        must leave it for want of free room elsewhere.
    funding
        capex of one less its project loan, as a rule knows it.
    """

    name: str
    slots: tuple[int, ...]
    cost: Floats
    units: Floats
    funding: float = 0.0


def is_going(sample: Sample) -> Floats:
    """Return [path] 1 where a company is worth its earnings at the end (R1), 0 where it is worth its halls.

    The mean of never and of the company with a hall, as in `marginal_tax`.
    """
    multiple = sample.parameters.firm.terminal_multiple
    ends = ((sample.never, sample.terminal), (sample.built, sample.built_terminal))
    earned = [multiple * series["ebitda"][-LAST_YEAR:].sum(axis=0) for series, _ in ends]
    going = [one >= terminal * (1.0 - 1e-9) for one, (_, terminal) in zip(earned, ends, strict=True)]
    share: Floats = (going[0].astype(float) + going[1]) / 2.0
    return share


def marginal_tax(sample: Sample) -> Floats:
    """Return [month, path] the tax on one more of profit.

    The rate, in the share of the months of the year in which tax is paid: the mean of that of never and of
    that with a hall, between which the profit lies that is taxed (the trapezoidal rule).
    """
    pays = ((sample.never["tax"] > 0.0).astype(float) + (sample.built["tax"] > 0.0)) / 2.0
    years = np.arange(sample.months) // 12
    share = np.stack([pays[years == year].mean(axis=0) for year in range(int(years[-1]) + 1)])
    tax: Floats = sample.parameters.firm.tax_rate * share[years]
    return tax


@dataclass(frozen=True, slots=True, eq=False)
class _Rates:
    """What turns money of a month into present value: [month, path], and [path] at the end of the horizon."""

    discount: Floats
    index: Floats
    saved_tax: Floats
    going: Floats
    exit: Floats
    paid_late: Floats
    """what a unit of cost is worth less because suppliers are paid late"""

    def present(self, cost: Floats, tax_free: Floats) -> Floats:
        """Return [path] of a running cost paid in cash and of one that only lowers tax, both [month, path].

        At the end of the horizon the running cost of the last year is capitalised as earnings are (R1).
        """
        taxed = self.saved_tax * (cost + tax_free)
        flows = self.discount * (self.paid_late * cost - taxed)
        present: Floats = flows.sum(axis=0) + self.going * cost[-LAST_YEAR:].sum(axis=0)
        return present


def _rates(sample: Sample) -> _Rates:
    firm, months = sample.parameters.firm, sample.months
    month = np.arange(1, months + 1)[:, None]
    discount = firm.discount_factor**month * sample.never["alive"]
    going = is_going(sample)
    return _Rates(
        discount=discount,
        index=firm.inflation_factor**month,
        saved_tax=marginal_tax(sample),
        going=discount[-1] * firm.terminal_multiple * going,
        exit=discount[-1] * (1.0 - going),
        paid_late=_spread(1.0 + firm.supplier_delay, firm.discount_factor),
    )


def _spread(months: Floats, factor: Floats) -> Floats:
    """Return what one is worth of which the part 1/months of the rest is paid every month (F6, F7)."""
    part = 1.0 / months
    worth: Floats = part / (1.0 - (1.0 - part) * factor)
    return worth


def _periods(series: Floats, edges: Integers) -> Floats:
    means: Floats = np.add.reduceat(series, edges[:-1], axis=0) / np.diff(edges)[:, None]
    return means


def _posts(p: Parameters) -> Floats:
    """Return [path] what the posts of one more open hall cost a month (W1, C3)."""
    posts: Floats = (p.role.per_open_hall * p.role.monthly_cost).sum(axis=0)
    return np.broadcast_to(posts, p.firm.array.shape[-1:])


def _posts_gone(p: Parameters, since: Integers) -> Floats:
    """Return [month, path] what the posts of a closed hall cost no more: they go by attrition alone (W2)."""
    gone = 1.0 - (1.0 - p.role.attrition[None]) ** np.maximum(since[:, :, None] + 1, 0).transpose(0, 2, 1)
    posts: Floats = (gone * p.role.per_open_hall * p.role.monthly_cost).sum(axis=1)
    return posts


def option_costs(sample: Sample, dates: tuple[int, ...], edges: Integers) -> tuple[HallCosts, ...]:
    """Return the options of a sample, committed at each date."""
    rates, found = _rates(sample), []
    names = dict.fromkeys(slot.option for slot in sample.slots.slots[sample.slots.first_new :])
    for name in names:
        assert name is not None
        slots = sample.slots.of_option(name)
        built = [_committed(sample, rates, slots[0], date) for date in dates]
        found.append(
            HallCosts(
                name=name,
                slots=slots,
                cost=np.stack([cost for cost, _ in built]),
                units=np.stack([_periods(units, edges) for _, units in built]),
                funding=float(sample.slots.funding[slots[0]]),
            )
        )
    return tuple(found)


def _committed(sample: Sample, rates: _Rates, h: int, date: int) -> tuple[Floats, Floats]:
    """(G6) Return [path] cost and [month, path] open capacity of slot h, committed in month ``date``."""
    p, months, alive = sample.parameters, sample.months, sample.never["alive"]
    month = np.arange(months)[:, None]
    capex, opens = _spent(p, h, month - date)
    capex = capex * rates.index
    is_open = (month >= opens[0]).astype(float)
    book, written = _books(p, h, capex, is_open)
    fixed = is_open * (p.hall.fixed_cost[h] + _posts(p)) + (month >= date) * p.hall.rent[h]
    running = alive * rates.index * fixed
    cost = rates.present(running, alive * (written + _interest(p, h, capex)))
    cost = cost + (rates.discount * capex).sum(axis=0) - rates.exit * p.hall.exit_share[h] * book
    units = np.zeros((months, sample.paths))
    for k, opened in enumerate(opens):
        # What opens in a month sells from the next on (H1).
        units += (month >= opened + 1) * p.phase.capacity[h, k] * alive
    return cost, units


def _spent(p: Parameters, h: int, since: Integers) -> tuple[Floats, list[Floats]]:
    """(H2) Return [month, path] capex before the cost index, and for each phase [path] the month it opens.

    ``since`` is [month, 1] counted from the commitment, whose month is taken off the openings again.
    """
    slip = p.hall.has_slip[h] * _lognormal_mean(p, h, "slip") + p.firm.extra_slip
    overrun = 1.0 + p.hall.has_overrun[h] * _lognormal_mean(p, h, "overrun")
    capex, opens, commit = np.zeros((since.shape[0], p.firm.array.shape[-1])), [], -since[0, 0]
    for k in range(p.phase.capex.shape[1]):
        start, opening = p.phase.start_offset[h, k], p.phase.offset[h, k] + slip

        def done(month: Integers, start: Floats = start, opening: Floats = opening) -> Floats:
            u = np.clip((month - start) / np.maximum(opening - start, 1.0), 0.0, 1.0)
            share: Floats = u * u * (3.0 - 2.0 * u)
            return share

        capex += overrun * p.phase.capex[h, k] * (done(since + 1) - done(since)) * (since >= 0)
        opens.append(commit + opening)
    return capex, opens


def _lognormal_mean(p: Parameters, h: int, kind: str) -> Floats:
    """(A2, A3) Return [path] the mean delay or overrun."""
    spread = getattr(p.hall, f"{kind}_log_sd")[h]
    mean: Floats = np.exp(getattr(p.hall, f"{kind}_log_mean")[h] + spread * spread / 2.0)
    return mean


def _books(p: Parameters, h: int, capex: Floats, is_open: Floats) -> tuple[Floats, Floats]:
    """(H3) Return [path] book value at the end and [month, path] depreciation."""
    book, left = np.zeros(capex.shape[1]), p.hall.life_months[h] * np.ones(capex.shape[1])
    written = np.zeros_like(capex)
    for month in range(capex.shape[0]):
        book = book + capex[month]
        written[month] = is_open[month] * book / np.maximum(left, 1.0)
        book, left = book - written[month], left - is_open[month]
    return book, written


def _interest(p: Parameters, h: int, capex: Floats) -> Floats:
    """(F4, F9) Return [month, path] interest on the project loan, which only lowers tax in R1."""
    owed, interest = np.zeros(capex.shape[1]), np.zeros_like(capex)
    for month in range(capex.shape[0]):
        interest[month] = p.firm.term_rate * owed
        owed = owed * (1.0 - 1.0 / p.firm.project_repayment_months) + p.hall.loan_to_cost[h] * capex[month]
    return interest


def closing_costs(sample: Sample, dates: tuple[int, ...], edges: Integers) -> tuple[HallCosts, ...]:
    """Return the halls that stand open at the start, closed at each date; none where only one stands."""
    rates, states = _rates(sample), sample.parameters.hall.state
    standing = [h for h in range(sample.slots.first_new) if np.all(states[h] == OPEN)]
    if len(standing) < 2:
        return ()
    found = []
    for h in standing:
        closed = [_closed(sample, rates, h, date) for date in dates]
        found.append(
            HallCosts(
                name=sample.slots.slots[h].name,
                slots=(h,),
                cost=np.stack([cost for cost, _ in closed]),
                units=np.stack([_periods(units, edges) for _, units in closed]),
            )
        )
    return tuple(found)


def _closed(sample: Sample, rates: _Rates, h: int, date: int) -> tuple[Floats, Floats]:
    """(G7) Return [path] cost of closing slot h in month ``date`` and [month, path] what has to leave it."""
    p, never = sample.parameters, sample.never
    month = np.arange(sample.months)[:, None]
    after = (month >= date) * never["alive"]
    life = np.maximum(p.hall.life_months[h], 1.0)
    book = p.hall.book[h] * np.maximum(1.0 - np.array([[date], [sample.months]]) / life, 0.0)
    written = after * (month < life) * p.hall.book[h] / life
    running = after * rates.index * (p.hall.fixed_cost[h] + _posts_gone(p, month - date) + p.hall.rent[h])
    tail = p.hall.rent[h] * rates.index[date] * np.maximum(_lease_left(p, h) - date, 0.0)
    penalty = np.where(
        p.hall.leased[h] > 0.0, np.minimum(p.hall.exit_penalty[h], tail), p.hall.exit_penalty[h]
    )
    charge = penalty + p.hall.dismantling[h]
    proceeds = p.hall.exit_share[h] * book[0]
    later = _spread(p.firm.provision_months, p.firm.discount_factor)
    once = charge * later - proceeds - rates.saved_tax[date] * (charge + book[0] - proceeds)
    cost = rates.discount[date] * once - rates.present(running, written)
    cost = cost + rates.exit * p.hall.exit_share[h] * book[1]
    free = np.maximum(never["capacity"] - never["sold_units"], 0.0)
    units = after * np.maximum(p.phase.capacity[h].sum(axis=0) - free, 0.0)
    return cost, units


def _lease_left(p: Parameters, h: int) -> Floats:
    committed: Floats = np.where(p.hall.committed[h] > NEVER, p.hall.committed[h], 0.0)
    left: Floats = committed + p.hall.lease_months[h]
    return left
