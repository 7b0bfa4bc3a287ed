"""Measures of risk over futures, each with its Monte-Carlo error (R4, R5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.futures.results import Estimate, Floats, Futures, Interval

__all__ = ["TAIL", "Risk", "cvar", "difference", "probability", "risk_of"]

TAIL = 0.05


@dataclass(frozen=True, slots=True)
class Risk:
    """What can go wrong under a rule.

    Attributes
    ----------
    cvar_npv
        mean NPV of the worst 5 % of futures.
    loss
        probability of a year with a net loss.
    insolvency, shareholder
        probability of insolvency; of needing the shareholder.
    injection
        what the shareholder puts in, over the futures in which it must: 5, 50, 95 % points; None if never.
    peak_funding
        5, 50, 95 % points of the peak funding need.
    write_offs
        expected write-offs.
    """

    cvar_npv: Estimate
    loss: Estimate
    insolvency: Estimate
    shareholder: Estimate
    injection: Interval | None
    peak_funding: Interval
    write_offs: Estimate


def cvar(sample: Floats, tail: float = TAIL) -> Estimate:
    """(R4) Return the mean of the worst ``tail`` of a sample, with its error.

    With q the empirical quantile, CVaR = q + mean(min(x - q, 0))/tail; its error is the standard
    deviation of min(x - q, 0)/tail over the square root of the number of paths (the influence
    function of the estimator; Rockafellar & Uryasev 2000).

    Examples
    --------
    >>> cvar(np.arange(100.0), 0.05).value
    2.0
    """
    n = sample.size
    count = max(round(tail * n), 1)
    q = float(np.partition(sample, count - 1)[count - 1])
    below = np.minimum(sample - q, 0.0) / (count / n)
    return Estimate(q + float(below.mean()), float(below.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan"))


def probability(happened: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Estimate:
    """Return a share of paths with its binomial error, floored at that of one path in the sample.

    Examples
    --------
    >>> probability(np.array([True, False, False, False])).value
    0.25
    """
    n = happened.size
    share = float(happened.mean())
    floor = 1.0 / n
    spread = min(max(share, floor), 1.0 - floor) if n > 1 else 0.5
    return Estimate(share, float(np.sqrt(spread * (1.0 - spread) / n)))


def difference(first: Floats, second: Floats) -> Estimate:
    """(R5) Return the mean of first - second over the same futures, with its error."""
    return Estimate.of_mean(first - second)


def risk_of(futures: Futures) -> Risk:
    """Return the risk measures of a rule's futures."""
    outcome = futures.outcomes
    injected = outcome["injected"]
    asked = injected > 0.0
    return Risk(
        cvar_npv=cvar(outcome["npv"]),
        loss=probability(outcome["worst_year"] < 0.0),
        insolvency=probability(outcome["insolvency_month"] >= 0.0),
        shareholder=probability(asked),
        injection=Interval.of(injected[asked]) if asked.any() else None,
        peak_funding=Interval.of(outcome["peak_funding"]),
        write_offs=Estimate.of_mean(outcome["write_offs"]),
    )
