"""Plans of nearly equal value that look different: what else a board could sign for about as much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from secondhall.case import Case
from secondhall.decide.board.paper import Alternative
from secondhall.decide.decision import Contender
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, PreleasedShare, Rule
from secondhall.decide.scoring import InsolvencyLimit, score_parts
from secondhall.decide.timing import option_of
from secondhall.decide.trials import Trial
from secondhall.futures import Estimate, difference

__all__ = ["alternatives_of", "best_of_each_kind", "kind_words", "median_month", "near"]

NEAR_SHARE = 0.1
"""Share of the recommended rule's gain by which another may be behind and be nearly equal."""

NEAR_ERRORS = 2.0
"""Standard errors of the difference within which it is, too."""

APART = 3
"""Months between the middles of two first commitments by which two plans differ in timing: a quarter."""

_KINDS: tuple[tuple[type, str], ...] = (
    (DatedPlan, "a date"),
    (ForecastUtilisation, "a forecast of utilisation"),
    (PreleasedShare, "a pre-leased share"),
)


def kind_words(rule: Rule) -> str:
    """Return on what a rule commits.

    Examples
    --------
    >>> kind_words(PreleasedShare("b", 0.5))
    'a pre-leased share'
    """
    return next((words for kind, words in _KINDS if isinstance(rule, kind)), "nothing")


def best_of_each_kind(tried: Sequence[tuple[Rule, Trial]], limit: InsolvencyLimit) -> list[Rule]:
    """Return of each option and kind the rule with the best score of those that may keep the limit."""
    best: dict[tuple[str | None, str], tuple[float, Rule]] = {}
    for rule, trial in tried:
        key = (option_of(rule), kind_words(rule))
        if limit.excess(trial.insolvency, trial.over_never, errors=-2.0) <= 0.0 and (
            key not in best or trial.score.value > best[key][0]
        ):
            best[key] = (trial.score.value, rule)
    return [rule for _, rule in best.values()]


def median_month(contender: Contender) -> float | None:
    """Return the middle month of the first commitment where there is one; None where there never is."""
    first = contender.futures.outcomes["first_commitment"]
    committed = first[first >= 0.0]
    return float(np.median(committed)) if committed.size else None


def near(behind: Estimate, gain: Estimate) -> bool:
    """Whether a rule that is so far behind the recommended one, which gains so much, is nearly equal."""
    return behind.value <= max(NEAR_ERRORS * behind.error, NEAR_SHARE * abs(gain.value))


def alternatives_of(
    case: Case, contenders: Sequence[Contender], recommended: Contender, *, weight: float
) -> tuple[Alternative, ...]:
    """Return the plans of nearly equal value that differ from the recommended one and from one another.

    Parameters
    ----------
    contenders
        rules over the same futures, the recommended one among them.
    recommended
        the chosen one.
    weight
        on the CVaR in the score.
    """
    free = sorted((one for one in contenders if one.refused is None), key=lambda one: -one.score.value)
    own = score_parts(recommended.futures.outcomes["npv"], weight)
    kept, found = [recommended], []
    for one in free:
        behind = difference(own, score_parts(one.futures.outcomes["npv"], weight))
        if near(behind, recommended.gain) and all(_differs(one, other) for other in kept):
            kept.append(one)
            found.append(_told(case, one, recommended, behind))
    return tuple(found)


def _differs(one: Contender, other: Contender) -> list[str]:
    """Return in what two plans differ: the option, the kind, the timing."""
    named = (
        ("option", option_of(one.rule) == option_of(other.rule)),
        ("kind", kind_words(one.rule) == kind_words(other.rule)),
        ("timing", _together(median_month(one), median_month(other))),
    )
    return [name for name, same in named if not same]


def _together(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < APART


def _told(case: Case, one: Contender, recommended: Contender, behind: Estimate) -> Alternative:
    middle = median_month(one)
    return Alternative(
        name=one.rule.name,
        words=one.rule.words(case),
        differs=_in_words(one, recommended),
        behind=behind,
        gain=one.gain,
        cvar=one.risk.cvar_npv,
        commits=one.commits,
        median_month=None if middle is None else case.start + int(middle),
    )


def _in_words(one: Contender, recommended: Contender) -> str:
    """Return in what a plan differs from the recommended one."""
    differs, option = _differs(one, recommended), option_of(one.rule)
    said = []
    if "option" in differs:
        of = option_of(recommended.rule)
        said.append("commits nothing" if option is None else f"{option} instead of {of}" if of else option)
    if "kind" in differs and option is not None:
        said.append(
            f"waits for {kind_words(one.rule)}" if not isinstance(one.rule, DatedPlan) else "at a date"
        )
    if "timing" in differs and option is not None:
        said.append(_when(median_month(one), median_month(recommended)))
    return ", ".join(part for part in said if part)


def _when(own: float | None, other: float | None) -> str:
    if own is None:
        return "hardly ever commits"
    if other is None:
        return ""
    months = round(abs(own - other))
    return f"{months} months {'later' if own > other else 'earlier'} in the middle"
