"""Where a ledger stands and what is wrong with it; what every format of a ledger shares."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from secondhall.case.fields import ledger_columns, nearest
from secondhall.errors import Fault, quoted

__all__ = ["MOST_FAULTS", "Sheet", "StopReadingError", "check_header", "cleaned"]

MOST_FAULTS = 200
"""After so many faults in one ledger the reading stops."""


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


def check_header(sheet: Sheet, line: int) -> None:
    """Tell of columns that are unknown, doubled or missing, and stop if there are any."""
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


def cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    """Strip the cells, make empty ones null, and leave out rows that are empty altogether."""
    text = pl.exclude("row")
    frame = frame.with_columns(text.str.strip_chars())
    frame = frame.with_columns(pl.when(text != "").then(text))
    return frame.filter(pl.any_horizontal(text.is_not_null()))
