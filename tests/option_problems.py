"""Options on a lognormal value: Monte-Carlo problems, and closed forms and quadrature that know no paths.

The value moves by V' = V exp((rate - dividend - sigma^2/2) step + sigma sqrt(step) z); the state is log V.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import signal, stats

from secondhall.option_value import Chain, Problem

Payoff = Callable[[np.ndarray], np.ndarray]


def put_paying(strike: float) -> Payoff:
    return lambda value: np.maximum(strike - value, 0.0)


def call_paying(strike: float) -> Payoff:
    return lambda value: np.maximum(value - strike, 0.0)


@dataclass(frozen=True, kw_only=True)
class Lognormal:
    """``intervals`` steps of ``step`` years; exercise at each of their ends, not at once."""

    start: float
    intervals: int
    step: float
    pays: Payoff
    rate: float = 0.06
    dividend: float = 0.0
    sigma: float = 0.2
    options: int = 1
    per_date: int = 1

    @property
    def drift(self) -> float:
        return (self.rate - self.dividend - self.sigma**2 / 2.0) * self.step

    @property
    def spread(self) -> float:
        return self.sigma * math.sqrt(self.step)

    @property
    def discounts(self) -> np.ndarray:
        return np.exp(-self.rate * self.step * np.arange(self.intervals + 1))

    def problem(self) -> Problem:
        chain = Chain(
            np.array([math.log(self.start)]),
            self.intervals,
            1,
            lambda date, states, shocks: states + self.drift + self.spread * shocks,
        )
        return Problem(
            discounts=self.discounts,
            pays=lambda date, states: self.pays(np.exp(states[:, 0])) * (date > 0),
            simulate=chain.simulate,
            branch=chain.branch,
            options=self.options,
            per_date=self.per_date,
        )

    def without_shocks(self) -> Problem:
        full = self.problem()
        assert full.branch is not None
        branch = full.branch
        return replace(
            full,
            simulate=lambda seed, number: replace(full.simulate(seed, number), shocks=None),
            branch=lambda date, states, generator: replace(branch(date, states, generator), shocks=None),
        )

    def by_quadrature(self, points_a_spread: int = 40) -> tuple[float, np.ndarray]:
        """Return the value and the [date] edges of exercise with no option used (dynamic programming).

        The trapezoidal rule on a grid of log V with ``points_a_spread`` points in a step's standard
        deviation; the rule's error is of second order in the grid's step, from the kinks alone. The grid is
        10 standard deviations of the horizon wide on either side, and what lies beyond is held to be as at
        its ends.
        """
        h = self.spread / points_a_spread
        width = 10.0 * self.sigma * math.sqrt(self.intervals * self.step) + abs(self.drift) * self.intervals
        grid = np.arange(-math.ceil(width / h), math.ceil(width / h) + 1) * h
        reach = 9 * points_a_spread
        moves = np.arange(-reach, reach + 1) * h
        # The convolution flips the kernel, so the law of a step is laid out from its end.
        law = stats.norm.pdf(moves, -self.drift, self.spread) * h
        paid = self.pays(self.start * np.exp(grid))
        worth = np.zeros((self.options + 1, grid.size))
        edges = np.full(self.intervals + 1, np.nan)
        for date in reversed(range(self.intervals + 1)):
            goes_on = np.array([_convolved(row, law, reach) for row in worth])
            if date == self.intervals:
                goes_on[:] = 0.0
            goes_on *= math.exp(-self.rate * self.step)
            if date == 0:
                return float(goes_on[self.options, grid.size // 2]), edges
            worth = self._best(goes_on, paid)
            exercised = paid > 0.0
            exercised &= worth[self.options] > goes_on[self.options] + 1e-12
            turns = np.flatnonzero(exercised[1:] != exercised[:-1])
            if turns.size == 1 and date < self.intervals:
                edges[date] = self.start * math.exp(grid[turns[0]] + h / 2.0)
        raise AssertionError("date 0 ends the loop")

    def _best(self, goes_on: np.ndarray, paid: np.ndarray) -> np.ndarray:
        """Return [options left, point]."""
        best = goes_on.copy()
        for left in range(1, self.options + 1):
            for taken in range(1, min(left, self.per_date) + 1):
                best[left] = np.maximum(best[left], taken * paid + goes_on[left - taken])
        return best


def _convolved(row: np.ndarray, law: np.ndarray, reach: int) -> np.ndarray:
    return signal.fftconvolve(np.pad(row, reach, mode="edge"), law, mode="valid")


def european(option: Lognormal, years: float, strike: float, *, put: bool) -> float:
    """Return the worth of exercise at one date (Black & Scholes 1973, Merton 1973)."""
    spread = option.sigma * math.sqrt(years)
    forward = option.start * math.exp((option.rate - option.dividend) * years)
    d1 = math.log(forward / strike) / spread + spread / 2.0
    sign = -1.0 if put else 1.0
    inside = forward * stats.norm.cdf(sign * d1) - strike * stats.norm.cdf(sign * (d1 - spread))
    return float(sign * math.exp(-option.rate * years) * inside)
