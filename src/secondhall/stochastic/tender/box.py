"""Boxes of tenders, and tables that bound the expected cost of recourse in them from below.

A box holds for each tender a range of breaks: ``low <= break < high``. A table cuts it into cells, and says
of each cell the expected cost at its upper end, just before the next cell begins: nothing in the cell costs
less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from secondhall.stochastic.programme import Bools, Floats, Ints
from secondhall.stochastic.tender.recourse import Group

__all__ = ["Box", "Table", "table_of"]

CELLS = {1: 256, 2: 32, 3: 16}
"""How many cells a table has along each of 1, 2 or 3 tenders."""


@dataclass(frozen=True, slots=True)
class Box:
    """Ranges of breaks of one group, and of nothing else: shape (tender,) each."""

    low: Ints
    high: Ints

    def cut(self, tender: int, at: int) -> tuple[Box, Box]:
        """Return the part below break `at` of a tender and the part from it on."""
        high, low = self.high.copy(), self.low.copy()
        high[tender] = low[tender] = at
        return replace(self, high=high), replace(self, low=low)


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a box.

    Parameters
    ----------
    corner : array of float, shape (cell, tender)
        The least tenders of each cell.
    first : array of int, shape (cell, tender)
        The break at which each cell begins.
    last : array of int, shape (cell, tender)
        The last break of each cell.
    cost : array of float, shape (cell,)
        Below which the expected cost does not fall in the cell; infinite where a scenario has no recourse.
    drop : array of float, shape (tender,)
        By how much the cost falls along each tender from one end of the box to the other.
    """

    corner: Floats
    first: Ints
    last: Ints
    cost: Floats
    drop: Floats


def table_of(group: Group, probability: Floats, box: Box) -> Table:
    """Cut a box into cells of as many breaks each, and bound the cost in each cell."""
    tenders = box.low.size
    grids = [_grid(int(low), int(high), CELLS[tenders]) for low, high in zip(box.low, box.high, strict=True)]
    shape = tuple(grid.size for grid in grids)
    cell = np.zeros(group.cost.shape, np.int64)
    for k, grid in enumerate(grids):
        along = np.maximum(np.searchsorted(grid, group.step[..., k], side="right") - 1, 0)
        cell = cell * grid.size + along
    inside = np.all(group.step < box.high, axis=2) & np.isfinite(group.cost)
    cost = _least(group.cost, cell, inside, shape) @ probability
    first = np.stack(np.meshgrid(*grids, indexing="ij"), axis=-1).reshape(-1, tenders)
    ends = [np.append(grid[1:], high) - 1 for grid, high in zip(grids, box.high.tolist(), strict=True)]
    last = np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(-1, tenders)
    corner = np.stack([group.breaks[k][first[:, k]] for k in range(tenders)], axis=-1)
    return Table(corner, first, last, cost.reshape(-1), _drop(cost))


def _least(cost: Floats, cell: Ints, inside: Bools, shape: tuple[int, ...]) -> Floats:
    """Return the least cost of the patterns in a cell or before it: shape (*cell, scenario)."""
    scenarios = cost.shape[0]
    least = np.full(int(np.prod(shape)) * scenarios, np.inf)
    at = cell * scenarios + np.arange(scenarios)[:, None]
    np.minimum.at(least, at[inside], cost[inside])
    least = least.reshape(*shape, scenarios)
    for axis, cells in enumerate(shape):
        along = np.moveaxis(least, axis, 0)
        for i in range(1, cells):
            np.minimum(along[i - 1], along[i], out=along[i])
    return least


def _grid(low: int, high: int, cells: int) -> Ints:
    return np.unique(np.linspace(low, high, min(cells, high - low), endpoint=False).astype(np.int64))


def _drop(cost: Floats) -> Floats:
    """Return how much the cost falls along each axis in the mean, infinite costs left out."""
    finite = np.where(np.isfinite(cost), cost, np.nan)
    falls = []
    for axis in range(cost.ndim):
        low = np.nanmax(finite, axis=axis, initial=-np.inf)
        high = np.nanmin(finite, axis=axis, initial=np.inf)
        difference = low - high
        difference = difference[np.isfinite(difference)]
        falls.append(float(difference.mean()) if difference.size else 0.0)
    return np.array(falls)
