"""Where a line of a .sto file points to in the core."""

from __future__ import annotations

from typing import NamedTuple

from secondhall.errors import quoted
from secondhall.stochastic.smps.core import BOUND_KINDS, Core
from secondhall.stochastic.smps.lines import Faults, Line
from secondhall.stochastic.smps.times import Periods

__all__ = ["Change", "Place", "Pointer"]


class Place(NamedTuple):
    """A number of the core: its kind (cost, rhs, entry, lower, upper), its row and column (-1 for none)."""

    kind: str
    row: int
    column: int


class Change(NamedTuple):
    """A place and what a scenario puts there."""

    place: Place
    value: float


class Pointer:
    """Reads the lines of data of a .sto file as changes of a core."""

    def __init__(self, core: Core, periods: Periods, faults: Faults) -> None:
        self._core = core
        self._periods = periods
        self._faults = faults

    def stage(self, place: Place) -> int:
        """Return the stage to which a place belongs."""
        if place.row >= 0:
            return int(self._periods.row_stage[place.row])
        return int(self._periods.column_stage[place.column])

    def changes(self, line: Line, words: tuple[str, ...], earliest: int) -> list[Change]:
        """Read ``column row value [row value]`` or ``UP BND column value`` of a period or later ones."""
        if len(words) == 4 and words[0].upper() in BOUND_KINDS:
            found = self._bound(line, words)
        elif len(words) in (3, 5):
            found = [
                change
                for row, value in zip(words[1::2], words[2::2], strict=True)
                for change in self._value(line, words[0], row, value)
            ]
        else:
            found = self._refuse(line, "column, row and value, or kind, set, column and bound")
        for change in found:
            if self.stage(change.place) < earliest:
                self._refuse(line, "a number of the scenario's own period or of a later one")
        return found

    def _bound(self, line: Line, words: tuple[str, ...]) -> list[Change]:
        column = self._core.columns.get(words[2])
        if column is None or words[0].upper() not in ("UP", "LO", "FX"):
            return self._refuse(line, "a bound UP, LO or FX of a column of the core")
        value = self._faults.number(line, words[3], may_be_infinite=True)
        sides = {"LO": ("lower",), "UP": ("upper",), "FX": ("lower", "upper")}[words[0].upper()]
        return [Change(Place(side, -1, column), value) for side in sides]

    def _value(self, line: Line, name: str, row: str, text: str) -> list[Change]:
        value = self._faults.number(line, text)
        column, at_row = self._core.columns.get(name), self._core.rows.get(row)
        is_rhs = column is None and (name.upper() == "RHS" or name == self._core.rhs_set)
        if is_rhs and at_row is not None:
            return [Change(Place("rhs", at_row, -1), value)]
        if column is not None and row == self._core.objective:
            return [Change(Place("cost", -1, column), value)]
        if column is None or at_row is None:
            return self._refuse(line, "a column (or RHS) and a row of the core")
        if self._periods.row_stage[at_row] < self._periods.column_stage[column]:
            return self._refuse(line, "a row of the column's period or of a later one")
        return [Change(Place("entry", at_row, column), value)]

    def _refuse(self, line: Line, accepted: str) -> list[Change]:
        self._faults.add(line.number, quoted(" ".join(line.words)), accepted, "write the line anew")
        return []
