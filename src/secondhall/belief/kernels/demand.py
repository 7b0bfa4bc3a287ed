"""The likelihood of a segment's counts, given the regimes.

    (M2) b += G, G = g_z/12 max(0, 1 - exp(b - ln ceiling)) for g > 0, g_z/12 for a decline
    (M3) d += kappa (ln l_z - d) + sigma (a e_0 + sqrt(1 - a^2) e_s); x = b + d            (M4)
    (O1) new customers ~ Poisson(exp x), in the months that are seen
    (O6) leavers ~ Binomial(at risk, h_z)
    (O7, O8) net growth of the installed, in the months that are seen: 0 with probability 1 - p, else
             ~ Normal(e_z base / p, v squares / p), p = 1 - exp(-c n), n = base^2 / squares

Before the first month d = ln l_z of the first month's regime, and b + d is the opening log-intensity. Growth
comes contract by contract, so a month without any is common where contracts are few: n counts them as if of
one size, c is the chance that one changes in a month, and with many the law is the normal one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from secondhall.belief.kernels.compiled import compiled, inlined
from secondhall.belief.kernels.model import Counts, Places
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers

__all__ = [
    "Course",
    "Drive",
    "Drives",
    "absorb",
    "arrivals_log_likelihood",
    "by_month",
    "demand_log_likelihood",
    "drive_of",
    "follow",
    "grown",
    "growth_log_likelihood",
    "leaving_log_likelihood",
    "set_drives",
    "set_growth",
    "set_totals",
]

SMALLEST_HAZARD = 1e-12
LEFT, AT_RISK = 0, 1
UNCHANGED = 1e-9
"""Share of the base below which growth is rounding."""


class Drive(NamedTuple):
    """What drives a segment's log-intensity (M2, M3).

    Attributes
    ----------
    reversion, common, own
        kappa, sigma a and sigma sqrt(1 - a^2).
    ceiling
        logarithm, infinite where there is none.
    level, growth
        [regime] ln l_z and g_z/12.
    """

    reversion: float
    common: float
    own: float
    ceiling: float
    level: Floats
    growth: Floats


class Drives(NamedTuple):
    """What drives all segments, as `Drive` has it: [segment], level and growth [segment, regime].

    Attributes
    ----------
    opening
        log-intensity before the first month.
    """

    opening: Floats
    reversion: Floats
    common: Floats
    own: Floats
    ceiling: Floats
    level: Floats
    growth: Floats


class Course(NamedTuple):
    """How a path of regimes goes on, month by month; [segment, month].

    Attributes
    ----------
    trend, deviation
        b and d.
    said
        log-likelihood of the new customers up to the month, but for a constant.
    """

    trend: Floats
    deviation: Floats
    said: Floats


@compiled
def drive_of(s: int, values: Floats, places: Places) -> Drive:
    """Return what drives a segment."""
    sigma, share = values[places.volatility[s]], values[places.common_share[s]]
    level, growth = np.empty(3), np.empty(3)
    for z in range(3):
        level[z] = np.log(values[places.level[s, z]])
        growth[z] = values[places.growth[s, z]] / 12.0
    return Drive(
        values[places.reversion[s]],
        sigma * share,
        sigma * np.sqrt(max(1.0 - share * share, 0.0)),
        np.log(values[places.ceiling[s]]),
        level,
        growth,
    )


@inlined
def grown(trend: float, growth: float, ceiling: float) -> float:
    """(M2) Return b a month on."""
    if growth > 0.0 and np.isfinite(ceiling):
        growth *= max(0.0, 1.0 - np.exp(trend - ceiling))
    return trend + growth


@inlined
def _hazard(values: Floats, places: Places, s: int, z: int) -> float:
    return float(min(max(values[places.churn[s, z]], SMALLEST_HAZARD), 1.0 - SMALLEST_HAZARD))


@compiled
def arrivals_log_likelihood(s: int, first: int, last: int, counts: Counts, log_intensity: Floats) -> float:
    """(O1) Return the log-likelihood of the new customers of months first to last - 1, but for a constant."""
    total = 0.0
    for t in range(first, last):
        if counts.seen[s, t]:
            x = log_intensity[s, t]
            total += counts.new_customers[s, t] * x - np.exp(x)
    return total


@compiled
def demand_log_likelihood(
    s: int, months: int, regime: Integers, values: Floats, places: Places, innovations: Floats,
    counts: Counts, log_intensity: Floats, gap: Floats,
) -> float:  # fmt: skip
    """(M2-M4) Fill the log-intensity of a segment and its last gap; return the log-likelihood (O1)."""
    kappa, common, own, ceiling, level, growth = drive_of(s, values, places)
    deviation = level[regime[0]]
    trend = np.log(values[places.opening[s]]) - deviation
    for t in range(months):
        z = regime[t]
        trend = grown(trend, growth[z], ceiling)
        deviation += kappa * (level[z] - deviation) + common * innovations[0, t] + own * innovations[1 + s, t]
        log_intensity[s, t] = trend + deviation
    gap[s] = deviation - level[regime[months - 1]]
    return arrivals_log_likelihood(s, 0, months, counts, log_intensity)


@compiled
def set_drives(values: Floats, places: Places, drives: Drives) -> None:
    """Fill what drives all segments."""
    for s in range(drives.opening.size):
        drive = drive_of(s, values, places)
        drives.opening[s], drives.ceiling[s] = np.log(values[places.opening[s]]), drive.ceiling
        drives.reversion[s], drives.common[s], drives.own[s] = drive.reversion, drive.common, drive.own
        for z in range(3):
            drives.level[s, z], drives.growth[s, z] = drive.level[z], drive.growth[z]


@compiled
def follow(
    first: int, months: int, regime: Integers, innovations: Floats, new_customers: Floats,
    seen: NDArray[np.bool_], drives: Drives, before: Course, course: Course,
) -> float:  # fmt: skip
    """(M2-M4, O1) Fill the course of a path from a month on, as it was before; return what all of it says."""
    total = 0.0
    for s in range(drives.opening.size):
        deviation = drives.level[s, regime[0]]
        trend, said = drives.opening[s] - deviation, 0.0
        if first > 0:
            trend, deviation = before.trend[s, first - 1], before.deviation[s, first - 1]
            said = before.said[s, first - 1]
        kappa, common, own = drives.reversion[s], drives.common[s], drives.own[s]
        for t in range(first, months):
            z = regime[t]
            trend = grown(trend, drives.growth[s, z], drives.ceiling[s])
            deviation += kappa * (drives.level[s, z] - deviation)
            deviation += common * innovations[0, t] + own * innovations[1 + s, t]
            if seen[s, t]:
                x = trend + deviation
                said += new_customers[s, t] * x - np.exp(x)
            course.trend[s, t], course.deviation[s, t], course.said[s, t] = trend, deviation, said
        total += said
    return total


@compiled
def absorb(
    first: int, months: int, regime: Integers, innovations: Floats, drives: Drives, before: Course,
    course: Course, own: Floats,
) -> float:  # fmt: skip
    """(M2-M4) Let own innovations [segment, month] keep the intensity; return what their prior gains.

    Fills the course and the innovations from a month on; the own deviations must not be zero.
    """
    gained = 0.0
    for s in range(drives.opening.size):
        deviation = drives.level[s, regime[0]]
        trend = drives.opening[s] - deviation
        if first > 0:
            trend, deviation = before.trend[s, first - 1], before.deviation[s, first - 1]
        kappa, per_own = drives.reversion[s], 1.0 / drives.own[s]
        for t in range(first, months):
            z = regime[t]
            trend = grown(trend, drives.growth[s, z], drives.ceiling[s])
            drifted = deviation + kappa * (drives.level[s, z] - deviation)
            drifted += drives.common[s] * innovations[0, t]
            deviation = before.trend[s, t] + before.deviation[s, t] - trend
            e = (deviation - drifted) * per_own
            gained += 0.5 * (innovations[1 + s, t] ** 2 - e * e)
            own[s, t] = e
            course.trend[s, t], course.deviation[s, t] = trend, deviation
            course.said[s, t] = before.said[s, t]
    return gained


@compiled
def set_totals(months: int, regime: Integers, counts: Counts, totals: Floats) -> None:
    """Fill [segment, regime, 2]: leavers and those at risk."""
    totals[:] = 0.0
    for s in range(totals.shape[0]):
        for t in range(months):
            totals[s, regime[t], LEFT] += counts.leavers[s, t]
            totals[s, regime[t], AT_RISK] += counts.at_risk[s, t]


@compiled
def leaving_log_likelihood(s: int, totals: Floats, values: Floats, places: Places) -> float:
    """(O6) Return the log-likelihood of a segment's leavers, but for a constant."""
    total = 0.0
    for z in range(3):
        hazard = _hazard(values, places, s, z)
        left = totals[s, z, LEFT]
        total += left * np.log(hazard) + (totals[s, z, AT_RISK] - left) * np.log1p(-hazard)
    return total


