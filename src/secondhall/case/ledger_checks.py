"""What the rows of a ledger must satisfy among themselves, as polars expressions that yield row numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from secondhall.case.ledgers import Ledger
from secondhall.case.sheet import MOST_FAULTS
from secondhall.errors import Fault, Severity, quoted
from secondhall.months import Month

__all__ = ["check_rows"]

_ACTIVITIES = ("hosting_revenue", "services_revenue", "equipment_revenue")
_SUM_TOLERANCE = 0.005
_POSITIVE = (
    "energy_cost",
    "staff_cost",
    "hall_cost",
    "overhead_cost",
    "equipment_cost",
    "sales_cost",
    "bad_debt",
    "headcount",
    "capacity",
    "sold",
)
_FAR, _ENOUGH = 100.0, 4
_WITH_TARGET = ("commit", "stop", "mothball", "close")


def check_rows(ledger: Ledger) -> list[Fault]:
    """Return the faults of a ledger's rows among themselves."""
    checks: dict[str, tuple[Callable[[Ledger], list[Fault]], ...]] = {
        "contracts": (_unique_contracts, _contract_months),
        "orders": (_unique_orders, _order_months, _order_outcomes),
        "accounts": (
            _accounts_twice,
            _accounts_order,
            _accounts_signs,
            _accounts_far,
            _accounts_sum,
            _accounts_shares,
            _accounts_published,
        ),
        "facts": (_fact_figures,),
        "plans": (_plan_targets,),
    }
    return [fault for check in checks[ledger.sheet.ledger] for fault in check(ledger)]


def _flag(
    ledger: Ledger,
    wrong: pl.Expr,
    column: str,
    words: Callable[[dict[str, object]], tuple[str, str, str]],
    *,
    severity: Severity = Severity.ERROR,
) -> list[Fault]:
    """Return a fault for each row where `wrong` holds; `words` makes found, accepted and mend of the row."""
    rows = ledger.frame.filter(wrong.fill_null(value=False)).head(MOST_FAULTS)
    faults = []
    for row in rows.iter_rows(named=True):
        told = ledger.sheet.told(row["row"], column, *words(row))
        faults.append(replace(told, severity=severity))
    return faults


def _month(ordinal: object) -> str:
    return str(Month(int(str(ordinal))))


def _twice(ledger: Ledger, columns: list[str], words: str) -> list[Fault]:
    earlier = pl.col("row").first().over(columns)
    marked = Ledger(ledger.sheet, ledger.frame.with_columns(earlier=earlier))
    return _flag(
        marked,
        pl.col("row") != pl.col("earlier"),
        columns[-1],
        lambda row: (
            f"{quoted(row[columns[-1]])} a second time (first in line {row['earlier']})",
            words,
            "take one of the two out, or correct its name",
        ),
    )


def _unique_contracts(ledger: Ledger) -> list[Fault]:
    return _twice(ledger, ["contract"], "each contract once")


def _unique_orders(ledger: Ledger) -> list[Fault]:
    return _twice(ledger, ["opportunity"], "each opportunity once")


def _later(ledger: Ledger, column: str, other: str, *, severity: Severity = Severity.ERROR) -> list[Fault]:
    return _flag(
        ledger,
        pl.col(column) < pl.col(other),
        column,
        lambda row: (
            f"{quoted(_month(row[column]))}, before {other} ({_month(row[other])})",
            f"a month not before {other}",
            f"correct {column} or {other}",
        ),
        severity=severity,
    )


def _contract_months(ledger: Ledger) -> list[Fault]:
    return _later(ledger, "start", "signed") + _later(ledger, "end", "start")


def _order_months(ledger: Ledger) -> list[Fault]:
    return _later(ledger, "expected_close", "opened") + _later(ledger, "closed", "opened")


def _order_outcomes(ledger: Ledger) -> list[Fault]:
    no_outcome = _flag(
        ledger,
        pl.col("closed").is_not_null() & pl.col("outcome").is_null(),
        "outcome",
        lambda row: (
            f"an empty cell, while the order was closed in {_month(row['closed'])}",
            "won or lost, where closed holds a month",
            "write how it was decided, or empty closed",
        ),
    )
    no_month = _flag(
        ledger,
        pl.col("outcome").is_not_null() & pl.col("closed").is_null(),
        "closed",
        lambda row: (
            f"an empty cell, while the order was {row['outcome']}",
            "the month in which it was decided, such as 2001-03",
            "write it, or empty outcome",
        ),
    )
    return no_outcome + no_month


def _accounts_twice(ledger: Ledger) -> list[Fault]:
    return _twice(ledger, ["line", "period"], "each line of the accounts once a period")


def _accounts_order(ledger: Ledger) -> list[Fault]:
    before = pl.col("first").shift(1).over("line", "months")
    marked = Ledger(ledger.sheet, ledger.frame.with_columns(before=before))
    return _flag(
        marked,
        pl.col("first") < pl.col("before"),
        "period",
        lambda row: (
            f"{quoted(row['period'])} below a later period that begins in {_month(row['before'])}",
            f"the periods of {row['line']} in order of time",
            "sort the rows by period, or correct this one",
        ),
    )


