"""The Lagrangian bound of a range of first stages.

With prices w_b on the copies of the first stage (D1), sum_b P_b w_b = 0::

    L(w) = sum_b P_b min_x { z_b(x) + w_b' x }  <=  z                                        (D2)

L is concave; x_b - sum_b P_b x_b is a supergradient. Its ascent takes Polyak's step towards the objective
of the best solution, shortened while the bound does not rise::

    w_b <- w_b + theta (z_best - L) (x_b - mean) / sum_b P_b |x_b - mean|^2                  (D3)

(Polyak 1969, *USSR Computational Mathematics* 9, 14). Columns are scaled by their range first. Where
the bundles differ by rounding alone they agree: divided by such a range, rounding would break the sum of D1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from secondhall.stochastic.highs import Outcome
from secondhall.stochastic.lagrangian.workers import Workers
from secondhall.stochastic.programme import Floats
from secondhall.stochastic.solution import Limits, Status

__all__ = ["AGREED", "Dual", "ascend"]

_FIRST_STEP = 0.25
_SHORTEN = 0.5
_PATIENCE = 2
_LEAST_STEP = 1e-3
AGREED = 1e-7
"""Two copies of a first stage that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Dual:
    """The best bound, its prices, and the first stage that each bundle would choose at them."""

    bound: float
    prices: Floats
    choices: Floats
    is_feasible: bool


def ascend(
    workers: Workers,
    weight: Floats,
    start: Floats,
    bounds: tuple[Floats, Floats],
    *,
    rounds: int,
    limits: Limits,
    target: Callable[[Floats, float], float],
) -> Dual:
    """Raise the bound (D2) for some rounds.

    Parameters
    ----------
    workers : Workers
        The bundles.
    weight : array of float, shape (bundle,)
        P_b.
    start : array of float, shape (bundle, first-stage column)
        Prices to begin from.
    bounds : tuple of arrays
        Least and greatest first stage.
    rounds : int
        The most solves of all bundles.
    limits : Limits
        For each bundle.
    target : callable
        Takes the choices of the bundles and the bound so far; returns the objective of the best solution
        then known.
    """
    prices = start
    best = Dual(-math.inf, prices, np.empty((0, bounds[0].size)), is_feasible=True)
    step, waited = _FIRST_STEP, 0
    for _ in range(rounds):
        outcomes = workers.solve(prices, *bounds, limits)
        if any(outcome.status is Status.INFEASIBLE for outcome in outcomes):
            return replace(best, bound=math.inf, is_feasible=False)
        bound = float(weight @ [outcome.bound for outcome in outcomes])
        choices = _choices(outcomes, bounds[0].size)
        if choices is None:
            return best if bound <= best.bound else Dual(bound, prices, best.choices, is_feasible=True)
        waited = 0 if bound > best.bound else waited + 1
        if bound > best.bound or not best.choices.size:
            best = Dual(bound, prices, choices, is_feasible=True)
        elif waited >= _PATIENCE:
            step, waited, prices, choices = step * _SHORTEN, 0, best.prices, best.choices
        objective = target(choices, best.bound)
        away = choices - weight @ choices
        scale = _scale(choices)
        square = float(weight @ ((away / scale) ** 2).sum(axis=1))
        is_close = objective - best.bound <= limits.gap * abs(objective)
        if square < 1e-14 or is_close or step < _LEAST_STEP or not math.isfinite(objective):
            break
        prices = prices + step * (objective - bound) / square * away / scale**2
        prices -= weight @ prices / weight.sum()  # (D1)
    return best


def _choices(outcomes: tuple[Outcome, ...], size: int) -> Floats | None:
    if any(not outcome.values.size for outcome in outcomes):
        return None
    return np.array([outcome.values[:size] for outcome in outcomes])


def _scale(choices: Floats) -> Floats:
    """Return the range of each column, infinite where all agree."""
    apart = np.ptp(choices, axis=0)
    scale: Floats = np.where(apart > AGREED * (1.0 + np.abs(choices).max(axis=0)), apart, np.inf)
    return scale