@compiled
def growth_log_likelihood(
    s: int, months: int, regime: Integers, counts: Counts, values: Floats, places: Places
) -> float:
    """(O7, O8) Return the log-likelihood of a segment's net growth, but for a constant."""
    chance, variance = values[places.growth_chance[s]], values[places.growth_variance[s]]
    bases, grown, squared = counts.growth_base, counts.net_growth, counts.growth_squares
    expansion = values[places.expansion[s]]
    log_variance = np.log(variance)
    total = 0.0
    for t in range(months):
        if not counts.growth_seen[s, t]:
            continue
        base, growth, squares = bases[s, t], grown[s, t], squared[s, t]
        still = chance * base * base / squares
        if abs(growth) <= UNCHANGED * base:
            total -= still
        else:
            p = -np.expm1(-still)
            missed = growth - expansion[regime[t]] * base / p
            total += 1.5 * np.log(p) - 0.5 * (log_variance + p * missed * missed / (variance * squares))
    return total


@compiled
def set_growth(
    months: int, counts: Counts, values: Floats, places: Places, weight: Floats, unit: Floats
) -> None:
    """(O7, O8) Fill [segment, month] so that growth under regime z says -weight (growth - e_z unit)^2 / 2."""
    for s in range(counts.seen.shape[0]):
        chance, variance = values[places.growth_chance[s]], values[places.growth_variance[s]]
        for t in range(months):
            weight[s, t] = unit[s, t] = 0.0
            base, squares = counts.growth_base[s, t], counts.growth_squares[s, t]
            if counts.growth_seen[s, t] and abs(counts.net_growth[s, t]) > UNCHANGED * base:
                p = -np.expm1(-chance * base * base / squares)
                weight[s, t], unit[s, t] = p / (variance * squares), base / p


@compiled
def by_month(
    z: int, months: int, counts: Counts, values: Floats, places: Places, weight: Floats, unit: Floats,
    found: Floats,
) -> None:  # fmt: skip
    """(O6-O8) Fill [month, z]: what leavers and growth say of a regime, but for what none changes.

    ``weight`` and ``unit`` come from `set_growth`.
    """
    found[:months, z] = 0.0
    for s in range(counts.seen.shape[0]):
        hazard = _hazard(values, places, s, z)
        leaves, stays, e = np.log(hazard), np.log1p(-hazard), values[places.expansion[s, z]]
        for t in range(months):
            left, missed = counts.leavers[s, t], counts.net_growth[s, t] - e * unit[s, t]
            found[t, z] += left * leaves + (counts.at_risk[s, t] - left) * stays
            if weight[s, t] > 0.0:
                found[t, z] -= 0.5 * weight[s, t] * missed * missed
