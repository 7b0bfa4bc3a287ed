"""The rows of contracts.csv as they were known at a month: who came, who stays, what each contract replaced.

Months count from the first signature of the ledger. A *stay* is a customer in a segment from a signature
until the last of its contracts ends; one that comes back after a month without any begins another stay.

At the month ``until`` what happened before it is known: a contract signed in or after it does not exist yet,
and a contract whose last month billed is the month before ``until`` still runs, since its customer leaves,
which is an event of the month after the last one billed (O6), in ``until`` itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from secondhall.case import Case
from secondhall.company.layout import Floats
from secondhall.months import Month

__all__ = ["ContractRows", "contract_rows", "counted", "spread"]

Integers = NDArray[np.int64]
_NEVER = 1 << 30
_STAY = ("segment", "customer")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ContractRows:
    """The rows that are known at a month.

    Attributes
    ----------
    first, months
        the month of the first signature, and how many months are known from it on; 0 without any row.
    segments
        names, in the order of the case.
    frame
        one row for each contract, in the order of its stay and signature: ``segment`` (its number), ``stay``
        (a number), ``hall``, ``signed``, ``start``, ``end`` (last month billed, null while it runs),
        ``capacity``, ``ramp_months``, ``monthly_recurring_revenue``, ``term_months``, ``escalator_yearly``;
        ``opens`` (belongs to the first order of its stay), ``replaces`` (follows a contract of the same stay
        and hall that ended the month before), ``came``, ``left`` (months in which the stay began and ended,
        null while it lasts), ``free`` (month from which the stay's terms signed so far are over).
    """

    first: Month
    months: int
    segments: tuple[str, ...]
    frame: pl.DataFrame

    def of(self, column: str, rows: pl.Expr | None = None) -> NDArray[np.float64]:
        """Return a column as numbers, NaN where it is null; of some rows only where asked."""
        frame = self.frame if rows is None else self.frame.filter(rows)
        return frame[column].cast(pl.Float64).fill_null(np.nan).to_numpy()

    def integers(self, column: str, rows: pl.Expr | None = None) -> Integers:
        """Return a column of months, segments or counts; a null is a month that never comes."""
        frame = self.frame if rows is None else self.frame.filter(rows)
        return frame[column].cast(pl.Int64).fill_null(_NEVER).to_numpy()


def contract_rows(case: Case, until: Month) -> ContractRows:
    """Return the contracts of a case that are known at ``until``, with the stays of their customers."""
    names = tuple(case.segments)
    contracts = case.contracts
    known = None if contracts is None else contracts.filter(pl.col("signed") < until.ordinal)
    if known is None or known.height == 0:
        return ContractRows(first=until, months=0, segments=names, frame=_empty())
    first = int(known.select(pl.col("signed").min()).item())
    number = {name: k for k, name in enumerate(names)}
    frame = (
        known.select(
            pl.col("segment").replace_strict(number, return_dtype=pl.Int32),
            "customer",
            "hall",
            signed=pl.col("signed") - first,
            start=pl.col("start") - first,
            end=pl.when(pl.col("end") < until.ordinal - 1).then(pl.col("end") - first),
            capacity="capacity",
            ramp_months=pl.col("ramp_months").fill_null(0),
            monthly_recurring_revenue="monthly_recurring_revenue",
            term_months="term_months",
            escalator_yearly="escalator_yearly",
        )
        .sort(*_STAY, "signed", "start", maintain_order=True)
        .with_columns(stay=_stays())
    )
    return ContractRows(
        first=Month(first),
        months=until.ordinal - first,
        segments=names,
        frame=_with_stays(frame).drop("customer"),
    )


def _empty() -> pl.DataFrame:
    whole = (
        "segment",
        "stay",
        "signed",
        "start",
        "end",
        "ramp_months",
        "term_months",
        "came",
        "left",
        "free",
    )
    real = ("capacity", "monthly_recurring_revenue", "escalator_yearly")
    return pl.DataFrame(
        schema={
            "hall": pl.String,
            **dict.fromkeys(whole, pl.Int32),
            **dict.fromkeys(real, pl.Float64),
            **dict.fromkeys(("opens", "replaces"), pl.Boolean),
        }
    )


def _stays() -> pl.Expr:
    """Return the number of each row's stay; a row whose customer had no contract left begins one."""
    over_by = pl.col("end").fill_null(_NEVER).cum_max().shift(1).over(*_STAY)
    return (over_by.is_null() | (pl.col("signed") > over_by + 1)).cum_sum()


def _with_stays(frame: pl.DataFrame) -> pl.DataFrame:
    last = pl.col("end").fill_null(_NEVER).max().over("stay")
    frame = frame.with_columns(
        came=pl.col("signed").min().over("stay"),
        left=pl.when(last < _NEVER).then(last + 1),
    )
    ended = frame.select("stay", "hall", signed=pl.col("end") + 1, replaced=pl.lit(value=True)).unique()
    frame = frame.join(ended, on=["stay", "hall", "signed"], how="left", maintain_order="left")
    opens = pl.col("signed") == pl.col("came")
    term_over = pl.col("start") + pl.col("term_months")
    # What a contract that is given back binds to, it binds until the month in which that happens.
    ended_before = pl.col("end") + 1 < pl.col("left").fill_null(_NEVER)
    free = pl.when(ended_before).then(pl.min_horizontal(term_over, pl.col("end") + 2)).otherwise(term_over)
    return frame.with_columns(
        opens=opens,
        replaces=pl.col("replaced").fill_null(value=False) & ~opens,
        free=free.cum_max().over("stay"),
    ).drop("replaced")


def counted(segment: Integers, month: Integers, weight: Floats, shape: tuple[int, int]) -> Floats:
    """Return [segment, month] sums of the weights; months outside the ledger are left out."""
    inside = (month >= 0) & (month < shape[1])
    flat = segment[inside] * shape[1] + month[inside]
    sums: Floats = np.bincount(flat, weight[inside], minlength=shape[0] * shape[1]).astype(np.float64)
    return sums.reshape(shape)


def spread(
    segment: Integers, since: Integers, last: Integers, weight: Floats, shape: tuple[int, int]
) -> Floats:
    """Return [segment, month] sums of weights that hold from ``since`` to ``last``, both included."""
    since, last = np.maximum(since, 0), np.minimum(last, shape[1] - 1)
    holds = since <= last
    wide = (shape[0], shape[1] + 1)
    changes = counted(segment[holds], since[holds], weight[holds], wide)
    changes -= counted(segment[holds], last[holds] + 1, weight[holds], wide)
    number = counted(segment[holds], since[holds], np.ones(int(holds.sum())), wide)
    number -= counted(segment[holds], last[holds] + 1, np.ones(int(holds.sum())), wide)
    running = np.cumsum(number, axis=1)[:, :-1] > 0.5
    return np.where(running, np.maximum(np.cumsum(changes, axis=1)[:, :-1], 0.0), 0.0)
