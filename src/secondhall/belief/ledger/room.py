"""Where a ledger is silent on demand: months in which the halls had no room for what is usually asked.

A contract says that somebody asked and found room. A month without room says nothing of who asked, and the
month after it shows those who had waited beside those who came. The room of a month is known beforehand:
what the halls hold less what was signed in earlier months and has not ended, in the hall with most of it,
since an order goes into one hall. Of that, a mean month of all the segments' signatures is set aside for the
others that come in the same month. To look at what was left at its end instead would keep the months in which
few came and drop those in which many did.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from secondhall.belief.ledger.rows import ContractRows, counted, spread
from secondhall.case import Case
from secondhall.company.layout import Floats

__all__ = ["largest_room", "months_with_room", "usual_size"]

USUAL = 0.95
"""A month has room when this share of the orders would have found it: at most one in twenty is unseen."""


def largest_room(case: Case, rows: ContractRows) -> Floats:
    """Return [month] the largest room of one hall at the start of each month, after those who left.

    A hall counts from the first month billed in it. Where the accounts give the capacity by month, capacity
    beyond that of these halls is a hall that stands empty, and no hall has more room than all of them.
    """
    halls = list(case.halls)
    where = {name: k for k, name in enumerate(halls)}
    frame = rows.frame.filter(pl.col("hall").is_in(halls))
    hall = frame["hall"].replace_strict(where, return_dtype=pl.Int64).to_numpy()
    standing = ContractRows(first=rows.first, months=rows.months, segments=rows.segments, frame=frame)
    shape = (len(halls), rows.months)
    taken = spread(
        hall, standing.integers("signed") + 1, standing.integers("end"), standing.of("capacity"), shape
    )
    opened = np.full(len(halls), rows.months)
    np.minimum.at(opened, hall, standing.integers("start"))
    is_open = np.arange(rows.months) >= opened[:, None]
    holds = np.array([_holds(case, name) for name in halls])[:, None] * is_open
    room = np.where(is_open, holds - taken, 0.0).max(axis=0)
    capacity = _capacity(case, rows)
    room = np.fmax(room, capacity - holds.sum(axis=0))
    all_halls: Floats = np.fmin(room, capacity - (taken * is_open).sum(axis=0))
    return np.maximum(all_halls, 0.0)


def usual_size(rows: ContractRows, which: pl.Expr) -> Floats:
    """Return [segment] the size within which 95 % of some of a segment's rows lie; infinite without any."""
    sizes, segment = rows.of("capacity", which), rows.integers("segment", which)
    found = np.full(len(rows.segments), np.inf)
    for s in np.unique(segment):
        found[s] = np.quantile(sizes[segment == s], USUAL)
    return found


def months_with_room(rows: ContractRows, room: Floats, usual: Floats) -> NDArray[np.bool_]:
    """Return [segment, month] whether a usual size found room beside a mean month of the others."""
    if rows.months == 0:
        return np.zeros((len(rows.segments), 0), dtype=np.bool_)
    shape = (1, rows.months)
    signed = rows.frame.filter(~pl.col("replaces"))
    month = signed["signed"].cast(pl.Int64).to_numpy()
    a_month = counted(np.zeros_like(month), month, signed["capacity"].to_numpy(), shape).mean()
    return np.asarray(room[None, :] - a_month >= usual[:, None])


def _holds(case: Case, name: str) -> float:
    hall = case.halls[name]
    capacity = hall.number("capacity_units").mid
    if hall.given("second_limit") and hall.given("second_use_per_unit"):
        use = hall.number("second_use_per_unit").mid
        return min(capacity, hall.number("second_limit").mid / use) if use > 0.0 else capacity
    return capacity


def _capacity(case: Case, rows: ContractRows) -> Floats:
    """Return [month] the capacity in the monthly accounts, NaN where they are silent."""
    found = np.full(rows.months, np.nan)
    accounts = case.known_accounts(rows.first + rows.months)
    if accounts is None or rows.months == 0:
        return found
    lines = accounts.filter((pl.col("line") == "capacity") & (pl.col("months") == 1))
    month = lines["first"].to_numpy() - rows.first.ordinal
    found[month[month >= 0]] = lines["value"].to_numpy()[month >= 0]
    return found
