"""The figures that a backtest can be held against: what the accounts and the contracts say came."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from secondhall.case import Case
from secondhall.months import Month

__all__ = ["LINES", "Figure", "Line", "figures", "lines_of"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is forecast: its name, the series of the company, and whether a period sums its months."""

    name: str
    series: str
    summed: bool


LINES = (
    Line("sold", "sold_units", summed=False),
    Line("utilisation", "utilisation", summed=False),
    Line("new_customers", "new_customers", summed=True),
    Line("hosting_revenue", "hosting", summed=True),
    Line("revenue", "revenue", summed=True),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its period, from the first to the last month, and its value."""

    first: Month
    last: Month
    value: float

    @property
    def months(self) -> int:
        """Length of the period."""
        return self.last - self.first + 1

    @property
    def words(self) -> str:
        """The period as accounts write it."""
        if self.months == 1:
            return str(self.last)
        return f"{self.last.year}-Q{self.last.quarter}" if self.months == 3 else str(self.last.year)


def lines_of(case: Case) -> tuple[Line, ...]:
    """Return the lines that the case has figures of; utilisation only where what is sold is not told."""
    present = set() if case.accounts is None else set(case.accounts["line"].unique().to_list())
    if case.contracts is not None:
        present.add("new_customers")
    skipped = {"utilisation"} if "sold" in present else set()
    skipped |= {"revenue"} if "hosting_revenue" in present else set()
    return tuple(line for line in LINES if line.name in present - skipped)


def figures(case: Case, line: Line, *, known: Month | None = None) -> tuple[Figure, ...]:
    """Return the figures of a line in order of time, all of one length of period: the most frequent one.

    Parameters
    ----------
    known
        only those that were known in that month; all that ever came to be known if absent.
    """
    if line.name == "new_customers":
        return _new_customers(case, known)
    everything = case.accounts
    accounts = everything if known is None else case.known_accounts(known)
    if everything is None or accounts is None:
        return ()
    lengths = everything.filter(pl.col("line") == line.name)["months"].value_counts(sort=True)
    if lengths.height == 0:
        return ()
    rows = accounts.filter((pl.col("line") == line.name) & (pl.col("months") == lengths["months"][0]))
    return tuple(
        Figure(Month(first), Month(first + months - 1), value)
        for first, months, value in rows.sort("first").select("first", "months", "value").iter_rows()
    )


def _new_customers(case: Case, known: Month | None) -> tuple[Figure, ...]:
    """Count the customers whose first contract was signed in each whole quarter."""
    if case.contracts is None or case.contracts.height == 0:
        return ()
    signed = case.contracts.group_by("customer", "segment").agg(pl.col("signed").min())["signed"]
    until = case.start.ordinal if known is None else min(known.ordinal, case.start.ordinal)
    first = -(-int(signed.min()) // 3) * 3  # type: ignore[arg-type]
    counts = signed.filter(signed < until).value_counts()
    by_month = dict(counts.iter_rows())
    return tuple(
        Figure(Month(quarter), Month(quarter + 2), float(sum(by_month.get(quarter + k, 0) for k in range(3))))
        for quarter in range(first, until - 2, 3)
    )
