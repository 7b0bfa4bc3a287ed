"""Rows and entries of a programme as they are written, whole blocks at a time."""

from __future__ import annotations

import numpy as np

from secondhall.company.layout import Floats, Integers, Truths
from secondhall.stochastic import Linear, linear_from_triplets

__all__ = ["Rows"]


class Rows:
    """Collects blocks of constraints ``lower <= sum of entries <= upper``."""

    def __init__(self) -> None:
        self._count = 0
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._group: list[Integers] = []
        self._entries: list[tuple[Integers, Integers, Floats]] = []

    def add(
        self, lower: Floats, upper: Floats, exists: Truths | None = None, *, group: Integers | None = None
    ) -> Integers:
        """Add a block of rows and return their positions in its shape, -1 where none is to exist.

        Of rows in one group, an array of the shape of the others, few will matter; -1 for no group.
        """
        exists = np.ones(lower.shape, bool) if exists is None else exists
        row = np.full(lower.shape, -1, np.int64)
        row[exists] = np.arange(self._count, self._count + int(exists.sum()))
        self._count += int(exists.sum())
        self._lower.append(lower[exists])
        self._upper.append(upper[exists])
        self._group.append(np.full(int(exists.sum()), -1) if group is None else group[exists])
        return row

    def put(self, row: Integers, column: Integers, value: Floats) -> None:
        """Write entries, their shapes broadcast, but those that are 0 or have no row or no column."""
        row, column, value = np.broadcast_arrays(row, column, value)
        is_there = (value != 0.0) & (row >= 0) & (column >= 0)
        self._entries.append((row[is_there], column[is_there], value[is_there]))

    @property
    def group(self) -> Integers:
        """[row] group of rows of which few will matter, -1 for none."""
        return np.concatenate(self._group)

    def linear(self, offset: float, columns: tuple[Floats, Floats, Floats, Truths]) -> Linear:
        """Return the programme of all rows, with the cost, bounds and wholeness of its columns."""
        row, column, value = (np.concatenate(parts) for parts in zip(*self._entries, strict=True))
        return linear_from_triplets(
            row,
            column,
            value,
            offset=offset,
            columns=columns,
            rows=(np.concatenate(self._lower), np.concatenate(self._upper)),
        )
