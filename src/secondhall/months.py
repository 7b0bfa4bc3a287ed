"""Calendar months, the only clock of secondhall."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self, overload

__all__ = ["Month"]

_WRITTEN = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_ACCEPTED = "a month written as year-month, such as 2001-03"


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month.

    Parameters
    ----------
    ordinal : int
        Months since January of year 0; consecutive months have consecutive ordinals.

    Examples
    --------
    >>> start = Month.parse("2000-11")
    >>> print(start + 3)
    2001-02
    >>> Month.parse("2001-03") - start
    4
    """

    ordinal: int

    def __post_init__(self) -> None:
        if not 12 <= self.ordinal < 120_000:
            raise ValueError(f"month ordinal {self.ordinal} lies outside the years 1 to 9999")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a month written as ``2001-03``.

        Raises
        ------
        ValueError
            When `text` is anything else; the message says what was found and what is accepted.
        """
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"found {text[:40]!r}, accepted {_ACCEPTED}")
        return cls.of(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, year: int, month: int) -> Self:
        """Return the given month, 1 to 12, of the given year, 1 to 9999."""
        if not 1 <= month <= 12:
            raise ValueError(f"found month {month}, accepted 1 to 12")
        if not 1 <= year <= 9999:
            raise ValueError(f"found year {year}, accepted 1 to 9999")
        return cls(year * 12 + month - 1)

    @property
    def year(self) -> int:
        """The calendar year."""
        return self.ordinal // 12

    @property
    def month(self) -> int:
        """The month of the year, 1 to 12."""
        return self.ordinal % 12 + 1

    @property
    def quarter(self) -> int:
        """The quarter of the year, 1 to 4."""
        return self.ordinal % 12 // 3 + 1

    @property
    def ends_quarter(self) -> bool:
        """Whether this is March, June, September or December."""
        return self.month % 3 == 0

    @property
    def ends_year(self) -> bool:
        """Whether this is December."""
        return self.month == 12

    def __add__(self, months: int) -> Self:
        return type(self)(self.ordinal + months)

    @overload
    def __sub__(self, other: Month) -> int: ...
    @overload
    def __sub__(self, other: int) -> Month: ...
    def __sub__(self, other: Month | int) -> int | Month:
        if isinstance(other, Month):
            return self.ordinal - other.ordinal
        return type(self)(self.ordinal - other)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
