"""The levers of the switching values: what moves, how far, and how it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from secondhall.case import Case
from secondhall.company import Parameters, RuleTerms, slots_of
from secondhall.company.layout import BOOM, STEADY, Floats
from secondhall.decide.imposed import with_row
from secondhall.futures import Estimate

__all__ = ["Lever", "levers_of", "more_busts"]

HALF, DOUBLE = float(np.log(0.5)), float(np.log(2.0))
MOST_GROWTH = 0.5
MOST_DELAY = 36.0
HALVED = "halved to doubled"
GROWN = f"{MOST_GROWTH * 100:.0f} points a year lower to {MOST_GROWTH * 100:.0f} higher"


def _same_terms(terms: RuleTerms, _: float) -> RuleTerms:
    return terms


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that may be other than it is believed.

    Attributes
    ----------
    key, words
        its name, short and in words.
    reach
        how far it is moved, in words.
    low, high
        the same: log factors, growth a year, months.
    change
        parameters with it moved so far.
    terms
        a rule's terms with it moved so far: what those who follow the rule know of it.
    said
        a distance with its error, in words with its unit.
    """

    key: str
    words: str
    reach: str
    low: float
    high: float
    change: Callable[[Parameters, float], Parameters]
    said: Callable[[Estimate], str]
    terms: Callable[[RuleTerms, float], RuleTerms] = _same_terms


def levers_of(case: Case) -> tuple[Lever, ...]:
    """Return the levers of a case: demand, price, busts; of what can be built, cost and time."""
    market = (
        Lever("demand_growth", "growth of demand", GROWN, -MOST_GROWTH, MOST_GROWTH, _growth, _points),
        Lever("price", "price of new business", HALVED, HALF, DOUBLE, _price, _percent),
        Lever(
            "bust",
            "probability of a bust",
            "a quarter to four times",
            2.0 * HALF,
            2.0 * DOUBLE,
            more_busts,
            _times,
        ),
    )
    return (*market, *_building(case)) if case.options else market


def _growth(p: Parameters, yearly: float) -> Parameters:
    return with_row(p, "segment_regime", "growth", lambda growth: growth + yearly / 12.0)


def _price(p: Parameters, log_factor: float) -> Parameters:
    return with_row(p, "segment", "list_price", lambda price: price * np.exp(log_factor))


def more_busts(p: Parameters, log_factor: float) -> Parameters:
    """Return parameters in which the monthly probability of falling into a bust is so many times as large.

    From a boom it is l_b q_b and from a steady market l_s (1 - q_s), with l the probability of leaving and q
    where it goes (M1); the other ways out of both stay as they are.
    """
    factor = float(np.exp(log_factor))
    leave, firm = p.firm_regime.leave_probability, p.firm
    boom_steady = leave[BOOM] * (1.0 - firm.after_boom_bust)
    steady_boom = leave[STEADY] * firm.after_steady_boom
    boom_bust = np.minimum(leave[BOOM] * firm.after_boom_bust * factor, 1.0 - boom_steady)
    steady_bust = np.minimum(leave[STEADY] * (1.0 - firm.after_steady_boom) * factor, 1.0 - steady_boom)

    def left(rows: Floats) -> Floats:
        rows[BOOM], rows[STEADY] = boom_steady + boom_bust, steady_boom + steady_bust
        return rows

    changed = with_row(p, "firm_regime", "leave_probability", left)
    changed = with_row(changed, "firm", "after_boom_bust", lambda old: _share(boom_bust, boom_steady, old))
    return with_row(changed, "firm", "after_steady_boom", lambda old: _share(steady_boom, steady_bust, old))


def _share(one: Floats, other: Floats, otherwise: Floats) -> Floats:
    whole = one + other
    return np.where(whole > 0.0, one / np.maximum(whole, 1e-300), otherwise)


def _building(case: Case) -> tuple[Lever, ...]:
    slots = slots_of(case)
    first = slots.first_new
    soonest = float(min(slots.lead_months[first:]))

    def cost(p: Parameters, log_factor: float) -> Parameters:
        def scaled(capex: Floats) -> Floats:
            capex[first:] *= np.exp(log_factor)
            return capex

        return with_row(p, "phase", "capex", scaled)

    def dearer(terms: RuleTerms, log_factor: float) -> RuleTerms:
        return replace(terms, option_funding=terms.option_funding * np.exp(log_factor))

    def late(p: Parameters, months: float) -> Parameters:
        def opened(offset: Floats) -> Floats:
            offset[first:] = np.maximum(offset[first:] + months, 1.0)
            return offset

        def begun(start: Floats) -> Floats:
            start[first:, 1:] = np.maximum(start[first:, 1:] + months, 1.0)
            return start

        return with_row(with_row(p, "phase", "offset", opened), "phase", "start_offset", begun)

    def later(terms: RuleTerms, months: float) -> RuleTerms:
        return replace(terms, lead_months=np.maximum(terms.lead_months + months, 0.0))

    reach = f"{soonest - 1.0:.0f} months shorter to {MOST_DELAY:.0f} longer"
    return (
        Lever("build_cost", "build cost of every option", HALVED, HALF, DOUBLE, cost, _percent, dearer),
        Lever(
            "lead_time", "lead time of every option", reach, 1.0 - soonest, MOST_DELAY, late, _months, later
        ),
    )


def _direction(value: float, up: str, down: str) -> str:
    return up if value > 0.0 else down


def _points(at: Estimate) -> str:
    size = Estimate(abs(at.value), at.error).said(scale=0.01, digits=1)
    return f"{size} points a year {_direction(at.value, 'higher', 'lower')}"


def _percent(at: Estimate) -> str:
    factor = float(np.exp(at.value))
    size = Estimate(abs(factor - 1.0), at.error * factor).said(scale=0.01, digits=0)
    return f"{size} % {_direction(at.value, 'higher', 'lower')}"


def _times(at: Estimate) -> str:
    factor = float(np.exp(at.value))
    return f"{Estimate(factor, at.error * factor).said(digits=2)} times as high"


def _months(at: Estimate) -> str:
    size = Estimate(abs(at.value), at.error).said(digits=1)
    return f"{size} months {_direction(at.value, 'longer', 'shorter')}"
