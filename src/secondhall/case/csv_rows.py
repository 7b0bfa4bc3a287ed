"""A ledger written as CSV: rows of text, batch by batch, in bounded memory.

Blocks of plain lines (no double quote, sound UTF-8, as many commas as the header) are cut by polars; from the
first other block on, Python's csv module reads row by row and names the line of whatever is wrong.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

import polars as pl

from secondhall.case.sheet import MOST_FAULTS, Sheet, check_header, cleaned

__all__ = ["csv_batches"]

_LONGEST_LINE = 1_000_000
_BATCH = 50_000
_BLOCK_BYTES = 8_000_000


def csv_batches(path: Path, sheet: Sheet) -> Iterator[pl.DataFrame]:
    """Yield the rows of a CSV file as text columns with their `row`."""
    _read_header(path, sheet)
    with path.open("rb") as raw:
        raw.readline(_LONGEST_LINE)
        offset, lines = raw.tell(), 1
        while block := _whole_lines(raw, offset):
            frame = _plain_frame(block, lines, sheet)
            if frame is None:
                yield from _rows_one_by_one(path, offset, lines, sheet)
                return
            yield frame
            offset, lines = offset + len(block), lines + block.count(b"\n")


def _read_header(path: Path, sheet: Sheet) -> None:
    with path.open("rb") as raw:
        if raw.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise sheet.stop(
                1, "text in UTF-16", "a table of UTF-8 text", "save the file again as CSV in UTF-8"
            )
    with _text(path, 0, "utf-8-sig") as file:
        header = _next_row(csv.reader(_sound_lines(file, sheet, 0), strict=True), sheet, 0)
    if not header:
        raise sheet.stop(1, "nothing", "a first line with the columns' names", "write the header")
    sheet.header = [name.strip() for name in header]
    check_header(sheet, 1)


def _whole_lines(raw: BinaryIO, offset: int) -> bytes:
    """Return the next block, cut behind its last line end where more follows."""
    raw.seek(offset)
    block = raw.read(_BLOCK_BYTES)
    end = block.rfind(b"\n") + 1
    return block[:end] if end and len(block) == _BLOCK_BYTES else block


def _plain_frame(block: bytes, lines: int, sheet: Sheet) -> pl.DataFrame | None:
    """Cut a block of plain lines into columns; None if it is not plain."""
    if b'"' in block or b"\0" in block or block.count(b"\r") != block.count(b"\r\n"):
        return None
    if len(block) == _BLOCK_BYTES and not block.endswith(b"\n"):
        return None
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        return None
    cut = pl.Series("text", [text.removesuffix("\n")]).str.split("\n").explode()
    frame = pl.DataFrame({"text": cut}).with_columns(
        row=pl.int_range(lines + 1, lines + 1 + cut.len(), dtype=pl.Int64),
        text=pl.col("text").str.strip_chars("\r"),
    )
    frame = frame.filter(pl.col("text").str.strip_chars() != "")
    width = len(sheet.header)
    if frame.filter(pl.col("text").str.count_matches(",", literal=True) != width - 1).height:
        return None
    cells = pl.col("text").str.split_exact(",", width - 1).struct.rename_fields(sheet.header)
    return cleaned(frame.select(cells.alias("cells"), "row").unnest("cells"))


def _text(path: Path, offset: int, encoding: str = "utf-8") -> TextIO:
    # Undecodable bytes become lone surrogates, so that the line that holds them can be named.
    file = path.open("rb")
    file.seek(offset)
    return io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")


def _rows_one_by_one(path: Path, offset: int, before: int, sheet: Sheet) -> Iterator[pl.DataFrame]:
    rows: list[list[str]] = []
    lines: list[int] = []
    width = len(sheet.header)
    with _text(path, offset) as file:
        reader = csv.reader(_sound_lines(file, sheet, before), strict=True)
        first = before + 1
        while (row := _next_row(reader, sheet, before)) is not None and len(sheet.faults) < MOST_FAULTS:
            if len(row) == width:
                rows.append(row)
                lines.append(first)
            elif row and any(cell.strip() for cell in row):
                _ragged(row, first, width, sheet)
            if len(rows) >= _BATCH:
                yield _frame(rows, lines, sheet)
                rows, lines = [], []
            first = before + reader.line_num + 1
    if rows:
        yield _frame(rows, lines, sheet)


def _next_row(reader: Iterator[list[str]], sheet: Sheet, before: int) -> list[str] | None:
    first = before + getattr(reader, "line_num", 0) + 1
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


def _sound_lines(file: TextIO, sheet: Sheet, before: int) -> Iterator[str]:
    number = before
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
    return cleaned(frame.with_columns(row=pl.Series(lines, dtype=pl.Int64)))
