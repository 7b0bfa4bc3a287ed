"""From the rows of contracts.csv to counts and sums by segment and month (O1, O5 to O8, M5)."""

from __future__ import annotations

import numpy as np
import polars as pl

from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.ledger.room import largest_room, months_with_room, usual_size
from secondhall.belief.ledger.rows import ContractRows, contract_rows, counted, spread
from secondhall.belief.posterior import Lesson
from secondhall.case import Case
from secondhall.company.layout import Floats
from secondhall.months import Month

__all__ = ["exposure", "first_orders", "ledger_lessons", "ledger_of", "read_ledger", "risk_spells"]


def read_ledger(case: Case, until: Month) -> tuple[Ledger, tuple[Lesson, ...]]:
    """Return what the contracts that are known at ``until`` say, and what they cannot say.

    Parameters
    ----------
    case
        a case with contracts.
    until
        the month that follows the last one that is known.

    Examples
    --------
    >>> from secondhall.case import read_case
    >>> case = read_case("northhall")
    >>> ledger, lessons = read_ledger(case, case.start)
    >>> ledger.new_customers.shape, str(ledger.first)
    ((4, 72), '2020-01')
    """
    rows = contract_rows(case, until)
    ledger = ledger_of(case, rows)
    return ledger, ledger_lessons(rows, ledger)


def ledger_of(case: Case, rows: ContractRows) -> Ledger:
    """Return the counts and sums by segment and month of rows that were read."""
    shape = (len(rows.segments), rows.months)
    stays = rows.frame.filter(pl.col("stay").is_first_distinct())
    came = stays["came"].cast(pl.Int64).to_numpy()
    room = largest_room(case, rows)
    new = pl.col("opens")
    roomy = months_with_room(rows, room, usual_size(rows, new))
    seen = roomy.copy()
    seen[:, 1:] &= roomy[:, :-1]  # those who waited come in the first month with room
    grown = ~new & ~pl.col("replaces")
    usual_growth = np.fmin(usual_size(rows, grown), usual_size(rows, new))
    leavers, at_risk = exposure(rows)
    net_growth, base, squares = _growth(rows)
    price_log, price_count = _prices(rows)
    return Ledger(
        first=rows.first,
        segments=rows.segments,
        new_customers=counted(stays["segment"].cast(pl.Int64).to_numpy(), came, np.ones(stays.height), shape),
        seen=seen,
        leavers=leavers,
        at_risk=at_risk,
        net_growth=net_growth,
        growth_base=base,
        growth_squares=squares,
        growth_seen=months_with_room(rows, room, usual_growth),
        price_log=price_log,
        price_count=price_count,
        order_sizes={name: first_orders(rows, s)[1] for s, name in enumerate(rows.segments)},
    )


def first_orders(rows: ContractRows, segment: int) -> tuple[Floats, Floats]:
    """Return [order] the month and the capacity of each stay's first order in a segment."""
    orders = (
        rows.frame.filter(pl.col("opens") & (pl.col("segment") == segment))
        .group_by("stay", maintain_order=True)
        .agg(pl.col("came").first(), pl.col("capacity").sum())
    )
    return orders["came"].cast(pl.Float64).to_numpy(), orders["capacity"].to_numpy()


def risk_spells(rows: ContractRows) -> pl.DataFrame:
    """Return the spells of months, from ``since`` to ``last``, in which a stay of a ``segment`` may end.

    A contract signed in a month binds from the next one on, as the leavers of a month go before its new
    contracts come. ``free`` is the month from which the terms signed by then are over; ``leaves`` says
    whether the stay ends in the spell's last month.
    """
    following = pl.col("signed").shift(-1).over("stay")
    end = pl.coalesce(following, pl.col("left"), pl.lit(rows.months - 1))
    return rows.frame.select(
        "segment",
        "free",
        since=pl.max_horizontal(pl.col("signed") + 1, pl.col("free")),
        last=pl.min_horizontal(end, pl.lit(rows.months - 1)),
        leaves=following.is_null() & pl.col("left").is_not_null(),
    ).filter(pl.col("since") <= pl.col("last"))