def _accounts_signs(ledger: Ledger) -> list[Fault]:
    return _flag(
        ledger,
        pl.col("line").is_in(list(_POSITIVE)) & (pl.col("value") < 0),
        "value",
        lambda row: (
            f"{quoted(row['value'])} for {row['line']}",
            "costs and quantities written as positive numbers",
            "take the sign out, unless this is a refund",
        ),
        severity=Severity.DOUBT,
    )


def _accounts_far(ledger: Ledger) -> list[Fault]:
    """Doubt a figure a hundred times as large as is usual for its line and length of period."""
    size = pl.col("value").abs()
    usual = size.median().over("line", "months")
    marked = Ledger(
        ledger.sheet, ledger.frame.with_columns(usual=usual, others=pl.len().over("line", "months"))
    )
    return _flag(
        marked,
        (pl.col("others") >= _ENOUGH) & (pl.col("usual") > 0.0) & (size > _FAR * pl.col("usual")),
        "value",
        lambda row: (
            f"{row['value']:,.4g} for {row['line']}, where {row['usual']:,.4g} is usual",
            f"figures of a line within {_FAR:.0f} times what is usual for it",
            "correct the figure or its unit; if it is right, what is learned from this line rests on it",
        ),
        severity=Severity.DOUBT,
    )


def _accounts_sum(ledger: Ledger) -> list[Fault]:
    """Doubt a revenue that differs from the sum of its three activities by more than 0.5 %."""
    names = (*_ACTIVITIES, "revenue")
    rows = ledger.frame.filter(pl.col("line").is_in(list(names)))
    value = {name: pl.col("value").filter(pl.col("line") == name) for name in names}
    sums = rows.group_by("period", maintain_order=True).agg(
        pl.col("line").n_unique().alias("present"),
        value["revenue"].first().alias("revenue"),
        pl.sum_horizontal(value[name].sum() for name in _ACTIVITIES).alias("sum"),
        pl.col("row").filter(pl.col("line") == "revenue").first(),
    )
    off = (pl.col("revenue") - pl.col("sum")).abs() > _SUM_TOLERANCE * pl.col("revenue").abs()
    return _flag(
        Ledger(ledger.sheet, sums),
        (pl.col("present") == len(names)) & off,
        "value",
        lambda row: (
            f"a revenue of {row['revenue']:,.2f} in {row['period']}, and activities of {row['sum']:,.2f}",
            "revenue = hosting + services + equipment, within 0.5 %",
            "correct one of the four lines",
        ),
        severity=Severity.DOUBT,
    )


def _accounts_shares(ledger: Ledger) -> list[Fault]:
    return _flag(
        ledger,
        (pl.col("line") == "utilisation") & ~pl.col("value").is_between(0.0, 1.0),
        "value",
        lambda row: (
            f"{quoted(row['value'])} for utilisation",
            "a share from 0 to 1, such as 0.75 for 75 %",
            "divide a percentage by 100",
        ),
    )


def _accounts_published(ledger: Ledger) -> list[Fault]:
    ended = pl.col("first") + pl.col("months")
    return _flag(
        ledger,
        pl.col("published") < ended - 1,
        "published",
        lambda row: (
            f"{quoted(_month(row['published']))}, before {row['period']} was over",
            "a month not before the last one of the period",
            "correct published or the period",
        ),
    )


def _fact_figures(ledger: Ledger) -> list[Fault]:
    no_unit = _flag(
        ledger,
        pl.col("value").is_not_null() & pl.col("unit").is_null(),
        "unit",
        lambda _: ("an empty cell", "the unit of the figure, such as EUR or people", "write the unit"),
    )
    no_value = _flag(
        ledger,
        pl.col("standard_deviation").is_not_null() & pl.col("value").is_null(),
        "value",
        lambda _: (
            "an empty cell",
            "the figure whose uncertainty is given",
            "write the value, or empty both",
        ),
    )
    return no_unit + no_value


def _plan_targets(ledger: Ledger) -> list[Fault]:
    needs = pl.col("action").is_in(list(_WITH_TARGET))
    missing = _flag(
        ledger,
        needs & pl.col("target").is_null(),
        "target",
        lambda row: ("an empty cell", f"the hall or option to {row['action']}", "write its name"),
    )
    extra = _flag(
        ledger,
        ~needs & pl.col("target").is_not_null(),
        "target",
        lambda row: (quoted(row["target"]), f"no target for {row['action']}", "empty the cell"),
    )
    posts = _flag(
        ledger,
        (pl.col("action") != "dismiss_excess") & pl.col("posts").is_not_null(),
        "posts",
        lambda row: (quoted(row["posts"]), f"no posts for {row['action']}", "empty the cell"),
    )
    return missing + extra + posts
