"""The bound of a box: the first stage against the convex envelope of the expected cost in the box.

For the groups g with cells j of corner a_gj and cost F_gj (see `Table`), and the first stage X relaxed::

    minimise    c'x + sum_gj F_gj l_gj                                                       (T3)
    subject to  x in X,  sum_j l_gj = 1,  l >= 0
                D_g x >= sum_j a_gj l_gj,   D_g x <= the upper end of the box

Cells come in by their reduced costs, all groups at once; with the duals pi_g of the third row,

    sum_g min_j (F_gj + pi_g a_gj - mu_g) added to the optimum so far                        (T4)

is a bound at any time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from secondhall.errors import NoAnswerError
from secondhall.stochastic.highs import highs_of
from secondhall.stochastic.linear import Linear, linear_from_triplets
from secondhall.stochastic.programme import Floats, Ints
from secondhall.stochastic.tender.box import Box, Table
from secondhall.stochastic.tender.first_stage import FirstStage
from secondhall.stochastic.tender.recourse import Recourse

__all__ = ["Relaxation", "Relaxed"]

_MOST_ROUNDS = 60
_CLOSE = 1e-9
_ARTIFICIAL_TIMES = 1e3
"""What missing one unit of tender costs, as a multiple of the largest cost of recourse per tender."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The bound of a box, the first stage and the cells with their weights where it is taken."""

    bound: float
    x: Floats
    cells: tuple[Ints, ...]
    weights: tuple[Floats, ...]
    price: tuple[Floats, ...]
    """the duals of the tenders of each group"""


def _without_cells(first: FirstStage, recourse: Recourse) -> Linear:
    """Return (T3) without cells: rows of the first stage, of its reach, of the cells' sums, of the box.

    A slack for each tender, too dear to be used, keeps it feasible until the right cells are in.
    """
    tenders, groups = first.tender.shape[0], len(recourse.groups)
    dearest = max(float(np.max(g.cost[np.isfinite(g.cost)], initial=1.0)) for g in recourse.groups)
    spread = max(float(np.ptp(b)) for group in recourse.groups for b in group.breaks)
    penalty = _ARTIFICIAL_TIMES * dearest / max(spread, 1e-6)
    infinite, nothing = np.full(tenders, math.inf), np.zeros(tenders)
    at_row, at_column = np.nonzero(first.tender)
    each = np.arange(tenders)
    return linear_from_triplets(
        np.concatenate([first.row, first.rows + each, first.rows + tenders + groups + at_row]),
        np.concatenate([first.column, first.cost.size + each, at_column]),
        np.concatenate([first.value, np.ones(tenders), first.tender[at_row, at_column]]),
        offset=first.offset,
        columns=(
            np.concatenate([first.cost, np.full(tenders, penalty)]),
            np.concatenate([first.lower, nothing]),
            np.concatenate([first.upper, infinite]),
            np.zeros(first.cost.size + tenders, bool),
        ),
        rows=(
            np.concatenate([first.row_lower, nothing, np.ones(groups), -infinite]),
            np.concatenate([first.row_upper, infinite, np.ones(groups), infinite]),
        ),
    )


