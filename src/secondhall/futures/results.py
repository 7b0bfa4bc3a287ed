"""What playing a rule over many futures leaves behind: outcomes, bands, estimates with their error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secondhall.months import Month

__all__ = ["PERCENTS", "Bands", "Estimate", "Futures", "Interval"]

Floats = npt.NDArray[np.float64]

PERCENTS = (5, 25, 50, 75, 95)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A Monte-Carlo number and its standard error.

    Examples
    --------
    >>> Estimate.of_mean(np.array([1.0, 2.0, 3.0]))
    Estimate(value=2.0, error=0.5773502691896258)
    """

    value: float
    error: float

    @classmethod
    def of_mean(cls, sample: Floats) -> Estimate:
        """Return the mean of independent paths and its standard error."""
        n = sample.size
        error = float(sample.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
        return cls(float(sample.mean()), error)

    def as_data(self) -> dict[str, float]:
        """Return it as plain data, for machines."""
        return {"value": self.value, "error": self.error}

    def said(self, *, scale: float = 1.0, digits: int = 1) -> str:
        """Write the value with its error, both divided by ``scale``; one path alone has no error.

        Examples
        --------
        >>> Estimate(540_000.0, 38_000.0).said(scale=1e6, digits=2)
        '0.54 ± 0.04'
        """
        value = f"{self.value / scale:.{digits}f}"
        return f"{value} ± {self.error / scale:.{digits}f}" if np.isfinite(self.error) else value


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a quantity lies: 5, 50 and 95 % points over futures."""

    low: float
    mid: float
    high: float

    @classmethod
    def of(cls, sample: Floats) -> Interval:
        """Return the 5, 50 and 95 % points of a sample."""
        low, mid, high = np.quantile(sample, (0.05, 0.5, 0.95))
        return cls(float(low), float(mid), float(high))


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """Quantiles of the planner's series, month by month.

    Attributes
    ----------
    series
        names out of `secondhall.company.layout.SERIES`.
    values
        [series, percent, month]; percents as in `PERCENTS`.
    resolution
        [series] width of a histogram bin: the quantiles are exact to it.
    """

    series: tuple[str, ...]
    values: Floats
    resolution: Floats

    def of(self, name: str) -> Floats:
        """Return [percent, month] of one series."""
        band: Floats = self.values[self.series.index(name)]
        return band


@dataclass(frozen=True, slots=True, eq=False)
class Futures:
    """A rule played over many futures.

    Attributes
    ----------
    rule
        the rule in words.
    start, months, seed, paths
        which futures.
    outcomes
        name to [path], names out of `secondhall.company.layout.OUTCOMES`.
    annual
        line to [calendar year, path]: revenue, net_income, free_cash_flow.
    years
        the calendar years; the first and the last may be partial.
    bands
        quantiles month by month.
    kept
        series to [month, path] for the months from ``kept_from`` on; empty when nothing was asked for.
    terminal_discount
        what a unit of money at the end of the horizon is worth at the start.
    """

    rule: str
    start: Month
    months: int
    seed: int
    paths: int
    outcomes: Mapping[str, Floats]
    annual: Mapping[str, Floats]
    years: tuple[int, ...]
    bands: Bands
    kept: Mapping[str, Floats]
    kept_from: Month
    terminal_discount: float

    @property
    def value(self) -> Estimate:
        """Expected net present value."""
        return Estimate.of_mean(self.outcomes["npv"])

    def year(self, line: str, year: int) -> Floats:
        """Return [path] of an annual line.

        Raises
        ------
        KeyError
            When the year is not simulated.
        """
        if year not in self.years:
            raise KeyError(year)
        values: Floats = self.annual[line][self.years.index(year)]
        return values

    def month(self, series: str, month: Month) -> Floats:
        """Return [path] of a kept series in one month."""
        values: Floats = self.kept[series][month - self.kept_from]
        return values
