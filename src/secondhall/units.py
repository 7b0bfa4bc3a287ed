"""Units of capacity, currency codes, and how quantities are written for people."""

from __future__ import annotations

import math
import re
from enum import StrEnum

__all__ = ["CapacityUnit", "capacity", "currency_code", "money", "percent"]

_MISSING = "n/a"
_SCALES = ((1e9, " bn"), (1e6, " M"), (1e3, " k"), (1.0, ""))


class CapacityUnit(StrEnum):
    """What a case measures its halls in; one unit per case."""

    KW = "kW"
    MW = "MW"
    M2 = "m2"
    RACK = "rack"

    @property
    def is_power(self) -> bool:
        """Whether capacity is electrical power, so that energy follows from it."""
        return self in (CapacityUnit.KW, CapacityUnit.MW)

    @property
    def in_kw(self) -> float:
        """Kilowatts in one unit; not a number for units that are not power."""
        return {CapacityUnit.KW: 1.0, CapacityUnit.MW: 1000.0}.get(self, math.nan)

    def label(self, value: float) -> str:
        """Return the unit as written after `value`: ``2 racks``, ``1 rack``, ``5 kW``."""
        return "racks" if self is CapacityUnit.RACK and value != 1 else self.value


def currency_code(text: str) -> str:
    """Check the shape of a currency code: three capital letters, such as EUR (ISO 4217).

    Raises
    ------
    ValueError
        When `text` has another shape; the message says what was found and what is accepted.
    """
    if re.fullmatch(r"[A-Z]{3}", text, re.ASCII) is None:
        raise ValueError(f"found {text[:40]!r}, accepted a currency code of three capitals, such as EUR")
    return text


def money(value: float, currency: str) -> str:
    """Write an amount to one decimal of its scale: k, M or bn.

    Examples
    --------
    >>> money(13_000_000, "EUR")
    '13.0 M EUR'
    >>> money(-4_250, "USD")
    '-4.2 k USD'
    """
    if not math.isfinite(value):
        return _MISSING
    for size, suffix in _SCALES:
        # A value that would round up to the next scale belongs there: 999,960 is 1.0 M.
        if abs(value) >= size * (1 - 0.5e-4) and size > 1:
            return f"{_unsigned_zero(value / size, 1)}{suffix} {currency}"
    return f"{_unsigned_zero(value, 0)} {currency}"


def capacity(value: float, unit: CapacityUnit) -> str:
    """Write a capacity with its unit.

    Examples
    --------
    >>> capacity(2400, CapacityUnit.M2)
    '2,400 m2'
    >>> capacity(1.25, CapacityUnit.MW)
    '1.25 MW'
    """
    if not math.isfinite(value):
        return _MISSING
    digits = 2 if abs(value) < 10 and value != round(value) else 0
    return f"{_unsigned_zero(value, digits)} {unit.label(value)}"


def percent(share: float, digits: int = 0) -> str:
    """Write a share of one as a percentage.

    Examples
    --------
    >>> percent(0.125, 1)
    '12.5 %'
    """
    return f"{_unsigned_zero(100 * share, digits)} %" if math.isfinite(share) else _MISSING


def _unsigned_zero(value: float, digits: int) -> str:
    """Round and group thousands; what rounds to zero carries no minus sign."""
    return f"{round(value, digits) + 0.0:,.{digits}f}"
