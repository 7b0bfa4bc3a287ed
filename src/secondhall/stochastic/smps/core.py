"""The core of an SMPS programme: an MPS file, fixed or free.

Bounds by default are 0 and infinity, of integer columns too. A range R of a row with right-hand side b gives
``[b - |R|, b]`` for L, ``[b, b + |R|]`` for G, and for E ``[b, b + R]`` or ``[b + R, b]`` by the sign of R.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from secondhall.errors import quoted
from secondhall.stochastic.smps.lines import Faults, Line, lines_of

__all__ = ["BOUND_KINDS", "Core", "read_core"]

MOST_MEMBERS = 1_000_000
"""The most rows, and the most columns."""
BOUND_KINDS = {
    "LO": (True, False), "UP": (False, True), "FX": (True, True), "FR": (True, True), "MI": (True, False),
    "PL": (False, True), "BV": (True, True), "LI": (True, False), "UI": (False, True),
}  # fmt: skip
"""Which sides each kind of bound sets."""
_WITHOUT_VALUE = ("FR", "MI", "PL", "BV")


@dataclass(slots=True)
class Core:
    """What an MPS file says; names map to positions."""

    name: str = ""
    objective: str | None = None
    rhs_set: str = ""
    offset: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    senses: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    is_integer: list[bool] = field(default_factory=list)
    free_rows: set[str] = field(default_factory=set)
    cost: dict[int, float] = field(default_factory=dict)
    entries: dict[tuple[int, int], float] = field(default_factory=dict)
    rhs: dict[int, float] = field(default_factory=dict)
    ranges: dict[int, float] = field(default_factory=dict)
    lower: dict[int, float] = field(default_factory=dict)
    upper: dict[int, float] = field(default_factory=dict)

    def row_bounds(self, row: int, rhs: float) -> tuple[float, float]:
        """Return the bounds of a row for a right-hand side."""
        sense, width = self.senses[row], self.ranges.get(row)
        if sense == "E" and width is not None:
            return (min(rhs, rhs + width), max(rhs, rhs + width))
        reach = math.inf if width is None else abs(width)
        return {"E": (rhs, rhs), "L": (rhs - reach, rhs), "G": (rhs, rhs + reach)}[sense]


def read_core(text: str, *, file: str) -> Core:
    """Read an MPS file.

    Raises
    ------
    InputError
        With every fault found.
    """
    faults = Faults(file)
    reader = _Reader(faults)
    for line in lines_of(text, faults):
        if line.is_header:
            reader.open(line)
        else:
            reader.take(line)
    reader.check()
    faults.raise_any()
    return reader.core


class _Reader:
    def __init__(self, faults: Faults) -> None:
        self.core = Core()
        self._faults = faults
        self._in_integers = False
        self._sets: dict[str, str] = {}
        self._sections: dict[str, Callable[[Line], None]] = {
            "ROWS": self._row,
            "COLUMNS": self._column,
            "RHS": self._rhs,
            "RANGES": self._range,
            "BOUNDS": self._bound,
            "OBJSENSE": self._sense,
        }
        self._section: Callable[[Line], None] = self._outside

    def open(self, line: Line) -> None:
        """Begin a section."""
        head = line.words[0].upper()
        if head == "NAME":
            self.core.name = line.words[1] if len(line.words) > 1 else ""
            self._section = self._outside
        elif head in self._sections:
            self._section = self._sections[head]
            if head == "OBJSENSE" and len(line.words) > 1:
                self._sense(Line(line.number, line.words[1:], is_header=False))
        else:
            self._faults.add(
                line.number,
                f"a section {quoted(line.words[0])}",
                "NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS, ENDATA",
                "take the section out; a line of data begins with a space",
            )
            self._section = self._skip

    def take(self, line: Line) -> None:
        """Read a line of data in the open section."""
        self._section(line)

    def check(self) -> None:
        """Find what only the whole file shows."""
        core = self.core
        if core.objective is None:
            self._faults.add(None, "no row N", "an objective, a row such as ` N  obj`", "add it to ROWS")
        for name, column in core.columns.items():
            lower, upper = core.lower.get(column, 0.0), core.upper.get(column, math.inf)
            if lower > upper:
                self._faults.add(
                    None,
                    f"column {quoted(name)} between {lower:g} and {upper:g}",
                    "a lower bound that is not above the upper one (it is 0 where none is written)",
                    "write both bounds of the column, LO or MI for the lower one",
                )

    def _outside(self, line: Line) -> None:
        self._faults.add(
            line.number, "data outside a section", "a section first, such as ROWS", "add its line"
        )
        self._section = self._skip

    def _skip(self, line: Line) -> None:
        """Ignore the rest of a section that was refused as a whole."""

    def _sense(self, line: Line) -> None:
        if line.words[0].upper() not in ("MIN", "MINIMIZE", "MINIMISE"):
            self._faults.add(line.number, quoted(line.words[0]), "MIN", "turn the signs of all costs")

    def _row(self, line: Line) -> None:
        core = self.core
        if len(line.words) != 2 or line.words[0].upper() not in ("N", "E", "L", "G"):
            self._refuse(line, "a sense and a name, such as ` L  capacity`")
            return
        sense, name = line.words[0].upper(), line.words[1]
        if name in core.rows or name in core.free_rows or name == core.objective:
            self._faults.add(
                line.number, f"row {quoted(name)} again", "each row once", "rename or remove one"
            )
        elif sense == "N" and core.objective is None:
            core.objective = name
        elif sense == "N":
            core.free_rows.add(name)
        else:
            self._limit(line, len(core.rows))
            core.rows[name] = len(core.rows)
            core.senses.append(sense)

    def _column(self, line: Line) -> None:
        words = line.words
        if len(words) == 3 and words[1].strip("'").upper() == "MARKER":
            self._marker(line)
            return
        if len(words) not in (3, 5):
            self._refuse(line, "a column, then one or two pairs of row and value")
            return
        column = self.core.columns.get(words[0])
        if column is None:
            self._limit(line, len(self.core.columns))
            column = self.core.columns[words[0]] = len(self.core.columns)
            self.core.is_integer.append(self._in_integers)
        for row, value in zip(words[1::2], words[2::2], strict=True):
            self._entry(line, column, row, self._faults.number(line, value))

    def _marker(self, line: Line) -> None:
        kind = line.words[2].strip("'").upper()
        if kind not in ("INTORG", "INTEND"):
            self._refuse(line, "'INTORG' or 'INTEND' after 'MARKER'")
        self._in_integers = kind == "INTORG"

    def _entry(self, line: Line, column: int, row: str, value: float) -> None:
        core = self.core
        if row in core.free_rows:
            return
        if row != core.objective and row not in core.rows:
            self._unknown(line, "row", row)
            return
        is_again = column in core.cost if row == core.objective else (core.rows[row], column) in core.entries
        if is_again:
            self._faults.add(line.number, f"row {quoted(row)} again", "each row once a column", "remove one")
        elif row == core.objective:
            core.cost[column] = value
        else:
            core.entries[core.rows[row], column] = value

    def _pairs(self, line: Line, section: str) -> list[tuple[str, float]]:
        """Return the pairs of row and value of a line whose name of the set may be left out."""
        words = line.words if len(line.words) % 2 == 0 else line.words[1:]
        name = line.words[0] if len(line.words) % 2 else ""
        if len(words) not in (2, 4) or self._sets.setdefault(section, name) != name:
            self._refuse(line, f"the name of the one {section} set, then one or two pairs of row and value")
            return []
        return [
            (row, self._faults.number(line, value))
            for row, value in zip(words[::2], words[1::2], strict=True)
        ]

    def _rhs(self, line: Line) -> None:
        pairs = self._pairs(line, "RHS")
        self.core.rhs_set = self._sets.get("RHS", "")
        for row, value in pairs:
            if row == self.core.objective:
                self.core.offset = -value
            elif row in self.core.rows:
                self.core.rhs[self.core.rows[row]] = value
            elif row not in self.core.free_rows:
                self._unknown(line, "row", row)

    def _range(self, line: Line) -> None:
        for row, value in self._pairs(line, "RANGES"):
            if row in self.core.rows:
                self.core.ranges[self.core.rows[row]] = value
            elif row not in self.core.free_rows:
                self._unknown(line, "row", row)

    def _bound(self, line: Line) -> None:
        kind = line.words[0].upper()
        accepted = "a kind (LO UP FX FR MI PL BV LI UI), the set's name, a column, a value"
        least = 2 if kind in _WITHOUT_VALUE else 3
        if kind not in BOUND_KINDS or not least <= len(line.words) <= 4:
            self._refuse(line, accepted)
            return
        names = line.words[1:] if kind in _WITHOUT_VALUE else line.words[1:-1]
        name = names[1] if len(names) > 1 else names[0]
        if name not in self.core.columns:
            self._unknown(line, "column", name)
            return
        value = 0.0
        if kind not in _WITHOUT_VALUE:
            value = self._faults.number(line, line.words[-1], may_be_infinite=True)
        self._set_bound(kind, self.core.columns[name], value)

    def _set_bound(self, kind: str, column: int, value: float) -> None:
        sets_lower, sets_upper = BOUND_KINDS[kind]
        if sets_lower:
            self.core.lower[column] = {"FR": -math.inf, "MI": -math.inf, "BV": 0.0}.get(kind, value)
        if sets_upper:
            self.core.upper[column] = {"FR": math.inf, "PL": math.inf, "BV": 1.0}.get(kind, value)
        if kind in ("BV", "LI", "UI"):
            self.core.is_integer[column] = True

    def _limit(self, line: Line, count: int) -> None:
        if count >= MOST_MEMBERS:
            raise self._faults.stop(
                line.number, f"more than {MOST_MEMBERS:,} names", "fewer", "make the core smaller"
            )

    def _refuse(self, line: Line, accepted: str) -> None:
        self._faults.add(line.number, quoted(" ".join(line.words)), accepted, "write the line anew")

    def _unknown(self, line: Line, what: str, name: str) -> None:
        self._faults.add(
            line.number, f"{what} {quoted(name)}", f"a {what} named before", f"name it in {what.upper()}S"
        )
