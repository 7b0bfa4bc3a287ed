"""A ledger's rows as texts, batch by batch: CSV, Parquet or Excel, read with bounded memory."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import polars as pl

from secondhall.case.fields import ledger_columns, nearest
from secondhall.errors import Fault, quoted

__all__ = ["MOST_FAULTS", "Sheet", "text_batches"]

MOST_FAULTS = 200
"""After so many faults in one ledger the reading stops."""
_MOST_ROWS = 5_000_000
_MOST_UNPACKED_BYTES = 1_000_000_000
_LONGEST_LINE = 1_000_000
_BATCH = 50_000


class StopReadingError(Exception):
    """Nothing more can be made of a ledger."""


@dataclass(slots=True)
class Sheet:
    """Where a ledger stands, and the faults found in it.

    Parameters
    ----------
    ledger : str
        contracts, orders, accounts, facts or plans.
    file : str
        The file's name.
    sheet : str, optional
        The sheet's name, for Excel.
    header : list of str
        The columns as they stand in the file.
    """

    ledger: str
    file: str
    sheet: str | None = None
    header: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int | None, column: str | None, found: str, accepted: str, mend: str) -> None:
        """Add an error at a row and a column."""
        self.faults.append(self.told(line, column, found, accepted, mend))

    def told(self, line: int | None, column: str | None, found: str, accepted: str, mend: str) -> Fault:
        """Return an error at a row and a column: by line in a text, by cell in a sheet."""
        cell = None
        if self.sheet is not None and line is not None:
            known = column in self.header
            cell = f"{self.sheet}!{_letters(self.header.index(column)) if known and column else 'A'}{line}"
        elif self.file.endswith(".parquet") and line is not None:
            cell, line = f"row {line - 1}", None
        return Fault(
            file=self.file, line=line, cell=cell, column=column, found=found, accepted=accepted, mend=mend
        )

    def stop(self, line: int | None, found: str, accepted: str, mend: str) -> StopReadingError:
        """Add an error after which nothing more can be read."""
        self.fault(line, None, found, accepted, mend)
        return StopReadingError()


def _letters(position: int) -> str:
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def text_batches(path: Path, sheet: Sheet) -> Iterator[pl.DataFrame]:
    """Yield the rows as text columns, empty cells as null, with their `row`; stop early if hopeless."""
    readers = {"csv": _csv_batches, "parquet": _parquet_batches, "xlsx": _xlsx_batches}
    rows = 0
    try:
        for batch in readers[path.name.rpartition(".")[2]](path, sheet):
            rows += batch.height
            if rows > _MOST_ROWS:
                raise sheet.stop(None, f"more than {_MOST_ROWS:,} rows", "fewer rows", "split the case")
            yield batch
            if len(sheet.faults) >= MOST_FAULTS:
                return
    except StopReadingError:
        return


def _check_header(sheet: Sheet, line: int) -> None:
    columns = ledger_columns(sheet.ledger)
    before = len(sheet.faults)
    words = "the columns " + ", ".join(columns)
    if len(sheet.header) == 1 and sheet.header[0].count(";") + sheet.header[0].count("\t") > 1:
        raise sheet.stop(
            line,
            "columns separated by semicolons or tabs",
            "columns separated by commas",
            "save it as CSV with commas",
        )
    for position, name in enumerate(sheet.header):
        if name in sheet.header[:position]:
            sheet.fault(line, name, "the same column a second time", "each column once", "take one out")
        elif name not in columns:
            near = nearest(name, columns)
            mend = f"name it {near}, if that is what was meant" if near else "take the column out"
            sheet.fault(
                line,
                name or f"number {position + 1}",
                f"a column that is not known, {quoted(name)}",
                words,
                mend,
            )
        if len(sheet.faults) - before >= 10:
            break
    sheet.faults.extend(
        sheet.told(line, name, "no such column", words, f"add it: {column.meaning}")
        for name, column in columns.items()
        if column.required and name not in sheet.header
    )
    if len(sheet.faults) > before:
        raise StopReadingError


# CSV


def _csv_batches(path: Path, sheet: Sheet) -> Iterator[pl.DataFrame]:
    # Undecodable bytes become lone surrogates, so that the line that holds them can be named.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(_sound_lines(file, sheet), strict=True)
        header = _next_row(reader, sheet)
        if not header:
            raise sheet.stop(1, "nothing", "a first line with the columns' names", "write the header")
        sheet.header = [name.strip() for name in header]
        _check_header(sheet, 1)
        rows: list[list[str]] = []
        lines: list[int] = []
        width = len(header)
        while True:
            first = reader.line_num + 1
            row = _next_row(reader, sheet)
            if row is None:
                break
            if len(row) == width:
                rows.append(row)
                lines.append(first)
            elif row and any(cell.strip() for cell in row):
                _ragged(row, first, width, sheet)
            if len(rows) >= _BATCH:
                yield _frame(rows, lines, sheet)
                rows, lines = [], []
            elif len(sheet.faults) >= MOST_FAULTS:
                return
        if rows:
            yield _frame(rows, lines, sheet)


def _next_row(reader: Iterator[list[str]], sheet: Sheet) -> list[str] | None:
    first = getattr(reader, "line_num", 0) + 1
    try:
        return next(reader, None)
    except csv.Error as error:
        raise sheet.stop(
            first, f"a row that cannot be read: {error}", "cells in double quotes closed on both sides",
            "look for a double quote that is missing or too many in this row",
        ) from None  # fmt: skip


def _ragged(row: list[str], line: int, width: int, sheet: Sheet) -> None:
    extra = "put a cell that holds a comma in double quotes" if len(row) > width else "add the missing commas"
    sheet.fault(line, None, f"{len(row)} cells", f"{width} cells, as in the header", extra)


def _sound_lines(file: TextIO, sheet: Sheet) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise sheet.stop(
                number,
                f"a line of {_LONGEST_LINE:,} characters or more",
                "a table of text",
                "look at what the file holds",
            )
        if "\0" in line:
            raise sheet.stop(
                number, "a NUL byte", "a table of UTF-8 text", "save the file again as CSV in UTF-8"
            )
        if not line.isascii():
            _check_text(line, number, sheet)
        yield line


def _check_text(line: str, number: int, sheet: Sheet) -> None:
    wrong = next((character for character in line if "\ud800" <= character <= "\udfff"), None)
    if wrong is not None:
        byte = ord(wrong) - 0xDC00
        raise sheet.stop(
            number,
            f"a byte that is not UTF-8 text (0x{byte:02x})",
            "a table of UTF-8 text",
            "save the file again as CSV in UTF-8",
        )


def _frame(rows: list[list[str]], lines: list[int], sheet: Sheet) -> pl.DataFrame:
    columns = dict(zip(sheet.header, zip(*rows, strict=True), strict=True))
    frame = pl.DataFrame({name: pl.Series(name, cells, dtype=pl.String) for name, cells in columns.items()})
    return _clean(frame.with_columns(row=pl.Series(lines, dtype=pl.Int64)))


def _clean(frame: pl.DataFrame) -> pl.DataFrame:
    """Strip the cells, make empty ones null, and leave out rows that are empty altogether."""
    text = pl.exclude("row")
    frame = frame.with_columns(text.str.strip_chars())
    frame = frame.with_columns(pl.when(text != "").then(text))
    return frame.filter(pl.any_horizontal(text.is_not_null()))


# Parquet and Excel


def _parquet_batches(path: Path, sheet: Sheet) -> Iterator[pl.DataFrame]:
    try:
        sheet.header = list(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _no_table(sheet, error, "Parquet") from None
    _check_header(sheet, 1)
    try:
        lazy = pl.scan_parquet(path)
        height = lazy.select(pl.len()).collect().item()
        for offset in range(0, min(height, _MOST_ROWS + _BATCH), _BATCH):
            frame = lazy.slice(offset, _BATCH).collect()
            lines = pl.int_range(offset + 2, offset + 2 + frame.height, dtype=pl.Int64, eager=True)
            yield _clean(
                frame.select(_as_text(name, dtype) for name, dtype in frame.schema.items()).with_columns(
                    line=lines
                )
            )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _no_table(sheet, error, "Parquet") from None


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype.is_float():
        is_whole = column.is_finite() & (column == column.floor()) & (column.abs() < 1e15)
        whole = pl.when(is_whole).then(column).cast(pl.Int64).cast(pl.String)
        return pl.when(is_whole).then(whole).otherwise(column.cast(pl.String)).alias(name)
    if dtype.is_temporal() and dtype not in (pl.Time, pl.Duration):
        return column.dt.strftime("%Y-%m")
    return column.cast(pl.String, strict=False)


def _xlsx_batches(path: Path, sheet: Sheet) -> Iterator[pl.DataFrame]:
    import fastexcel

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
        if unpacked > _MOST_UNPACKED_BYTES:
            raise sheet.stop(
                None,
                f"{unpacked:,} bytes when unpacked",
                f"at most {_MOST_UNPACKED_BYTES:,}",
                "use CSV or Parquet",
            )
        book = fastexcel.read_excel(path)
        named = [name for name in book.sheet_names if name.casefold() == sheet.ledger]
        sheet.sheet = named[0] if named else book.sheet_names[0]
        frame = book.load_sheet(sheet.sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except (zipfile.BadZipFile, fastexcel.FastExcelError, OSError, IndexError) as error:
        raise _no_table(sheet, error, "Excel") from None
    if frame.is_empty():
        raise sheet.stop(None, "an empty sheet", "a first row with the columns' names", "write the header")
    sheet.header = [str(name or "").strip() for name in frame.row(0)]
    while sheet.header and not sheet.header[-1]:
        sheet.header.pop()
    _check_header(sheet, 1)
    body = frame.slice(1).select(
        pl.col(old).str.replace(r"^(\d{4}-\d{2})-\d{2} 00:00:00$", "$1").alias(new)
        for old, new in zip(frame.columns, sheet.header, strict=False)
    )
    lines = pl.int_range(2, 2 + body.height, dtype=pl.Int64, eager=True)
    yield _clean(body.with_columns(row=lines))


def _no_table(sheet: Sheet, error: Exception, form: str) -> StopReadingError:
    reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return sheet.stop(None, f"no {form} table: {reason}", f"an {form} file", "export it again, or use CSV")
