"""The first stage of a programme with the rows of its tenders, and what it costs to reach given tenders."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from secondhall.stochastic.highs import solve_linear
from secondhall.stochastic.linear import Linear, linear_from_triplets
from secondhall.stochastic.programme import Bools, Floats, Ints, Programme
from secondhall.stochastic.solution import Limits
from secondhall.stochastic.tender.recourse import Recourse

__all__ = ["FirstStage", "first_stage_of"]

_FEASIBLE = 1e-7
_TIGHT = Limits(gap=1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStage:
    """The rows of the first stage, then those of all tenders, in triplets over the first-stage columns."""

    row: Ints
    column: Ints
    value: Floats
    rows: int
    """how many rows are the first stage's own"""
    tender: Floats
    """D of all groups, shape (tender, column)"""
    cost: Floats
    lower: Floats
    upper: Floats
    is_integer: Bools
    row_lower: Floats
    row_upper: Floats
    offset: float

    def cheapest_reaching(self, target: Floats) -> Floats | None:
        """Return the cheapest first stage with ``D x >= target``, or None where there is none."""
        infinite = np.full(target.size, math.inf)
        linear = self.linear(np.concatenate([self.row_lower, target]), np.append(self.row_upper, infinite))
        values = solve_linear(linear, _TIGHT, threads=1).values
        return self.rounded(values) if values.size else None

    def linear(self, row_lower: Floats, row_upper: Floats) -> Linear:
        """Return the first stage with bounds for its own rows and those of the tenders."""
        return linear_from_triplets(
            self.row,
            self.column,
            self.value,
            offset=self.offset,
            columns=(self.cost, self.lower, self.upper, self.is_integer),
            rows=(row_lower, row_upper),
        )

    def rounded(self, x: Floats) -> Floats:
        """Return x with its integers made whole."""
        return np.where(self.is_integer, np.round(x), x)

    def allows(self, x: Floats) -> bool:
        """Tell whether x keeps the first stage's own rows and bounds."""
        own = self.row < self.rows
        use = np.bincount(self.row[own], self.value[own] * x[self.column[own]], minlength=self.rows)
        scale = _FEASIBLE * (1 + np.abs(use))
        is_inside = np.all((x >= self.lower - _FEASIBLE) & (x <= self.upper + _FEASIBLE))
        return bool(is_inside and np.all((use >= self.row_lower - scale) & (use <= self.row_upper + scale)))


def first_stage_of(programme: Programme, recourse: Recourse) -> FirstStage:
    """Take the first stage out of a programme."""
    first, rows = programme.first_columns, np.flatnonzero(programme.row_stage == 0)
    row_at = np.full(len(programme.row_names), -1)
    row_at[rows] = np.arange(rows.size)
    column_at = np.full(len(programme.column_names), -1)
    column_at[first] = np.arange(first.size)
    inside = row_at[programme.entry_row] >= 0
    tender = np.vstack([group.tender for group in recourse.groups])
    at_row, at_column = np.nonzero(tender)
    return FirstStage(
        row=np.concatenate([row_at[programme.entry_row[inside]], rows.size + at_row]),
        column=np.concatenate([column_at[programme.entry_column[inside]], at_column]),
        value=np.concatenate([programme.entry_value[inside], tender[at_row, at_column]]),
        rows=rows.size,
        tender=tender,
        cost=programme.cost[first],
        lower=programme.column_lower[first],
        upper=programme.column_upper[first],
        is_integer=programme.is_integer[first],
        row_lower=programme.row_lower[rows],
        row_upper=programme.row_upper[rows],
        offset=programme.offset,
    )
