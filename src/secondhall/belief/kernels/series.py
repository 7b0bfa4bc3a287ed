"""The likelihood of periodic figures, given what demand did: a Kalman filter of space sold and its revenue.

Given the log-intensity x_s,t of new customers and the regime z_t, the company of ``docs/equations.md`` is
linear in the capacity sold S_s and its monthly recurring revenue M_s (O1, O2, O6 to O8, V1), and nearly
Gaussian, since a month's orders are a sum of many. With f_s the share of customers out of term, phi_s the
share repriced in a month, o_s = 1 - (1 - f_s h_s,z)(1 - max(-e_s,z, 0)) the share given back and
g_s = max(e_s,z, 0) the growth of what stays:

    (K1) orders_s ~ N(m_s exp x_s, m_s^2 (1 + v_s^2) exp x_s)               the moments of a compound Poisson
    (K2) leaving_s ~ N(0, q_s S_s f_s h_s,z (1 - h_s,z)), q_s capacity of a customer; a binomial's variance
    (K3) S_s <- (1 - o_s)(1 + g_s) S_s - (1 + g_s) leaving_s + orders_s
    (K4) M_s <- (1 - o_s)(1 - phi_s)(1 + escalator_s/12) M_s + L_s ((phi_s + g_s)(1 - o_s) S_s + orders_s)
                - (its part of) leaving_s
    (K5) L_s,t = list price_s exp(-(A_T - A_t)), A_t += ln(1 + drift_z)/12: price of new business (M5)
    (K6) y <- (1 - k) y + s e                               what prices do beside their drift (M5)
    (K7) hosting of a month = sum_s M_s (1 + y); revenue = hosting + what goes with S_s, orders_s, growth
    (K8) a period's figure = the sum of its months, or sum_s S_s at its end, + the error of reporting

y moves all that is billed in a month, so it also takes up what the model does not know of prices. Where it
multiplies M_s, and in (K2), the mean that was predicted stands for what is unknown (extended Kalman filter).
The list price is that at the end of the last month, where the futures begin.

Source: Kalman (1960), *Journal of Basic Engineering* 82, 35; sums over periods as a state: Harvey (1989),
*Forecasting, Structural Time Series Models and the Kalman Filter*, section 6.3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from secondhall.belief.kernels.compiled import compiled, inlined
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = [
    "FIELDS",
    "SOLD",
    "Filtered",
    "Seen",
    "SeriesData",
    "filter_draws",
    "filter_series",
    "series_log_likelihood",
]

FIELDS = (
    "order_size_units",
    "order_size_variation",
    "list_price_per_unit_month",
    "churn_monthly",
    "expansion_monthly",
    "price_drift_yearly",
    "price_reversion_monthly",
    "price_volatility_monthly",
)
"""The fields that the filter reads, in this order; each has a place for every segment and regime."""

SIZE, VARIATION, LIST_PRICE, CHURN, EXPANSION, DRIFT, REVERSION, VOLATILITY = range(8)

SOLD = -1
"""Kind of an observation of what is sold at the end of a month; other kinds are the number of a sum."""

LOG_TWO_PI = 1.8378770664093453


class SeriesData(NamedTuple):
    """Periodic figures and what the case says of the company beside its demand.

    Attributes
    ----------
    where
        [field, segment, regime] place in the vector of parameters, -1 where the field is not learned.
    stated
        [field, segment, regime] what it is where it is not learned.
    free, repriced, escalator, customer_size
        [segment] f_s; phi_s; a month's escalator; q_s.
    recurring, on_order, on_growth
        [segment] revenue beside hosting: of a unit sold, a month; of a unit ordered; of a unit of growth.
    opening_sold, opening_sold_sd, opening_price, opening_price_sd
        [segment] prior of what is sold before the first month, and of what a unit of it pays.
    restarts
        [sum, month] whether a sum starts anew in the month: each is a month, a quarter or a year long.
    with_services
        [sum] whether it sums revenue, or hosting alone.
    month, kind, value, variance
        [figure] month at whose end it stands (in order); ``SOLD`` or the number of its sum; the figure; the
        variance of its reporting.
    """

    where: Integers
    stated: Floats
    free: Floats
    repriced: Floats
    escalator: Floats
    customer_size: Floats
    recurring: Floats
    on_order: Floats
    on_growth: Floats
    opening_sold: Floats
    opening_sold_sd: Floats
    opening_price: Floats
    opening_price_sd: Floats
    restarts: Floats
    with_services: Floats
    month: Integers
    kind: Integers
    value: Floats
    variance: Floats


class Filtered(NamedTuple):
    """What the filter found.

    Attributes
    ----------
    log_likelihood
        log density of all figures.
    mean, covariance
        [state], [state, state] at the end of the last month: what is sold in each segment, what it pays a
        month, y, the sums.
    predicted, predicted_variance
        [figure] its mean and variance given the figures before it.
    """

    log_likelihood: float
    mean: Floats
    covariance: Floats
    predicted: Floats
    predicted_variance: Floats


@inlined
def _at(values: Floats, data: SeriesData, field: int, s: int, z: int) -> float:
    place = data.where[field, s, z]
    value: float = values[place] if place >= 0 else data.stated[field, s, z]
    return value


STAYS, GROWN, PAYS, ORDERED, ORDER_SD, LEAVES, LOST, DRIFTS = range(8)
"""What a month of a regime does to a segment, all that does not change from month to month."""


@compiled
def _terms(values: Floats, data: SeriesData) -> Floats:
    """Return [segment, regime, term] of what does not change from month to month."""
    n = data.free.size
    terms = np.empty((n, 3, 8))
    for s in range(n):
        for z in range(3):
            churn, growth = _at(values, data, CHURN, s, z), _at(values, data, EXPANSION, s, z)
            size, variation = _at(values, data, SIZE, s, z), _at(values, data, VARIATION, s, z)
            stays = (1.0 - data.free[s] * churn) * (1.0 - max(-growth, 0.0))
            kept = (1.0 - data.repriced[s]) * (1.0 + data.escalator[s])
            of = terms[s, z]
            of[STAYS], of[GROWN], of[PAYS], of[LOST] = stays, max(growth, 0.0), stays * kept, kept
            of[ORDERED], of[ORDER_SD] = size, size * np.sqrt(1.0 + variation * variation)
            of[LEAVES] = data.customer_size[s] * data.free[s] * churn * (1.0 - churn)
            of[DRIFTS] = np.log1p(_at(values, data, DRIFT, s, z)) / 12.0
    return terms


@compiled
def _list_prices(regime: Integers, values: Floats, terms: Floats, data: SeriesData) -> Floats:
    """(K5) Return [segment, month]: the price of new business, its drift taken back from the last month."""
    segments, months = data.free.size, regime.size
    prices = np.empty((segments, months))
    for s in range(segments):
        log_price = np.log(max(_at(values, data, LIST_PRICE, s, 1), 1e-300))
        for t in range(months - 1, -1, -1):
            prices[s, t] = np.exp(log_price)
            log_price -= terms[s, regime[t], DRIFTS]
    return prices


@compiled
def _opening(data: SeriesData, keep_y: float, sd_y: float, mean: Floats, covariance: Floats) -> None:
    """Fill the prior of the state before the first month; y at its stationary law."""
    n = data.free.size
    for s in range(n):
        sold, price = data.opening_sold[s], data.opening_price[s]
        sold_variance, price_variance = data.opening_sold_sd[s] ** 2, data.opening_price_sd[s] ** 2
        mean[s], mean[n + s] = sold, price * sold
        covariance[s, s] = sold_variance
        covariance[s, n + s] = covariance[n + s, s] = price * sold_variance
        covariance[n + s, n + s] = (
            price * price * sold_variance + sold * sold * price_variance + sold_variance * price_variance
        )
    covariance[2 * n, 2 * n] = sd_y * sd_y / max(1.0 - keep_y * keep_y, 1e-3)


@inlined
def _move(
    t: int, z: int, prices: Floats, log_intensity: Floats, terms: Floats, keep_y: float, sd_y: float,
    data: SeriesData, mean: Floats, step: Floats, shift: Floats, noise: Floats,
) -> None:  # fmt: skip
    """Fill one month's transition: ``step`` [state, state], ``shift`` [state], ``noise`` [state, source].

    Sources of noise are the orders of each segment, its leavers, and y; each column holds a deviation of one.
    What is always zero is left alone.
    """
    n, sums = data.free.size, data.with_services.size
    y = 2 * n
    billed = 0.0
    for s in range(n):
        of, price, rate = terms[s, z], prices[s, t], np.exp(log_intensity[s, t])
        stays, grown = of[STAYS], of[GROWN]
        # What stays and grows, and what it pays (K3, K4).
        step[s, s] = stays * (1.0 + grown)
        step[n + s, n + s] = of[PAYS]
        step[n + s, s] = price * (data.repriced[s] + grown) * stays
        shift[s], shift[n + s] = of[ORDERED] * rate, price * of[ORDERED] * rate
        # Orders (K1).
        ordered = of[ORDER_SD] * np.sqrt(rate)
        noise[s, s], noise[n + s, s] = ordered, price * ordered
        # Leavers (K2), who take their price with them.
        held = max(mean[s], 0.0)
        leaving = np.sqrt(of[LEAVES] * held)
        paid = mean[n + s] / held if held > 0.0 else 0.0
        noise[s, n + s] = -(1.0 + grown) * leaving
        noise[n + s, n + s] = -leaving * (paid * of[LOST] + price * (data.repriced[s] + grown))
        billed += step[n + s, n + s] * mean[n + s] + step[n + s, s] * mean[s] + shift[n + s]
    # Prices beside their drift (K6).
    step[y, y], noise[y, y] = keep_y, sd_y
    for j in range(sums):
        _sum_of(t, z, j, billed, terms, data, step, shift, noise)


@inlined
def _sum_of(
    t: int, z: int, j: int, billed: float, terms: Floats, data: SeriesData,
    step: Floats, shift: Floats, noise: Floats,
) -> None:  # fmt: skip
    """(K7, K8) Let a sum take in the month: it goes with the state that the month ends in."""
    n = data.free.size
    y, row = 2 * n, 2 * n + 1 + j
    services = data.with_services[j]
    shift[row] = 0.0
    for s in range(n):
        recurring, m = services * data.recurring[s], n + s
        growth = services * data.on_growth[s] * terms[s, z, GROWN] * terms[s, z, STAYS]
        step[row, s] = step[m, s] + recurring * step[s, s] + growth
        step[row, m] = step[m, m]
        shift[row] += shift[m] + (recurring + services * data.on_order[s]) * shift[s]
        noise[row, s] = noise[m, s] + (recurring + services * data.on_order[s]) * noise[s, s]
        noise[row, m] = noise[m, m] + recurring * noise[s, m]
    step[row, y], noise[row, y] = billed * step[y, y], billed * noise[y, y]
    step[row, row] = 0.0 if data.restarts[j, t] > 0.0 else 1.0


@inlined
def _predict(
    mean: Floats, covariance: Floats, step: Floats, shift: Floats, noise: Floats, moved: Floats, half: Floats
) -> None:
    """Move mean and covariance by a month: A P A' + G G'."""
    states, sources = noise.shape
    for i in range(states):
        moved[i] = shift[i]
        for j in range(states):
            half[i, j] = 0.0
        for k in range(states):
            a = step[i, k]
            if a != 0.0:
                moved[i] += a * mean[k]
                for j in range(states):
                    half[i, j] += a * covariance[k, j]
    for i in range(states):
        mean[i] = moved[i]
        for j in range(i + 1):
            total = 0.0
            for k in range(states):
                total += half[i, k] * step[j, k]
            for source in range(sources):
                total += noise[i, source] * noise[j, source]
            covariance[i, j] = covariance[j, i] = total


@inlined
def _observe(
    kind: int, value: float, variance: float, segments: int, mean: Floats, covariance: Floats, towards: Floats
) -> tuple[float, float]:
    """Take in a figure; return its mean and variance before it was seen."""
    states = mean.size
    first, last = (0, segments) if kind == SOLD else (2 * segments + 1 + kind, 2 * segments + 2 + kind)
    expected, spread = 0.0, variance
    towards[:] = 0.0
    for i in range(first, last):
        expected += mean[i]
        for j in range(states):
            towards[j] += covariance[j, i]
    for i in range(first, last):
        spread += towards[i]
    for i in range(states):
        mean[i] += towards[i] * (value - expected) / spread
        for j in range(states):
            covariance[i, j] -= towards[i] * towards[j] / spread
    return expected, spread


@compiled
def filter_series(log_intensity: Floats, regime: Integers, values: Floats, data: SeriesData) -> Filtered:
    """Return what the figures say of the state, given demand.

    Parameters
    ----------
    log_intensity
        [segment, month] x_s,t: log of new customers a month.
    regime
        [month] 0 boom, 1 steady, 2 bust.
    values
        [parameter] current values of what is learned; ``data.where`` finds them.
    data
        the figures; ``data.month`` counts from the first month of ``regime``.
    """
    n, sums, figures = data.free.size, data.with_services.size, data.value.size
    states, sources = 2 * n + 1 + sums, 2 * n + 1
    mean, covariance = np.zeros(states), np.zeros((states, states))
    step, shift, noise = np.zeros((states, states)), np.zeros(states), np.zeros((states, sources))
    moved, half = np.empty(states), np.empty((states, states))
    predicted, predicted_variance = np.empty(figures), np.empty(figures)
    terms = _terms(values, data)
    prices = _list_prices(regime, values, terms, data)
    keep_y, sd_y = 1.0 - _at(values, data, REVERSION, 0, 1), _at(values, data, VOLATILITY, 0, 1)
    _opening(data, keep_y, sd_y, mean, covariance)
    log_likelihood, k = 0.0, 0
    for t in range(regime.size):
        _move(t, regime[t], prices, log_intensity, terms, keep_y, sd_y, data, mean, step, shift, noise)
        _predict(mean, covariance, step, shift, noise, moved, half)
        while k < figures and data.month[k] == t:
            value, variance = data.value[k], data.variance[k]
            expected, spread = _observe(data.kind[k], value, variance, n, mean, covariance, moved)
            gap = value - expected
            log_likelihood -= 0.5 * (LOG_TWO_PI + np.log(spread) + gap * gap / spread)
            predicted[k], predicted_variance[k] = expected, spread
            k += 1
    return Filtered(log_likelihood, mean, covariance, predicted, predicted_variance)


@compiled
def series_log_likelihood(log_intensity: Floats, regime: Integers, values: Floats, data: SeriesData) -> float:
    """Return the log density of the figures given demand; 0 without figures. Arguments as `filter_series`."""
    if data.value.size == 0:
        return 0.0
    found = filter_series(log_intensity, regime, values, data)
    # A wild proposal may overflow; it is then simply not accepted.
    return found.log_likelihood if np.isfinite(found.log_likelihood) else -np.inf


class Seen(NamedTuple):
    """What the filter found for each draw; [draw, ...] of what `Filtered` has."""

    mean: Floats
    covariance: Floats
    predicted: Floats
    predicted_variance: Floats


@compiled
def filter_draws(log_intensity: Floats, regime: Integers, values: Floats, data: SeriesData) -> Seen:
    """Run the filter for every draw; arguments as `filter_series`, each with a first axis of draws."""
    draws, states = regime.shape[0], 2 * data.free.size + 1 + data.with_services.size
    figures = data.value.size
    mean, covariance = np.empty((draws, states)), np.empty((draws, states, states))
    predicted, spread = np.empty((draws, figures)), np.empty((draws, figures))
    for d in range(draws):
        found = filter_series(log_intensity[d], regime[d], values[d], data)
        mean[d], covariance[d] = found.mean, found.covariance
        predicted[d], spread[d] = found.predicted, found.predicted_variance
    return Seen(mean, covariance, predicted, spread)
