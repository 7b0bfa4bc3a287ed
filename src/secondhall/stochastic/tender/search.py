"""Branch and bound over the tenders and the integers of the first stage.

Each node is a box of tenders for each group and bounds of the first stage. Its bound is that of
`Relaxation`; its candidates are the cheapest first stages that reach the cells in which the bound is taken,
judged by the exact expected cost (T2). The node is cut in a fractional integer, or else in the tender whose
cells are spread most, weighed by how much the expected cost falls along it. The node with the least bound
comes first.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from dataclasses import dataclass

import numpy as np

from secondhall.stochastic.programme import Floats, Ints, Programme
from secondhall.stochastic.solution import Limits, Progress, Solution, Status, relative_gap
from secondhall.stochastic.tender.box import Box, Table, table_of
from secondhall.stochastic.tender.first_stage import first_stage_of
from secondhall.stochastic.tender.recourse import Recourse
from secondhall.stochastic.tender.relaxation import Relaxation, Relaxed

__all__ = ["search_tenders"]

_INTEGRAL = 1e-6
_UNSPREAD = 0.02
"""What a tender whose cells are not spread counts, as a share of its box; wide boxes are cut at last."""
_MARGIN = 0.1
"""How near to an end of a box a cut may be, as a share of it."""


@dataclass(frozen=True, slots=True)
class _Node:
    lower: Floats
    upper: Floats
    boxes: tuple[Box, ...]
    tables: tuple[Table, ...]
    relaxed: Relaxed


class _Search:
    """The open nodes, the best first stage so far, and the least bound among the nodes that were left out."""

    def __init__(self, programme: Programme, recourse: Recourse, limits: Limits) -> None:
        self.began = time.perf_counter()
        self.best, self.best_x = math.inf, np.empty(0)
        self.is_stopped = False
        self._recourse, self._limits = recourse, limits
        self._first = first_stage_of(programme, recourse)
        self._relaxation = Relaxation(self._first, recourse)
        self._open: list[tuple[float, int, _Node]] = []
        self._ticket = itertools.count()
        self._left_out = math.inf
        self._tried: set[tuple[int, ...]] = set()

    @property
    def bound(self) -> float:
        """No first stage costs less."""
        if self.is_stopped and not self._open and math.isinf(self._left_out):
            return -math.inf
        least_open = self._open[0][0] if self._open else math.inf
        return min(least_open, self._left_out, self.best)

    def run(self) -> None:
        """Search until the gap is closed, the time is over or somebody stops it."""
        first, node = self._first, None
        boxes = tuple(
            Box(np.zeros(len(g.breaks), np.int64), np.array([b.size for b in g.breaks]))
            for g in self._recourse.groups
        )
        try:
            self._visit(first.lower, first.upper, boxes, None)
            while self._open and relative_gap(self.best, self.bound) > self._limits.gap:
                if self._is_told_to_stop():
                    self.is_stopped = True
                    return
                node = self._open[0][2]
                self._branch(node)
        except KeyboardInterrupt:
            self.is_stopped = True

    def _is_told_to_stop(self) -> bool:
        seconds = time.perf_counter() - self.began
        seen = Progress(seconds=seconds, objective=self.best, bound=self.bound)
        is_told = self._limits.report is not None and self._limits.report(seen)
        return is_told or seconds > self._limits.seconds

    def _visit(self, lower: Floats, upper: Floats, boxes: tuple[Box, ...], parent: _Node | None) -> None:
        tables = self._tables(boxes, parent)
        # The relative gap is of the objective, so a node this near to it need not be looked into.
        cutoff = self.best - self._limits.gap * abs(self.best) if math.isfinite(self.best) else math.inf
        price = None if parent is None else parent.relaxed.price
        relaxed = self._relaxation.solve(lower, upper, boxes, tables, price=price, cutoff=cutoff)
        if relaxed is None:
            return
        if relaxed.bound >= cutoff:
            self._left_out = min(self._left_out, relaxed.bound)
            return
        node = _Node(lower, upper, boxes, tables, relaxed)
        self._try(node)
        heapq.heappush(self._open, (relaxed.bound, next(self._ticket), node))

    def _tables(self, boxes: tuple[Box, ...], parent: _Node | None) -> tuple[Table, ...]:
        """Return the tables of the boxes; those of a box that the parent has too are its."""
        known = {} if parent is None else {id(b): t for b, t in zip(parent.boxes, parent.tables, strict=True)}
        return tuple(
            known[id(box)] if id(box) in known else table_of(group, self._recourse.probability, box)
            for group, box in zip(self._recourse.groups, boxes, strict=True)
        )

    def _try(self, node: _Node) -> None:
        """Judge the relaxed first stage rounded up, and those that reach either end of the heaviest cells."""
        relaxed, first = node.relaxed, self._first
        self._judge(np.where(first.is_integer, np.ceil(relaxed.x - _INTEGRAL), relaxed.x))
        if not all(cells.size for cells in relaxed.cells):
            return
        heaviest = [c[np.argmax(w)] for c, w in zip(relaxed.cells, relaxed.weights, strict=True)]
        for at in (
            [table.first[cell] for table, cell in zip(node.tables, heaviest, strict=True)],
            [table.last[cell] for table, cell in zip(node.tables, heaviest, strict=True)],
        ):
            key = tuple(np.concatenate(at).tolist())
            if key not in self._tried:
                self._tried.add(key)
                x = first.cheapest_reaching(self._tenders_at(at))
                if x is not None:
                    self._judge(x)

    def _tenders_at(self, at: list[Ints]) -> Floats:
        return np.array([
            group.breaks[k][position]
            for group, positions in zip(self._recourse.groups, at, strict=True)
            for k, position in enumerate(positions.tolist())
        ])  # fmt: skip

    def _judge(self, x: Floats) -> None:
        if not self._first.allows(x):
            return
        cost = self._first.offset + float(self._first.cost @ x) + self._recourse.expected_cost(x)
        if cost < self.best:
            self.best, self.best_x = cost, x

    def _branch(self, node: _Node) -> None:
        """Replace the first open node by its parts, all of which are bounded before it leaves."""
        x, is_integer = node.relaxed.x, self._first.is_integer
        away = np.where(is_integer, np.abs(x - np.round(x)), 0.0)
        cut = _where_to_cut(node)
        if away.max(initial=0.0) > _INTEGRAL:
            parts = _cut_integer(node, int(np.argmax(away)))
        elif cut is not None:
            group, tender, at = cut
            parts = [
                (node.lower, node.upper, (*node.boxes[:group], part, *node.boxes[group + 1 :]))
                for part in node.boxes[group].cut(tender, at)
            ]
        else:
            self._left_out = min(self._left_out, node.relaxed.bound)
            parts = []
        ticket = self._open[0][1]
        for lower, upper, boxes in parts:
            self._visit(lower, upper, boxes, node)
        self._open = [entry for entry in self._open if entry[1] != ticket]
        heapq.heapify(self._open)


def _cut_integer(node: _Node, column: int) -> list[tuple[Floats, Floats, tuple[Box, ...]]]:
    lower, upper = node.lower.copy(), node.upper.copy()
    upper[column] = math.floor(node.relaxed.x[column])
    lower[column] = upper[column] + 1
    return [(node.lower, upper, node.boxes), (lower, node.upper, node.boxes)]


def _where_to_cut(node: _Node) -> tuple[int, int, int] | None:
    """Return the group, tender and break at which to cut; None where every box is down to one break."""
    best, choice = -1.0, None
    for g, (box, table) in enumerate(zip(node.boxes, node.tables, strict=True)):
        cells, weights = node.relaxed.cells[g], node.relaxed.weights[g]
        for k in range(box.low.size):
            low, high = int(box.low[k]), int(box.high[k])
            if high - low < 2:
                continue
            at = table.first[cells, k] if cells.size else np.array([low, high])
            weight = weights if cells.size else np.ones(2)
            middle = float(weight @ at / weight.sum())
            spread = float(weight @ np.abs(at - middle)) / (high - low) + _UNSPREAD
            score = spread * (table.drop[k] + 1e-12)
            if score > best:
                best, choice = score, (g, k, _inner(middle, low, high))
    return choice


def _inner(middle: float, low: int, high: int) -> int:
    """Return the break next to the middle, not too near to either end."""
    margin = _MARGIN * (high - low)
    return min(max(math.ceil(min(max(middle, low + margin), high - margin)), low + 1), high - 1)


def search_tenders(programme: Programme, recourse: Recourse, limits: Limits | None = None) -> Solution:
    """Solve a two-stage programme whose recourse is listed.

    Parameters
    ----------
    programme : Programme
        With two stages.
    recourse : Recourse
        What `recourse_of` lists for it.
    limits : Limits, optional
        When to stop.
    """
    limits = limits or Limits()
    search = _Search(programme, recourse, limits)
    search.run()
    seconds = time.perf_counter() - search.began
    has_x = bool(search.best_x.size)
    return Solution(
        status=_status(search, limits.gap),
        objective=search.best,
        bound=search.bound,
        first_stage=search.best_x,
        by_node=_by_node(programme, recourse, search.best_x) if has_x else (),
        seconds=seconds,
    )


def _status(search: _Search, gap: float) -> Status:
    if not search.best_x.size:
        return Status.NOTHING if search.is_stopped else Status.INFEASIBLE
    if relative_gap(search.best, search.bound) <= gap:
        return Status.EXACT
    return Status.WITH_BOUND if math.isfinite(search.bound) else Status.WITHOUT_BOUND


def _by_node(programme: Programme, recourse: Recourse, x: Floats) -> tuple[Floats, ...]:
    """Return the first stage and, for each node after it, the cheapest patterns."""
    tree = programme.tree
    scenario = tree.first_scenario()[1:]
    values = np.zeros((scenario.size, len(programme.column_names)))
    for group in recourse.groups:
        chosen = group.best(group.tender @ x)[1][scenario]
        values[:, group.columns] = group.pattern[chosen]
    return (x, *values[:, programme.column_stage == 1])
