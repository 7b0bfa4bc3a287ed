"""Warn: from which month the inflow of new customers would have raised the alarm, how often falsely.

Who stands at a date with a belief sees, month by month, the new customers of each segment; the filter (D1,
D2) turns them into the probability of a bust. The alarm goes when that probability first exceeds a threshold.
The threshold is set on the belief's own futures, where it is known when a bust begins: at most a stated
number of false alarms a year while there has been no bust. Then the filter is shown the inflow of the
explained past, which the belief of that date had not seen.

An alarm before the first bust of a future is false; its rate is the number of false alarms over the years
lived without a bust and without an alarm (the events over the exposure of a Poisson process).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.belief import Belief, Posterior
from secondhall.belief.facts.relive import Inflow, inflow_of
from secondhall.case import Case
from secondhall.company import Parameters, idle_terms, slots_of
from secondhall.company.chance import Chance
from secondhall.company.layout import BUST, Floats, Truths
from secondhall.company.oracle.decision import filter_regime
from secondhall.company.oracle.play import open_segments
from secondhall.company.oracle.state import Desk, State
from secondhall.company.parameters import Integers
from secondhall.decide.rules import Never
from secondhall.futures import Interval, Keep, RuleToPlay, play_rules
from secondhall.months import Month
from secondhall.units import percent

__all__ = ["Alarm", "alarm", "filtered_bust", "threshold_for"]

FALSE_ALARMS_YEARLY = 0.05
"""One false alarm in twenty years."""

PATHS = 4000
WATCHED_MONTHS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Alarm:
    """When the alarm would have gone.

    Attributes
    ----------
    standing
        the month from which on the inflow is watched.
    threshold
        probability of a bust above which the alarm goes.
    false_alarms_yearly, false_alarms_error
        on the belief's own futures, with its standard error.
    earliest, middle, latest
        months before which 5, 50 and 95 % of the pasts raise it; None where fewer ever do.
    never
        share of the pasts in which it does not go by the end of the past.
    before_bust
        share of the pasts in which it goes before the bust begins, or without one.
    delay
        months from the first month of the bust to the alarm, where it goes after; None where it never does.
    months, band
        the watched months, and [5, 50, 95 %, month] of the probability of a bust over the pasts.
    """

    standing: Month
    threshold: float
    false_alarms_yearly: float
    false_alarms_error: float
    earliest: Month | None
    middle: Month | None
    latest: Month | None
    never: float
    before_bust: float
    delay: Interval | None
    months: int
    band: Floats

    @property
    def words(self) -> str:
        """Return the answer in a few sentences."""
        rule = (
            f"Standing in {self.standing}, an alarm at a probability of a bust above "
            f"{percent(self.threshold)} is false {self.false_alarms_yearly:.3f} +- "
            f"{self.false_alarms_error:.3f} times a year."
        )
        if self.earliest is None:
            return f"{rule} The inflow of the explained past raises it in {percent(1 - self.never)} of them."
        middle = (
            "not in half of the pasts" if self.middle is None else f"by {self.middle} in half of the pasts"
        )
        latest = "" if self.latest is None else f", by {self.latest} in 95 %"
        late = (
            ""
            if self.delay is None
            else (
                f" It goes {self.delay.mid:.0f} months after the bust has begun "
                f"({self.delay.low:.0f} to {self.delay.high:.0f})."
            )
        )
        return (
            f"{rule} The inflow of the explained past raises it from {self.earliest} on, {middle}{latest}; "
            f"in {percent(self.never)} never, in {percent(self.before_bust)} before a bust.{late}"
        )


def alarm(
    case: Case,
    belief: Belief,
    explained: Posterior,
    *,
    false_alarms_yearly: float = FALSE_ALARMS_YEARLY,
    paths: int = PATHS,
    seed: int = 7,
    threads: int | None = None,
) -> Alarm:
    """Return when the inflow of the explained past would have raised the alarm.

    Parameters
    ----------
    case
        the case as it stood.
    belief
        what was believed then: it gives the filter and the futures on which the threshold is set.
    explained
        what was learned from all the facts, with its pasts.
    false_alarms_yearly
        the rate of false alarms that is accepted.
    paths, seed, threads
        of the belief's futures.
    """
    months = min(WATCHED_MONTHS, case.horizon_months)
    rule = RuleToPlay("never", Never().terms(case, slots_of(case)))
    keep = Keep(("bust_probability", "regime"), case.start, case.start + months)
    (futures,) = play_rules(
        belief, [rule], start=case.start, paths=paths, seed=seed, banded=False, keep=keep, threads=threads
    )
    quiet = futures.kept["regime"] != BUST
    threshold = threshold_for(futures.kept["bust_probability"], quiet, false_alarms_yearly)
    rate, error = false_alarm_rate(futures.kept["bust_probability"], quiet, threshold)
    inflow = inflow_of(explained, case.start)
    seen = filtered_bust(belief.known(), inflow)
    return _alarm(case.start, threshold, (rate, error), seen, inflow)


def threshold_for(probability: Floats, quiet: Truths, yearly: float) -> float:
    """Return the least threshold whose rate of false alarms is at most `yearly`.

    Parameters
    ----------
    probability
        [month, path] filtered probability of a bust.
    quiet
        [month, path] True in the months that are no bust.
    yearly
        false alarms a year.

    Examples
    --------
    >>> probability = np.array([[0.1, 0.3], [0.2, 0.6]])
    >>> threshold_for(probability, np.ones((2, 2), dtype=bool), 0.0)
    0.6
    """
    levels = np.unique(np.concatenate([np.linspace(0.0, 1.0, 101), [probability.max()]]))
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high) // 2
        good = false_alarm_rate(probability, quiet, float(levels[middle]))[0] <= yearly
        low, high = (low, middle) if good else (middle + 1, high)
    return float(levels[low])


def false_alarm_rate(probability: Floats, quiet: Truths, threshold: float) -> tuple[float, float]:
    """Return false alarms a year and their standard error: events over exposure, and its root."""
    first_bust = _first(~quiet)
    first_alarm = _first(probability > threshold)
    watched = np.minimum(first_bust, first_alarm + 1)
    false = int((first_alarm < first_bust).sum())
    years = max(float(watched.sum()) / 12.0, 1e-12)
    return false / years, np.sqrt(max(false, 1)) / years


def _first(hits: Truths) -> Integers:
    """Return [path] the first month that is True, the number of months where none is."""
    first: Integers = np.where(hits.any(axis=0), hits.argmax(axis=0), hits.shape[0])
    return first


def filtered_bust(known: Parameters, inflow: Inflow) -> Floats:
    """(D1, D2) Return [month, past] the probability of a bust that a belief's filter makes of an inflow."""
    count = inflow.customers.shape[2]
    state = State.empty(known, count)
    open_segments(known, known, state)
    firm = state.firm
    firm.seen_boom[:], firm.seen_steady[:], firm.seen_bust[:] = known.firm_regime.start_probability
    terms, chance = idle_terms(known.halls), Chance(0, np.arange(count))
    desk = Desk(p=known, known=known, rule=terms, state=state, chance=chance)
    rows = []
    for month in range(inflow.customers.shape[1]):
        desk.month = month
        desk.flow.set("seen", inflow.customers[:, month])
        filter_regime(desk)
        rows.append(firm.seen_bust.copy())
    return np.stack(rows)


def _alarm(
    standing: Month, threshold: float, rate: tuple[float, float], seen: Floats, inflow: Inflow
) -> Alarm:
    months = seen.shape[0]
    went, began = _first(seen > threshold), _first(inflow.regime == BUST)
    raised = went < months
    ordered = np.sort(went)

    def month_at(share: float) -> Month | None:
        place = int(ordered[min(int(np.ceil(share * len(ordered))) - 1, len(ordered) - 1)])
        return standing + place if place < months else None

    after = raised & (went >= began)
    return Alarm(
        standing=standing,
        threshold=threshold,
        false_alarms_yearly=rate[0],
        false_alarms_error=rate[1],
        earliest=month_at(0.05),
        middle=month_at(0.5),
        latest=month_at(0.95),
        never=float((~raised).mean()),
        before_bust=float((raised & (went < began)).mean()),
        delay=Interval.of((went - began)[after].astype(np.float64)) if after.any() else None,
        months=months,
        band=np.quantile(seen, (0.05, 0.5, 0.95), axis=1),
    )
