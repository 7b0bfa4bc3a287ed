"""Branch and bound on the first stage, with Lagrangian bounds and candidates from the bundles.

A node is a range of first stages; its bound is that of `ascend`, begun at its parent's prices. The column
on which the bundles disagree most, as a share of its range, is cut at their mean. Candidates are what the
bundles choose, their mean, and that mean rounded; each is judged by solving every bundle with the first
stage held.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from dataclasses import dataclass, field, replace

import numpy as np

from secondhall.stochastic.highs import Outcome
from secondhall.stochastic.lagrangian.bundles import Bundle, bundles_of
from secondhall.stochastic.lagrangian.dual import AGREED, Dual, ascend
from secondhall.stochastic.lagrangian.workers import Workers
from secondhall.stochastic.programme import Bools, Floats, Programme
from secondhall.stochastic.solution import Limits, Progress, Solution, Status, relative_gap

__all__ = ["DualDecomposition", "solve_by_scenarios"]

_PART_OF_GAP = 0.1
"""The gap of a bundle's solve, as a share of the one that is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DualDecomposition:
    """How to decompose.

    Parameters
    ----------
    scenarios_per_bundle : int, default 1
        More give a tighter bound and longer solves.
    rounds : int, default 30
        Of the dual ascent at the root.
    rounds_per_node : int, default 8
        At each later node.
    candidates : int, default 3
        The most first stages judged in a round.
    processes : int, default 1
        In which bundles are solved side by side.
    """

    scenarios_per_bundle: int = 1
    rounds: int = 30
    rounds_per_node: int = 8
    candidates: int = 3
    processes: int = 1


class _StopError(Exception):
    """The time is over, or somebody stopped it."""


@dataclass(slots=True)
class _Search:
    bundles: tuple[Bundle, ...]
    workers: Workers
    method: DualDecomposition
    limits: Limits
    is_integer: Bools
    began: float
    best: float = math.inf
    outcomes: tuple[Outcome, ...] = ()
    first_stage: Floats = field(default_factory=lambda: np.empty(0))
    open: list[tuple[float, int, tuple[Floats, Floats], Dual]] = field(default_factory=list)
    pending: float = -math.inf
    is_at_root: bool = True
    left_out: float = math.inf
    tried: set[bytes] = field(default_factory=set)
    ticket: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def weight(self) -> Floats:
        return np.array([bundle.probability for bundle in self.bundles])

    @property
    def bound(self) -> float:
        least_open = self.open[0][0] if self.open else math.inf
        return min(least_open, self.pending, self.left_out, self.best)

    def run(self, lower: Floats, upper: Floats) -> None:
        """Search until the gap is closed; what is being branched on keeps its bound in `pending`."""
        self._visit((lower, upper), None, self.method.rounds)
        self.is_at_root, self.pending = False, math.inf
        while self.open and relative_gap(self.best, self.bound) > self.limits.gap:
            bound, _, bounds, dual = heapq.heappop(self.open)
            self.pending = bound
            for part in _parts(bounds, dual, self.weight, self.is_integer):
                self._visit(part, dual, self.method.rounds_per_node)
            self.pending = math.inf

    def _visit(self, bounds: tuple[Floats, Floats], parent: Dual | None, rounds: int) -> None:
        start = np.zeros((len(self.bundles), self.is_integer.size)) if parent is None else parent.prices
        dual = ascend(
            self.workers,
            self.weight,
            start,
            bounds,
            rounds=rounds,
            limits=self._inner_limits(),
            target=self._target,
        )
        bound = dual.bound if parent is None else max(dual.bound, parent.bound)
        if not dual.is_feasible or relative_gap(self.best, bound) <= self.limits.gap:
            self.left_out = min(self.left_out, bound)
            return
        if not dual.choices.size or _is_point(bounds):
            self.left_out = min(self.left_out, bound)
            return
        heapq.heappush(self.open, (bound, next(self.ticket), bounds, replace(dual, bound=bound)))

    def _inner_limits(self) -> Limits:
        return Limits(gap=_PART_OF_GAP * self.limits.gap, seconds=self._seconds_left())

    def _seconds_left(self) -> float:
        return self.limits.seconds - (time.perf_counter() - self.began)

    def _target(self, choices: Floats, bound: float) -> float:
        """Judge candidates among the bundles' choices, stop if it is time, and return the best objective."""
        if self.is_at_root:
            self.pending = bound
        mean = self.weight @ choices
        rounded = np.where(self.is_integer, np.round(mean), mean)
        up = np.where(self.is_integer, np.ceil(mean - AGREED), choices.max(axis=0))
        nearest = np.argsort(((choices - mean) ** 2).sum(axis=1))[: self.method.candidates]
        for candidate in (rounded, up, *choices[nearest]):
            self._judge(np.where(self.is_integer, np.round(candidate), candidate))
        seen = Progress(seconds=time.perf_counter() - self.began, objective=self.best, bound=self.bound)
        if self._seconds_left() <= 0 or (self.limits.report is not None and self.limits.report(seen)):
            raise _StopError
        return self.best

    def _judge(self, x: Floats) -> None:
        key = np.round(x, 9).tobytes()
        if key in self.tried:
            return
        self.tried.add(key)
        outcomes = self.workers.solve(None, x, x, self._inner_limits())
        if all(outcome.values.size for outcome in outcomes):
            objective = float(self.weight @ [outcome.objective for outcome in outcomes])
            if objective < self.best:
                self.best, self.outcomes, self.first_stage = objective, outcomes, x


