"""What a fact is in terms of the company: the figure that a simulated company would have published.

    (series)                a flow summed over the period, a stock at its end
    <flow>_change           100 (sum over the period / sum over the same months a year before - 1)
    hosting_against_run_rate
                            100 (hosting of the period / hosting of the three months before it, at the
                            period's length - 1)
    written_off_share       100 write-offs of the period / all that was spent on building until its end
    customer_share.SEGMENT  100 customers of the segment / all customers, at the end of the period

``services_and_equipment`` is the sum of the two flows. Amounts are in the unit of the fact: ``EUR M`` is a
million of the case's currency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from secondhall.case import Fact
from secondhall.company.layout import SERIES, Floats
from secondhall.months import Month

__all__ = ["SEGMENT_CUSTOMERS", "STOCKS", "Target", "targets_of", "unreadable"]

STOCKS = (
    "waiting_units", "capacity", "sold_units", "sold_new_halls", "utilisation", "customers",
    "monthly_recurring_revenue", "cash", "receivables", "hall_assets", "other_assets", "payables",
    "provisions", "revolver", "term_debt", "shareholder_loan", "equity", "net_debt", "staff", "alive",
)  # fmt: skip
"""Series that are read at the end of a period; the others are summed over it."""

HIDDEN = ("regime", "bust_probability", "staff_excess", "covenant_broken")
"""Series that nobody publishes."""

RUN_RATE_MONTHS = 3
"""Months before a period whose rate it is held against."""

SEGMENT_CUSTOMERS = "customers."
"""Prefix of the customers of one segment, which only a replay knows."""

SUMS = {"services_and_equipment": ("services", "equipment")}

Kept = Mapping[str, Floats]
"""Series by name, [month, path]."""


@dataclass(frozen=True)
class Target:
    """A fact that a simulated company can be held against.

    Attributes
    ----------
    fact
        the fact, with its value and standard deviation.
    series
        the series that it takes.
    read
        from these series to [path], in the unit of the fact.
    """

    fact: Fact
    series: tuple[str, ...]
    read: Callable[[Kept], Floats]

    @property
    def value(self) -> float:
        """The figure."""
        assert self.fact.value is not None
        return self.fact.value

    @property
    def deviation(self) -> float:
        """Its standard deviation."""
        assert self.fact.standard_deviation is not None
        return self.fact.standard_deviation

    @property
    def words(self) -> str:
        """The fact in a few words: fact 5 (revenue 2001 = 13 EUR M)."""
        unit = f" {self.fact.unit}" if self.fact.unit else ""
        return f"fact {self.fact.fact} ({self.fact.quantity} {self.fact.period} = {self.value:g}{unit})"


def targets_of(
    facts: Sequence[Fact], *, since: Month, until: Month, segments: Sequence[str] = ()
) -> tuple[Target, ...]:
    """Return the facts that can be read off a company lived from `since` up to the month before `until`.

    Parameters
    ----------
    facts
        what is known.
    since, until
        first month of the history, and the month after its last.
    segments
        segments whose customers are known one by one; a replay has them, the engine's series do not.
    """
    read = (_target(fact, since, until, segments) for fact in facts)
    return tuple(target for target in read if target is not None)


def unreadable(fact: Fact, since: Month, until: Month) -> str | None:
    """Return why a fact was not learned from, in words; None where it was."""
    if _target(fact, since, until, ()) is not None:
        return None
    if fact.value is None:
        return "it is in words, and no figure stands for them"
    if fact.first < since:
        return f"it speaks of a time before {since}, where the history begins"
    if fact.last >= until:
        return f"its period was not over by {until}"
    if fact.standard_deviation is None or fact.standard_deviation <= 0.0:
        return "its standard deviation is not stated"
    return "no series of the company shows it month by month"


def _target(fact: Fact, since: Month, until: Month, segments: Sequence[str]) -> Target | None:
    if fact.value is None or not fact.standard_deviation or fact.first < since or fact.last >= until:
        return None
    first, last = fact.first - since, fact.last - since + 1
    scale = 1e6 if (fact.unit or "").endswith(" M") else 1.0
    name = fact.quantity
    if name in SERIES and name not in HIDDEN:
        return Target(fact, (name,), _series(name, first, last, scale))
    if name.startswith("customer_share.") and name.partition(".")[2] in segments:
        return Target(fact, (), _share(name.partition(".")[2], segments, last))
    if name == "hosting_against_run_rate" and first >= RUN_RATE_MONTHS:
        return Target(fact, ("hosting",), _against_run_rate("hosting", first, last))
    if name == "written_off_share":
        return Target(fact, ("write_offs", "capex"), _written_off(first, last))
    flow = name.removesuffix("_change")
    summed = SUMS.get(flow, (flow,))
    published = all(part in SERIES and part not in (*HIDDEN, *STOCKS) for part in summed)
    if flow != name and published and first >= 12:
        return Target(fact, summed, _change(summed, first, last))
    return None


def _series(name: str, first: int, last: int, scale: float) -> Callable[[Kept], Floats]:
    if name in STOCKS:
        return lambda kept: kept[name][last - 1] / scale
    return lambda kept: np.asarray(kept[name][first:last].sum(axis=0)) / scale


def _change(names: tuple[str, ...], first: int, last: int) -> Callable[[Kept], Floats]:
    def read(kept: Kept) -> Floats:
        now = sum(kept[name][first:last].sum(axis=0) for name in names)
        before = sum(kept[name][first - 12 : last - 12].sum(axis=0) for name in names)
        return _percent(np.asarray(now), np.asarray(before)) - 100.0

    return read


def _against_run_rate(name: str, first: int, last: int) -> Callable[[Kept], Floats]:
    def read(kept: Kept) -> Floats:
        rate = kept[name][first - RUN_RATE_MONTHS : first].mean(axis=0) * (last - first)
        return _percent(kept[name][first:last].sum(axis=0), rate) - 100.0

    return read


def _written_off(first: int, last: int) -> Callable[[Kept], Floats]:
    return lambda kept: _percent(kept["write_offs"][first:last].sum(axis=0), kept["capex"][:last].sum(axis=0))


def _share(segment: str, segments: Sequence[str], last: int) -> Callable[[Kept], Floats]:
    def read(kept: Kept) -> Floats:
        each = np.stack([kept[SEGMENT_CUSTOMERS + name][last - 1] for name in segments])
        return _percent(each[list(segments).index(segment)], each.sum(axis=0))

    return read


def _percent(part: Floats, whole: Floats) -> Floats:
    """Return 100 part / whole; 0 where the whole is nothing."""
    share: Floats = 100.0 * np.where(whole > 0.0, part, 0.0) / np.where(whole > 0.0, whole, 1.0)
    return share
