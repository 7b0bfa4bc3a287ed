"""What is common to all segments: the chain of regimes, and the price of new business.

    (M1) P(leave z) = 1/D_z; boom leaves to bust with q_boom, steady to boom with q_steady, bust to steady
         with q_bust, else to the third; the first month's regime has a law of its own
    (M5) log price_s,t = level_s + A_t + y_t + noise, A += ln(1 + drift_z)/12, y <- (1 - k) y + s e,
         noise of variance price noise_s^2 over the number of contracts

Given the regimes, (M5) is linear and Gaussian with state (y, level_1 + A, ...): a Kalman filter whose levels
start flat, which the first price of a segment settles exactly; y starts at its stationary law. Source: Durbin
and Koopman, *Time Series Analysis by State Space Methods*, 2nd ed. (2012), sections 4.3, 5.2 and 6.4 (a
month's prices are taken in one by one).
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.kernels.compiled import compiled
from secondhall.belief.kernels.model import Counts, Places
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = ["FLAT", "filter_prices", "price_log_likelihood", "regimes_log_prior", "set_moves"]

LEAST_NOISE = 1e-4
"""Rounding of prices to a cent, as a share of the smallest bills."""

LEAST_REVERSION = 1e-4

FLAT = -1.0
"""In place of the variance of a level of which nothing is known yet."""

LOG_TWO_PI = 1.8378770664093453


@compiled
def set_moves(values: Floats, places: Places, moves: Floats) -> None:
    """(M1) Fill [from, to] with the log-probability of each move."""
    first, second = (2, 0, 1), (1, 2, 0)
    for z in range(3):
        leave = 1.0 / max(values[places.mean_months[z]], 1.0)
        chance = min(max(values[places.after[z]], 0.0), 1.0)
        moves[z, z] = np.log(1.0 - leave)
        moves[z, first[z]] = np.log(leave * chance)
        moves[z, second[z]] = np.log(leave * (1.0 - chance))


@compiled
def regimes_log_prior(months: int, regime: Integers, moves: Floats, first_regime: Floats) -> float:
    """(M1) Return the log-probability of a path of regimes."""
    total = float(np.log(first_regime[regime[0]]))
    for t in range(1, months):
        total += moves[regime[t - 1], regime[t]]
    return total


@compiled
def filter_prices(
    months: int, regime: Integers, values: Floats, places: Places, counts: Counts,
    mean: Floats, covariance: Floats,
) -> float:  # fmt: skip
    """(M5) Fill mean and covariance of (y, level + A) at the last month; return the prices' log density.

    A level that is still flat, for want of a price, has variance -1. Of the covariance the lower triangle is
    kept.
    """
    segments = counts.seen.shape[0]
    price, count = counts.price_log, counts.price_count
    keep, shocks = 1.0 - values[places.price_reversion], values[places.price_volatility] ** 2
    drift, noise = np.empty(3), np.empty(segments)
    for z in range(3):
        drift[z] = np.log1p(values[places.price_drift[z]]) / 12.0
    for s in range(segments):
        noise[s] = values[places.price_noise[s]] ** 2 + LEAST_NOISE**2
    mean[:], covariance[:] = 0.0, 0.0
    covariance[0, 0] = shocks / max(1.0 - keep * keep, LEAST_REVERSION)
    for i in range(1, segments + 1):
        covariance[i, i] = FLAT
    towards, total = np.empty(segments + 1), 0.0
    for t in range(months):
        mean[0] *= keep
        covariance[0, 0] = keep * keep * covariance[0, 0] + shocks
        for i in range(1, segments + 1):
            mean[i] += drift[regime[t]]
            covariance[i, 0] *= keep
        for s in range(segments):
            if count[s, t] <= 0.0 or not np.isfinite(price[s, t]):
                continue
            if covariance[1 + s, 1 + s] == FLAT:
                _settle(1 + s, price[s, t], noise[s] / count[s, t], mean, covariance)
            else:
                total += _take(1 + s, price[s, t], noise[s] / count[s, t], mean, covariance, towards)
    return total


@compiled
def _settle(i: int, price: float, variance: float, mean: Floats, covariance: Floats) -> None:
    """Let the first price of a segment say its level: price - y, whatever was thought of it before."""
    mean[i] = price - mean[0]
    for j in range(i):
        covariance[i, j] = -covariance[j, 0]
    for j in range(i + 1, mean.size):
        covariance[j, i] = -covariance[j, 0]
    covariance[i, i] = covariance[0, 0] + variance


@compiled
def _take(i: int, price: float, variance: float, mean: Floats, covariance: Floats, towards: Floats) -> float:
    """Take in a price of y + level i; return its log density."""
    n = mean.size
    for j in range(n):
        towards[j] = covariance[j, 0] + (covariance[i, j] if j < i else covariance[j, i])
    spread = towards[0] + towards[i] + variance
    per_spread, missed = 1.0 / spread, price - mean[0] - mean[i]
    for j in range(n):
        share = towards[j] * per_spread
        mean[j] += share * missed
        for k in range(j + 1):
            covariance[j, k] -= share * towards[k]
    return float(-0.5 * (LOG_TWO_PI + np.log(spread) + missed * missed * per_spread))


@compiled
def price_log_likelihood(
    months: int, regime: Integers, values: Floats, places: Places, counts: Counts
) -> float:
    """(M5) Return the log density of the prices given the regimes."""
    n = counts.seen.shape[0] + 1
    return filter_prices(months, regime, values, places, counts, np.empty(n), np.empty((n, n)))
