"""Numbers in words: every estimate with its error, every interval with its ends and its middle."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from secondhall.futures import Estimate, Interval
from secondhall.units import money, percent

__all__ = [
    "MISSING",
    "Scale",
    "estimate_money",
    "estimate_percent",
    "figure",
    "interval_money",
    "interval_percent",
    "line_words",
    "printable",
    "scale_of",
]

MISSING = "n/a"
# Control characters but tab and line feed, halves of surrogate pairs, and what XML forbids.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MOST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale for many amounts, so that a column or an axis can be read down.

    Parameters
    ----------
    size : float
        What one unit is worth: 1e6 for millions.
    label : str
        The unit as written, such as ``M EUR``.

    Examples
    --------
    >>> scale = scale_of([12_300_000.0, -400_000.0], "EUR")
    >>> scale.label, scale.number(-400_000.0), scale.estimate(Estimate(4_120_000.0, 90_000.0))
    ('M EUR', '-0.4', '4.1 ± 0.1')
    """

    size: float
    label: str

    def number(self, value: float, digits: int = 1) -> str:
        """Write an amount without its unit."""
        return figure(value / self.size, digits)

    def estimate(self, estimate: Estimate) -> str:
        """Write an amount and its error without their unit."""
        value, error = self.parts(estimate)
        return f"{value} ± {error}" if error else value

    def parts(self, estimate: Estimate) -> tuple[str, str]:
        """Return an amount and its error, both without their unit; the error is empty if there is none."""
        return _parts(estimate.value / self.size, estimate.error / self.size, 1 if self.size > 1 else 0)

    def interval(self, interval: Interval) -> str:
        """Write the ends and the middle of an interval without its unit."""
        ends = f"{self.number(interval.low)} to {self.number(interval.high)}"
        return f"{ends}, middle {self.number(interval.mid)}"


def scale_of(amounts: Iterable[float], currency: str) -> Scale:
    """Return the scale in which the largest of some amounts is best read."""
    largest = max((abs(amount) for amount in amounts if math.isfinite(amount)), default=0.0)
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if largest >= size * (1 - 0.5e-4):
            return Scale(size, f"{letter} {currency}")
    return Scale(1.0, currency)


def figure(value: float, digits: int = 1) -> str:
    """Write a number with grouped thousands; what rounds to zero carries no minus sign.

    Examples
    --------
    >>> figure(1234.5), figure(-0.04), figure(float("nan"))
    ('1,234.5', '0.0', 'n/a')
    """
    return f"{round(value, digits) + 0.0:,.{digits}f}" if math.isfinite(value) else MISSING


def estimate_money(estimate: Estimate, currency: str) -> str:
    """Write an amount with its standard error.

    Examples
    --------
    >>> estimate_money(Estimate(4_120_000.0, 90_000.0), "EUR")
    '4.1 M EUR ± 0.1'
    >>> estimate_money(Estimate(4_120_000.0, 4_000.0), "EUR")
    '4.120 M EUR ± 0.004'
    """
    if not math.isfinite(estimate.value):
        return MISSING
    scale = scale_of((estimate.value, estimate.error), currency)
    value, error = scale.parts(estimate)
    return f"{value} {scale.label} ± {error}" if error else money(estimate.value, currency)


def estimate_percent(estimate: Estimate) -> str:
    """Write a probability with its standard error, in points of a hundred.

    Examples
    --------
    >>> estimate_percent(Estimate(0.123, 0.012))
    '12 % ± 1'
    >>> estimate_percent(Estimate(0.123, 0.0021))
    '12.3 % ± 0.2'
    """
    value, error = _parts(100 * estimate.value, 100 * estimate.error, 0)
    return f"{value} % ± {error}" if error else f"{value} %"


def interval_money(interval: Interval, currency: str) -> str:
    """Write where an amount lies: its 5 and 95 % points and its middle.

    Examples
    --------
    >>> interval_money(Interval(2_000_000.0, 3_300_000.0, 5_100_000.0), "EUR")
    '2.0 to 5.1 M EUR, middle 3.3'
    """
    scale = scale_of((interval.low, interval.mid, interval.high), currency)
    low, mid, high = (scale.number(value) for value in (interval.low, interval.mid, interval.high))
    return f"{low} to {high} {scale.label}, middle {mid}"


def interval_percent(interval: Interval) -> str:
    """Write where a share lies.

    Examples
    --------
    >>> interval_percent(Interval(0.31, 0.52, 0.7))
    '31 to 70 %, middle 52'
    """
    low, mid, high = (
        percent(value).removesuffix(" %") for value in (interval.low, interval.mid, interval.high)
    )
    return f"{low} to {high} %, middle {mid}"


def line_words(name: str) -> str:
    """Write the name of a line, a series or a field for people.

    Examples
    --------
    >>> line_words("net_income")
    'net income'
    """
    return name.replace("_", " ").strip()


def printable(text: str) -> str:
    r"""Take out control characters, which a terminal would obey and a page or a drawing may not hold.

    Examples
    --------
    >>> printable("red \x1b[31m")
    'red ?[31m'
    """
    return _CONTROL.sub("?", text)


def _parts(value: float, error: float, digits: int) -> tuple[str, str]:
    """Return value and error with as many decimals as show the error's first figure, up to a limit."""
    if not math.isfinite(error) or error < 0:
        return figure(value, digits), ""
    if error == 0:
        return figure(value, digits), "0"
    while digits < _MOST_DIGITS and round(error, digits) == 0:
        digits += 1
    smallest = 10.0**-digits
    shown = figure(error, digits) if round(error, digits) > 0 else f"<{smallest:.{digits}f}"
    return figure(value, digits), shown
