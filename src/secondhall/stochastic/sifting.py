"""A large mixed-integer programme, most of whose rows and columns do not matter in the end.

Some rows are lazy: the linear relaxation is solved without them and grows by the rows that its optimum
breaks, until it breaks none; z is its value and d_j the reduced cost of column j. Then the whole-numbered
columns with ``abs(d_j) > r`` are held where the relaxation has them, and the rest is solved with all rows,
most of which presolving then drops. Any solution that moves a held column costs z + r at least, so ::

    bound = min(bound of what is left, z + r)

holds for the whole, and r grows until the gap is closed (reduced-cost fixing, Dantzig, Fulkerson and
Johnson 1954; Nemhauser and Wolsey 1988, section II.5.1).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from secondhall.stochastic.highs import Outcome, highs_of, run_highs, solve_linear
from secondhall.stochastic.linear import Linear
from secondhall.stochastic.programme import Floats, Ints
from secondhall.stochastic.solution import Limits, Progress, Status, relative_gap

__all__ = ["Mend", "solve_sifted"]


class Mend(Protocol):
    """Takes a solver's rounding off a solution."""

    def __call__(self, values: Floats) -> Floats | None:
        """Return a solution that is no worse, or None where it knows none."""


_BROKEN = 1e-6
_FIRST_RADIUS = 0.001
_WIDER = 5.0
_TIME_OF_FIRST = 0.3
_GAP_OF_FIRST, _GAP_OF_PROOF = 2.0, 0.8


def solve_sifted(
    linear: Linear,
    limits: Limits,
    *,
    group: Ints,
    mend: Mend,
    start: Floats | None = None,
    threads: int | None = None,
) -> Outcome:
    """Solve by a relaxation whose rows come when they are broken, and columns that come when they may pay.

    An interrupt from the keyboard, the time or the report ends it with the best solution so far.

    Parameters
    ----------
    linear : Linear
        What to solve; bounded also without its lazy rows.
    limits : Limits
        When to stop.
    group : array of int, shape (row,)
        Of the rows that the relaxation may do without; of each group the one that is broken most comes in.
        -1 for the rows that are always there.
    mend : callable
        Takes a solver's rounding off a solution.
    start : array of float, shape (column,), optional
        A solution of the whole.
    threads : int, optional
        How many HiGHS may use.
    """
    return _Sifting(linear, limits, group, mend, start, threads).run()


@dataclass(frozen=True, slots=True, eq=False)
class _Relaxed:
    """The optimum of the linear relaxation."""

    objective: float
    values: Floats
    reduced: Floats