class Relaxation:
    """Solves (T3) for one box after the other, in one HiGHS."""

    def __init__(self, first: FirstStage, recourse: Recourse) -> None:
        self._groups = recourse.groups
        self._tenders = np.cumsum([0, *(group.tender.shape[0] for group in recourse.groups)])
        self._columns = first.cost.size
        self._reach = first.rows
        self._convexity = first.rows + first.tender.shape[0]
        self._box = self._convexity + len(recourse.groups)
        self._solver = highs_of(_without_cells(first, recourse), threads=1)
        self._solver.setOptionValue("presolve", "off")
        self._fixed = self._solver.getNumCol()

    def solve(
        self,
        lower: Floats,
        upper: Floats,
        boxes: tuple[Box, ...],
        tables: tuple[Table, ...],
        *,
        price: tuple[Floats, ...] | None,
        cutoff: float,
    ) -> Relaxed | None:
        """Bound a box; None where the first stage cannot reach it. The bound may stop at the cutoff."""
        self._open(lower, upper, boxes)
        entered: list[list[int]] = [[] for _ in tables]
        order: list[tuple[int, int]] = []
        if price is None:
            price = tuple(np.zeros(box.low.size) for box in boxes)
        cells = [self._cheapest(table, p) for table, p in zip(tables, price, strict=True)]
        self._enter(tables, cells, entered, order)
        bound = -math.inf
        for _ in range(_MOST_ROUNDS):
            if not self._is_feasible():
                return None
            value = self._solver.getInfo().objective_function_value
            dual = np.array(self._solver.getSolution().row_dual)
            price = tuple(self._of_group(dual, g) for g in range(len(tables)))
            cells = [self._cheapest(t, p) for t, p in zip(tables, price, strict=True)]
            below = [
                min(0.0, t.cost[c] + p @ t.corner[c] - dual[self._convexity + g])
                for g, (t, p, c) in enumerate(zip(tables, price, cells, strict=True))
            ]
            bound = max(bound, value + sum(below))
            if bound >= cutoff:
                break
            if sum(below) > -_CLOSE * max(1.0, abs(value)) or not self._enter(tables, cells, entered, order):
                break
        return self._relaxed(bound, tables, order, price)

    def _is_feasible(self) -> bool:
        """Solve the relaxation as it stands; from scratch where the solver lost its way."""
        for _ in range(2):
            self._solver.run()
            status = self._solver.getModelStatus().name
            if status in ("kOptimal", "kInfeasible"):
                return bool(status == "kOptimal")
            self._solver.clearSolver()
        raise NoAnswerError(f"the relaxed first stage has no optimum: HiGHS says {status[1:]}")

    def _of_group(self, dual: Floats, group: int) -> Floats:
        return dual[self._reach + self._tenders[group] : self._reach + self._tenders[group + 1]]

    def _open(self, lower: Floats, upper: Floats, boxes: tuple[Box, ...]) -> None:
        """Take out the cells of the box before, and set the bounds of this one."""
        solver, entered = self._solver, self._solver.getNumCol() - self._fixed
        if entered:
            solver.deleteCols(entered, np.arange(self._fixed, self._fixed + entered, dtype=np.int32))
        for i, (low, high) in enumerate(zip(lower.tolist(), upper.tolist(), strict=True)):
            solver.changeColBounds(i, low, high)
        row = self._box
        for group, box in zip(self._groups, boxes, strict=True):
            for k, high in enumerate(box.high.tolist()):
                breaks = group.breaks[k]
                solver.changeRowBounds(row, -math.inf, breaks[high] if high < breaks.size else math.inf)
                row += 1

    @staticmethod
    def _cheapest(table: Table, price: Floats) -> int:
        return int(np.argmin(table.cost + table.corner @ price))

    def _enter(
        self,
        tables: tuple[Table, ...],
        cells: list[int],
        entered: list[list[int]],
        order: list[tuple[int, int]],
    ) -> bool:
        """Let the cells in that are not in yet; tell whether there were any."""
        before = len(order)
        for g, (table, cell) in enumerate(zip(tables, cells, strict=True)):
            if cell in entered[g] or not math.isfinite(table.cost[cell]):
                continue
            begin = self._reach + int(self._tenders[g])
            rows = np.append(np.arange(begin, begin + table.corner.shape[1]), self._convexity + g)
            values = np.append(-table.corner[cell], 1.0)
            self._solver.addCol(
                float(table.cost[cell]), 0.0, math.inf, rows.size, rows.astype(np.int32), values
            )
            entered[g].append(cell)
            order.append((g, cell))
        return len(order) > before

    def _relaxed(
        self, bound: float, tables: tuple[Table, ...], order: list[tuple[int, int]], price: tuple[Floats, ...]
    ) -> Relaxed:
        values = np.array(self._solver.getSolution().col_value)
        weight = values[self._fixed :]
        cells, weights = [], []
        for g in range(len(tables)):
            mine = [i for i, (group, _) in enumerate(order) if group == g and weight[i] > _CLOSE]
            cells.append(np.array([order[i][1] for i in mine], np.int64))
            weights.append(weight[mine])
        return Relaxed(bound, values[: self._columns], tuple(cells), tuple(weights), price)
