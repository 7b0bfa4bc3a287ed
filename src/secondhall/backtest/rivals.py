"""The forecasters of series that a backtest sets beside the company: naive with drift, ETS, ARIMA."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from secondhall.company.layout import Floats

__all__ = ["RIVALS", "Law", "are_there", "forecast", "on_a_grid"]

RIVALS = ("naive with drift", "ETS", "ARIMA")

SCORE_90 = 1.6448536269514722

FEWEST = 4
"""Figures below which no rival says anything."""


@dataclass(frozen=True, slots=True)
class Law:
    """A normal law: what a rival says of one figure to come."""

    mean: float
    deviation: float

    def band(self, share: float) -> tuple[float, float]:
        """Return the ends of the central band that holds a share."""
        from statistics import NormalDist

        reach = NormalDist().inv_cdf(0.5 + share / 2.0) * self.deviation
        return self.mean - reach, self.mean + reach


def are_there() -> bool:
    """Return whether the extra ``rivals`` is installed."""
    return importlib.util.find_spec("statsforecast") is not None


def on_a_grid(places: Sequence[int], values: Sequence[float]) -> Floats:
    """Return the series on consecutive places, its gaps filled by straight lines.

    Examples
    --------
    >>> on_a_grid([0, 1, 3], [1.0, 2.0, 6.0]).tolist()
    [1.0, 2.0, 4.0, 6.0]
    """
    grid = np.arange(places[0], places[-1] + 1, dtype=np.float64)
    filled: Floats = np.interp(grid, np.asarray(places, dtype=np.float64), np.asarray(values))
    return filled


def forecast(series: Floats, steps: int) -> Mapping[str, tuple[Law, ...]]:
    """Return what each rival says of the next ``steps`` figures, by its name.

    `statsforecast` (Garza and others 2022) fits them: RandomWalkWithDrift, AutoETS (Hyndman and others 2002)
    and AutoARIMA (Hyndman and Khandakar 2008), without seasons, since a few years of quarters cannot tell
    them. Their laws are taken as normal, with their own mean and 90 % band. A rival that cannot be fitted,
    or a series too short for any, is left out.

    Parameters
    ----------
    series
        [place] on consecutive periods.
    steps
        periods ahead.
    """
    if series.size < FEWEST or steps < 1 or not are_there():
        return {}
    from statsforecast.models import AutoARIMA, AutoETS, RandomWalkWithDrift

    models: tuple[Any, ...] = (
        RandomWalkWithDrift(),
        AutoETS(season_length=1),
        AutoARIMA(season_length=1, seasonal=False),
    )
    said = {}
    # They fit in steps of one; a series of tens of millions would be badly scaled.
    size = float(np.abs(series).max()) or 1.0
    for name, model in zip(RIVALS, models, strict=True):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = model.forecast(y=series / size, h=steps, level=[90])
        except (ValueError, NotImplementedError, ZeroDivisionError, IndexError, np.linalg.LinAlgError):
            continue
        mean, low, high = (np.asarray(made[key]) * size for key in ("mean", "lo-90", "hi-90"))
        deviation = (high - low) / (2.0 * SCORE_90)
        if np.isfinite(mean).all() and np.isfinite(deviation).all():
            said[name] = tuple(Law(float(m), float(d)) for m, d in zip(mean, deviation, strict=True))
    return said
