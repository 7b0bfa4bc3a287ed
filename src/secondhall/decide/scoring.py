"""What a rule is worth beside never: gain, score, risk, return on what it invests."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from secondhall.decide.decision import Contender
from secondhall.decide.rules import Rule
from secondhall.futures import (
    TAIL,
    Estimate,
    Futures,
    Interval,
    difference,
    probability,
    risk_of,
)
from secondhall.futures.results import Floats
from secondhall.units import percent

__all__ = ["InsolvencyLimit", "contend", "internal_rate", "ranked", "score_parts"]

RATE_PATHS = 2000
"""Paths on which the internal rate of return is solved; enough for its 5, 50 and 95 % points."""


def score_parts(npv: Floats, weight: float) -> Floats:
    """Return [path] values whose mean is (1 - weight) E[NPV] + weight CVaR.

    The CVaR part of a path is q + min(npv - q, 0)/tail with q the 5 % point (R4), so that the difference
    of two rules' scores over the same futures has the error of a mean of differences.
    """
    count = max(round(TAIL * npv.size), 1)
    q = float(np.partition(npv, count - 1)[count - 1])
    tail = q + np.minimum(npv - q, 0.0) / (count / npv.size)
    parts: Floats = (1.0 - weight) * npv + weight * tail
    return parts


@dataclass(frozen=True, slots=True)
class InsolvencyLimit:
    """What a rule's probability of insolvency must not exceed.

    Attributes
    ----------
    at_most
        the probability...
    over_never
        ...or, where never itself comes near it, never's own with this much more.
    """

    at_most: float = 0.05
    over_never: float = 0.01

    def passes(self, contender: Contender, *, errors: float = 0.0) -> bool:
        """Whether a rule keeps the limit, its estimates taken ``errors`` standard errors higher."""
        return self.excess(contender.risk.insolvency, contender.insolvency_over_never, errors=errors) <= 0.0

    def excess(self, own: Estimate, over: Estimate, *, errors: float = 0.0) -> float:
        """Return by how much the nearer of the two limits is exceeded; 0 or less when it is kept."""
        return min(
            own.value + errors * own.error - self.at_most, over.value + errors * over.error - self.over_never
        )

    def refusal(self, contender: Contender) -> str | None:
        """Return why a rule is refused; None when it keeps the limit."""
        if self.passes(contender):
            return None
        own, over = contender.risk.insolvency, contender.insolvency_over_never
        barely = (
            "" if not self.passes(contender, errors=-2.0) else ", though by less than two standard errors"
        )
        return (
            f"insolvent in {own.said(scale=0.01)} % of futures, {over.said(scale=0.01)} points more than "
            f"never; the limit is {percent(self.at_most)}, or {self.over_never * 100:.0f} point more than "
            f"never{barely}"
        )


def contend(
    rule: Rule, futures: Futures, never: Futures, *, weight: float, limit: InsolvencyLimit
) -> Contender:
    """Return a rule's standing against never over the same futures."""
    npv, idle = futures.outcomes["npv"], never.outcomes["npv"]
    first = futures.outcomes["first_commitment"]
    risk = risk_of(futures)
    irr, moic = returns(futures, never)
    failed = futures.outcomes["insolvency_month"] >= 0.0
    idle_failed = never.outcomes["insolvency_month"] >= 0.0
    contender = Contender(
        rule=rule,
        futures=futures,
        risk=risk,
        gain=difference(npv, idle),
        loss_probability=probability(npv < idle - 1e-6),
        score=Estimate.of_mean(score_parts(npv, weight)),
        behind=Estimate(0.0, 0.0),
        commits=probability(first >= 0.0),
        commits_now=probability((first >= 0.0) & (first <= 1.0)),
        irr=irr,
        moic=moic,
        terminal_share=_terminal_share(futures),
        insolvency_over_never=difference(failed.astype(float), idle_failed.astype(float)),
    )
    return replace(contender, refused=limit.refusal(contender))


def _terminal_share(futures: Futures) -> float:
    value = float(futures.outcomes["npv"].mean())
    return float(futures.outcomes["terminal_value"].mean()) / value if value else float("nan")


def ranked(contenders: list[Contender], weight: float) -> tuple[Contender, ...]:
    """Return the contenders best score first, each with how far it is behind the best that may be chosen.

    A rule that breaks a limit stands after those that do not.
    """
    order = sorted(contenders, key=lambda c: (c.refused is not None, -c.score.value))
    best = score_parts(order[0].futures.outcomes["npv"], weight)
    return tuple(
        replace(c, behind=difference(best, score_parts(c.futures.outcomes["npv"], weight))) for c in order
    )


def returns(futures: Futures, never: Futures) -> tuple[Interval | None, Interval | None]:
    """Return the internal rate of return and the multiple of money of what the rule adds to never.

    Yearly differences of free cash flow, the difference of terminal value in the last year; over the
    futures in which the rule commits.
    """
    commits = np.flatnonzero(futures.outcomes["first_commitment"] >= 0.0)[:RATE_PATHS]
    if commits.size < 20:
        return None, None
    flows = (futures.annual["free_cash_flow"] - never.annual["free_cash_flow"])[:, commits]
    flows[-1] += _terminal_difference(futures, never)[commits]
    paid = np.maximum(-flows, 0.0).sum(axis=0)
    received = np.maximum(flows, 0.0).sum(axis=0)
    multiple = received / np.maximum(paid, 1e-9)
    return Interval.of(internal_rate(flows)), Interval.of(multiple[paid > 0.0]) if (
        paid > 0.0
    ).any() else None


def _terminal_difference(futures: Futures, never: Futures) -> Floats:
    """Return the difference of terminal values, in the money of the horizon's end."""
    ends = futures.outcomes["terminal_value"] / futures.terminal_discount
    idle = never.outcomes["terminal_value"] / never.terminal_discount
    gap: Floats = ends - idle
    return gap


def internal_rate(flows: Floats) -> Floats:
    """Return [path] the yearly rate at which flows [year, path] are worth nothing.

    By bisection between -95 % and 300 %; a path that stays above or below zero is given that end.

    Examples
    --------
    >>> flows = np.array([[-100.0], [0.0], [121.0]])
    >>> round(float(internal_rate(flows)[0]), 6)
    0.1
    """
    years = np.arange(flows.shape[0])[:, None]
    low, high = np.full(flows.shape[1], -0.95), np.full(flows.shape[1], 3.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        worth = (flows * (1.0 + middle) ** -years).sum(axis=0)
        low = np.where(worth > 0.0, middle, low)
        high = np.where(worth > 0.0, high, middle)
    rate: Floats = 0.5 * (low + high)
    return rate
