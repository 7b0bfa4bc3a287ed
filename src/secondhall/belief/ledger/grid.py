"""Exact posteriors of one or two unknowns: their density on a grid that closes in on where it lives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from secondhall.company.layout import Floats

__all__ = ["grid_draws"]

POINTS = 61
NEGLIGIBLE = 14.0
"""Cells whose log density lies so far below the highest are left out: a factor of a million."""
ROUNDS = 40

LogDensity = Callable[..., Floats]


def grid_draws(
    density: LogDensity, box: Sequence[tuple[float, float]], size: int, rng: np.random.Generator
) -> Floats:
    """Return [unknown, size] independent draws from a log density of one peak.

    Parameters
    ----------
    density
        of as many arrays as there are unknowns, which broadcast against each other; it need not be normed.
    box
        low and high of each unknown; what lies outside is taken to have no weight.
    size, rng
        how many draws, and the chance.

    Notes
    -----
    The grid is narrowed to the cells that matter until they fill it. A draw picks a cell by its weight and a
    point in it evenly, so that its error is that of a histogram of some fifty cells.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> draws = grid_draws(lambda x: -0.5 * ((x - 3.0) / 0.01) ** 2, [(-50.0, 50.0)], 4000, rng)
    >>> bool(abs(draws.mean() - 3.0) < 4 * 0.01 / 4000**0.5), round(float(draws.std()), 3)
    (True, 0.01)
    """
    sides = [(float(low), float(high)) for low, high in box]
    for _ in range(ROUNDS):
        axes = [_middles(side) for side in sides]
        weight = density(*np.ix_(*axes))
        weight = np.where(np.isnan(weight), -np.inf, weight)
        narrower = [
            _around(axis, weight, k, side) for k, (axis, side) in enumerate(zip(axes, sides, strict=True))
        ]
        if all(_wide(new) > 0.7 * _wide(old) for new, old in zip(narrower, sides, strict=True)):
            break
        sides = narrower
    share = np.exp(weight - weight.max())
    cell = rng.choice(share.size, size=size, p=(share / share.sum()).ravel())
    places = np.unravel_index(cell, share.shape)
    step = [_wide(side) / POINTS for side in sides]
    return np.stack(
        [
            axis[at] + wide * (rng.random(size) - 0.5)
            for axis, at, wide in zip(axes, places, step, strict=True)
        ]
    )


def _wide(side: tuple[float, float]) -> float:
    return side[1] - side[0]


def _middles(side: tuple[float, float]) -> Floats:
    return side[0] + _wide(side) * (np.arange(POINTS) + 0.5) / POINTS


def _around(axis: Floats, weight: Floats, unknown: int, side: tuple[float, float]) -> tuple[float, float]:
    """Return the part of a side whose cells matter, and one cell more on either end."""
    others = tuple(k for k in range(weight.ndim) if k != unknown)
    highest = weight.max(axis=others) if others else weight
    matters = np.flatnonzero(highest > highest.max() - NEGLIGIBLE)
    cell = axis[1] - axis[0]
    return max(axis[matters[0]] - 1.5 * cell, side[0]), min(axis[matters[-1]] + 1.5 * cell, side[1])
