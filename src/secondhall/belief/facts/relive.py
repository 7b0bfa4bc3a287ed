"""The explained past lived twice, with and without what was committed; and the inflow that it saw.

A past has all its chance and all its parameters in common with its twin, so their difference is the effect of
the hall and of nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from secondhall.belief.facts.history import History
from secondhall.belief.facts.replay import SEEN, Replay
from secondhall.belief.posterior import Posterior
from secondhall.case import PlannedAction
from secondhall.company.layout import Floats
from secondhall.months import Month

__all__ = [
    "COMPARED",
    "Inflow",
    "committed_effect",
    "inflow_of",
    "past_columns",
    "without_commitments",
    "year_of",
]

COMPARED = ("net_income", "ebitda", "revenue", "write_offs", "depreciation", "hall_cost", "staff_cost")
"""Series whose years are set side by side."""

PASTS = 500
"""Pasts whose months are kept one by one."""


@dataclass(frozen=True, eq=False)
class Inflow:
    """What came in month by month in the explained pasts.

    Attributes
    ----------
    since
        the first month.
    customers
        [segment, month, past] new customers.
    regime
        [month, past].
    """

    since: Month
    customers: Floats
    regime: Floats


def without_commitments(actions: Sequence[PlannedAction]) -> tuple[PlannedAction, ...]:
    """Return a plan with nothing committed, and nothing done to what was."""
    targets = {action.target for action in actions if action.action == "commit"}
    return tuple(action for action in actions if action.target is None or action.target not in targets)


def year_of(history: History, lived: Replay, name: str, year: int) -> Floats:
    """Return [draw] of a flow summed over a calendar year of the history."""
    first = Month.of(year, 1) - history.case.start
    total: Floats = lived.series[name][first : first + 12].sum(axis=0)
    return total


def committed_effect(history: History, lived: Replay, idle: Replay) -> dict[str, Floats]:
    """Return columns by year: 5, 50, 95 % points with, without, and of the difference, past by past.

    ``share of net_income`` is the difference as a share of the year's net income where that is a loss.
    """
    start = history.case.start
    first = start.year if start.month == 1 else start.year + 1
    years = list(range(first, (start + history.months).year))
    table: dict[str, Floats] = {"year": np.array(years, dtype=np.float64)}
    for name in COMPARED:
        both = [[year_of(history, each, name, year) for year in years] for each in (lived, idle)]
        done, not_done = np.array(both[0]), np.array(both[1])
        for words, rows in (("with", done), ("without", not_done), ("difference", done - not_done)):
            for point, place in (("low", 0.05), ("mid", 0.5), ("high", 0.95)):
                table[f"{name} {words} {point}"] = np.quantile(rows, place, axis=1)
        if name == "net_income":
            share = np.where(done < 0.0, (done - not_done) / np.where(done < 0.0, done, 1.0), np.nan)
            for point, place in (("low", 0.05), ("mid", 0.5), ("high", 0.95)):
                lost = [
                    np.quantile(r[~np.isnan(r)], place) if (~np.isnan(r)).any() else np.nan for r in share
                ]
                table[f"share of net_income {point}"] = np.array(lost)
    return table


def past_columns(history: History, lived: Replay) -> dict[str, Floats]:
    """Return a column of `PASTS` pasts for each month: the regime, and the new customers of each segment."""
    every = max(1, lived.series["regime"].shape[1] // PASTS)
    table: dict[str, Floats] = {}
    for month in range(history.months):
        when = history.case.start + month
        table[f"regime {when}"] = lived.series["regime"][month, ::every]
        for segment in history.case.segments:
            table[f"{segment} {when}"] = lived.series[SEEN + segment][month, ::every]
    return table


def inflow_of(explained: Posterior, since: Month) -> Inflow:
    """Return the inflow of the explained pasts from a month on.

    Raises
    ------
    ValueError
        when the posterior was not learned from facts, or its past ends before that month.
    """
    table: Mapping[str, Floats] = explained.series.get("pasts", {})
    months = sorted(Month.parse(name.removeprefix("regime ")) for name in table if name.startswith("regime "))
    months = [month for month in months if month >= since]
    if not months:
        raise ValueError(f"no explained past reaches {since}")
    segments = [name.removesuffix(f" {since}") for name in table if name.endswith(f" {since}")]
    segments = [name for name in segments if name != "regime"]
    customers = np.array([[table[f"{name} {month}"] for month in months] for name in segments])
    return Inflow(since, customers, np.array([table[f"regime {month}"] for month in months]))
