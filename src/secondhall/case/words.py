"""One written value into one typed value, or the words that say what would be accepted and how to mend it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

from secondhall.case.fields import Column, nearest, unit_words
from secondhall.months import Month

__all__ = [
    "IDENTIFIER",
    "Units",
    "UnusableError",
    "accepted",
    "figure",
    "known_name",
    "read_period",
    "read_scalar",
]

IDENTIFIER = re.compile(r"\w[\w .\-]{0,63}")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[-+]?\d{1,15}", re.ASCII)
_LOOSE = re.compile(r"([-+]?\d[\d ,.'\u2019_\u00a0\u202f]*)(.*)", re.ASCII | re.DOTALL)
_PERIOD = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(\d{2})))?", re.ASCII)
_PERIOD_WORDS = "a month, quarter or year, such as 2026-03, 2026-Q1 or 2026"
_REAL_EXAMPLES = ("1200 or 1200.5", "12.5", "1.5", "0.25", "0.05")
_WHOLE_EXAMPLES = ("24", "12", "3", "1", "0")
_HUGE = 1e6


def figure(value: float) -> str:
    """Write a number to six significant digits, or to the unit above a million.

    Examples
    --------
    >>> figure(2_000_000.4), figure(1234.56789), figure(0.25)
    ('2,000,000', '1,234.57', '0.25')
    """
    return f"{value:,.0f}" if 1e6 <= abs(value) < 1e15 else f"{value:,.6g}"


class UnusableError(Exception):
    """A value that cannot be used: what would be accepted, and how to mend it."""

    def __init__(self, accepted: str, mend: str) -> None:
        self.accepted = accepted
        self.mend = mend
        super().__init__(accepted, mend)


class Units:
    """The case's own unit and currency, and what a value stands in: a column or a field."""

    def __init__(self, capacity: str = "", currency: str = "", place: str = "field") -> None:
        self.capacity = capacity
        self.currency = currency
        self.place = place

    def of(self, column: Column) -> str:
        """Return the unit of a column or field in the case's own terms."""
        return unit_words(column.unit, capacity=self.capacity, currency=self.currency)


def _range_words(column: Column) -> str:
    low, high = column.minimum, column.maximum
    if math.isinf(low) or low <= -_HUGE:
        return ""
    return f", {low:g} or more" if high >= _HUGE else f", from {low:g} to {high:g}"


def _example(column: Column) -> str:
    examples = _WHOLE_EXAMPLES if column.type == "integer" else _REAL_EXAMPLES
    for example in examples:
        if column.minimum <= float(example.split()[-1]) <= column.maximum:
            return example
    return f"{column.minimum:g}"


def accepted(column: Column, units: Units) -> str:
    """Say what a column or field accepts, with an example."""
    if column.type in ("number", "integer"):
        noun = "a whole number" if column.type == "integer" else "a number"
        unit = units.of(column)
        of = f" of {unit}" if unit else ""
        if column.unit.startswith("share"):
            of = f" ({unit}; 0.05 is 5 %)"
        return f"{noun}{of}{_range_words(column)}, such as {_example(column)}"
    if column.type == "month":
        return "a month written as year-month, such as 2001-03"
    if column.type == "period":
        return _PERIOD_WORDS
    if column.type == "choice":
        return "one of " + ", ".join(column.choices)
    if column.type == "currency":
        return "a currency code of three capitals, such as EUR"
    return f"a text: {column.meaning}"


def read_scalar(text: str, column: Column, units: Units) -> float | int | str | Month:
    """Read a text as the type of a column or field.

    Raises
    ------
    UnusableError
        When it is something else, or out of range.

    Examples
    --------
    >>> from secondhall.case.fields import section_fields
    >>> read_scalar("0.25", section_fields("costs")["draw_share"], Units())
    0.25
    """
    if column.type == "number":
        return _number(text, column, units)
    if column.type == "integer":
        return _integer(text, column, units)
    if column.type == "month":
        return _month(text, column, units)
    if column.type == "choice":
        return known_name(text, column.choices, accepted(column, units))
    if column.type == "currency" and re.fullmatch(r"[A-Z]{3}", text, re.ASCII) is None:
        hint = text.strip().upper()
        mend = (
            f"write {hint}, if that is what was meant" if re.fullmatch("[A-Z]{3}", hint) else "write its code"
        )
        raise UnusableError(accepted(column, units), mend)
    return text


