"""A deterministic mixed-integer linear programme in arrays: what the solver takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.stochastic.programme import Bools, Floats, Ints

__all__ = ["Linear", "linear_from_triplets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """Minimise ``offset + cost x`` over ``row_lower <= A x <= row_upper`` and bounds, some x integer.

    The matrix is held row by row: the entries of row i stand at ``start[i]:start[i + 1]`` of `index` and
    `value`.
    """

    offset: float
    cost: Floats
    column_lower: Floats
    column_upper: Floats
    is_integer: Bools
    row_lower: Floats
    row_upper: Floats
    start: Ints
    index: Ints
    value: Floats

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return int(self.cost.size)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.row_lower.size)


def linear_from_triplets(
    row: Ints,
    column: Ints,
    value: Floats,
    *,
    offset: float,
    columns: tuple[Floats, Floats, Floats, Bools],
    rows: tuple[Floats, Floats],
) -> Linear:
    """Build a `Linear` from a matrix in triplets.

    Parameters
    ----------
    row, column, value : arrays, shape (entry,)
        The matrix, in any order; no position twice, zeros are dropped.
    offset : float
        The constant of the objective.
    columns : tuple of arrays
        Cost, lower bound, upper bound, whether integer.
    rows : tuple of arrays
        Lower and upper bound.
    """
    row, column, value = (array[value != 0] for array in (row, column, value))
    order = np.lexsort((column, row))
    start = np.zeros(rows[0].size + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=rows[0].size), out=start[1:])
    return Linear(
        offset=offset,
        cost=columns[0],
        column_lower=columns[1],
        column_upper=columns[2],
        is_integer=columns[3],
        row_lower=rows[0],
        row_upper=rows[1],
        start=start,
        index=column[order],
        value=value[order],
    )
