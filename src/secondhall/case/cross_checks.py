"""What ledgers and ``case.yaml`` must satisfy together: capacities, sums, months, commitments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from secondhall.case.checks import doubted, told
from secondhall.case.fields import nearest
from secondhall.case.ledgers import Ledger
from secondhall.case.opening import Opening
from secondhall.case.sections import Draft
from secondhall.case.sheet import MOST_FAULTS
from secondhall.case.values import Quantity, Record
from secondhall.case.words import figure
from secondhall.errors import Fault, Severity, quoted
from secondhall.months import Month

__all__ = ["check_history", "check_ledgers", "check_opening"]

_TOLERANCE = 0.005


def check_opening(draft: Draft, opening: Opening, contracts: Ledger | None) -> Iterator[Fault]:
    """Yield where a hall has sold more than it holds, and where the opening sums disagree."""
    for n, (name, hall) in enumerate(draft.collections["halls"].items()):
        sold = float(opening.sold_units[n])
        yield from _oversold(name, hall, sold, draft.unit, contracts)
    installed, sold = float(opening.installed_units.sum()), float(opening.sold_units.sum())
    if contracts is None and abs(installed - sold) > _TOLERANCE * max(installed, sold):
        yield Fault(
            file="case.yaml",
            column="segments",
            found=f"{figure(installed)} {draft.unit} installed in segments, {figure(sold)} sold in halls",
            accepted="the same capacity in both, within 0.5 %",
            mend="correct installed_units of the segments or sold_units of the halls",
            severity=Severity.DOUBT,
        )
    for n, (name, segment) in enumerate(draft.collections["segments"].items()):
        if opening.installed_units[n] > 0 and opening.mrr[n] == 0:
            yield doubted(
                told(
                    segment,
                    f"segments.{name}",
                    "monthly_recurring_revenue",
                    "0 for capacity that is installed",
                    "what the installed customers pay a month",
                    "write it",
                )
            )
        yield from _replaced(name, segment, opening, n)


def _oversold(name: str, hall: Record, sold: float, unit: str, contracts: Ledger | None) -> Iterator[Fault]:
    limits = [(hall.number("capacity_units").mid, f"{unit} of capacity")]
    if hall.given("second_limit") and hall.given("second_use_per_unit"):
        use = hall.number("second_use_per_unit").mid
        if use > 0:
            limits.append((hall.number("second_limit").mid / use, f"{unit} that its second limit allows"))
    for most, words in limits:
        if sold > most * (1 + 1e-9):
            mend = (
                "correct the capacity, or the contracts that stand in this hall"
                if contracts
                else "correct one"
            )
            found = f"{figure(sold)} {unit} sold at the start" + (
                " (contracts, ramps counted)" if contracts else ""
            )
            yield told(
                hall,
                f"halls.{name}",
                "sold_units",
                found,
                f"at most the {figure(most)} {words}",
                mend,
            )


def _replaced(name: str, segment: Record, opening: Opening, n: int) -> Iterator[Fault]:
    """Doubt a field of a segment that says something else than the contracts that replace it."""
    if not opening.from_contracts:
        return
    pairs = (
        ("customers", opening.customers[n]),
        ("installed_units", opening.installed_units[n]),
        ("monthly_recurring_revenue", opening.mrr[n]),
    )
    for field, counted in pairs:
        value = segment[field]
        if (
            isinstance(value, Quantity)
            and value.line is not None
            and not np.isclose(value.mid, counted, rtol=_TOLERANCE, atol=1e-9)
        ):
            yield doubted(
                told(
                    segment,
                    f"segments.{name}",
                    field,
                    f"{figure(value.mid)}, while the contracts give {figure(counted)}",
                    "nothing, or what the contracts give; they are what counts",
                    "take it out, or look at the contracts",
                )
            )


def check_history(draft: Draft, dates: Iterable[Month], ledgers: dict[str, Ledger]) -> Iterator[Fault]:
    """Yield where the history that is to be relived names a date or a plan that is not there."""
    begins = draft.history_from
    if begins is not None and (begins not in dates or begins >= draft.start):
        known = ", ".join(str(date) for date in dates if date < draft.start)
        yield Fault(
            file="case.yaml",
            column="history_from",
            found=quoted(begins),
            accepted="an overlay of decision_dates before the start"
            + (f": {known}" if known else "; there is none"),
            mend=f"add {begins} under decision_dates, with the company as it stood then",
        )
    plans = ledgers.get("plans")
    known_plans = [] if plans is None else plans.frame["plan"].unique(maintain_order=True).to_list()
    if draft.history_plan and draft.history_plan not in known_plans:
        near = nearest(draft.history_plan, known_plans)
        yield Fault(
            file="case.yaml",
            column="history_plan",
            found=quoted(draft.history_plan),
            accepted="a plan of plans.csv: " + (", ".join(known_plans) or "none"),
            mend=f"write {near}, if that is what was meant" if near else "add the plan, or take it out",
        )


def check_ledgers(draft: Draft, ledgers: dict[str, Ledger], last_start: Month) -> Iterator[Fault]:
    """Yield where ledgers and ``case.yaml`` do not fit together."""
    contracts = ledgers.get("contracts")
    if contracts is not None:
        yield from _standing(draft, contracts)
        yield from _not_yet_known(contracts, "signed", last_start)
    orders = ledgers.get("orders")
    if orders is not None:
        yield from _not_yet_known(orders, "opened", last_start)
        yield from _not_yet_known(
            orders, "closed", last_start, "they are taken as open; nothing sees the future"
        )
    plans = ledgers.get("plans")
    if plans is not None:
        yield from _commitments(draft, plans)


def _standing(draft: Draft, contracts: Ledger) -> Iterator[Fault]:
    """Yield contracts that are billed at the start in a hall that is mothballed or closed."""
    shut = [n for n, h in draft.collections["halls"].items() if h.text("state") in ("mothballed", "closed")]
    at = draft.start.ordinal
    billed = (
        (pl.col("start") < at) & (pl.col("signed") < at) & (pl.col("end").is_null() | (pl.col("end") >= at))
    )
    rows = contracts.frame.filter(billed & pl.col("hall").is_in(shut)).head(MOST_FAULTS)
    for row in rows.iter_rows(named=True):
        yield contracts.sheet.told(
            row["row"],
            "hall",
            f"{quoted(row['hall'])}, which is not open at the start",
            "a hall that is open",
            "write the contract's end, or correct the hall or its state",
        )


def _not_yet_known(
    ledger: Ledger,
    column: str,
    last_start: Month,
    mend: str = "they are left out; nothing sees the future",
) -> Iterator[Fault]:
    late = ledger.frame.filter(pl.col(column) >= last_start.ordinal)
    if late.height:
        yield doubted(
            ledger.sheet.told(
                late["row"][0],
                column,
                f"{late.height} rows {column} in {last_start} or later, this the first",
                f"rows {column} before the case starts",
                mend,
            )
        )


def _commitments(draft: Draft, plans: Ledger) -> Iterator[Fault]:
    options = draft.collections["options"]
    commits = plans.frame.filter((pl.col("action") == "commit") & pl.col("target").is_not_null())
    for row in commits.filter(~pl.col("target").is_in(list(options))).head(MOST_FAULTS).iter_rows(named=True):
        yield plans.sheet.told(
            row["row"],
            "target",
            f"{quoted(row['target'])}, which is a hall",
            "an option of case.yaml: " + ", ".join(options),
            "name the option that is committed",
        )
    counted = commits.group_by("plan", "target", maintain_order=True).agg(pl.len(), pl.col("row").last())
    for row in counted.iter_rows(named=True):
        option = options.get(row["target"])
        if option is not None and row["len"] > option.integer("times"):
            yield plans.sheet.told(
                row["row"],
                "target",
                f"{quoted(row['target'])} committed {row['len']} times in plan {row['plan']}",
                f"at most {option.integer('times')}, as its field times says",
                "take one out, or raise times",
            )