def _number(text: str, column: Column, units: Units) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise UnusableError(accepted(column, units), _mend_number(text, column, units))
    return _in_range(value, column, units)


def _integer(text: str, column: Column, units: Units) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise UnusableError(accepted(column, units), _mend_number(text, column, units))
    return int(_in_range(int(text), column, units))


def _in_range(value: float, column: Column, units: Units) -> float:
    if column.minimum <= value <= column.maximum:
        return value
    if value < 0 <= column.minimum and -value <= column.maximum:
        mend = f"it cannot be negative; write {-value:.15g}, if the sign is a slip"
    elif column.unit.startswith("share") and column.minimum <= value / 100 <= column.maximum:
        mend = f"write {value / 100:.15g}, if {value:.15g} % was meant"
    else:
        side = f"at least {column.minimum:g}" if value < column.minimum else f"at most {column.maximum:g}"
        mend = f"write {side}; the {units.place} is in {units.of(column) or 'plain numbers'}"
    raise UnusableError(accepted(column, units), mend)


def _loose_number(digits: str) -> float | None:
    """Read digits with separators as a person most likely meant them; None where that is anybody's guess."""
    text = re.sub(r"[ '\u2019_\u00a0\u202f]", "", digits).rstrip(",.")
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+,\d+", text):
        text = text.replace(".", "").replace(",", ".")
    elif text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def _mend_number(text: str, column: Column, units: Units) -> str:
    if not text.strip():
        return f"write a number, or take the {units.place} out"
    if _NUMBER.fullmatch(text):
        return (
            "write a number that a computer can hold" if column.type == "number" else "write a whole number"
        )
    match = _LOOSE.fullmatch(text.strip())
    value = _loose_number(match[1]) if match else None
    if match is None or value is None or not math.isfinite(value):
        return f"write a plain number; the {units.place} is in {units.of(column) or 'plain numbers'}"
    tail = match[2].strip()
    if tail.startswith("%"):
        return f"write {value / 100:.10g}, if that is what was meant; a share is written as a part of 1"
    if column.type == "integer":
        value = round(value)
    unit = units.of(column)
    already = f"; the {units.place} is already in {unit}" if tail and unit else ""
    return f"write {value:.15g}, if that is what was meant{already}"


def _month(text: str, column: Column, units: Units) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        pass
    mend = "write the year with four digits, a hyphen and the month with two"
    loose = re.match(r"(\d{4})[-/.](\d{1,2})(?!\d)", text.strip(), re.ASCII)
    other = re.fullmatch(r"(\d{1,2})[-/.](\d{4})", text.strip(), re.ASCII)
    if loose or other:
        year, month = (loose[1], loose[2]) if loose else (other[2], other[1]) if other else ("", "")
        if 1 <= int(month) <= 12:
            mend = f"write {year}-{int(month):02d}, if that is what was meant"
    raise UnusableError(accepted(column, units), mend)


def known_name(text: str, known: Collection[str], words: str) -> str:
    """Return `text` if it is one of the known names.

    Raises
    ------
    UnusableError
        When it is not; the nearest known name is suggested.
    """
    if text in known:
        return text
    near = nearest(text, known)
    mend = (
        f"write {near}, if that is what was meant"
        if near
        else "write one of these names, or add what is missing"
    )
    raise UnusableError(words, mend)


def read_period(text: str) -> tuple[Month, int]:
    """Read a month, quarter or year; return its first month and how many months it has.

    Examples
    --------
    >>> first, months = read_period("2026-Q2")
    >>> print(first, months)
    2026-04 3
    """
    match = _PERIOD.fullmatch(text)
    mend = "write the year with four digits, then -Q1 to -Q4 for a quarter or -01 to -12 for a month"
    if match is None or match[1] == "0000":
        raise UnusableError(_PERIOD_WORDS, mend)
    year = int(match[1])
    if match[2]:
        return Month.of(year, 3 * int(match[2]) - 2), 3
    if match[3] is None:
        return Month.of(year, 1), 12
    if not 1 <= int(match[3]) <= 12:
        raise UnusableError(_PERIOD_WORDS, mend)
    return Month.of(year, int(match[3])), 1