def exposure(rows: ContractRows) -> tuple[Floats, Floats]:
    """Return [segment, month] the customers out of term that leave, and those who could (O5, O6)."""
    spells = risk_spells(rows)
    shape = (len(rows.segments), rows.months)
    segment = spells["segment"].cast(pl.Int64).to_numpy()
    since, last = (spells[name].cast(pl.Int64).to_numpy() for name in ("since", "last"))
    leaves = spells["leaves"].to_numpy()
    return (
        counted(segment[leaves], last[leaves], np.ones(int(leaves.sum())), shape),
        np.round(spread(segment, since, last, np.ones(segment.size), shape)),
    )


def _growth(rows: ContractRows) -> tuple[Floats, Floats, Floats]:
    """Return [segment, month] the net growth of installed customers, its base and the base's squares."""
    shape = (len(rows.segments), rows.months)
    segment, capacity = rows.integers("segment"), rows.of("capacity")
    start, end, left = rows.integers("start"), rows.integers("end"), rows.integers("left")
    later = ~rows.frame["opens"].to_numpy()
    shrinks = end + 1 < left
    net = counted(segment[later], start[later], capacity[later], shape)
    net -= counted(segment[shrinks], end[shrinks] + 1, capacity[shrinks], shape)
    last = np.minimum(end + 1, left - 1)
    base = spread(segment, start + 1, last, capacity, shape)
    return net, base, spread(segment, start + 1, last, capacity**2, shape)


def _prices(rows: ContractRows) -> tuple[Floats, Floats]:
    shape = (len(rows.segments), rows.months)
    priced = ~pl.col("replaces") & (pl.col("capacity") > 0) & (pl.col("monthly_recurring_revenue") > 0)
    segment, month = rows.integers("segment", priced), rows.integers("signed", priced)
    logs = np.log(rows.of("monthly_recurring_revenue", priced) / rows.of("capacity", priced))
    count = counted(segment, month, np.ones(segment.size), shape)
    total = counted(segment, month, logs, shape)
    return np.divide(total, count, out=np.full(shape, np.nan), where=count > 0), count


def ledger_lessons(rows: ContractRows, ledger: Ledger) -> tuple[Lesson, ...]:
    """Return what the ledger cannot say, segment by segment."""
    said = []
    for s, name in enumerate(rows.segments):
        dotted = f"segments.{name}"
        stays = int(ledger.new_customers[s].sum())
        if stays <= 1:
            who = "one customer" if stays else "no customer"
            said.append(Lesson(dotted, False, _stands_in(f"the ledger has {who} of {name}", "of it")))
            continue
        if not ledger.seen[s].any():
            words = f"no month of the ledger had room for the usual order of {name}"
            field = f"{dotted}.new_customers_per_month"
            said.append(Lesson(field, False, _stands_in(words, "of its new customers")))
        elif not ledger.seen[s].all():
            unseen = int((~ledger.seen[s]).sum())
            words = (
                f"{unseen} of {rows.months} months say nothing of the demand of {name}: the halls had no "
                "room for its usual order, or had just found it for those who waited"
            )
            said.append(Lesson(f"{dotted}.new_customers_per_month", True, words))
        if ledger.leavers[s].sum() == 0:
            risk = int(ledger.at_risk[s].sum())
            words = (
                f"nobody of {name} has left in {risk} customer-months out of term"
                if risk
                else f"no term of {name} is over yet"
            )
            said.append(Lesson(f"{dotted}.churn_monthly", risk > 0, _stands_in(words, "of its churn", risk)))
        if not ledger.price_count[s].any():
            words = f"no contract of {name} has a price"
            field = f"{dotted}.list_price_per_unit_month"
            said.append(Lesson(field, False, _stands_in(words, "of its price")))
    return tuple(said)


def _stands_in(found: str, what: str, some: int = 0) -> str:
    """Say that the case's statement stands in; where there is some evidence, that it bounds it."""
    if some:
        return f"{found}: that bounds it from above, below it the case's own statement counts"
    return f"{found}: the case's own statement {what} stands in"