def _is_point(bounds: tuple[Floats, Floats]) -> bool:
    return bool(np.all(bounds[1] - bounds[0] <= AGREED))


def _parts(
    bounds: tuple[Floats, Floats], dual: Dual, weight: Floats, is_integer: Bools
) -> list[tuple[Floats, Floats]]:
    """Cut a range of first stages in two where the bundles disagree most."""
    lower, upper = bounds
    mean = weight @ dual.choices
    width = np.where(np.isfinite(upper - lower), upper - lower, 1 + np.ptp(dual.choices, axis=0))
    spread = np.sqrt(weight @ (dual.choices - mean) ** 2)
    share = np.where(upper - lower > AGREED, spread / np.maximum(width, AGREED), -1.0)
    # Where all agree, the widest range is left to cut.
    column = int(np.argmax(share)) if share.max() > AGREED else int(np.argmax(upper - lower))
    at = _cut_at(float(mean[column]), float(lower[column]), float(upper[column]))
    low, high = upper.copy(), lower.copy()
    low[column] = math.floor(at) if is_integer[column] else at
    high[column] = low[column] + 1 if is_integer[column] else at
    return [(lower, low), (high, upper)]


def _cut_at(mean: float, lower: float, upper: float) -> float:
    """Return the mean, or a point between the bounds where it is too near to one of them."""
    if not math.isfinite(upper - lower):
        return mean
    margin = 0.1 * (upper - lower)
    return min(max(mean, lower + margin), upper - margin)


def solve_by_scenarios(
    programme: Programme, method: DualDecomposition | None = None, limits: Limits | None = None
) -> Solution:
    """Solve a programme by scenario decomposition.

    Parameters
    ----------
    programme : Programme
        With two stages or more; only the first is copied.
    method : DualDecomposition, optional
        How.
    limits : Limits, optional
        When to stop; an interrupt from the keyboard gives the best so far.
    """
    method, limits, began = method or DualDecomposition(), limits or Limits(), time.perf_counter()
    bundles, first = bundles_of(programme, method.scenarios_per_bundle), programme.first_columns
    is_stopped = False
    with Workers(bundles, processes=method.processes) as workers:
        search = _Search(bundles, workers, method, limits, programme.is_integer[first], began)
        try:
            search.run(programme.column_lower[first], programme.column_upper[first])
        except (KeyboardInterrupt, _StopError):
            is_stopped = True
    return _solution(programme, search, is_stopped=is_stopped)


def _solution(programme: Programme, search: _Search, *, is_stopped: bool) -> Solution:
    status = Status.NOTHING if is_stopped or math.isfinite(search.bound) else Status.INFEASIBLE
    if search.outcomes:
        known = Status.WITH_BOUND if math.isfinite(search.bound) else Status.WITHOUT_BOUND
        status = Status.EXACT if relative_gap(search.best, search.bound) <= search.limits.gap else known
    nodes: dict[int, Floats] = {}
    for bundle, outcome in zip(search.bundles, search.outcomes, strict=False):
        parts = bundle.extensive.by_node(outcome.values)
        nodes.update(zip(bundle.nodes.tolist(), parts, strict=True))
    return Solution(
        status=status,
        objective=search.best,
        bound=search.bound,
        first_stage=search.first_stage,
        by_node=tuple(nodes[n] for n in range(programme.tree.nodes)) if nodes else (),
        seconds=time.perf_counter() - search.began,
    )
