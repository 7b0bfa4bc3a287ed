"""Which rules are played side by side: the same for every case."""

from __future__ import annotations

from secondhall.case import Case
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Guards, Never, PreleasedShare, Rule
from secondhall.months import Month

__all__ = ["GUARDS", "candidates", "simplicity"]

GUARDS = Guards(bust_probability_at_most=0.3, funded_share_at_least=0.5)
FORECAST_LEVELS = (0.9,)
PRELEASED_SHARES = (0.5,)


def candidates(case: Case) -> tuple[Rule, ...]:
    """Return the rules for a case: never, its dated plans, and for each option now, forecast, pre-lease."""
    rules: list[Rule] = [Never()]
    rules += [
        DatedPlan(name, actions)
        for name, actions in case.plans.items()
        if _still_ahead(case, actions[0].month)
    ]
    for option in case.options:
        rules.append(DatedPlan.commit_now(option, case.start))
        rules += [ForecastUtilisation(option, level, GUARDS) for level in FORECAST_LEVELS]
        rules += [PreleasedShare(option, share, GUARDS) for share in PRELEASED_SHARES]
    return tuple(rules)


def _still_ahead(case: Case, month: Month) -> bool:
    return month >= case.start


def simplicity(rule: Rule) -> int:
    """Return how much there is to a rule: of rules that tie, the one with the least is recommended."""
    if isinstance(rule, Never):
        return 0
    if isinstance(rule, DatedPlan):
        return 1
    guards = getattr(rule, "guards", Guards())
    return 2 if guards == Guards() else 3
