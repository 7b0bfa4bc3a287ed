"""The periods of an SMPS programme: the .tim file, implicit or explicit.

Implicit: each period is named with its first column and first row, and lasts up to the next one, in the
order of the core. Explicit: a section ROWS and a section COLUMNS name the period of each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.errors import quoted
from secondhall.stochastic.programme import Ints
from secondhall.stochastic.smps.core import Core
from secondhall.stochastic.smps.lines import Faults, Line, lines_of

__all__ = ["Periods", "read_periods"]

MOST_PERIODS = 1_000


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods by name, and the period of each column and row."""

    names: dict[str, int]
    column_stage: Ints
    row_stage: Ints


def read_periods(text: str, core: Core, *, file: str) -> Periods:
    """Read a .tim file for a core.

    Raises
    ------
    InputError
        With every fault found.
    """
    faults = Faults(file)
    section, is_explicit = "", False
    sections: dict[str, list[Line]] = {"PERIODS": [], "ROWS": [], "COLUMNS": []}
    for line in lines_of(text, faults):
        if line.is_header:
            section = line.words[0].upper()
            is_explicit |= "EXPLICIT" in (word.upper() for word in line.words)
            if section not in (*sections, "TIME"):
                faults.add(line.number, quoted(section), "TIME, PERIODS, ROWS, COLUMNS", "take it out")
        elif section in sections:
            sections[section].append(line)
        else:
            faults.add(line.number, "data outside a section", "a section first: PERIODS", "add its line")
    if not sections["PERIODS"]:
        faults.add(None, "no period", "a section PERIODS with a line for each period", "add it")
    faults.raise_any()
    periods = (
        _explicit(sections, core, faults) if is_explicit else _implicit(sections["PERIODS"], core, faults)
    )
    faults.raise_any()
    _check_order(periods, core, faults)
    return periods


def _add_name(names: dict[str, int], line: Line, name: str, faults: Faults) -> None:
    if name in names:
        faults.add(line.number, f"period {quoted(name)} again", "each period once", "rename it")
    if len(names) >= MOST_PERIODS:
        raise faults.stop(line.number, f"more than {MOST_PERIODS} periods", "fewer", "join periods")
    names[name] = len(names)


def _implicit(lines: list[Line], core: Core, faults: Faults) -> Periods:
    names: dict[str, int] = {}
    first: list[tuple[int, int]] = []
    for line in lines:
        if len(line.words) != 3:
            faults.add(
                line.number, quoted(" ".join(line.words)), "column, row, period", "write the line anew"
            )
            continue
        column, row, name = line.words
        _add_name(names, line, name, faults)
        at_row = 0 if row == core.objective and not first else core.rows.get(row)
        at_column = core.columns.get(column)
        if at_row is None or at_column is None:
            faults.add(
                line.number, quoted(f"{column} {row}"), "a column and a row of the core", "mend the name"
            )
            continue
        if first and (at_column < first[-1][0] or at_row < first[-1][1]):
            faults.add(
                line.number,
                "a period that begins before the one above",
                "periods in the order of the core",
                "put the lines in order, or use PERIODS EXPLICIT",
            )
        first.append((at_column, at_row))
    faults.raise_any()
    begins = np.array(first)
    begins[0] = 0
    return Periods(
        names,
        np.searchsorted(begins[:, 0], np.arange(len(core.columns)), side="right") - 1,
        np.searchsorted(begins[:, 1], np.arange(len(core.rows)), side="right") - 1,
    )


def _explicit(sections: dict[str, list[Line]], core: Core, faults: Faults) -> Periods:
    names: dict[str, int] = {}
    for line in sections["PERIODS"]:
        _add_name(names, line, line.words[-1], faults)
    return Periods(
        names,
        _stages(sections["COLUMNS"], core.columns, names, "column", faults),
        _stages(sections["ROWS"], core.rows, names, "row", faults, core.objective),
    )


def _stages(
    lines: list[Line],
    members: dict[str, int],
    names: dict[str, int],
    what: str,
    faults: Faults,
    objective: str | None = None,
) -> Ints:
    stages = np.full(len(members), -1, np.int64)
    for line in lines:
        name, period = line.words[0], line.words[-1]
        if name == objective:
            continue
        if len(line.words) != 2 or name not in members or period not in names:
            faults.add(
                line.number,
                quoted(" ".join(line.words)),
                f"a {what} of the core and a period",
                "mend the name",
            )
        else:
            stages[members[name]] = names[period]
    for name, at in members.items():
        if stages[at] < 0:
            faults.add(None, f"no period for {what} {quoted(name)}", f"every {what} in its section", "add it")
    return stages


def _check_order(periods: Periods, core: Core, faults: Faults) -> None:
    row_names, column_names = list(core.rows), list(core.columns)
    for row, column in core.entries:
        if periods.row_stage[row] < periods.column_stage[column]:
            faults.add(
                None,
                f"row {quoted(row_names[row])} with the later column {quoted(column_names[column])}",
                "rows with columns of their own period and of those before",
                "move the row to the period of the column",
            )
    faults.raise_any()
