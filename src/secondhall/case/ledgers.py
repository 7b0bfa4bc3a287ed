"""Ledgers: rows of text into typed columns, every cell that cannot be used named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from secondhall.case.fields import Column, ledger_columns
from secondhall.case.rows import text_batches
from secondhall.case.sheet import MOST_FAULTS, Sheet
from secondhall.case.words import Units, UnusableError, accepted, known_name, read_period, read_scalar
from secondhall.errors import Fault, quoted

__all__ = ["Ledger", "read_ledger"]

_NUMBER = r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$"
_INTEGER = r"^[-+]?[0-9]{1,15}$"
_MONTH = r"^([0-9]{4})-(0[1-9]|1[0-2])$"
_PERIOD = r"^[0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$"


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger with typed columns.

    Parameters
    ----------
    sheet : Sheet
        Where it stands, for faults.
    frame : polars.DataFrame
        The columns of the schema; a month is an ordinal (`Month.ordinal`); a period keeps its text and has
        its first month and length in ``first`` and ``months``; ``row`` is the row's line in the file.
    """

    sheet: Sheet
    frame: pl.DataFrame


def read_ledger(
    path: Path, ledger: str, *, units: Units, known: Mapping[str, Sequence[str]], faults: list[Fault]
) -> Ledger | None:
    """Read a ledger; None if it has no rows or cannot be used (then faults were added).

    Parameters
    ----------
    path : Path
        The file; its suffix says the format.
    ledger : str
        Which ledger it is.
    units : Units
        The case's unit and currency.
    known : mapping
        The names that a column of type ``segment`` or ``hall_or_option`` may hold.
    faults : list
        Where faults are added.
    """
    sheet = Sheet(ledger, path.name)
    columns = ledger_columns(ledger)
    place = Units(units.capacity, units.currency, "column")
    parts = []
    for batch in text_batches(path, sheet):
        typed = _typed(batch, columns, known)
        bad = {name: ~typed[name + ":ok"] for name in columns}
        for name, mask in bad.items():
            if mask.any():
                _tell(batch, name, mask, columns[name], sheet, place, known)
        parts.append(typed.drop(name + ":ok" for name in columns))
    faults.extend(sheet.faults[:MOST_FAULTS])
    if sheet.faults or not parts:
        return None
    frame = pl.concat(parts)
    return Ledger(sheet, frame) if frame.height else None


def _typed(
    batch: pl.DataFrame, columns: Mapping[str, Column], known: Mapping[str, Sequence[str]]
) -> pl.DataFrame:
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in batch.columns]
    batch = batch.with_columns(absent)
    values: list[pl.Expr] = []
    fine: list[pl.Expr] = []
    for name, column in columns.items():
        value, is_fine = _column(column, known)
        values.append(value.alias(name))
        empty = pl.lit(value=not column.required)
        fine.append(
            pl.when(pl.col(name).is_null())
            .then(empty)
            .otherwise(is_fine.fill_null(value=False))
            .alias(f"{name}:ok")
        )
        if column.type == "period":
            values.extend(_period(pl.col(name)))
    return batch.select(*values, *fine, "row")


def _column(column: Column, known: Mapping[str, Sequence[str]]) -> tuple[pl.Expr, pl.Expr]:
    """Return the typed value of a column and whether each cell can be used."""
    cell = pl.col(column.name)
    if column.type in ("number", "integer"):
        whole = column.type == "integer"
        value = cell.cast(pl.Int64 if whole else pl.Float64, strict=False)
        inside = value.is_between(column.minimum, column.maximum)
        return value, cell.str.contains(_INTEGER if whole else _NUMBER) & inside
    if column.type == "month":
        return _ordinal(cell), cell.str.contains(_MONTH) & (cell.str.slice(0, 4) != "0000")
    if column.type == "period":
        return cell, cell.str.contains(_PERIOD) & (cell.str.slice(0, 4) != "0000")
    if column.type == "choice":
        return cell, cell.is_in(list(column.choices))
    if column.type in known:
        return cell, cell.is_in(list(known[column.type]))
    return cell, cell.is_not_null()


def _ordinal(cell: pl.Expr) -> pl.Expr:
    year = cell.str.slice(0, 4).cast(pl.Int32, strict=False)
    month = cell.str.slice(5, 2).cast(pl.Int32, strict=False)
    return year * 12 + month - 1


def _period(cell: pl.Expr) -> list[pl.Expr]:
    year = cell.str.slice(0, 4).cast(pl.Int32, strict=False) * 12
    is_quarter, is_year = cell.str.contains("Q"), cell.str.len_chars() == 4
    quarter = cell.str.slice(6, 1).cast(pl.Int32, strict=False)
    month = cell.str.slice(5, 2).cast(pl.Int32, strict=False)
    first = (
        pl.when(is_year)
        .then(year)
        .when(is_quarter)
        .then(year + 3 * (quarter - 1))
        .otherwise(year + month - 1)
    )
    months = pl.when(is_year).then(12).when(is_quarter).then(3).otherwise(1).cast(pl.Int32)
    return [first.alias("first"), months.alias("months")]


def _tell(
    batch: pl.DataFrame,
    name: str,
    mask: pl.Series,
    column: Column,
    sheet: Sheet,
    units: Units,
    known: Mapping[str, Sequence[str]],
) -> None:
    """Add a fault for each bad cell of a column, in the words of the scalar reader."""
    cells = batch[name] if name in batch.columns else pl.Series(name, [None] * batch.height, dtype=pl.String)
    rows = mask.arg_true().head(max(0, MOST_FAULTS - len(sheet.faults)))
    for text, line in zip(cells.gather(rows), batch["row"].gather(rows), strict=True):
        words, mend = _words(text, column, units, known)
        sheet.fault(line, name, quoted(text if text is not None else ""), words, mend)


def _words(
    text: str | None, column: Column, units: Units, known: Mapping[str, Sequence[str]]
) -> tuple[str, str]:
    words = accepted(column, units)
    if column.type in known:
        noun = "a segment" if column.type == "segment" else "a hall or an option"
        words = f"{noun} of case.yaml: " + ", ".join(known[column.type])
    if text is None:
        return words, f"write it: {column.meaning}"
    try:
        if column.type in known:
            known_name(text, known[column.type], words)
        elif column.type == "period":
            read_period(text)
        else:
            read_scalar(text, column, units)
    except UnusableError as unusable:
        return unusable.accepted, unusable.mend
    return words, "write it in the form that is accepted"
