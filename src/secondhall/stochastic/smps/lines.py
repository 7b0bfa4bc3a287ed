"""The lines of an SMPS file as words, and the faults found in them.

Fixed and free format are read alike, by words; so names hold no spaces. A file is never run, only read, and
its size is bounded, for it may come from a stranger.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from secondhall.errors import Fault, InputError, quoted

__all__ = ["INFINITE", "MOST_CHARACTERS", "Faults", "Line", "lines_of"]

MOST_CHARACTERS = 100_000_000
"""The longest file."""
INFINITE = 1e30
"""From here on a number means no bound, by the custom of MPS files."""
_MOST_FAULTS = 200
_LONGEST_LINE = 1_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d{1,4})?", re.ASCII)
_INFINITY = {
    "inf": math.inf,
    "+inf": math.inf,
    "-inf": -math.inf,
    "infinity": math.inf,
    "-infinity": -math.inf,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line that says something: its number, its words, and whether it opens a section."""

    number: int
    words: tuple[str, ...]
    is_header: bool


class Faults:
    """The faults of one file; raises them when there are too many to go on."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []

    def add(self, line: int | None, found: str, accepted: str, mend: str) -> None:
        """Note a fault."""
        self.found.append(Fault(file=self.file, line=line, found=found, accepted=accepted, mend=mend))
        if len(self.found) >= _MOST_FAULTS:
            self.raise_any()

    def stop(self, line: int | None, found: str, accepted: str, mend: str) -> InputError:
        """Return the error of a fault after which nothing can be read."""
        self.found.append(Fault(file=self.file, line=line, found=found, accepted=accepted, mend=mend))
        return InputError(self.found)

    def raise_any(self) -> None:
        """Raise what was found, if anything was."""
        if self.found:
            raise InputError(self.found)

    def number(self, line: Line, word: str, *, may_be_infinite: bool = False) -> float:
        """Read a number; what is none becomes a fault and 0."""
        value = math.nan
        if _NUMBER.fullmatch(word):
            value = float(word.replace("d", "e").replace("D", "e"))
        elif word.lower() in _INFINITY:
            value = _INFINITY[word.lower()]
        if math.isnan(value) or (abs(value) >= INFINITE and not may_be_infinite):
            self.add(line.number, quoted(word), "a finite number, such as 12.5 or 1e-3", "write the number")
            return 0.0
        return math.copysign(math.inf, value) if abs(value) >= INFINITE else value


def lines_of(text: str, faults: Faults) -> Iterator[Line]:
    """Cut a text into lines of words, up to ENDATA; comments and empty lines are left out."""
    if len(text) > MOST_CHARACTERS:
        raise faults.stop(None, f"{len(text):,} characters", f"at most {MOST_CHARACTERS:,}", "cut the file")
    for number, raw in enumerate(text.splitlines(), start=1):
        if len(raw) > _LONGEST_LINE:
            raise faults.stop(
                number, f"{len(raw):,} characters", f"at most {_LONGEST_LINE:,} in a line", "break the line"
            )
        words = tuple(raw.split())
        if not words or raw.startswith("*"):
            continue
        is_header = not raw[0].isspace()
        if is_header and words[0].upper() == "ENDATA":
            return
        yield Line(number, words, is_header)
    faults.add(
        None, "no ENDATA", "ENDATA as the last line", "add it; if the file was cut off, fetch it again"
    )