class _Sifting:
    def __init__(
        self,
        linear: Linear,
        limits: Limits,
        group: Ints,
        mend: Mend,
        start: Floats | None,
        threads: int | None,
    ) -> None:
        from scipy.sparse import csr_array

        self.linear, self.limits, self.mend, self.threads = linear, limits, mend, threads
        self.began = time.perf_counter()
        self.matrix = csr_array(
            (linear.value, linear.index, linear.start), shape=(linear.rows, linear.columns)
        )
        self.rows: Ints = np.flatnonzero(group < 0)
        self.asleep = group >= 0
        self.group = group
        self.best: Floats | None = None
        self.objective, self.bound = math.inf, -math.inf
        self.is_stopped = False
        if start is not None:
            self._take(start)

    def run(self) -> Outcome:
        relaxed = self._relax()
        if isinstance(relaxed, Status):
            return self._outcome(relaxed)
        self.bound = relaxed.objective
        radius = _FIRST_RADIUS * max(abs(relaxed.objective), 1e-9)
        while not (self.is_stopped or self._is_closed()):
            is_whole = self._solve_within(relaxed, radius)
            if is_whole:
                break
            reach = self.objective - relaxed.objective
            known = math.isfinite(reach) and reach > radius
            radius = reach * (1.0 + 1e-6) + 1e-9 if known else radius * _WIDER
        return self._outcome(None)

    def _outcome(self, status: Status | None) -> Outcome:
        if status is None and self.best is None and not self.is_stopped:
            status = Status.INFEASIBLE
        if status is None and self.best is not None:
            status = Status.EXACT if self._is_closed() else Status.WITH_BOUND
        bound = math.inf if status is Status.INFEASIBLE else min(self.bound, self.objective)
        return Outcome(
            status=status or Status.NOTHING,
            objective=self.objective,
            bound=bound,
            values=np.empty(0) if self.best is None else self.best,
            seconds=self._seconds(),
        )

    def _seconds(self) -> float:
        return time.perf_counter() - self.began

    def _is_closed(self) -> bool:
        return relative_gap(self.objective, self.bound) <= max(self.limits.gap, 1e-9)

    def _take(self, values: Floats) -> None:
        """Keep a solution of the whole, if it is better."""
        objective = self.linear.offset + float(self.linear.cost @ values)
        if objective < self.objective:
            self.best, self.objective = values, objective

    def _wake(self, values: Floats) -> Ints:
        """Return the lazy rows that values break, which are awake from now on."""
        lazy = np.flatnonzero(self.asleep)
        activity = self.matrix[lazy] @ values
        slack = _BROKEN * (1.0 + np.abs(activity))
        lower, upper = self.linear.row_lower[lazy], self.linear.row_upper[lazy]
        excess = np.maximum(lower - activity, activity - upper) - slack
        # Of each group the row that is broken most: with it the others are often kept.
        order = np.argsort(-excess, kind="stable")
        _, first = np.unique(self.group[lazy][order], return_index=True)
        woken: Ints = lazy[order[first]][excess[order[first]] > 0.0]
        self.asleep[woken] = False
        self.rows = np.concatenate([self.rows, woken])
        return woken

    def _relax(self) -> _Relaxed | Status:
        """Solve the linear relaxation, row after row."""
        linear = self.linear
        solver = highs_of(
            replace(self._with_rows(), is_integer=np.zeros(linear.columns, bool)), threads=self.threads
        )
        while True:
            status = self._run_relaxed(solver)
            if status is not None:
                return status
            values = np.array(solver.getSolution().col_value)
            woken = self._wake(values)
            if woken.size == 0:
                break
            part = self.matrix[woken]
            solver.addRows(
                woken.size, linear.row_lower[woken], linear.row_upper[woken], part.nnz,
                part.indptr[:-1].astype(np.int32), part.indices.astype(np.int32), part.data,
            )  # fmt: skip
        reduced = np.array(solver.getSolution().col_dual)
        return _Relaxed(solver.getInfo().objective_function_value, values, reduced)

    def _run_relaxed(self, solver: Any) -> Status | None:
        """Run HiGHS on the relaxation; return None where it has an optimum."""
        import highspy

        left = self.limits.seconds - self._seconds()
        if math.isfinite(left):
            solver.setOptionValue("time_limit", solver.getRunTime() + max(left, 0.0))
        if run_highs(solver):
            self.is_stopped = True
        kinds, status = highspy.HighsModelStatus, solver.getModelStatus()
        if status == kinds.kOptimal:
            return None
        if status == kinds.kUnbounded:
            return Status.UNBOUNDED
        if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
            return Status.INFEASIBLE
        self.is_stopped = True
        return Status.NOTHING if self.best is None else Status.WITHOUT_BOUND

    def _with_rows(self) -> Linear:
        """Return the programme with the rows that are awake."""
        part, linear = self.matrix[self.rows], self.linear
        return replace(
            linear,
            row_lower=linear.row_lower[self.rows],
            row_upper=linear.row_upper[self.rows],
            start=part.indptr.astype(np.int64),
            index=part.indices.astype(np.int64),
            value=part.data,
        )

    def _solve_within(self, relaxed: _Relaxed, radius: float) -> bool:
        """Solve with the columns within a radius; return whether none was held."""
        held = self.linear.is_integer & (np.abs(relaxed.reduced) > radius)
        at = np.round(relaxed.values)
        lower = np.where(held, at, self.linear.column_lower)
        upper = np.where(held, at, self.linear.column_upper)
        ceiling = relaxed.objective + radius if held.any() else math.inf
        # A first solution is found in a small part, which proves little, so no time is lost on its gap.
        proves = ceiling >= self.objective - 1e-12 * abs(self.objective)
        gap = self.limits.gap * (_GAP_OF_PROOF if proves else _GAP_OF_FIRST)
        part = replace(self.linear, column_lower=lower, column_upper=upper)
        left = max(self.limits.seconds - self._seconds(), 0.0)
        seconds = left if proves or not held.any() else _TIME_OF_FIRST * left
        limits = self._limits(gap, ceiling, seconds)
        found = solve_linear(part, limits, threads=self.threads, keeps_best=True, start=self.best)
        if found.values.size:
            mended = self.mend(found.values)
            self._take(found.values if mended is None else mended)
        is_done = found.status in (Status.EXACT, Status.INFEASIBLE)
        # What ends before its share of the time was stopped from outside; what ends with it goes on wider.
        self.is_stopped = not is_done and (found.seconds < 0.99 * seconds or seconds == left)
        self.bound = max(self.bound, min(found.bound, ceiling))
        return not held.any()

    def _limits(self, gap: float, ceiling: float, seconds: float) -> Limits:
        """Return the limits of a part, which reports how far the whole is."""
        listener = self.limits.report

        def report(progress: Progress) -> bool:
            bound = max(self.bound, min(progress.bound, ceiling))
            objective = min(self.objective, progress.objective)
            assert listener is not None
            return listener(Progress(seconds=self._seconds(), objective=objective, bound=bound))

        return Limits(
            gap=gap,
            seconds=seconds,
            report=None if listener is None else report,
        )
