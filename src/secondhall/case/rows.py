"""A ledger's rows as texts, batch by batch: CSV, Parquet or Excel, read with bounded memory."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from secondhall.case.csv_rows import csv_batches
from secondhall.case.sheet import MOST_FAULTS, Sheet, StopReadingError, check_header, cleaned

__all__ = ["text_batches"]

_MOST_ROWS = 5_000_000
_MOST_UNPACKED_BYTES = 1_000_000_000
_BATCH = 50_000


def text_batches(path: Path, sheet: Sheet) -> Iterator[pl.DataFrame]:
    """Yield the rows as text columns, empty cells as null, with their `row`; stop early if hopeless."""
    readers = {"csv": csv_batches, "parquet": _parquet_batches, "xlsx": _xlsx_batches}
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


def _parquet_batches(path: Path, sheet: Sheet) -> Iterator[pl.DataFrame]:
    try:
        sheet.header = list(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _no_table(sheet, error, "Parquet") from None
    check_header(sheet, 1)
    try:
        lazy = pl.scan_parquet(path)
        height = lazy.select(pl.len()).collect().item()
        for offset in range(0, min(height, _MOST_ROWS + _BATCH), _BATCH):
            frame = lazy.slice(offset, _BATCH).collect()
            lines = pl.int_range(offset + 2, offset + 2 + frame.height, dtype=pl.Int64, eager=True)
            yield cleaned(
                frame.select(_as_text(name, dtype) for name, dtype in frame.schema.items()).with_columns(
                    row=lines
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
    check_header(sheet, 1)
    body = frame.slice(1).select(
        pl.col(old).str.replace(r"^(\d{4}-\d{2})-\d{2} 00:00:00$", "$1").alias(new)
        for old, new in zip(frame.columns, sheet.header, strict=False)
    )
    lines = pl.int_range(2, 2 + body.height, dtype=pl.Int64, eager=True)
    yield cleaned(body.with_columns(row=lines))


def _no_table(sheet: Sheet, error: Exception, form: str) -> StopReadingError:
    reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return sheet.stop(None, f"no {form} table: {reason}", f"an {form} file", "export it again, or use CSV")
