"""What can go wrong, and how it is told.

::

    SecondhallError                a family; each member carries the exit status of the command line
    ├── InputError        exit 2   what the user gave cannot be used; carries every Fault found
    ├── NoAnswerError     exit 1   the question is well put and has no answer
    └── InternalError     exit 3   our fault; carries the details for a file

A `Fault` is one thing to mend. Faults are data: the command line, the web page and ``--json`` show the
same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

__all__ = [
    "SHOWN_AT_MOST",
    "Fault",
    "InputError",
    "InternalError",
    "NoAnswerError",
    "SecondhallError",
    "Severity",
    "quoted",
]

SHOWN_AT_MOST = 50
_QUOTED_AT_MOST = 80


class Severity(StrEnum):
    """How bad a fault is."""

    ERROR = "error"
    """The value cannot be used."""
    DOUBT = "doubt"
    """The value can be used but looks wrong."""


def quoted(value: object) -> str:
    """Show a value as it was found: in single quotes, on one line, cut at 80 characters.

    Examples
    --------
    >>> quoted("1,200 kW")
    "'1,200 kW'"
    >>> quoted(None)
    'nothing'
    >>> quoted("")
    'an empty cell'
    """
    if value is None:
        return "nothing"
    text = str(value)
    if not text:
        return "an empty cell"
    cut = "..." if len(text) > _QUOTED_AT_MOST else ""
    return f"'{_one_line(text[:_QUOTED_AT_MOST])}{cut}'"


def _one_line(text: str) -> str:
    """Escape whatever would break the line or reach the terminal as a control sequence."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that the user can mend.

    Parameters
    ----------
    file : str
        The file's name as the user knows it, such as ``contracts.csv``.
    found : str
        What stands there; wrap a value in `quoted`, write a description as it is (``no such file``).
    accepted : str
        What would be accepted, with an example.
    mend : str
        What to do.
    line : int, optional
        The line as an editor counts it: a table's header is line 1.
    column : str, optional
        The column's name, or the dotted path of a key in ``case.yaml``.
    cell : str, optional
        A sheet's cell, such as ``Contracts!D14``; stands in place of the line.
    severity : Severity, default Severity.ERROR
        An error, or a doubt about a value that can be used.

    Examples
    --------
    >>> print(Fault(file="contracts.csv", line=4, column="capacity", found=quoted("1,200 kW"),
    ...             accepted="a number of kW, 0 or more, such as 1200 or 1200.5",
    ...             mend="write 1200, if that is what was meant; the column is already in kW"))
    contracts.csv, line 4, column 'capacity'
      found     '1,200 kW'
      accepted  a number of kW, 0 or more, such as 1200 or 1200.5
      mend      write 1200, if that is what was meant; the column is already in kW
    """

    file: str
    found: str
    accepted: str
    mend: str
    line: int | None = None
    column: str | None = None
    cell: str | None = None
    severity: Severity = Severity.ERROR

    @property
    def place(self) -> str:
        """Where it stands: ``contracts.csv, line 4, column 'capacity'``."""
        parts = [self.file]
        if self.cell is not None:
            parts.append(self.cell)
        elif self.line is not None:
            parts.append(f"line {self.line}")
        if self.column is not None:
            parts.append(f"column '{self.column}'")
        return _one_line(", ".join(parts))

    def as_dict(self) -> dict[str, str | int | None]:
        """Return every field under its name, ready for JSON."""
        return {
            "severity": self.severity.value,
            "file": self.file,
            "line": self.line,
            "cell": self.cell,
            "column": self.column,
            "found": self.found,
            "accepted": self.accepted,
            "mend": self.mend,
        }

    def __str__(self) -> str:
        return "\n".join(
            [
                self.place,
                f"  found     {_one_line(self.found)}",
                f"  accepted  {_one_line(self.accepted)}",
                f"  mend      {_one_line(self.mend)}",
            ]
        )


class SecondhallError(Exception):
    """Anything that secondhall raises on purpose.

    Attributes
    ----------
    exit_status : int
        What the command line returns.
    """

    exit_status: ClassVar[int] = 3

    def as_dict(self) -> dict[str, object]:
        """Return what ``--json`` prints."""
        return {"error": type(self).__name__, "exit_status": self.exit_status, "message": str(self)}


class NoAnswerError(SecondhallError):
    """The question is well put and has no answer: every rule breaks a limit, no path survives."""

    exit_status = 1


class InputError(SecondhallError):
    """What the user gave cannot be used.

    Parameters
    ----------
    faults : sequence of Fault
        Everything to mend, in the order in which it should be read.

    Examples
    --------
    >>> fault = Fault(file="case.yaml", found="no such file", accepted="a folder that holds case.yaml",
    ...               mend="run `secondhall init NAME` to write one")
    >>> InputError([fault]).exit_status
    2
    """

    exit_status = 2

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self.faults)

    def as_dict(self) -> dict[str, object]:
        """Return what ``--json`` prints: the shown faults as objects, and how many there are in all."""
        return {
            "error": type(self).__name__,
            "exit_status": self.exit_status,
            "message": self._headline(),
            "faults": [fault.as_dict() for fault in self.faults[:SHOWN_AT_MOST]],
            "faults_in_all": len(self.faults),
        }

    def _headline(self) -> str:
        count = len(self.faults)
        return "1 thing to mend" if count == 1 else f"{count} things to mend"

    def __str__(self) -> str:
        blocks = [str(fault) for fault in self.faults[:SHOWN_AT_MOST]]
        rest = len(self.faults) - SHOWN_AT_MOST
        if rest > 0:
            blocks.append(f"and {rest} more, not shown")
        return "\n\n".join(blocks)


class InternalError(SecondhallError):
    """Our fault, never the user's.

    Parameters
    ----------
    message : str
        What went wrong, in one line.
    details : str, optional
        What a developer needs; the command line puts it in a file and names the file.
    """

    exit_status = 3

    def __init__(self, message: str, *, details: str = "") -> None:
        self.details = details
        super().__init__(message)
