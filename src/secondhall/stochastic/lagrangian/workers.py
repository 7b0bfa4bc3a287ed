"""Bundles solved side by side, in processes of their own or in this one."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np

from secondhall.stochastic.highs import Outcome
from secondhall.stochastic.lagrangian.bundles import Bundle, solve_bundle
from secondhall.stochastic.programme import Floats
from secondhall.stochastic.solution import Limits

__all__ = ["Workers"]

_held: dict[str, tuple[Bundle, ...]] = {}
"""The bundles of a worker process, sent to it once."""


class Workers:
    """Solves all bundles with given prices and bounds of the first stage.

    Parameters
    ----------
    bundles : tuple of Bundle
        What to solve.
    processes : int
        1 solves in this process; more start as many others, which stop with the `with` block.
    """

    def __init__(self, bundles: tuple[Bundle, ...], *, processes: int) -> None:
        self._bundles = bundles
        self._count = min(processes, len(bundles))
        self._pool: Any = None

    def __enter__(self) -> Workers:
        if self._count > 1:
            from loky import ProcessPoolExecutor

            self._pool = ProcessPoolExecutor(self._count, initializer=_hold, initargs=(self._bundles,))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=kind is not None)

    def solve(
        self, prices: Floats | None, lower: Floats, upper: Floats, limits: Limits
    ) -> tuple[Outcome, ...]:
        """Return the outcome of every bundle, in order; `prices` has shape (bundle, first-stage column)."""
        each = [None if prices is None else prices[b] for b in range(len(self._bundles))]
        if self._pool is None:
            return tuple(
                solve_bundle(bundle, price, lower, upper, limits)
                for bundle, price in zip(self._bundles, each, strict=True)
            )
        parts = np.array_split(np.arange(len(self._bundles)), 4 * self._count)
        jobs = [
            self._pool.submit(
                _solve_held, part.tolist(), [each[b] for b in part.tolist()], lower, upper, limits
            )
            for part in parts
            if part.size
        ]
        return tuple(outcome for job in jobs for outcome in job.result())


def _hold(bundles: tuple[Bundle, ...]) -> None:
    _held["bundles"] = bundles


def _solve_held(
    which: list[int], prices: list[Floats | None], lower: Floats, upper: Floats, limits: Limits
) -> list[Outcome]:
    return [
        solve_bundle(_held["bundles"][b], price, lower, upper, limits)
        for b, price in zip(which, prices, strict=True)
    ]
